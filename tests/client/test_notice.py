"""What a person in front is told on stderr: that a run waits for input, that a password is kept."""

from __future__ import annotations

import asyncio
import io
from contextlib import redirect_stderr
from typing import TYPE_CHECKING

import pytest
from support.jupyter_process import JupyterProcess

import prismq_nb
from prismq_nb.client.base.interface import InputState
from prismq_nb.client.base.notice import WaitingNotice, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prismq_nb.client.run.run import Run

TWICE = "for question in 'Name? ', 'Age? ':\n    input(question)"


class Terminal(io.StringIO):
    """A terminal, at which somebody may answer each line that is printed."""

    answer: Callable[[], None] = staticmethod(lambda: None)

    def isatty(self) -> bool:
        """It is one."""
        return True

    def write(self, text: str) -> int:
        """Take the text, then let it be answered."""
        written = super().write(text)
        self.answer()
        return written

    @property
    def lines(self) -> list[str]:
        """What was printed."""
        return self.getvalue().splitlines()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    """One Jupyter server for this file."""
    process = JupyterProcess.start(tmp_path_factory.mktemp("jupyter"))
    yield process
    process.stop()


@pytest.fixture
def terminal() -> Terminal:
    """For the stderr of this process: not yet, as pytest takes that before each test itself."""
    return Terminal()


def wait(run: Run) -> None:
    run.wait(60)


def wait_async(run: Run) -> None:
    async def waited() -> None:
        await run

    asyncio.run(waited())


def follow(run: Run) -> None:
    assert ["Name? ", "Ada", "Age? ", "Ada"] == [line.message for line in run.follow()]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("watch", [wait, wait_async, follow])
def test_each_time_that_a_run_begins_to_wait_is_told_once(terminal: Terminal, watch: Callable[[Run], None]) -> None:
    run = prismq_nb.launch(code=TWICE, name="train", terminal=True)
    terminal.answer = lambda: run.send("Ada\n")
    with redirect_stderr(terminal):
        watch(run)
    told = r"train is waiting for input: run.send('...\n'), or answer in the viewer"
    assert ([told, told], "completed") == (terminal.lines, run.status)


@pytest.mark.usefixtures("way")
def test_a_password_that_is_kept_is_said(terminal: Terminal) -> None:
    run = prismq_nb.launch(code="import getpass\ninput()\ngetpass.getpass()", name="login", terminal=True)
    with redirect_stderr(terminal):
        run.send("open sesame\n", secret=True)
    assert ["login: the text is kept until the program asks for a password"] == terminal.lines
    run.stop()
    run.wait(60)
    assert ["A password was sent that the program never asked for; it was dropped."] == run.notes


def test_hidden_input_is_to_be_sent_as_a_secret(terminal: Terminal) -> None:
    notice = WaitingNotice("login")
    with redirect_stderr(terminal):
        for waits, hides in ((False, False), (True, True), (True, True), (False, True), (True, False)):
            notice.look(InputState(waits, hides))
    assert [
        r"login is waiting for hidden input: run.send('...\n', secret=True), or answer in the viewer",
        r"login is waiting for input: run.send('...\n'), or answer in the viewer",
    ] == terminal.lines


def test_a_name_is_text(terminal: Terminal) -> None:
    with redirect_stderr(terminal):
        WaitingNotice("\x1b[2J\x1b]0;x\x07train").look(InputState(waiting_for_input=True))
    assert [r"train is waiting for input: run.send('...\n'), or answer in the viewer"] == terminal.lines


@pytest.mark.parametrize("stderr", [None, io.StringIO()], ids=["none", "a file"])
def test_nothing_is_said_where_nobody_reads(stderr: io.StringIO | None) -> None:
    with redirect_stderr(stderr):
        say("waits")
    assert stderr is None or not stderr.getvalue()
