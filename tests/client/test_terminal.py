"""Whether a launch asks for terminals: as requested, else if a person may answer."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from support.fake_server import FakeServer

import prismq_nb
from prismq_nb.client.launch.terminal import is_interactive
from prismq_nb.errors import InvalidRequest


def body(fake: FakeServer, **options: Any) -> dict[str, Any]:
    prismq_nb.launch("a.py", **options)
    sent: dict[str, Any] = fake.bodies()[-1]
    return sent


@pytest.fixture
def shell(monkeypatch):
    """Make this process one with a shell of IPython."""

    def make(*, session: bool = True, **attributes: Any) -> None:
        monkeypatch.setitem(
            sys.modules,
            "IPython",
            SimpleNamespace(get_ipython=lambda: SimpleNamespace(**attributes)),
        )
        if session:
            monkeypatch.setenv("JPY_SESSION_NAME", "/a.ipynb")
        else:
            monkeypatch.delenv("JPY_SESSION_NAME", raising=False)

    return make


@pytest.fixture
def on_a_terminal(monkeypatch):
    """Put this process on a terminal.

    Called in the test itself, after pytest has put its own streams in place.
    """

    def put() -> None:
        for name in ("stdin", "stdout"):
            monkeypatch.setattr(sys, name, SimpleNamespace(isatty=lambda: True))

    return put


def test_a_kernel_of_a_jupyter_session_has_a_person(shell):
    shell(kernel=SimpleNamespace(_allow_stdin=True))
    assert is_interactive()


@pytest.mark.parametrize(
    ("session", "asks"),
    [(False, True), (False, False), (True, False)],
    ids=["no session, as jupyter console", "nbclient and papermill", "those from within a session"],
)
def test_a_kernel_without_a_session_has_no_person(shell, session, asks):
    shell(session=session, kernel=SimpleNamespace(_allow_stdin=asks))
    assert not is_interactive()


def test_a_kernel_that_does_not_say_whether_it_allows_stdin_has_a_person(shell):
    shell(kernel=SimpleNamespace())
    assert is_interactive()


def test_ipython_on_a_terminal_has_a_person(shell, on_a_terminal):
    shell(session=False)
    on_a_terminal()
    assert is_interactive()


def test_ipython_without_a_terminal_has_no_person(shell, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    shell(session=False)
    assert not is_interactive()


def test_a_script_on_a_terminal_has_no_person(monkeypatch, on_a_terminal):
    on_a_terminal()
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.delattr(sys, "ps1", raising=False)
    monkeypatch.setenv("JPY_SESSION_NAME", "/a.ipynb")
    assert not is_interactive()


@pytest.mark.usefixtures("found")
def test_with_a_person_a_terminal_is_preferred_not_required(fake, shell, monkeypatch):
    shell(kernel=SimpleNamespace(_allow_stdin=True))
    for name, value in {
        "TERM": "xterm-color",
        "FORCE_COLOR": "1",
        "PAGER": "less",
        "COLUMNS": "80",
    }.items():
        monkeypatch.setenv(name, value)
    sent = body(fake)
    assert (sent["terminal"], sent["terminal_required"]) == (True, False)
    assert not {"TERM", "FORCE_COLOR", "PAGER", "COLUMNS"} & sent["env"].keys()
    assert body(fake, env={"TERM": "vt100"})["env"]["TERM"] == "vt100"
    assert not {"terminal", "terminal_required"} & body(fake, terminal=False).keys()


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize(
    ("said", "sent"), [(True, True), ((132, 40), [132, 40]), ([132, 40], [132, 40])], ids=str
)
def test_a_requested_terminal_is_required(fake, said, sent):
    found = body(fake, terminal=said)
    assert sent == found["terminal"]
    assert "terminal_required" not in found


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize(
    "terminal", [1, "yes", (80,), (80, "24"), (80, 24, 1), (True, 24), 80.0], ids=str
)
def test_another_terminal_is_refused(terminal):
    with pytest.raises(InvalidRequest, match=r"use True, False, or \(columns, rows\)"):
        prismq_nb.launch("a.py", terminal=terminal)


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize(
    ("options", "replacement", "sent"),
    [
        ({"pty": True}, "terminal=True, merge=True", {"terminal": True, "merge": True}),
        ({"pty": False}, "terminal=True, merge=True", {}),
        ({"color": True}, "terminal=True", {}),
        ({"unbuffered": False}, "PYTHONUNBUFFERED", {"unbuffered": False}),
    ],
    ids=str,
)
def test_former_keywords_are_accepted_with_a_warning_that_names_the_new(
    fake, options, replacement, sent
):
    with pytest.warns(DeprecationWarning, match=replacement) as caught:
        found = body(fake, **options)
    assert caught[0].filename == __file__
    assert sent == {
        name: value
        for name, value in found.items()
        if name in ("terminal", "merge", "unbuffered", "pty", "color")
    }


@pytest.mark.usefixtures("found")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pty_and_terminal_together_are_refused():
    with pytest.raises(InvalidRequest, match="remove pty"):
        prismq_nb.launch("a.py", pty=True, terminal=False)
