"""What a stream object is given while it is turned: joined to lines, and never late."""

from __future__ import annotations

import io
import os
import select
import signal
import threading

import pytest
from support.waiting import WAIT_SECONDS

from prismq_nb.cell.flusher import Flusher
from prismq_nb.cell.stream_objects import MAX_HELD_CHARS, Route, TextStream


class Text(io.StringIO):
    """An object whose functions can be replaced, as that of a kernel."""


class Turned:
    """A turned stream object, and each text that it has written to its end."""

    def __init__(self) -> None:
        self.read, end = os.pipe()
        self.writes: list[bytes] = []
        self.file = Text()
        self.route = Route((end, end), is_terminal=True)
        to_end = self.route.write_to_ends
        self.route.write_to_ends = lambda *of: (self.writes.append(of[1]), to_end(*of))  # type: ignore[method-assign]
        self.stream = TextStream(self.file, 0, self.route, lambda: None)
        self.flusher = Flusher(self.stream.flush)
        self.flusher.start()
        self.route.on_held = self.flusher.soon
        self.stream.turn()

    def leave_alone(self) -> None:
        """From now on nobody writes what is held."""
        self.flusher.stop()
        self.route.on_held = lambda: None

    def arrived(self) -> bytes:
        """What arrives next at the far end, which must be soon."""
        assert select.select([self.read], (), (), WAIT_SECONDS)[0], "nothing arrives"
        return os.read(self.read, 65_536)


@pytest.fixture
def turned():
    made = Turned()
    yield made
    made.stream.put_back()
    made.flusher.stop()


def test_a_line_is_one_write_however_many_values_it_has(turned):
    turned.leave_alone()
    for number in range(3):
        print("step", number, "loss", 0.5, file=turned.file)
    print("a\nb", "c\n", sep="", end="d\n", file=turned.file)
    assert turned.writes[:3] == [b"step %d loss 0.5\n" % number for number in range(3)]
    assert b"".join(turned.writes[3:]) == b"a\nbc\nd\n"


@pytest.mark.parametrize(
    "give",
    [
        lambda file: print("no newline", end="", file=file),
        lambda file: print("no ", "newline", sep="", end="", flush=True, file=file),
        lambda file: file.write("no newline\n"),
        lambda file: (file.write("no newline"), file.flush()),
        lambda file: file.write("no newline" + "." * MAX_HELD_CHARS) and file.write("."),
    ],
    ids=["print without end", "flush=True", "whole", "flush", "long"],
)
def test_what_is_complete_is_written_at_once(turned, give):
    turned.leave_alone()
    give(turned.file)
    assert turned.arrived().startswith(b"no newline")


def test_what_is_held_is_written_soon(turned):
    turned.file.write("Your name? ")
    assert turned.arrived() == b"Your name? "
    turned.file.write("it goes")
    turned.file.write(" on")
    assert turned.arrived() + (b"" if turned.writes[-1] == b"it goes on" else turned.arrived()) == (
        b"it goes on"
    )


def test_lines_of_threads_and_signal_handlers_are_whole(turned):
    turned.file.write("before ")
    before = signal.signal(signal.SIGUSR1, lambda *_: turned.file.write("signal\n"))
    texts: list[bytes] = []

    def read() -> None:
        while not texts or b"end" not in texts[-1]:
            texts.append(turned.arrived())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        threads = [
            threading.Thread(
                target=lambda name=name: [turned.file.write(f"{name}\n") for _ in range(2000)]
            )
            for name in "ab"
        ]
        for thread in threads:
            thread.start()
        for _ in range(200):
            os.kill(os.getpid(), signal.SIGUSR1)
            turned.file.write("main\n")
    finally:
        signal.signal(signal.SIGUSR1, before)
    for thread in threads:
        thread.join()
    print("end", file=turned.file)
    reader.join()
    lines = b"".join(texts).splitlines()
    assert lines[0].startswith(b"before ")
    lines[0] = lines[0].removeprefix(b"before ")
    assert {line: lines.count(line) for line in set(lines)} == {
        b"a": 2000, b"b": 2000, b"main": 200, b"signal": 200, b"end": 1,
    }  # fmt: skip


def test_a_fork_leaves_what_is_held_to_its_parent_and_holds_nothing(turned):
    turned.leave_alone()
    turned.file.write("parent")
    if (child := os.fork()) == 0:
        turned.stream.forget()
        turned.file.write("child")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert turned.arrived() == b"child"
    turned.stream.flush()
    assert turned.arrived() == b"parent"
