"""Section 1 of the document, polling.

The curl lines, the printed response, and the loop in Python.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from contract import scripts
from contract.api import Api
from contract.examples import commands, example
from support.jupyter_process import until

LONG = "for number in range(700): print(f'line {number}')"
TIMESTAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


@pytest.mark.parametrize(("place", "count"), [(0, 500), (1, 100)], ids=["default", "tail"])
def test_curl_gets_the_newest_lines(api: Api, tmp_path: Path, place: int, count: int):
    run_id = api.finished(LONG)

    page = json.loads(scripts.output(api.adapt(commands("Basic Usage")[place], run_id), tmp_path))

    assert [f"line {number}" for number in range(700 - count, 700)] == [
        log["message"] for log in page["logs"]
    ]
    assert (run_id, 700, True) == (page["run_id"], page["total_lines"], page["truncated"])


def test_the_response_has_the_printed_form_and_values(api: Api, tmp_path: Path):
    """The printed run had 150 lines, of which the last three are shown; its module named the level
    of the third.
    """
    printed = json.loads(example("Response Example", "json"))
    messages = [log["message"] for log in printed["logs"]]
    last = [messages[0], messages[1], f"WARNING: {messages[2]}"]
    run_id = api.finished(f"for i in range(147): print(i)\nfor text in {last!r}: print(text)")
    command = api.adapt(commands("Basic Usage")[1], run_id).replace("tail=100", "tail=3")

    page = json.loads(scripts.output(command, tmp_path))

    assert last == [log["message"] for log in page["logs"]]
    assert (
        [log["level"] for log in printed["logs"]]
        == [log["level"] for log in page["logs"]]
        == ["INFO", "INFO", "WARNING"]
    )
    assert (
        (printed["total_lines"], printed["truncated"])
        == (page["total_lines"], page["truncated"])
        == (150, True)
    )
    assert _types(printed).items() <= _types(page).items()
    for shown, log in zip(printed["logs"], page["logs"], strict=True):
        assert _types(shown).items() <= _types(log).items()
        assert re.fullmatch(TIMESTAMP, shown["timestamp"])
        assert re.fullmatch(TIMESTAMP, log["timestamp"])


def test_run_ids_look_like_the_printed_one(api: Api):
    assert re.fullmatch(
        r"run_\d{8}_\d{6}_youtube_[0-9a-f]{6}", api.finished("print(1)", name="youtube")
    )


def test_the_polling_loop_prints_every_line_once(api: Api, tmp_path: Path):
    """The run keeps printing, in bursts and slowly, while the loop requests new lines every 2 s."""
    run_id = api.launch(
        """
import sys, time
print("first")
sys.stdin.readline()
for number in range(300):
    print("line", number)
    if number % 10 == 0: time.sleep(0.1)
print("ERROR: last", file=sys.stderr)
"""
    )
    until(lambda: api.run(run_id)["lines"], "the first line")

    with scripts.python(
        api.adapt(example("Incremental Updates (Polling)", "python"), run_id), tmp_path
    ) as loop:
        loop.wait_for("Initial fetch: 1 logs")
        api.go(run_id)
        loop.wait_for("[ERROR] ERROR: last")
        printed = [line for line in loop.lines[1:] if not line.startswith("New logs: ")]
        polls = len(loop.lines) - 1 - len(printed)

    assert [*(f"[INFO] line {number}" for number in range(300)), "[ERROR] ERROR: last"] == printed
    assert polls > 1


def test_the_field_that_tells_whether_a_module_runs(api: Api):
    """Troubleshooting, steps 1 and 2: ``GET /api/runs/{run_id}`` and its `status`."""
    run_id = api.launch("import sys; sys.stdin.readline()")

    assert api.run(run_id)["status"] == "running"
    api.go(run_id)
    assert api.ended(run_id)["status"] == "completed"


def _types(value: dict[str, Any]) -> dict[str, type]:
    return {name: type(field) for name, field in value.items()}
