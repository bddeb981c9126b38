"""The same work through both clients: over HTTP to a real Jupyter server, and on a data
directory.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import requests
from support.jupyter_process import JupyterProcess, until
from support.mistakes import sentence
from support.waiting import WAIT_SECONDS

import prismq_nb
from prismq_nb import errors
from prismq_nb.client.discovery import current
from prismq_nb.client.run.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNT = "import sys\nfor n in range(int(sys.argv[1])): print('line', n)\n"
LEVELS = """import logging
logging.basicConfig(level=0, format='%(levelname)s: %(message)s')
for n in range(10): logging.log(10 * (n % 5 + 1), 'n%d', n)
"""
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("way")]  # a real server
ECHO = (
    "import sys\nprint('ready')\nfor text in sys.stdin: print('got', text.strip())\nprint('eof')\n"
)
STEPS = "import sys\nfor n, _ in enumerate(sys.stdin): print('step', n)\n"
FOREVER = "import time\nprint('up')\nwhile True: time.sleep(1)\n"


@pytest.fixture
def forever(way: str) -> Iterator[Run]:
    """A run that does not end by itself."""
    run = prismq_nb.launch(code=FOREVER, name="forever")
    yield run
    if run.status == "running":
        run.stop()
        run.wait(WAIT_SECONDS)


def test_a_search_gives_the_numbers_of_all_matching_lines() -> None:
    run = prismq_nb.launch(code=COUNT, args=["30000"])
    run.wait(WAIT_SECONDS)
    assert list(range(30_000)) == list(run.search("LINE"))
    assert [] == list(run.search("LINE", case=True))
    assert [7, 77] == list(run.search("e 7(7)?$", regex=True))
    assert [] == list(run.search("line", level="ERROR"))
    assert 12 == next(run.search("line 12"))
    assert [112, 212] == list(run.search(["LINE", "12"], exclude="line 12"))[:2]
    for bad in ("", "("):
        with pytest.raises(errors.InvalidRequest, match="q") as raised:
            list(run.search(bad, regex=True))
        assert "q" == raised.value.parameter
    assert "missing ): (" == raised.value.detail
    assert "exit" == run.end_reason


def test_a_search_over_all_runs_gives_those_with_hits_newest_first() -> None:
    first = prismq_nb.launch(code=COUNT, args=["20"], name="counts")
    first.wait(WAIT_SECONDS)
    second = prismq_nb.launch(code="print('sought 1'); print('sought 2'); exit(3)", name="fails")
    second.wait(WAIT_SECONDS)
    third = prismq_nb.launch(code="print('\\33[31msought\\33[0m')", name="paints")
    third.wait(WAIT_SECONDS)
    found = prismq_nb.search("SOUGHT", lines=1)
    assert [(third, 1, ["sought"]), (second, 2, ["sought 1"])] == [
        (each.run, each.hits, [line.message for line in each.lines]) for each in found
    ]
    assert [third, second] == [each.run for each in found]  # again
    (failed,) = prismq_nb.search(["sought", "2"], status="failed", max_hits=1)
    assert (second, 1, False, None) == (failed.run, failed.hits, failed.more, failed.error)
    assert "no hits" in repr(prismq_nb.search("no run has this"))
    shown = repr(prismq_nb.search("sought", max_hits=1)).splitlines()
    assert [f"{third.run_id}  1 hit", f"{second.run_id}  1+ hits"] == [
        row[row.index("run_") :] for row in shown if "run_" in row
    ]
    assert ("0", "INFO     sought 1") == (shown[-2].split()[0], shown[-2][-17:])
    for i in range(11):
        prismq_nb.launch(code=f"print('eleven', {i})").wait(WAIT_SECONDS)
    many = prismq_nb.search("eleven")
    assert "more; iterate over" in repr(many)
    assert 11 == len({each.run.run_id for each in many})
    assert 1 == len([*prismq_nb.search("eleven", limit=1)])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"q": ""}, "q is empty"),
        ({"q": "(", "regex": True}, r"q='\(' is not a valid pattern"),
        ({"q": "a", "status": "complete"}, "did you mean"),
        ({"q": "a", "lines": 21}, "lines=21 is out of bounds"),
        ({"q": "a", "max_hits": 0}, "max_hits=0 is out of bounds"),
        ({"q": "a", "limit": "x"}, "limit='x' is not an integer"),
    ],
    ids=str,
)
def test_a_mistake_in_a_search_over_all_runs_is_named_at_once(given, words) -> None:
    with pytest.raises(errors.InvalidRequest, match=words):
        prismq_nb.search(**given)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda run: run.logs(since="yesterday"), "since='yesterday' is not a valid time"),
        (lambda run: run.logs(q="(", regex=True), "q='(' is not a valid pattern"),
        (lambda run: list(run.search("(", regex=True)), "q='(' is not a valid pattern"),
        (lambda run: list(run.follow(since="yesterday")), "since='yesterday' is not a valid time"),
        (lambda run: run.stop(), " has ended"),
        (lambda run: run.send("x"), " has ended"),
        (lambda _: prismq_nb.launch("train.py --epochs 2"), "args=['--epochs', '2']?"),
        (lambda _: prismq_nb.launch(module="train.py"), "did you mean script='train.py'?"),
        (lambda _: prismq_nb.launch(code="1", timeout=0), "is not above 0 seconds; omit it"),
        (lambda _: prismq_nb.get("endde"), "did you mean 'ended'?"),
        (
            lambda _: prismq_nb.get("run_20251031_120000_x_abc123"),
            "(it may have been purged); prismq_nb.runs() lists",
        ),
    ],
    ids=[
        "since",
        "pattern",
        "search",
        "follow",
        "stop",
        "send",
        "script",
        "module",
        "timeout",
        "name",
        "id",
    ],
)
def test_an_error_of_the_engine_reads_alike_through_both_clients(
    call: Callable[[Run], object], words: str
) -> None:
    run = prismq_nb.launch(code="print()", name="ended")
    run.wait(WAIT_SECONDS)
    assert words in sentence(lambda: call(run))


@pytest.mark.parametrize("end", ["wait", "await", "follow"])
def test_levels_are_counted_once_the_end_is_known(end: str) -> None:
    run = prismq_nb.launch(code=LEVELS)
    if end == "wait":
        run.wait(WAIT_SECONDS)
    elif end == "await":
        asyncio.run(asyncio.wait_for(_awaited(run), WAIT_SECONDS))
    else:
        assert len(list(run.follow())) == 10
        run.wait(WAIT_SECONDS)
    assert run.levels == {
        "DEBUG": 2,
        "INFO": 2,
        "WARNING": 2,
        "ERROR": 2,
        "CRITICAL": 2,
        "complete": True,
    }
    assert run.records["ERROR"] == 2


async def _awaited(run: Run) -> str:
    return await run


def test_following_equals_polling_even_for_long_lines() -> None:
    code = """\
import sys
for n in range(1500): print('line', n, file=sys.stderr if n % 7 == 3 else sys.stdout)
print('é' * 20_000)"""
    run = prismq_nb.launch(code=code)
    followed = list(run.follow())
    assert list(run.logs(after=-1)) == followed
    assert 1501 == len(followed)
    assert "é" * 20_000 in {line.message for line in followed}
    errors_only = list(run.follow(level="ERROR"))
    assert [line for line in followed if line.level == "ERROR"] == errors_only != []


def test_the_client_is_the_intended_one(way: str) -> None:
    assert {"http": "HttpClient", "local": "LocalClient"}[way] == type(current()).__name__


def test_a_script_runs_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "job.py").write_text(
        "import sys, os\nprint(sys.argv[1:], os.getcwd())\nsys.exit(3)\n"
    )
    monkeypatch.chdir(tmp_path)
    run = prismq_nb.launch("job.py", max_results=5, dry_run=True)
    assert run.wait(WAIT_SECONDS) == "failed"
    assert run.exit_code == 3
    assert [f"['--max-results=5', '--dry-run'] {tmp_path}"] == [line.message for line in run.logs()]
    assert repr(run) == f"<Run job failed, {run.run_id}>"


def test_a_refused_launch_gives_the_reason() -> None:
    with pytest.raises(errors.InvalidRequest, match=r"no-such-script\.py"):
        prismq_nb.launch("no-such-script.py")
    with pytest.raises(errors.InvalidRequest):
        prismq_nb.launch()
    with pytest.raises(errors.InvalidRequest):
        prismq_nb.launch("a.py", module="b")


@pytest.mark.parametrize("count", [0, 1, 25_000])
def test_follow_gives_every_line_once(count: int) -> None:
    """While the run prints, so some come live and some from disk."""
    run = prismq_nb.launch(code=COUNT, args=[count])
    assert [f"line {n}" for n in range(count)] == [line.message for line in run.follow()]
    assert [f"line {n}" for n in range(count)] == [line.message for line in run.follow()]
    assert run.lines == count


def test_follow_filters_and_positions() -> None:
    run = prismq_nb.launch(code=LEVELS)
    assert run.wait(WAIT_SECONDS) == "completed"
    everything = list(run.follow())
    levels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] * 2
    assert [f"{level}: n{n}" for n, level in enumerate(levels)] == [
        each.message for each in everything
    ]
    assert everything[3:] == list(run.follow(after=2))
    assert everything[3:] == list(run.follow(since=everything[2].timestamp))
    assert everything[-2:] == list(run.follow(2))
    assert [everything[3], everything[4], everything[8], everything[9]] == list(
        run.follow(level=["ERROR", "CRITICAL"])
    )
    assert [everything[9]] == list(run.follow(1, level="CRITICAL"))
    assert [everything[7]] == list(run.follow(q="n7"))
    assert [everything[1], everything[6]] == list(run.follow(q="^INFO: n[0-9]$", regex=True))


def test_logs_filter() -> None:
    run = prismq_nb.launch(code=LEVELS)
    run.wait(WAIT_SECONDS)
    assert [line.line for line in run.logs(after=5)] == [6, 7, 8, 9]
    assert [line.line for line in run.logs(limit=2)] == [0, 1]
    assert [line.line for line in run.logs(1, before=5)] == [4]
    assert [line.line for line in run.logs(level="warning")] == [2, 7]
    first = run.logs(limit=4)
    assert (first.truncated, first.next_after, first.total_lines) == (True, 3, 10)
    assert [line.line for line in run.logs(after=first.next_after, limit=2)] == [4, 5]


def test_logs_carry_colours_and_the_drawing_history() -> None:
    run = prismq_nb.launch(code=r"print('\x1b[31mred\nstill\n10%\r20%\x1b[0m\nplain')")
    run.wait(WAIT_SECONDS)
    lines = run.logs(after=0)
    assert ({"stdout": "\x1b[31m"}, {2: (1, 0, 0)}) == (lines.sgr, lines.drawn)
    assert ({}, {}) == (run.logs(tail=1).sgr, run.logs(tail=1).drawn)


@pytest.mark.parametrize(
    "arguments",
    [
        {"tail": 0},
        {"tail": 10_001},
        {"tail": 5, "limit": 5},
        {"since": "yesterday"},
        {"level": "LOUD"},
        {"q": "(", "regex": True},
    ],
    ids=str,
)
def test_invalid_filters_are_refused(arguments: dict[str, object]) -> None:
    run = prismq_nb.launch(code="pass")
    with pytest.raises(errors.InvalidRequest, match=f"^(.*{next(iter(arguments))})"):
        run.logs(**arguments)  # type: ignore[arg-type]


def test_input_is_read_until_it_is_closed() -> None:
    run = prismq_nb.launch(code=ECHO)
    lines = run.follow()
    assert next(lines).message == "ready"
    run.send("one\n")
    assert next(lines).message == "got one"
    run.send("two", eof=True)
    assert [line.message for line in lines] == ["got two", "eof"]
    assert run.wait(WAIT_SECONDS) == "completed"
    with pytest.raises(errors.RunEnded):
        run.send("three\n")


def test_stop_cancels(forever: Run) -> None:
    next(forever.follow())
    with pytest.raises(errors.WaitTimeout):
        forever.wait(0.05)
    with pytest.raises(errors.RunActive):
        forever.purge()
    forever.stop()
    assert forever.wait(WAIT_SECONDS) == "cancelled"
    with pytest.raises(errors.RunEnded):
        forever.stop()


def test_awaiting_gives_the_status() -> None:
    async def main() -> str:
        return await asyncio.wait_for(_status(prismq_nb.launch(code="print(1)")), WAIT_SECONDS)

    assert asyncio.run(main()) == "completed"


async def _status(run: Run) -> str:
    return await run


@pytest.mark.parametrize("form", ["text", "raw", "jsonl"])
def test_download(tmp_path: Path, form: str) -> None:
    run = prismq_nb.launch(code="print('\\x1b[31mred\\x1b[0m 東'); print('b')")
    run.wait(WAIT_SECONDS)
    saved = run.download(tmp_path, form=form).read_text(encoding="utf-8")
    stamps = [line.timestamp for line in run.logs()]
    expected = {
        "raw": "\x1b[31mred\x1b[0m 東\nb\n",
        "text": f"[{stamps[0]}] [INFO] [stdout] red 東\n[{stamps[1]}] [INFO] [stdout] b\n",
    }
    if form == "jsonl":
        assert [
            (line["line"], line["message"]) for line in map(json.loads, saved.splitlines())
        ] == [(0, "red 東"), (1, "b")]
    else:
        assert expected[form] == saved


def test_lines_are_found_by_all_included_and_no_excluded_words_with_context(
    tmp_path: Path,
) -> None:
    run = prismq_nb.launch(
        code="for i in range(9): print('epoch', i, 'loss', 'nan' if i == 4 else i)"
    )
    run.wait(WAIT_SECONDS)
    assert [0, 1, 2, 3, 5, 6, 7, 8] == [
        line.line for line in run.logs(q=["epoch", "loss"], exclude="nan")
    ]
    assert [] == run.logs(q="loss epoch")
    assert [] == run.logs(q="na", word=True)
    assert [] == run.logs(q="NAN", case=True)
    assert [2, 3, 4, 5] == [line.line for line in run.logs(q="nan", lines_before=2, lines_after=1)]
    assert [2, 3, 4, 5] == list(run.search("nan", lines_before=2, lines_after=1))
    assert [4] == [line.line for line in run.follow(q="nan", word=True)]
    saved = run.download(tmp_path, q="nan", lines_after=1).read_text()
    assert ["epoch 4 loss nan", "epoch 5 loss 5"] == [
        line.split("] ")[-1] for line in saved.splitlines()
    ]
    saved = run.download(tmp_path, q="epoch", exclude="loss", form="jsonl").read_text()
    assert saved == ""
    with pytest.raises(errors.InvalidRequest, match="form='raw' and q cannot be combined"):
        run.download(tmp_path, q="nan", form="raw")
    with pytest.raises(
        errors.InvalidRequest,
        match=r"lines_before=101 is out of bounds; use a number from 0 to 100",
    ):
        run.logs(q="nan", lines_before=101)


def test_a_download_in_an_unknown_format_is_refused(tmp_path: Path) -> None:
    run = prismq_nb.launch(code="pass")
    with pytest.raises(errors.InvalidRequest, match="xml"):
        run.download(tmp_path, form="xml")
    assert list(tmp_path.iterdir()) == []


def test_runs_are_found_again(forever: Run) -> None:
    assert forever == prismq_nb.get(forever.run_id)
    found = prismq_nb.runs(status="running", q="forever", limit=1)
    assert [forever] == found
    assert found.total >= 1
    with pytest.raises(errors.RunNotFound):
        prismq_nb.get("run_20251031_120000_youtube_abc123")


def test_a_purged_run_is_gone() -> None:
    run = prismq_nb.launch(code="print(1)")
    run.wait(WAIT_SECONDS)
    run.purge()
    with pytest.raises(errors.RunNotFound):
        run.refresh()
    with pytest.raises(errors.RunNotFound):
        next(run.follow())


def test_the_run_has_the_caller_s_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", "not for runs")
    monkeypatch.setenv("MINE", "für mich")
    names = ["MINE", "SAID", "JUPYTER_TOKEN", "PRISMQ_CONNECTION_FILE", "JPY_SESSION_NAME"]
    run = prismq_nb.launch(
        code=f"import os, sys\nprint([os.environ.get(n) for n in {names}], sys.executable)",
        env={"SAID": "so"},
    )
    run.wait(WAIT_SECONDS)
    assert f"['für mich', 'so', None, None, None] {sys.executable}" == run.logs()[0].message


def test_a_run_can_start_runs() -> None:
    """It cannot reach the server, so it uses the data directory; the server lists its runs."""
    code = """\
import prismq_nb
run = prismq_nb.launch(code='print(42)', name='inner')
print(run.wait(120), run.run_id)"""
    outer = prismq_nb.launch(
        code=code, name="outer", env={"PYTHONPATH": str(Path(__file__).parents[2])}
    )
    outer.wait(WAIT_SECONDS)
    status, run_id = outer.logs()[-1].message.split()
    assert status == "completed"
    assert prismq_nb.get(run_id).logs()[0].message == "42"


@pytest.mark.parametrize("way", ["http"], indirect=True)
class TestServer:
    """Tests that need a server."""

    def test_the_connection_works_with_any_http_library(self) -> None:
        server = prismq_nb.connection()
        assert (
            requests.get(
                f"{server.url}/api/runs", headers=server.headers, timeout=WAIT_SECONDS
            ).json()["limit"]
            == 50
        )

    def test_follow_and_wait_survive_a_server_that_is_killed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """kill -9, another port, another secret: every line once, and the true end."""
        process = JupyterProcess.start(tmp_path)
        monkeypatch.setenv("PRISMQ_CONNECTION_FILE", str(process.connection_file))
        try:
            run = prismq_nb.launch(code=STEPS + "sys.exit(7)")
            lines = run.follow()
            got = []
            for _ in range(5):
                run.send("x\n")
                got.append(next(lines).message)
            old = process.url
            process.kill()
            process.launch()
            assert old != process.url
            run.send("x\nx\n", eof=True)
            got += [line.message for line in lines]
            assert [f"step {n}" for n in range(7)] == got
            assert run.wait(WAIT_SECONDS) == "failed"
            assert run.exit_code == 7
        finally:
            process.stop()

    def test_a_kernel_finds_the_server(self, server: JupyterProcess) -> None:
        """By its environment alone, as the server starts it."""
        kernel = requests.post(
            f"{server.url}api/kernels", headers=server.headers, json={}, timeout=WAIT_SECONDS
        ).json()
        environ = until(lambda: environ_of_kernel(server), "The kernel's process")
        assert str(server.connection_file) == environ["PRISMQ_CONNECTION_FILE"]
        code = (
            "import prismq_nb; r = prismq_nb.launch(code='print(1)'); "
            "print(type(r._client).__name__, r.wait(120))"
        )
        said = subprocess.run(
            [sys.executable, "-c", code], env=environ, check=True, capture_output=True, text=True
        ).stdout
        assert said == "HttpClient completed\n"
        requests.delete(
            f"{server.url}api/kernels/{kernel['id']}", headers=server.headers, timeout=WAIT_SECONDS
        )


def environ_of_kernel(server: JupyterProcess) -> dict[str, str]:
    """The environment of the server's first kernel; empty while it starts."""
    assert server.process is not None
    children = psutil.Process(server.process.pid).children()
    found = [child.environ() for child in children if "ipykernel" in " ".join(child.cmdline())]
    return found[0] if found and "JPY_PARENT_PID" in found[0] else {}
