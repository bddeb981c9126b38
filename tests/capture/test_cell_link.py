"""The pieces of the supervisor of watched cells: its link, its markers, what it shows."""

from __future__ import annotations

import os
import socket

import pytest

from prismq_nb.capture.cells import echo
from prismq_nb.capture.cells.echo import Echo
from prismq_nb.capture.cells.link import Link, decode
from prismq_nb.capture.cells.marker import MarkerFilter, MarkerSearch, new_marker


@pytest.fixture
def links():
    ours, theirs = (Link(end) for end in socket.socketpair())
    yield ours, theirs
    ours.close()
    theirs.close()


def everything(sender: Link, receiver: Link) -> list[dict]:
    found: list[dict] = []
    while True:
        sender.flush()
        messages = receiver.receive()
        if not messages and not sender.unsent:
            return found
        found += messages


def test_messages_that_do_not_fit_arrive_whole_and_in_order(links):
    ours, theirs = links
    sent = [{"op": "echo", "data": "x" * 50_000, "n": number} for number in range(100)]
    for message in sent:
        ours.send(message)
    assert ours.unsent > 0
    assert everything(ours, theirs) == sent


def test_descriptors_arrive_with_their_messages(links):
    ours, theirs = links
    pipes = [os.pipe() for _ in range(3)]
    for number, pipe in enumerate(pipes):
        ours.send_with({"n": number}, list(pipe))
    assert [message["n"] for message in everything(ours, theirs)] == [0, 1, 2]
    for read, write in pipes:
        taken = theirs.take_descriptors(2)
        assert [os.fstat(fd).st_ino for fd in taken] == [
            os.fstat(fd).st_ino for fd in (read, write)
        ]
        assert not any(os.get_inheritable(fd) for fd in taken)
        for fd in (*taken, read, write):
            os.close(fd)


def test_the_end_of_the_other_side_shows_after_its_last_message(links):
    ours, theirs = links
    ours.send({"n": 1})
    ours.close()
    assert theirs.receive() == [{"n": 1}]
    with pytest.raises(EOFError):
        theirs.receive()


@pytest.mark.parametrize("cut", range(1, 48))
def test_a_marker_that_is_cut_anywhere_is_found(cut):
    marker, taken = new_marker(), []
    read, write = os.pipe()
    os.set_blocking(read, False)
    search = MarkerSearch([read], marker, lambda _, data: taken.append(data))
    data = b"before" + marker + b"behind"
    os.write(write, data[:cut])
    search.read(read)
    os.write(write, data[cut:])
    search.read(read)
    search.read(read)
    assert search.is_done
    assert (b"".join(taken), search.behind[read]) == (b"before", b"behind")

    strip = MarkerFilter([7], marker)
    assert strip.feed(7, data[:cut]) + strip.feed(7, data[cut:]) == b"beforebehind"
    assert not strip.missing
    os.close(read)
    os.close(write)


def test_what_looks_like_a_marker_is_output_once_the_search_is_given_up():
    marker, taken = new_marker(), []
    read, write = os.pipe()
    os.set_blocking(read, False)
    search = MarkerSearch([read], marker, lambda _, data: taken.append(data))
    os.write(write, b"text" + marker[:-1])
    search.read(read)
    search.give_up()
    assert b"".join(taken) == b"text" + marker[:-1]
    os.close(read)
    os.close(write)


def test_a_kernel_that_takes_nothing_is_not_waited_for(links, monkeypatch):
    ours, theirs = links
    monkeypatch.setattr(echo, "PATIENCE_SECONDS", 0.0)
    shown = Echo(ours)
    while not shown.is_full():
        shown.send(0, b"x" * 10_000)
    while shown.is_full():
        pass
    unsent = ours.unsent
    shown.send(0, b"left out")
    assert ours.unsent == unsent
    texts = [decode(message["data"]) for message in everything(ours, theirs)]
    assert set(b"".join(texts)) == {ord("x")}
    shown.send(1, b"later")
    (message,) = everything(ours, theirs)
    assert b"too slow" in decode(message["data"])
    assert decode(message["data"]).endswith(b"later")
