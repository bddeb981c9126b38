"""How streams are read: in which order, and what waits for it."""

from __future__ import annotations

import contextlib
import os
import select
import termios
import time

import pytest

from prismq_nb.capture.base.clock import Clock
from prismq_nb.capture.base.timers import Timers
from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.pipes.output import Output
from prismq_nb.capture.pipes.readiness import Readiness
from prismq_nb.capture.pipes.reading import Reading
from prismq_nb.capture.pipes.storage import StoragePolicy
from prismq_nb.journal.layout import format as fmt

tells_order = pytest.mark.skipif(not hasattr(select, "epoll"), reason="only epoll tells the order")


class Streams:
    """Two pipes, or terminals, that are read into a journal; `say` writes to one of them."""

    def __init__(self, folder, pair=os.pipe):
        self._log, self._index = folder / fmt.LOG, folder / fmt.INDEX
        ends = [pair() for _ in range(2)]
        self._writers = [theirs for _, theirs in ends]
        self.fds = [ours for ours, _ in ends]
        for fd in self.fds:
            os.set_blocking(fd, False)
        self.clock = Clock()
        masker, policy = Masker([], "utf-8"), StoragePolicy(folder)
        self.output = Output(
            folder,
            list(self.fds),
            self.clock.now(),
            masker=masker,
            policy=policy,
            count=lambda data: bytes(data).count(b"\n"),
        )
        self.reading = Reading(self.output, self.clock, select.poll())

    def say(self, stream, text):
        os.write(self._writers[stream], text)

    def end(self, stream):
        os.close(self._writers[stream])

    @property
    def stored(self):
        return self._log.read_bytes()

    @property
    def records(self):
        return self._index.stat().st_size // fmt.RECORD_BYTES - 1


def terminal():
    """A pseudo-terminal, (ours, theirs), that changes no byte of output."""
    ours, theirs = os.openpty()
    modes = termios.tcgetattr(theirs)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    return ours, theirs


@pytest.fixture
def streams(tmp_path):
    yield from until_closed(Streams(tmp_path))


@pytest.fixture
def terminals(tmp_path):
    yield from until_closed(Streams(tmp_path, terminal))


def until_closed(streams):
    yield streams
    for writer in streams._writers:
        with contextlib.suppress(OSError):  # a test ended it
            os.close(writer)
    streams.output.finish(streams.clock.now())
    streams.output.close(streams.clock)
    streams.output.insight.levels.close()


@tells_order
@pytest.mark.parametrize("first", [0, 1], ids=["stdout first", "stderr first"])
def test_a_reader_that_comes_late_still_has_the_order_of_two_lines(streams, first):
    streams.say(first, b"first\n")
    streams.say(1 - first, b"second\n")
    streams.reading.turn(0)
    assert streams.stored == b"first\nsecond\n"


@tells_order
@pytest.mark.parametrize("kind", ["streams", "terminals"])
def test_bulk_is_not_stored_read_by_read(kind, request):
    """A terminal gives 4,095 bytes at most: that is bulk as well."""
    two = request.getfixturevalue(kind)
    bulk = (b"x" * 99 + b"\n") * 110  # a terminal holds 12 kB
    two.say(0, b"first\n")
    two.say(1, bulk)
    two.reading.turn(0)
    assert two.stored == b"first\n" + bulk
    assert two.records <= 3


@tells_order
def test_what_was_read_before_does_not_count_for_the_order(streams):
    for number in range(50):
        first = number // 2 % 2
        streams.say(first, b"first\n")
        streams.say(1 - first, b"second\n")
        streams.reading.turn(0)
    assert streams.stored == b"first\nsecond\n" * 50


@tells_order
def test_a_stream_that_has_ended_is_forgotten():
    (one, writer), (two, other) = os.pipe(), os.pipe()
    ready = Readiness()
    ready.register(one)
    ready.register(two)
    os.write(other, b"x")
    os.write(writer, b"x")
    assert ready.order([one, two]) == [two, one]
    os.close(two)
    ready.unregister(two)
    os.write(writer, b"x")
    assert ready.wait(0) == [one]
    for fd in (one, writer, other):
        os.close(fd)


def test_to_be_woken_by_something_else_is_no_output(streams):
    """Else a sync would follow each sync, as its end wakes the loop, and the state be written."""
    reader, waker = os.pipe()
    streams.reading.poll.register(reader, select.POLLIN)
    streams.say(0, b"line\n")
    assert streams.reading.turn(1) == []
    assert (streams.reading.came, streams.reading.looked) == (True, True)
    os.write(waker, b"x")
    assert streams.reading.turn(1) == [reader]
    assert (streams.reading.came, streams.reading.looked) == (False, False)
    streams.say(0, b"unfinished")
    streams.reading.turn(1)
    streams.end(0)
    while len(streams.output.splitters) > 1:
        streams.reading.turn(1)
    assert (streams.reading.looked, streams.output.lines) == (True, 2)
    for fd in (reader, waker):
        os.close(fd)


def test_a_burst_that_ends_is_stored_whole(streams):
    streams.say(0, b"out\n")
    streams.say(1, b"unfinished")
    streams.end(1)
    while len(streams.output.splitters) > 1:
        streams.reading.turn(1)
    assert sorted(streams.stored) == sorted(b"out\nunfinished")
    streams.say(0, b"x" * 60_000 + b"\n")
    streams.end(0)
    while streams.output.splitters:
        streams.reading.turn(1)
    assert streams.output.lines == 3
    assert streams.stored.endswith(b"x" * 60_000 + b"\n")


def test_what_came_during_a_chore_is_read_before_the_next(streams):
    """Chores that are due together are not done in a row: the order of output is at stake."""
    timers, seen = Timers(), []

    def chore():
        seen.append(streams.output.lines)
        streams.say(0, b"printed meanwhile\n")

    for name in ("levels", "usage", "status"):
        timers.set(name, 0.0, chore)
    while len(seen) < 3:
        streams.reading.turn(0)
        timers.run_due(time.monotonic())
    assert seen == [0, 1, 2]


def test_of_chores_that_are_due_the_oldest_is_done_and_may_be_planned_anew():
    timers, done = Timers(), []
    timers.set("later", -1.0, lambda: done.append("later"))
    timers.set("sooner", -2.0, lambda: (done.append("sooner"), timers.set("sooner", 60.0, list)))
    now = time.monotonic()
    timers.run_due(now)
    assert done == ["sooner"]
    assert timers.next_due <= now
    timers.run_due(now)
    timers.run_due(now)
    assert done == ["sooner", "later"]
    assert "sooner" in timers
