"""Output after a stop: a traceback that ends in an interrupt is not an error."""

from __future__ import annotations

import pytest
from support.journals import MadeRun

from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.levels.classifier import LEVEL_OF, Classifier, Level
from prismq_nb.journal.levels.grammar.words import CONTINUES
from prismq_nb.journal.levels.sidecar import SidecarWriter
from prismq_nb.journal.reader import JournalReader

FRAME = b'  File "/home/ann/train.py", line 7, in fit\n    step()\n'
HEAD = b"Traceback (most recent call last):\n" + FRAME
INTERRUPT = HEAD + b"KeyboardInterrupt\n"
CHAIN = b"\nDuring handling of the above exception, another exception occurred:\n\n"
EDGE = "─" * 40
RICH = (
    f"╭{EDGE} Traceback (most recent call last) {EDGE}╮\n│ step() {EDGE}│\n╰{EDGE}{EDGE}╯\n"
).encode()
QUIET = {
    "Python": INTERRUPT,
    "Python, in colour": HEAD + b"\x1b[1;35mKeyboardInterrupt\x1b[0m\n",
    "behind the echo of a terminal": b"^C" + INTERRUPT,
    "asyncio": HEAD + b"asyncio.exceptions.CancelledError\n" + CHAIN + INTERRUPT,
    "twice": INTERRUPT + CHAIN + INTERRUPT,
    "workers": (
        b"Process ForkPoolWorker-3:\n" + INTERRUPT + b"Process SpawnProcess-1:\n" + INTERRUPT
    ),
    "workers at once": b"Process A-1:\nProcess A-2:\n" + HEAD + HEAD + b"KeyboardInterrupt\n" * 2,
    "rich": RICH + b"KeyboardInterrupt\n",
    "click": b"Aborted!\n",
    "Julia": b"ERROR: LoadError: InterruptException:\nStacktrace:\n [1] sleep(x::Int64)\n",
    "Ruby": b"train.rb:2:in `sleep': Interrupt\n\tfrom train.rb:2:in `<main>'\n",
    "make": b"make: *** [Makefile:2: all] Interrupt\n",
}
LOUD = {
    "another exception": (HEAD + b"ValueError: no\n", b"ValueError"),
    "one without a text": (HEAD + b"queue.Empty\n", b"queue.Empty"),
    "one in the clean-up": (INTERRUPT + CHAIN + HEAD + b"OSError: full\n", b"OSError"),
    "a record": (INTERRUPT + b"ERROR: it was not saved\n", b"ERROR: it"),
    "what stderr says": (INTERRUPT + b"could not save the model\n", b"could not"),
}


def mark(data: bytes, *, stopped: int | None = 0, step: int = 0) -> bytes:
    """Feed the lines of stderr, `step` at a time, and return their levels as bytes."""
    classifier = Classifier()
    classifier.lines_at_stop = stopped
    lines = data.splitlines(keepends=True)
    step = step or len(lines)
    chunks = [b"".join(lines[at : at + step]) for at in range(0, len(lines), step)]
    return b"".join(classifier.mark(chunk, fmt.STDERR) for chunk in chunks)


@pytest.mark.parametrize("data", QUIET.values(), ids=QUIET)
def test_a_traceback_of_an_interrupt_after_a_stop_is_not_an_error(data):
    assert set(mark(data).translate(LEVEL_OF)) == {Level.INFO}
    assert Level.ERROR in mark(data, stopped=None).translate(LEVEL_OF)
    assert {mark(data, step=step) for step in (1, 2, 3)} == {mark(data)}


@pytest.mark.parametrize(("data", "head"), LOUD.values(), ids=LOUD)
def test_another_exception_after_a_stop_is_one_error_from_its_own_line_on(data, head):
    levels = mark(data)
    lines = data.splitlines()
    records = [at for at, level in enumerate(levels) if level == Level.ERROR]
    assert [lines[at].startswith(head) for at in records] == [True]
    assert set(levels[: records[0]].translate(LEVEL_OF)) == {Level.INFO}
    assert set(levels[records[0] :]) <= {Level.ERROR, Level.ERROR | CONTINUES}
    assert {mark(data, step=step) for step in (1, 2, 3)} == {levels}


def test_a_stop_does_not_change_the_levels_of_earlier_lines():
    before = HEAD + b"ValueError: no\n" + b"plain\n"
    lines = before.count(b"\n")
    levels = mark(before + INTERRUPT, stopped=lines)
    assert levels[:lines] == mark(before, stopped=None)
    assert set(levels[lines:].translate(LEVEL_OF)) == {Level.INFO}


@pytest.mark.parametrize("noted", [0, 3, None, -1, "x", True, 1e300])
def test_a_reader_without_a_sidecar_knows_of_the_stop(tmp_path, noted):
    run = MadeRun(tmp_path)
    run.write(b"one\ntwo\nthree\n" + INTERRUPT, fmt.STDERR)
    run.state("cancelled", lines_at_stop=noted)
    run.unlock()
    SidecarWriter(run.path).close()
    with JournalReader(run.path) as reader:
        levels = reader.levels(reader.spans(0, 100)[0])
    known = isinstance(noted, int) and noted is not True and noted >= 0
    assert set(levels[3:]) == {Level.INFO if known else Level.ERROR}
    assert set(levels[:3]) == {Level.ERROR}


def test_a_reader_notices_a_stop_that_comes_later(tmp_path):
    run = MadeRun(tmp_path)
    run.write(b"one\n" * 3, fmt.STDERR)
    with JournalReader(run.path) as reader:
        assert set(reader.levels(reader.spans(0, 100)[0])) == {Level.ERROR}
        run.state("running", stopping=True, lines_at_stop=3)
        run.write(INTERRUPT, fmt.STDERR)
        reader.refresh()
        assert set(reader.levels(reader.spans(3, 100)[0])) == {Level.INFO}
    run.unlock()
