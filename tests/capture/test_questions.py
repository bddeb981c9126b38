"""Unanswered questions on stderr are not errors, and the message that follows is its own line."""

from __future__ import annotations

import pytest
from support.runs import ended, lines, until

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.journal.levels.classifier import LEVEL_OF, Level

ASKS = "import sys; sys.stderr.write('Your name? '); sys.stderr.flush(); "
TERMINALS = pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipes"])


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


def first_of(engine: Engine, run_id: str) -> tuple[str, Level]:
    """The first line of the run, with its level."""
    with engine.reader(run_id) as reader:
        (span,) = reader.spans(0, 1)
        level = reader.levels(span).translate(LEVEL_OF)[0]
        return lines(reader, 0, 1)[0].decode(), Level(level)


def asking(engine: Engine, code: str, *, terminal: bool) -> str:
    run_id = engine.launch(LaunchSpec(code=code, terminal=terminal)).run_id

    def has_asked() -> bool:
        with engine.reader(run_id) as reader:
            return any("Your name? " in str(text) for text in reader.pending())

    until(has_asked)
    return run_id


@TERMINALS
def test_a_question_answered_by_the_end_of_input_is_not_an_error(engine, terminal):
    run_id = asking(engine, ASKS + "input()", terminal=terminal)
    engine.send(run_id, "", eof=True)
    ended(engine, run_id)
    assert first_of(engine, run_id) == ("Your name? ", Level.INFO)


@TERMINALS
def test_a_question_at_which_a_run_is_stopped_is_not_an_error(engine, terminal):
    run_id = asking(engine, ASKS + "input()", terminal=terminal)
    engine.stop(run_id)
    ended(engine, run_id)
    assert first_of(engine, run_id) == ("Your name? ", Level.INFO)


@TERMINALS
@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Your name? ", Level.INFO),
        ("it went wrong", Level.ERROR),
        ("ERROR: which one? ", Level.ERROR),
    ],
)
def test_unfinished_text_at_the_end_of_stderr_is_an_error_unless_it_asks(
    engine, text, level, terminal
):
    code = f"import sys; sys.stderr.write({text!r})"
    run_id = engine.launch(LaunchSpec(code=code, terminal=terminal)).run_id
    ended(engine, run_id)
    assert first_of(engine, run_id) == (text, level)
