"""How streams are read: in which order, and what waits meanwhile."""

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
from prismq_nb.capture.pipes.storage import StoragePolicy
from prismq_nb.capture.pipes.stream_reader import StreamReader
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
            self.clock.now_us(),
            masker=masker,
            policy=policy,
            count=lambda data: bytes(data).count(b"\n"),
        )
        self.stream_reader = StreamReader(self.output, self.clock, select.poll())

    def say(self, stream, text):
        os.write(self._writers[stream], text)
        select.select([self.fds[stream]], [], [])  # a terminal passes text on in its own time

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
    streams.output.finish(streams.clock.now_us())
    streams.output.close(streams.clock)
    streams.output.analysis.levels.close()


@tells_order
@pytest.mark.parametrize("first", [0, 1], ids=["stdout first", "stderr first"])
def test_a_late_reader_still_has_the_order_of_two_lines(streams, first):
    streams.say(first, b"first\n")
    streams.say(1 - first, b"second\n")
    streams.stream_reader.turn(0)
    assert streams.stored == b"first\nsecond\n"


@tells_order
@pytest.mark.parametrize("kind", ["streams", "terminals"])
def test_bulk_is_not_stored_read_by_read(kind, request):
    """A terminal returns 4,095 bytes at most, which counts as bulk as well."""
    two = request.getfixturevalue(kind)
    bulk = (b"x" * 99 + b"\n") * 110  # a terminal holds 12 kB
    two.say(0, b"first\n")
    two.say(1, bulk)
    two.stream_reader.turn(0)
    assert two.stored == b"first\n" + bulk
    assert two.records <= 3


@tells_order
def test_earlier_reads_do_not_count_for_the_order(streams):
    for number in range(50):
        first = number // 2 % 2
        streams.say(first, b"first\n")
        streams.say(1 - first, b"second\n")
        streams.stream_reader.turn(0)
    assert streams.stored == b"first\nsecond\n" * 50


@tells_order
def test_a_stream_that_has_ended_is_removed():
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


def test_a_wake_up_without_output_does_not_count_as_output(streams):
    """Otherwise each sync would cause another one, because its end wakes the loop, and a write of
    the state.
    """
    reader, waker = os.pipe()
    streams.stream_reader.poll.register(reader, select.POLLIN)
    streams.say(0, b"line\n")
    assert streams.stream_reader.turn(1) == []
    assert (streams.stream_reader.received, streams.stream_reader.analysed) == (True, True)
    os.write(waker, b"x")
    assert streams.stream_reader.turn(1) == [reader]
    assert (streams.stream_reader.received, streams.stream_reader.analysed) == (False, False)
    streams.say(0, b"unfinished")
    streams.stream_reader.turn(1)
    streams.end(0)
    while len(streams.output.splitters) > 1:
        streams.stream_reader.turn(1)
    assert (streams.stream_reader.analysed, streams.output.lines) == (True, 2)
    for fd in (reader, waker):
        os.close(fd)


def test_the_end_of_a_burst_is_stored(streams):
    streams.say(0, b"out\n")
    streams.say(1, b"unfinished")
    streams.end(1)
    while len(streams.output.splitters) > 1:
        streams.stream_reader.turn(1)
    assert sorted(streams.stored) == sorted(b"out\nunfinished")
    streams.say(0, b"x" * 60_000 + b"\n")
    streams.end(0)
    while streams.output.splitters:
        streams.stream_reader.turn(1)
    assert streams.output.lines == 3
    assert streams.stored.endswith(b"x" * 60_000 + b"\n")


def test_output_that_arrives_during_a_task_is_read_before_the_next_one(streams):
    """Tasks that are due together do not run in a row, to preserve the order of the output."""
    timers, seen = Timers(), []

    def chore():
        seen.append(streams.output.lines)
        streams.say(0, b"printed meanwhile\n")

    for name in ("levels", "usage", "status"):
        timers.set(name, 0.0, chore)
    while len(seen) < 3:
        streams.stream_reader.turn(0)
        timers.run_due(time.monotonic())
    assert seen == [0, 1, 2]


def test_the_oldest_due_task_runs_and_may_be_rescheduled():
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
