"""Notices on stderr for a person: a run waits for input, a password is held."""

from __future__ import annotations

import asyncio
import io
from contextlib import redirect_stderr
from typing import TYPE_CHECKING

import pytest
from support.waiting import WAIT_SECONDS

import prismq_nb
from prismq_nb.client.base.interface import InputState
from prismq_nb.client.base.notice import InputNotice, print_notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.client.run.run import Run

pytestmark = pytest.mark.slow  # a real server

TWICE = "for question in 'Name? ', 'Age? ':\n    input(question)"


class Terminal(io.StringIO):
    """A terminal, at which each printed line may be answered."""

    answer: Callable[[], None] = staticmethod(lambda: None)

    def isatty(self) -> bool:
        """It is a terminal."""
        return True

    def write(self, text: str) -> int:
        """Take the text, then let it be answered."""
        written = super().write(text)
        self.answer()
        return written

    @property
    def lines(self) -> list[str]:
        """The printed text."""
        return self.getvalue().splitlines()


@pytest.fixture
def terminal() -> Terminal:
    """A function that sets stderr of this process; called in the test, because pytest replaces it
    before.
    """
    return Terminal()


def wait(run: Run) -> None:
    run.wait(WAIT_SECONDS)


def wait_async(run: Run) -> None:
    async def waited() -> None:
        await run

    asyncio.run(waited())


def follow(run: Run) -> None:
    assert ["Name? ", "Ada", "Age? ", "Ada"] == [line.message for line in run.follow()]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("watch", [wait, wait_async, follow])
def test_each_time_that_a_run_begins_to_wait_there_is_one_notice(
    terminal: Terminal, watch: Callable[[Run], None]
) -> None:
    run = prismq_nb.launch(code=TWICE, name="train", terminal=True)
    terminal.answer = lambda: run.send("Ada\n")
    with redirect_stderr(terminal):
        watch(run)
    told = r"train is waiting for input; answer in the viewer, or with run.send('...\n')"
    assert ([told, told], "completed") == (terminal.lines, run.status)


@pytest.mark.usefixtures("way")
def test_a_held_password_causes_a_notice(terminal: Terminal) -> None:
    run = prismq_nb.launch(
        code="import getpass\ninput()\ngetpass.getpass()", name="login", terminal=True
    )
    with redirect_stderr(terminal):
        run.send("open sesame\n", secret=True)
    assert ["login: holding the text until the program asks for a password"] == terminal.lines
    run.stop()
    run.wait(WAIT_SECONDS)
    assert ["A password was sent that the program never asked for; it was dropped."] == run.notes


def test_the_notice_of_hidden_input_says_to_send_it_as_a_secret(terminal: Terminal) -> None:
    notice = InputNotice("login")
    with redirect_stderr(terminal):
        for waits, hides in (
            (False, False),
            (True, True),
            (True, True),
            (False, True),
            (True, False),
        ):
            notice.update(InputState(waits, hides))
    assert [
        (
            r"login is waiting for hidden input; answer in the viewer, or with run.send('...\n', "
            r"secret=True)"
        ),
        r"login is waiting for input; answer in the viewer, or with run.send('...\n')",
    ] == terminal.lines


def test_a_name_in_a_notice_is_plain_text(terminal: Terminal) -> None:
    with redirect_stderr(terminal):
        InputNotice("\x1b[2J\x1b]0;x\x07train").update(InputState(waiting_for_input=True))
    assert [
        r"train is waiting for input; answer in the viewer, or with run.send('...\n')"
    ] == terminal.lines


@pytest.mark.parametrize("stderr", [None, io.StringIO()], ids=["none", "a file"])
def test_without_a_reader_there_is_no_notice(stderr: io.StringIO | None) -> None:
    with redirect_stderr(stderr):
        print_notice("waits")
    assert stderr is None or not stderr.getvalue()
