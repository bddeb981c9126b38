"""Damaged run directories: the state is clear, intact lines are read, and everything else
continues.

Files are cut, corrupted, missing or from a future version.
"""

from __future__ import annotations

import json
import random
import shutil
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.journals import MadeRun, leave_unfinished
from support.runs import ended, lines, spans, until

from prismq_nb.common.base import state
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.read.poll import LogQuery
from prismq_nb.errors import RunUnreadable
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.recovery import recover

CODE = """
import os
for i in range(300): os.write(1 + i % 2, b"line %d\\n" % i)
"""
EXPECTED = sorted(b"line %d" % i for i in range(300))


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A completed run of 300 lines on both streams, and its directory."""
    engine = Engine(tmp_path_factory.mktemp("finished"))
    run = ended(engine, engine.launch(LaunchSpec(code=CODE, unbuffered=False)).run_id)
    until(lambda: lock.is_free(folder(engine, run)), what="end of its supervisor")
    run = engine.get(run.run_id)
    engine.close()
    return run, folder(engine, run)


@pytest.fixture
def run(engine, finished):
    """A copy of it."""
    run, path = finished
    shutil.copytree(path, folder(engine, run), ignore=shutil.ignore_patterns("control"))  # a FIFO
    assert engine.get(run.run_id) == run
    return run


def folder(engine, run):
    return engine.data_dir / "runs" / run.run_id


def read(engine, run):
    with engine.reader(run.run_id) as reader:
        return lines(reader)


def read_if_repaired(engine, run):
    """None until it holds: a request waits for a repair for a moment only, and the next one is
    answered right.
    """
    try:
        return read(engine, run)
    except RunUnreadable:
        return []


def flip(path, at, bit=6):
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


def cut(path, size):
    with path.open("r+b") as file:
        file.truncate(size)


@pytest.mark.parametrize(
    "damage",
    [
        lambda index: index.unlink(),
        lambda index: cut(index, 0),
        lambda index: cut(index, 30),
        lambda index: cut(index, fmt.RECORD_BYTES),
        lambda index: cut(index, index.stat().st_size // 2 + 5),
        lambda index: cut(index, index.stat().st_size - 1),
        lambda index: flip(index, 3),
        lambda index: flip(index, 14),
        lambda index: flip(index, fmt.RECORD_BYTES + 3),
        lambda index: flip(index, index.stat().st_size // 2),
        lambda index: flip(index, index.stat().st_size - 3),
        lambda index: index.write_bytes(bytes(index.stat().st_size)),
        lambda index: index.write_bytes(random.Random(1).randbytes(5000)),
    ],
    ids=[
        "missing",
        "empty",
        "header-torn",
        "header-only",
        "half",
        "last-torn",
        "magic",
        "record-size",
        "first-record",
        "middle",
        "last-record",
        "zeros",
        "noise",
    ],
)
@pytest.mark.parametrize(
    "who", ["the engine that ran it", "a new engine", "a reader that was open"]
)
def test_a_damaged_index_of_an_ended_run_costs_no_line_and_not_its_end(engine, run, damage, who):
    reader = engine.reader(run.run_id)
    damage(folder(engine, run) / fmt.INDEX)
    asked = Engine(engine.data_dir) if who == "a new engine" else engine
    until(lambda: sorted(read_if_repaired(asked, run)) == EXPECTED)
    now = asked.get(run.run_id)
    assert (now.status, now.exit_code, now.error_message, now.lines) == ("completed", 0, None, 300)
    if who == "a reader that was open":
        assert sorted(lines(reader)) == EXPECTED
    reader.close()
    if asked is not engine:
        asked.close()


@pytest.mark.parametrize("number", range(0, 12, 3))
def test_a_bad_record_under_a_live_run_is_bridged_while_it_is_read(data_dir, number):
    made = MadeRun(data_dir)
    for i in range(12):
        made.write(f"line {i} a\nline {i} b\n", stream=i % 2)
    flip(made.path / fmt.INDEX, (number + 1) * fmt.RECORD_BYTES + 9)
    expected = [b"line %d %s" % (i, part) for i in range(12) for part in (b"a", b"b")]
    with JournalReader(made.path) as reader:
        for first in range(24):
            assert lines(reader, first) == expected[first:]
            assert lines(reader, first, 1) == expected[first : first + 1]


@pytest.mark.parametrize("size", [0, 1, 500, 2580])
def test_a_truncated_log_of_an_ended_run_keeps_the_rest_and_reports_how_much_is_missing(
    engine, run, size
):
    log = folder(engine, run) / fmt.LOG
    whole = log.read_bytes()
    cut(log, size)
    until(lambda: "missing" in (engine.get(run.run_id).error_message or ""))
    now, left = engine.get(run.run_id), read(engine, run)
    assert b"\n".join(left) == whole[:size].removesuffix(b"\n")
    assert (now.status, now.lines) == ("completed", len(left))
    missing = 300 - len(left)
    assert now.error_message == (
        f"{missing} lines are missing from its log"
        if missing > 1
        else "1 line is missing from its log"
    )
    with engine.reader(run.run_id) as reader:
        (gap,) = reader.gaps(0, 300)
    assert (gap.before, gap.lines, gap.bytes, gap.reason) == (
        len(left),
        missing,
        len(whole) - size,
        "truncated",
    )
    assert engine.get(run.run_id).error_message == now.error_message  # reported once


@pytest.mark.parametrize("name", [fmt.STATE, fmt.LAUNCH, fmt.LOG])
@pytest.mark.parametrize("how", ["missing", "empty", "half", "not JSON", "a list"])
def test_other_damaged_files_give_a_clear_state(engine, run, name, how):
    path = folder(engine, run) / name
    size = path.stat().st_size
    {
        "missing": path.unlink,
        "empty": lambda: cut(path, 0),
        "half": lambda: cut(path, size // 2),
        "not JSON": lambda: path.write_bytes(b"\xff{" * (size // 2)),
        "a list": lambda: path.write_bytes(b"[1]"),
    }[how]()
    asked = Engine(engine.data_dir)
    other = ended(asked, asked.launch(LaunchSpec(code="print('on')")).run_id)
    until(lambda: asked.get(run.run_id).status in state.ENDED)
    until(lambda: {run.run_id, other.run_id} == {one.run_id for one in asked.list().runs})
    now = asked.get(run.run_id)
    if name == fmt.STATE:
        assert (now.status, now.exit_code, now.lines) == ("failed", None, 300)
        assert now.error_message == (
            "its supervisor never started"
            if how == "missing"
            else "its state was lost, so how it ended is not known"
        )
    elif name == fmt.LAUNCH:
        assert (now.status, now.lines, now.module_name) == ("completed", 300, "unknown")
    read(asked, run)
    asked.close()


@pytest.mark.parametrize("which", [fmt.STATE, fmt.LAUNCH, fmt.INDEX])
@pytest.mark.parametrize("status", ["completed", "running", "sleeping"])
def test_a_run_of_a_future_version_is_shown_and_not_changed(engine, run, which, status):
    path = folder(engine, run)
    value = state.read_json(path / fmt.STATE) | {"status": status}
    (path / fmt.STATE).write_text(
        json.dumps(value | ({"version": 2, "lines": {"new": "form"}} if which == fmt.STATE else {}))
    )
    if which == fmt.LAUNCH:
        (path / fmt.LAUNCH).write_text(
            json.dumps(state.read_json(path / fmt.LAUNCH) | {"version": 9})
        )
    if which == fmt.INDEX:
        index = bytearray((path / fmt.INDEX).read_bytes())
        struct.pack_into("<I", index, 8, 2)
        (path / fmt.INDEX).write_bytes(index)
    before = {
        file.name: file.read_bytes()
        for file in path.iterdir()
        if file.is_file() and file.name not in ("read", fmt.STATE)
    }
    asked = Engine(engine.data_dir)
    until(lambda: asked.get(run.run_id).status in state.ENDED)
    now = asked.get(run.run_id)
    assert now.status == ("completed" if status == "completed" else "failed")
    with pytest.raises(RunUnreadable, match=r"newer prismq_nb made this run|version 2"):
        asked.reader(run.run_id)
    if not (which == fmt.INDEX and status == "completed"):
        assert "version" in now.error_message
    assert asked.list().total == 1
    assert before == {
        file.name: file.read_bytes()
        for file in path.iterdir()
        if file.is_file() and file.name not in ("read", fmt.STATE)
    }
    asked.close()


FILES = (fmt.LOG, fmt.INDEX, fmt.STATE, fmt.LAUNCH, fmt.LEVELS, fmt.GAPS, fmt.PART, *fmt.UNFINISHED)
INTACT = {b"line %d %s" % (i, part) for i in range(20) for part in (b"a", b"b")}
BORING = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A run as a killed supervisor leaves it: two streams, a gap, unfinished text."""
    made = MadeRun(tmp_path_factory.mktemp("original"))
    for i in range(20):
        made.write(f"line {i} a\nline {i} b\n", stream=i % 2)
        if i == 12:
            made.lose(b"lost 1\nlost 2\n")
    leave_unfinished(made.path, made.writer.end, b"half ", b"a line ")
    (made.path / fmt.LEVELS).write_bytes(bytes(32) + bytes([1] * 40))
    state.write_json(
        made.path / fmt.LAUNCH,
        {
            "run_id": made.run_id,
            "created": made.now,
            "module_name": "made",
            "parameters": {"a": 1},
            "version": 1,
        },
    )
    made.state(
        "running",
        lines=40,
        levels=[0, 40, 0, 0, 0],
        progress=[1.5, 1, 2],
        heartbeat=made.now,
        pid=2**22 + 7,
        pid_started="1",
        version=1,
    )
    return made


def damage(data, content):
    """Random damage of one file; None: it is missing."""
    kind = data.draw(
        st.sampled_from(["none", "none", "gone", "cut", "flip", "zeros", "more", "twice"])
    )
    if kind == "gone":
        return None
    if kind == "cut":
        return content[: data.draw(st.integers(0, len(content)))]
    if kind == "zeros":
        at = data.draw(st.integers(0, len(content)))
        return content[:at] + bytes(len(content) - at)
    if kind == "more":
        return content + data.draw(st.binary(max_size=200))
    if kind == "twice":
        return content + content
    flipped = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4)) if kind == "flip" and content else 0):
        flipped[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    return bytes(flipped)


@settings(max_examples=80, deadline=None, suppress_health_check=BORING)
@given(data=st.data(), rebooted=st.booleans(), ended_=st.booleans())
def test_recovery_never_raises_and_keeps_every_byte_and_every_intact_line(
    tmp_path_factory, original, data, rebooted, ended_
):
    home = tmp_path_factory.mktemp("damaged")
    path = home / "runs" / original.run_id
    shutil.copytree(original.path, path)
    for name in FILES:
        damaged = damage(data, (path / name).read_bytes())
        (path / name).unlink() if damaged is None else (path / name).write_bytes(damaged)
    log = (path / fmt.LOG).read_bytes() if (path / fmt.LOG).exists() else b""
    index = (path / fmt.INDEX).read_bytes() if (path / fmt.INDEX).exists() else b""
    newer = _is_newer(index)
    if not ended_ and not newer:
        recover(path, rebooted=rebooted, now_us=original.now)
        _check(path, log)
    engine = Engine(home)
    try:
        until(lambda: engine.get(original.run_id).status in state.ENDED)
        assert [original.run_id] == [run.run_id for run in engine.list().runs]
        with engine.reader(original.run_id) as reader:
            for query in ({"after": -1}, {"tail": 5}, {"levels": frozenset({3})}):
                look = LogQuery(reader, original.run_id, **query)
                while not look.step():
                    pass
                look.page()
        _check(path, log)
    except RunUnreadable as error:
        if "version" not in str(error):
            raise
    finally:
        engine.close()
        shutil.rmtree(home)


def _is_newer(index):
    try:
        fmt.check_header(index)
    except fmt.NewerIndex:
        return True
    except fmt.BadIndex:
        return False
    return False


def _check(path, log):
    """Check that every byte of the log is still there, and every line in it is read."""
    after = (path / fmt.LOG).read_bytes()
    assert after.startswith(log)
    with JournalReader(path) as reader:
        found = lines(reader)
    for line in log.split(b"\n")[:-1]:
        if line in INTACT:
            assert any(line in one for one in found), line
    with JournalReader(path) as reader:
        stamps = [span.stamp + i for span in spans(reader) for i in range(span.line_count)]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize("left", [0, 505])
def test_emptying_the_log_of_a_live_run_is_reported_and_the_run_continues(engine, left):
    code = """\
import sys
for line in sys.stdin:
    for i in range(100): print(f'line {line.strip()} {i:03}')"""
    run_id = engine.launch(LaunchSpec(code=code, unbuffered=True)).run_id
    with engine.reader(run_id) as reader:

        def more(name, count):
            engine.send(run_id, f"{name}\n")
            until(lambda: reader.refresh() == count)

        more("a", 100)
        size = reader.log_bytes
        # it has checked its log
        until(
            lambda: (
                state.read_json(engine.data_dir / "runs" / run_id / fmt.STATE).get("lines") == 100
            )
        )
        cut(engine.data_dir / "runs" / run_id / fmt.LOG, left)
        kept = left // 11
        assert lines(reader)[:kept] == [b"line a %03d" % i for i in range(kept)]
        assert len(lines(reader)) == 100  # empty where nothing is left, and no error
        more("b", 200)
        engine.send(run_id, "", eof=True)
        end = ended(engine, run_id)
        found = lines(reader)
        assert [b"line b %03d" % i for i in range(100)] == found[100:]
        assert [b"line a %03d" % i for i in range(kept)] == found[:kept]
        # the hole reads as zeros; one line of them for each missing record
        assert not any(line.strip(b"\0") for line in found[kept + 1 : 100])
        (gap,) = reader.gaps(0, 200)
        assert (end.status, end.lines) == ("completed", 200)
        assert gap.reason == "truncated"
        assert gap.before in (100, 200)  # where it was noticed: at once, or with the next output
        assert size - left <= gap.bytes <= size
        assert 100 - kept - 1 <= gap.lines <= 100
