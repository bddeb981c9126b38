"""Invalid arguments of a newcomer, and the sentence that names the value and the remedy.

Each row is a mistake.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from support.mistakes import sentence
from support.waiting import WAIT_SECONDS

import prismq_nb
from prismq_nb.client.run.run import Run

pytestmark = pytest.mark.slow  # real runs


@pytest.fixture
def run() -> Run:
    """A run that has ended, of the engine itself."""
    run = prismq_nb.launch(code="print('ERROR: no')", name="train")
    run.wait(WAIT_SECONDS)
    return run


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"tail": "ERROR"}, "tail='ERROR' is not an integer; did you mean level='ERROR'?"),
        ({"tail": "loss"}, "did you mean q='loss'?"),
        ({"tail": "50"}, "tail='50' is not an integer; use a number from 1 to 10,000"),
        ({"tail": True}, "tail=True is not an integer"),
        ({"tail": 0}, "tail=0 is out of bounds; use a number from 1 to 10,000"),
        ({"tail": 20_000}, "tail=20000 is out of bounds; use a number from 1 to 10,000"),
        ({"after": -2}, "after=-2 is out of bounds; use -1 or more"),
        ({"level": "LOUD"}, "level='LOUD' is not a level; use one or more of DEBUG, INFO"),
        ({"level": "eror"}, "did you mean 'ERROR'?"),
        ({"level": ["INFO", "WARNNG"]}, "'WARNNG' is not a level; did you mean 'WARNING'?"),
        ({"level": 3}, "level=3 is not a level"),
        ({"since": 3}, "since=3 is not a valid time; use a datetime, or ISO 8601 such as '2025-"),
        ({"since": "yesterday"}, "since='yesterday' is not a valid time; use ISO 8601"),
        ({"q": re.compile("a.b")}, "did you mean q='a.b', regex=True?"),
        ({"q": 3}, "q=3 is not a string"),
        ({"q": "(", "regex": True}, "q='(' is not a valid pattern"),
    ],
    ids=str,
)
def test_an_invalid_query_of_a_log(run: Run, query: dict[str, Any], words: str) -> None:
    assert words in sentence(lambda: run.logs(**query))
    if query not in ({"q": "(", "regex": True}, {"since": "yesterday"}):  # known to the server only
        # when it is called, not when it is read
        assert words in sentence(lambda: run.follow(**query))


@pytest.mark.parametrize(
    "level",
    ["error", "Err", "ERR,warn", ["debug", "fatal", "error"], logging.ERROR, {"ERROR"}],
    ids=str,
)
def test_levels_are_accepted_in_any_case_and_by_short_names(run: Run, level: Any) -> None:
    assert [line.message for line in run.logs(level=level)] == ["ERROR: no"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("trian", "there is no run named 'trian'; did you mean 'train'?"),
        ("train.py", "did you mean 'train'?"),
        (
            "nothing/like it",
            "there is no run named 'nothing/like it'; prismq_nb.runs() lists the newest runs",
        ),
        (
            "run_20251031_120000_train_abc123",
            "there is no run 'run_20251031_120000_train_abc123' (it may have been purged)",
        ),
        (
            0,
            ("0 is not a run id or a name such as 'train'; did you mean prismq_nb.runs()[0]"),
        ),
        (None, "None is not a run id or a name"),
        ("", "'' is not a run id or a name"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("run")
def test_an_unknown_run(name: Any, words: str) -> None:
    assert words in sentence(lambda: prismq_nb.get(name))
    assert words in sentence(lambda: prismq_nb.LogViewer(name))


def test_a_name_stands_for_its_newest_run(run: Run) -> None:
    newest = prismq_nb.launch(code="print()", name="train")
    other = prismq_nb.launch(code="print()", name="my train 2")
    assert prismq_nb.get("train") == newest
    assert prismq_nb.get(run) == run
    assert prismq_nb.runs("train 2") == [other]
    assert prismq_nb.LogViewer("train").run == newest


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"status": "runing"}, "status='runing' is not a valid status; did you mean 'running'?"),
        ({"status": "done"}, "use one of queued, running, completed, failed, cancelled"),
        ({"status": ["failed", 3]}, "status=3 is not a valid status"),
        ({"sort": "-error"}, "sort='-error' is not a valid order; did you mean 'errors'?"),
        ({"since": 5}, "since=5 is not a valid time; use a datetime"),
        ({"notebook": 7}, "notebook=7 is not a string"),
        ({"limit": 0}, "limit=0 is out of bounds; use a number from 1 to 1,000"),
        ({"limit": "all"}, "limit='all' is not an integer"),
        ({"offset": -1}, "offset=-1 is out of bounds; use 0 or more"),
    ],
    ids=str,
)
def test_an_invalid_query_of_runs(query: dict[str, Any], words: str) -> None:
    assert words in sentence(lambda: prismq_nb.runs(**query))


def test_a_status_is_case_insensitive(run: Run) -> None:
    assert prismq_nb.runs(status="Completed") == [run]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda run: run.search(""), "q is empty; pass the text to search for"),
        (lambda run: run.search("x", level="eror"), "did you mean 'ERROR'?"),
        (
            lambda run: run.download(form="txt"),
            "form='txt' is not a valid form; did you mean 'text'?",
        ),
        (
            lambda run: run.download(form="csv"),
            "form='csv' is not a valid form; use one of text, raw, jsonl",
        ),
        (
            lambda run: run.download("no/such/place.log"),
            "cannot write 'no/such/place.log': there is no directory 'no/such'",
        ),
        (lambda run: run.stop(), " has ended"),
        (lambda run: run.send(b"yes"), "text=b'yes' is not a string; pass one such as 'yes\\n'"),
        (lambda run: run.send("yes\n"), " has ended"),
        (lambda run: run.give_up(), " has ended"),
    ],
    ids=[
        "search",
        "search-level",
        "form",
        "form-unlike",
        "folder",
        "stop",
        "send-bytes",
        "send",
        "give-up",
    ],
)
def test_an_invalid_action_on_a_run(run: Run, call: Any, words: str) -> None:
    assert words in sentence(lambda: call(run))


def test_an_unwritable_file_is_an_error_of_the_system(run: Run) -> None:
    with pytest.raises(OSError, match="there is no directory"):
        run.download("no/such/place.log")
