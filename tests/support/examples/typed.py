"""Programs that ask: questions, passwords, end of input, and those that only seem to wait."""

from __future__ import annotations

from prismq_nb import Run
from prismq_nb.errors import InputClosed
from support.examples.example import PROGRAMS, PYTHON, Example, Seen, script

KNOWN_WITHIN_S = 2.0


def asks(run: Run, seen: Seen) -> None:
    """Wait until the run is known to wait for input, and note how long that took."""
    import time

    begin = time.monotonic()
    seen.wait(lambda: run.refresh().waiting_for_input, what="waiting for input")
    seen.during["known after"] = time.monotonic() - begin
    seen.during["hides"] = run.info.hides_input


def answer(text: str, *, secret: bool = False):
    def meanwhile(run: Run, seen: Seen) -> None:
        asks(run, seen)
        run.send(text, secret=secret)

    return meanwhile


def asked_and_answered(seen: Seen) -> None:
    seen.ended()
    assert "Ada" in " ".join(seen.texts), seen.texts
    if seen.terminal:
        assert [line.level for line in seen.lines] == ["INFO"] * 3, seen.lines
        assert [line.message for line in seen.lines if line.prompt] == ["Your name: "], seen.lines
        assert [line.message for line in seen.lines if line.stream == "stdout"] == [
            "Ada",
            "Hello, Ada!",
        ]


def password_is_hidden(seen: Seen) -> None:
    seen.ended()
    assert seen.during["hides"]
    assert not [text for text in seen.texts if "hunter2" in text]
    assert seen.texts[-1] == "7", seen.texts


GETPASS = "import getpass; print(len(getpass.getpass('Password: ')))"
SSH_LIKE = """
import os, termios
tty = os.open("/dev/tty", os.O_RDWR)
modes = termios.tcgetattr(tty)
hidden = modes[:3] + [modes[3] & ~termios.ECHO] + modes[4:]
termios.tcsetattr(tty, termios.TCSAFLUSH, hidden)
os.write(tty, b"ada@host's password: ")
typed = os.read(tty, 100)
termios.tcsetattr(tty, termios.TCSAFLUSH, modes)
os.write(tty, b"\\n")
print(len(typed) - 1)
"""


def ends_at_once(seen: Seen) -> None:
    """With pipes: the input of a command is at its end."""
    seen.ended()
    assert seen.texts == ["read 0"], seen.texts


def eof(run: Run, seen: Seen) -> None:
    if seen.terminal:
        asks(run, seen)
        run.send("", eof=True)


def sending_is_refused(run: Run, seen: Seen) -> None:
    try:
        run.send("x\n")
    except InputClosed as error:
        seen.during["refused"] = str(error)
    (seen.folder / "go").touch()


def refusal_says_how(seen: Seen) -> None:
    seen.ended()
    assert "terminal=True or stdin=True" in seen.during["refused"], seen.during


def waits_until_the_time_is_over(run: Run, seen: Seen) -> None:
    if seen.terminal:
        asks(run, seen)


def time_was_over(seen: Seen) -> None:
    if seen.terminal:
        seen.ended("failed", 124)
    else:
        seen.ended("failed", 1)
        assert "EOFError" in seen.texts[-1]


def stopped_is_noted(seen: Seen) -> None:
    time_was_over(seen)
    assert seen.run is not None
    assert any("was stopped" in note for note in seen.run.info.notes) == seen.terminal


def watched_for_three_seconds(run: Run, seen: Seen) -> None:
    import time

    deadline = time.monotonic() + 3  # checked once a second
    waiting = False
    while time.monotonic() < deadline:
        waiting = waiting or run.refresh().waiting_for_input
        time.sleep(0.1)  # between two checks
    seen.during["waiting"] = waiting
    run.stop()


def never_waited(seen: Seen) -> None:
    assert not seen.during["waiting"]
    assert seen.run is not None
    assert seen.run.status == "cancelled"


QUESTION = f'{PYTHON} -c "input()"'
TERMINAL = (True,)
PIPES = (False,)
EXAMPLES = [
    Example(
        "input()",
        {"script": PROGRAMS / "asking.py"},
        asked_and_answered,
        meanwhile=answer("Ada\n"),
    ),
    Example(
        "read -p",
        {"command": ["bash", "-c", "read -p 'Your name: ' n; echo Hello, $n!"]},
        asked_and_answered,
        ("bash",),
        meanwhile=answer("Ada\n"),
        modes=TERMINAL,
    ),
    Example(
        "getpass",
        {"code": GETPASS},
        password_is_hidden,
        meanwhile=answer("hunter2\n", secret=True),
        modes=TERMINAL,
    ),
    Example(
        "ssh-like password",
        {"command": script(SSH_LIKE)},
        password_is_hidden,
        meanwhile=answer("hunter2\n", secret=True),
        modes=TERMINAL,
    ),
    Example(
        "a command reads its stdin",
        {"command": script("import sys; print('read', len(sys.stdin.read()))")},
        ends_at_once,
        meanwhile=eof,
    ),
    Example(
        "send without stdin",
        {"command": "until [ -e go ]; do sleep 0.05; done"},
        refusal_says_how,
        meanwhile=sending_is_refused,
        modes=PIPES,
    ),
    Example(
        'timeout 2 python -c "input()"',
        {"command": f"timeout 2 {QUESTION}"},
        time_was_over,
        ("timeout",),
        meanwhile=waits_until_the_time_is_over,
        outside=True,
    ),
    Example(
        "timeout 4, in the background",
        {"command": f"timeout 4 {QUESTION}; exit $?"},
        stopped_is_noted,
        ("timeout",),
        outside=True,
    ),
    Example(
        "sleep",
        {"command": "printf 'Working... '; sleep 99"},
        never_waited,
        meanwhile=watched_for_three_seconds,
        outside=True,
    ),
    Example(
        "tail -f",
        {"command": "touch a; tail -f a"},
        never_waited,
        meanwhile=watched_for_three_seconds,
        outside=True,
    ),
]
