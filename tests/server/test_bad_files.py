"""A damaged file affects one run: it says what is wrong and can be purged, and everything else
works.

Each file of a run directory is damaged in each way; then every route is requested for the run. The
server runs in the test's own loop, which measures the processor time of its longest step.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import random
import shutil
import time

import pytest
from support.damages import FILES, KINDS, damages, random_damage
from support.journals import MadeRun
from support.waiting import WAIT_SECONDS

from prismq_nb.engine.store.housekeeping import Housekeeper
from prismq_nb.engine.store.retention import Retention
from prismq_nb.engine.store.run_store import RunStore
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import usage
from prismq_nb.journal.layout.usage import Sample
from prismq_nb.journal.levels.sidecar import SidecarWriter

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # every damage on every route
NATURAL = {fmt.CONTROL: ("FIFO",), "code": ("directory",), "artifacts": ("directory",)}
STEP_SECONDS = 0.1
"""Processor time of one step of the event loop: a wide margin over what the slowest file takes."""
ROUTES = {
    "run": "/{id}",
    "tail": "/{id}/logs?tail=5",
    "from": "/{id}/logs?after=-1",
    "level": "/{id}/logs?level=ERROR,INFO",
    "text": "/{id}/logs?q=line",
    "numbers": "/{id}/logs?lines=0,7,39",
    "as text": "/{id}/logs/download",
    "as it is": "/{id}/logs/download?format=raw",
    "as JSON": "/{id}/logs/download?format=jsonl&level=INFO",
    "search": "/{id}/logs/search?q=line",
    "search levels": "/{id}/logs/search?level=ERROR",
    "stream": "/{id}/logs/stream?after=-1",
    "batches": "/{id}/logs/stream?batch=true&tail=5",
    "page": "/stream?run={id}",
    "timeline": "/{id}/logs/timeline",
    "usage": "/{id}/usage",
    "attempts": "/{id}/attempts",
}
ACTIONS = {
    "input": ("POST", "/{id}/input", {"text": "x"}, (409,)),
    "stop": ("DELETE", "/{id}", None, (409,)),
    "restart": ("POST", "/{id}/restart", None, (409,)),
    "keep": ("PATCH", "/{id}", {"keep": True}, (200, 409)),
    "let go": ("PATCH", "/{id}", {"keep": False}, (200, 409)),
}
ALL = [*ROUTES, *ACTIONS]


@pytest.fixture
def longest_step(monkeypatch):
    """The longest step of the loop: what it is, and its processor time, whatever else runs here."""
    longest = [(0.0, "")]
    run = asyncio.events.Handle._run

    def timed(handle):
        begin = time.thread_time()
        run(handle)
        longest[0] = max(longest[0], (time.thread_time() - begin, repr(handle)[:300]))

    monkeypatch.setattr(asyncio.events.Handle, "_run", timed)
    gc.collect()
    gc.freeze()  # garbage of earlier tests is not the server's
    yield longest
    gc.unfreeze()


def make(data_dir, number):
    """An ended run with every possible file, and a gap."""
    run = MadeRun(data_dir, f"run_20251031_12{number // 60:02}{number % 60:02}_made_{number:06x}")
    for line in range(20):
        run.write(f"line {2 * line}\nERROR: line {2 * line + 1}\n", stream=line % 2)
        if line == 12:
            run.lose(b"lost\n")
    levels = SidecarWriter(run.path)
    levels.append(bytes([1, 3] * 20))
    levels.close()
    (run.path / usage.FILE).write_bytes(usage.pack(Sample(run.now, 5.0, 1 << 20)))
    os.mkfifo(run.path / fmt.CONTROL)
    for name in ("keep", "read", "supervisor.log", fmt.PART, f".{fmt.STATE}.123", *fmt.UNFINISHED):
        (run.path / name).touch()
    (run.path / fmt.CONTROL_STATE).write_text("{}")
    for name in ("code", "artifacts"):
        (run.path / name).mkdir()
        (run.path / name / "file").touch()
    run.end()
    return run


def copy(data_dir, run, number, status):
    """A copy of a run under another id, with its own control file."""
    path = run.path.with_name(f"{run.run_id[:-6]}{number:06x}")
    shutil.copytree(run.path, path, ignore=shutil.ignore_patterns(fmt.CONTROL))
    os.mkfifo(path / fmt.CONTROL)
    if status == "running":
        (path / fmt.STATE).write_text(f'{{"status": "running", "started": {run.now}, "lines": 40}}')
    return path


async def check(api, run_id, said, label, routes):
    """Check that routes respond about the run as they should, and that it says what is wrong."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (answer := await api("GET", f"/{run_id}")).json["status"] in ("queued", "running"):
        assert time.monotonic() < deadline, (label, answer.json)
        await asyncio.sleep(0.01)  # between two polls: it is being repaired
    assert 200 == answer.status, (label, answer.body)
    assert said in str(answer.json["error_message"]), (label, answer.json)
    for name in routes:
        method, path, body, allowed = ACTIONS.get(name) or (
            "GET",
            ROUTES[name],
            None,
            (200, 204, 409),
        )
        answer = await asyncio.wait_for(
            api(method, path.format(id=run_id), body=body), WAIT_SECONDS
        )
        assert answer.status in allowed, (label, name, answer.status, answer.body[:500])


async def purge(api, run_id, label):
    answer = await api("DELETE", f"/{run_id}", purge="true")
    assert 204 == answer.status, (label, answer.body)


SAYS = {
    **dict.fromkeys((fmt.LAUNCH, fmt.LOG, fmt.INDEX, fmt.LOCK), "{name} is "),
    **dict.fromkeys((usage.FILE, fmt.CONTROL_STATE), "{name} is "),
    **dict.fromkeys(("keep", "read", "supervisor.log"), "{name} is "),
    fmt.STATE: "",  # the repair writes it again, unless it is a directory
}


def expected(name, label):
    """The message that the run must have; "" if the damage cannot be known, or was repaired."""
    if name == fmt.STATE and label not in ("missing", "JSON: twice", "a directory"):
        return "state was lost" if label != "JSON: beyond dates" else ""
    if label in KINDS:
        natural = label[2:] in NATURAL.get(name, ())
        return "" if natural else SAYS.get(name, "").format(name=name)
    return fmt.LAUNCH if name == fmt.LAUNCH and label != "JSON: twice" else ""


GROUPS = {
    "state": (fmt.LAUNCH, fmt.STATE),
    "journal": (fmt.LOG, fmt.INDEX, fmt.LEVELS, fmt.GAPS, fmt.PART, *fmt.UNFINISHED),
    "control": (fmt.LOCK, fmt.CONTROL, fmt.CONTROL_STATE),
}
GROUPS["other"] = tuple(set(FILES) - {name for names in GROUPS.values() for name in names})


@pytest.mark.parametrize(
    ("group", "status"),
    [
        ("state", "completed"),
        ("state", "running"),
        ("journal", "completed"),
        ("journal", "running"),
        ("control", "completed"),
        ("control", "running"),
        ("other", "completed"),
    ],
)
async def test_a_damaged_file_affects_only_its_own_run(
    api,
    data_dir,
    longest_step,
    seed,
    whole,
    *,
    group,
    status,
):
    """Three routes of each damage; all of them with ``--whole``."""
    choose = random.Random(f"{seed}/{group}/{status}")
    good = make(data_dir, 0)
    await check(api, good.run_id, "", "good", ALL)  # patterns are compiled at their first use
    runs = {}
    for name in GROUPS[group]:
        for label, damage in damages(name).items():
            path = copy(data_dir, good, len(runs) + 1, status)
            try:
                damage(path / name)
            except PermissionError:  # a device, without permission to create one
                shutil.rmtree(path)
                continue
            runs[path.name] = (name, label)
    await asyncio.sleep(0)  # the test's own work is a step, too
    longest_step[0] = (0.0, "")
    for query in ({}, {"q": "made"}, {"status": "failed"}, {"limit": 1000}):
        answer = await api("GET", "", **query)
        assert 200 == answer.status, answer.body
    assert {good.run_id, *runs} == {run["run_id"] for run in answer.json["runs"]}
    for run_id, (name, label) in runs.items():
        routes = ALL if whole else choose.sample(ALL, 3)
        await check(api, run_id, expected(name, label), f"{name} is {label}", routes)
        await purge(api, run_id, f"{name} is {label}")
    lines = (await api("GET", f"/{good.run_id}/logs", tail=100)).json["logs"]
    assert 40 == len(lines)
    assert [good.run_id] == os.listdir(data_dir / "runs")
    assert longest_step[0] < (STEP_SECONDS,)


async def test_random_damage_affects_only_its_own_run(api, data_dir, longest_step, seed, whole):
    choose = random.Random(f"{seed}/random")
    good = make(data_dir, 0)
    await check(api, good.run_id, "", "good", ALL)
    labels = {}
    for number in range(1, 1000 if whole else 40):
        path = copy(data_dir, good, number, choose.choice(["completed", "running"]))
        said = []
        for name in choose.sample(FILES, choose.randint(1, 3)):
            with contextlib.suppress(PermissionError):
                said.append((name, random_damage(path / name, choose)))
        labels[path.name] = str(said)
    await asyncio.sleep(0)
    longest_step[0] = (0.0, "")
    assert len(labels) + 1 == (await api("GET", "", limit=1)).json["total"]
    for run_id, label in labels.items():
        await check(api, run_id, "", label, choose.sample(list(ROUTES), 3))
        await purge(api, run_id, label)
    assert [good.run_id] == os.listdir(data_dir / "runs")
    assert longest_step[0] < (STEP_SECONDS,)


def linked(data_dir, path, outside):
    shutil.copytree(path, outside, ignore=shutil.ignore_patterns(fmt.CONTROL))
    shutil.rmtree(path)
    path.symlink_to(outside)


def deep(data_dir, path, outside):
    """Directories a thousand deep, as `os.makedirs` in a loop leaves them."""
    here = os.open(path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def replaced(make):
    def damage(data_dir, path, outside):
        shutil.rmtree(path)
        make(path)

    return damage


DIRECTORIES = {
    "a link to a directory": (linked, "symbolic link"),
    "a link that leads nowhere": (
        replaced(lambda path: path.symlink_to("nowhere")),
        "broken symbolic link",
    ),
    "a link to itself": (replaced(lambda path: path.symlink_to(path.name)), "broken symbolic link"),
    "a file": (replaced(lambda path: path.write_text("x")), "is a regular file"),
    "a FIFO": (replaced(os.mkfifo), "is a FIFO"),
    "empty": (replaced(os.mkdir), "launch.json is missing"),
    "deep": (deep, ""),
}


@pytest.mark.parametrize(("damage", "said"), DIRECTORIES.values(), ids=DIRECTORIES)
async def test_something_else_in_place_of_a_run_directory_is_shown_and_purged(
    api,
    data_dir,
    tmp_path,
    damage,
    said,
):
    good, bad = make(data_dir, 0), make(data_dir, 1)
    outside = tmp_path / "outside"
    damage(data_dir, bad.path, outside)
    before = {one.name for one in outside.iterdir()} if outside.exists() else set()
    await check(api, bad.run_id, said, "", ALL if damage is not deep else ["run", "tail"])
    assert 2 == (await api("GET", "", q="made")).json["total"]
    await purge(api, bad.run_id, "")
    assert [good.run_id] == os.listdir(data_dir / "runs")
    assert before == ({one.name for one in outside.iterdir()} if outside.exists() else set())


def test_housekeeping_removes_every_leftover_and_survives_what_it_cannot_remove(
    data_dir,
    monkeypatch,
    caplog,
):
    store = RunStore(data_dir)
    store.ready()
    runs, outside = store.runs_dir, data_dir / "outside"
    outside.mkdir()
    (outside / "file").touch()
    (runs / ".gone-link").symlink_to(outside)
    (runs / ".gone-file").touch()
    os.mkfifo(runs / ".gone-fifo")
    (runs / ".gone-dir").mkdir()
    (runs / ".gone-dir" / "inner").mkdir(mode=0)
    (runs / ".gone-stuck").mkdir()
    rmdir = os.rmdir

    def refuse(path, **more):
        if "stuck" in str(path):
            raise PermissionError(1, "Operation not permitted", str(path))
        rmdir(path, **more)

    monkeypatch.setattr(os, "rmdir", refuse)
    keeper = Housekeeper(data_dir, store, Retention(0, 0, 0))
    for _ in range(3):
        keeper.run_once()
    keeper.close()
    store.close()
    assert [".gone-stuck"] == os.listdir(runs)
    assert ["file"] == os.listdir(outside)
    told = [one.message for one in caplog.records if "stuck" in one.message]
    assert 1 == len(told), told
