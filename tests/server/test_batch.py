"""The stream of a page: many runs on one connection, in bounded batches, with skipped lines
counted.
"""

from __future__ import annotations

import pytest
from support.journals import T0, MadeRun

from prismq_nb.common.base.state import iso

FIRST, SECOND = "run_20251031_120000_first_000001", "run_20251031_120000_second_000002"


def of(stream, run_id):
    """The batches of one run."""
    return [batch for batch in stream.named("batch") if batch["run"] == run_id]


def lines_of(stream, run_id):
    return [line for batch in of(stream, run_id) for line in batch.get("lines", [])]


@pytest.fixture
def runs(data_dir):
    return MadeRun(data_dir, FIRST), MadeRun(data_dir, SECOND)


async def test_two_runs_share_a_connection_that_ends_after_both(api, runs):
    one, two = runs
    one.write("a\nb\n")
    one.end()
    stream = api.stream("/stream", run=[f"{FIRST}@0", f"{SECOND}@0"])
    await stream.until(lambda stream: of(stream, FIRST) and of(stream, SECOND))
    assert {"status": "completed", "exit_code": 0, "total_lines": 2} == of(stream, FIRST)[-1][
        "complete"
    ]
    two.write("x\n", stream=1)
    two.end("failed", 1)
    answer = await stream.end()
    assert "text/event-stream; charset=utf-8" == answer.headers["Content-Type"]
    assert [
        [0, T0 + 1000, "INFO", "stdout", "a"],
        [1, T0 + 1001, "INFO", "stdout", "b"],
    ] == lines_of(stream, FIRST)
    assert [[0, T0 + 1000, "ERROR", "stderr", "x"]] == lines_of(stream, SECOND)
    assert {"status": "failed", "exit_code": 1, "total_lines": 1} == of(stream, SECOND)[-1][
        "complete"
    ]
    assert {None} == {event.id for event in stream.events}


async def test_the_stream_of_a_page_continues_while_background_processes_print(api, runs):
    one, _ = runs
    one.write("a\n")
    stream = api.stream("/stream", run=f"{FIRST}@0")
    await stream.until(lambda stream: lines_of(stream, FIRST))
    one.state("completed", exit_code=0, completed=one.now, lines=1, output_open=True)
    await stream.until(lambda stream: of(stream, FIRST)[-1].get("status", {}).get("output_open"))
    assert "complete" not in of(stream, FIRST)[-1]
    one.write("b\n")
    await stream.until(lambda stream: len(lines_of(stream, FIRST)) == 2)
    one.end()
    await stream.end()
    assert {"status": "completed", "exit_code": 0, "total_lines": 2} == of(stream, FIRST)[-1][
        "complete"
    ]


async def test_the_first_batch_has_the_state_and_later_ones_only_changes(api, runs):
    one, _ = runs
    one.state("running", cpu_percent=5.0, memory_bytes=4096, progress=[50.0, 1, 2])
    stream = api.stream("/stream", run=FIRST)
    await stream.until(lambda stream: of(stream, FIRST))
    first = of(stream, FIRST)[0]
    assert {"run", "first", "total", "status", "progress", "usage"} == set(first)
    assert ("running", "made", 0, 0) == (
        first["status"]["status"],
        first["status"]["module_name"],
        first["first"],
        first["total"],
    )
    assert ({"cpu_percent": 5.0, "memory_bytes": 4096}, 50.0) == (
        first["usage"],
        first["progress"]["percent"],
    )
    one.write("a\n")
    await stream.until(lambda stream: len(of(stream, FIRST)) == 2)
    assert {
        "run": FIRST,
        "first": 0,
        "total": 1,
        "lines": [[0, T0 + 1000, "INFO", "stdout", "a"]],
    } == of(stream, FIRST)[1]


async def test_a_position_is_kept_and_skipped_lines_are_counted(api, runs):
    one, two = runs
    text = "".join(f"{i}\n" for i in range(3000))
    one.write(text)
    two.write(text)
    one.end()
    two.end()
    stream = api.stream("/stream", run=[f"{FIRST}@1000", f"{SECOND}@2990"])
    await stream.end()
    (conflated,), (exact,) = of(stream, FIRST), of(stream, SECOND)
    assert (2500, 1500, 3000, 500) == (
        conflated["first"],
        conflated["skipped"],
        conflated["total"],
        len(conflated["lines"]),
    )
    assert ("skipped" not in exact, [str(i) for i in range(2990, 3000)]) == (
        True,
        [line[4] for line in exact["lines"]],
    )


async def test_without_a_position_the_newest_lines_come_and_none_counts_as_skipped(api, runs):
    one, _ = runs
    one.write("".join(f"{i}\n" for i in range(3000)))
    one.end()
    stream = api.stream("/stream", run=FIRST)
    await stream.end()
    (batch,) = of(stream, FIRST)
    assert (2500, 500, False) == (batch["first"], len(batch["lines"]), "skipped" in batch)


async def test_all_lines_are_either_sent_or_counted(api):
    run_id = await api.launch("for i in range(200000): print('line', i)")
    stream = api.stream("/stream", run=f"{run_id}@0")
    await stream.end()
    cursor = 0
    for batch in of(stream, run_id):
        assert batch["first"] == cursor + batch.get("skipped", 0)
        lines = batch.get("lines", [])
        cursor = batch["first"] + len(lines)
        assert [f"line {i}" for i in range(batch["first"], cursor)] == [line[4] for line in lines]
        assert len(lines) <= 500
    assert 200_000 == cursor == of(stream, run_id)[-1]["complete"]["total_lines"]


async def test_a_batch_is_bounded_in_bytes_and_a_long_line_is_cut(api, runs):
    one, _ = runs
    for i in range(50):
        one.write(f"{i} ".encode() + b"x" * 30_000 + b"\n")
    one.end()
    stream = api.stream("/stream", run=f"{FIRST}@0")
    await stream.end()
    (batch,) = of(stream, FIRST)
    assert batch["skipped"] + len(batch["lines"]) == 50
    assert len(batch["lines"]) < 20
    line = batch["lines"][-1]
    assert (49, 16 << 10, 30_003) == (line[0], len(line[4]), line[5])


async def test_gaps_come_with_their_lines_even_if_those_are_skipped(api, runs):
    one, _ = runs
    one.write("0\n")
    one.lose(b"lost\n")
    one.write("".join(f"{i}\n" for i in range(1000)))
    stream = api.stream("/stream", run=f"{FIRST}@0")
    await stream.until(lambda stream: lines_of(stream, FIRST))
    one.lose(b"lost\n")
    await stream.until(lambda stream: len(of(stream, FIRST)) == 2)
    one.write("last\n")
    one.end()
    await stream.end()
    gaps = [gap for batch in of(stream, FIRST) for gap in batch.get("gaps", [])]
    assert [1, 1001] == [gap["before"] for gap in gaps]
    assert {
        "before": 1,
        "lines": 1,
        "bytes": 5,
        "begin": iso(T0 + 1000),
        "end": iso(T0 + 1_002_000),
        "reason": "disk-full",
    } == gaps[0]


async def test_a_page_that_asks_for_the_newest_lines_gets_all_older_gaps(api, runs):
    one, _ = runs
    one.write("0\n")
    one.lose(b"lost\n")
    one.write("".join(f"{i}\n" for i in range(1000)))
    stream = api.stream("/stream", run=FIRST)
    await stream.until(lambda stream: lines_of(stream, FIRST))
    one.end()
    await stream.end()
    assert 501 == lines_of(stream, FIRST)[0][0]
    assert [1] == [gap["before"] for batch in of(stream, FIRST) for gap in batch.get("gaps", [])]


async def test_unfinished_text_comes_and_goes(api):
    run_id = await api.launch(
        "import sys; print('Name? ', end='', flush=True); sys.stdin.readline(); print('ok')"
    )
    stream = api.stream("/stream", run=run_id)
    await stream.until(lambda stream: any("pending" in batch for batch in of(stream, run_id)))
    assert [{"stdout": "Name? ", "stderr": ""}] == [
        batch["pending"] for batch in of(stream, run_id) if "pending" in batch
    ]
    await api("POST", f"/{run_id}/input", body={"text": "x\n"})
    await stream.end()
    assert {"stdout": "", "stderr": ""} == [
        batch["pending"] for batch in of(stream, run_id) if "pending" in batch
    ][-1]
    assert ["Name? ok"] == [line[4] for line in lines_of(stream, run_id)]


async def test_a_run_that_cannot_be_shown_is_an_error_and_the_others_continue(api, runs, extension):
    one, two = runs
    two.write("x\n")
    stream = api.stream(
        "/stream", run=["run_20251031_120000_none_abc123", "../../etc", FIRST, SECOND]
    )
    await stream.until(lambda stream: lines_of(stream, SECOND) and of(stream, FIRST))
    assert "no run" in of(stream, "run_20251031_120000_none_abc123")[0]["error"]
    assert "no run" in of(stream, "../../etc")[0]["error"]
    extension.services.engine._store.remove(extension.services.engine._store.find(one.run_id))
    await stream.until(lambda stream: "error" in of(stream, FIRST)[-1])
    assert "run purged" == of(stream, FIRST)[-1]["error"]
    two.end()
    await stream.end()
    assert "complete" in of(stream, SECOND)[-1]


async def test_changed_counts_are_sent_though_no_line_comes(api, runs):
    one, _ = runs
    stream = api.stream("/stream", run=FIRST)
    await stream.until(lambda stream: of(stream, FIRST))
    one.state("running", levels=[0, 0, 0, 7, 0])
    await stream.until(
        lambda stream: of(stream, FIRST)[-1].get("status", {}).get("levels", {}).get("ERROR") == 7
    )


INVALID_BATCHES = [
    ({}, "run is given 0 times"),
    ({"run": [f"run_20251031_120000_a_{i:06x}" for i in range(51)]}, "51 times"),
    ({"run": [FIRST, f"{FIRST}@4"]}, "given twice"),
    ({"run": f"{FIRST}@x"}, "run=ID@LINE='x'"),
    ({"run": f"{FIRST}@-1"}, "run=ID@LINE=-1"),
]


async def test_an_invalid_list_of_runs_is_400(api):
    for query, word in INVALID_BATCHES:
        answer = await api("GET", "/stream", **query)
        assert (400, True) == (answer.status, word in answer.json["message"]), (query, answer.body)
