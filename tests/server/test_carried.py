"""What accompanies messages: carried colours, drawing history, answered questions."""

from __future__ import annotations

import json

import pytest
from support.batches import expanded
from support.journals import MadeRun

from prismq_nb.journal.layout.format import PROMPT, STDERR


async def test_a_page_and_a_batch_carry_colours(api, data_dir):
    run = MadeRun(data_dir)
    run.write("\x1b[31mred\nstill red\n\x1b[0mplain\n")
    run.end()
    assert "sgr" not in (await api("GET", f"/{run.run_id}/logs")).json
    assert {"stdout": "\x1b[31m"} == (await api("GET", f"/{run.run_id}/logs", after=0)).json["sgr"]
    events = await api.stream("/stream", run=f"{run.run_id}@1").until(
        lambda events: events.named("batch")
    )
    batch = events.named("batch")[0]
    assert (1, {"stdout": "\x1b[31m"}) == (batch["first"], batch["sgr"])


async def test_lines_by_number_equal_those_of_other_polls(api, data_dir):
    run = MadeRun(data_dir)
    run.write("\x1b[31mred\nstill red\n 10%\r 20%\n")
    run.write("\x1b[32mgreen\n", stream=STDERR)
    run.write("\x1b[0mplain\n1\r2\r3\n")
    run.end()
    path = f"/{run.run_id}/logs"
    page = (await api("GET", path, lines="1,2,3,4,5")).json
    assert (await api("GET", path, after=0, limit=5)).json == page
    assert ({"stdout": "\x1b[31m"}, {"2": [1, 0, 0], "5": [2, 0, 0]}) == (
        page["sgr"],
        page["drawn"],
    )
    assert {"2"} == (await api("GET", path, lines="2,4")).json["drawn"].keys()
    assert {"stdout": "\x1b[31m", "stderr": "\x1b[32m"} == (await api("GET", path, lines="4")).json[
        "sgr"
    ]
    assert not {"sgr", "drawn"} & (await api("GET", path, lines="0")).json.keys()
    assert not {"sgr", "drawn"} & (await api("GET", path, lines="77")).json.keys()


@pytest.fixture
def asked(data_dir) -> MadeRun:
    run = MadeRun(data_dir)
    run.write("hello\n")
    run.write("Your name? \n", stream=STDERR | PROMPT)
    run.write("Ada\nbye\n")
    run.end()
    return run


async def test_an_answered_line_is_marked_wherever_lines_are_json(api, asked):
    path = f"/{asked.run_id}/logs"
    lines = (await api("GET", path)).json["logs"]
    assert [(1, True)] == [(line["line"], line["prompt"]) for line in lines if "prompt" in line]
    stream = api.stream(f"{path}/stream", after=-1)
    await stream.end()
    assert lines == stream.named("log")
    stream = api.stream(f"{path}/stream", after=-1, batch="true")
    await stream.end()
    assert lines == [line for logs in stream.named("logs") for line in expanded(logs)]
    for query in ({}, {"level": "INFO"}):
        answer = await api("GET", f"{path}/download", format="jsonl", **query)
        assert lines == [json.loads(line) for line in answer.body.splitlines()]
