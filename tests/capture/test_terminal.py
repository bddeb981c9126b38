"""Runs in a terminal: separate streams, questions, passwords, waiting for input."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.namespaces import unshare
from support.runs import ended, escalate, output, until

from prismq_nb.capture.base import control
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.read.line_block import LEVEL_NAMES
from prismq_nb.errors import InputClosed

pytestmark = pytest.mark.slow  # real programs on terminals

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="told by Linux's /proc")
TERMINAL = {"terminal": True}
PYTHON = [sys.executable, "-c"]


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


def launch(engine, command, **options):
    return engine.launch(LaunchSpec(command=command, **(TERMINAL | options))).run_id


def shown(engine, run_id):
    """Each line as (stream, level, text)."""
    with engine.reader(run_id) as reader:
        reader.refresh()
        return [
            (span.stream, LEVEL_NAMES[level], line.decode())
            for span in reader.spans(0, reader.total_lines)
            for line, level in zip(span.data.split(b"\n"), reader.levels(span), strict=False)
        ]


def waits(engine, run_id):
    until(lambda: engine.get(run_id).waiting_for_input, what="waiting for input")


def pending(engine, run_id):
    with engine.reader(run_id) as reader:
        return b"".join(text for text in reader.pending() if text)


def test_both_streams_are_terminals_and_stay_apart(engine):
    command = "test -t 0 && test -t 1 && test -t 2 && echo all; echo err >&2; echo own >/dev/tty"
    run = ended(engine, launch(engine, command))
    assert output(engine, run.run_id) == (b"all\nown\n", b"err\n")


def test_a_merged_terminal_keeps_one_order(engine):
    command = "for i in 1 2 3; do echo out $i; echo err $i >&2; done"
    run = ended(engine, launch(engine, command, merge=True))
    out = b"".join(b"out %d\nerr %d\n" % (i, i) for i in (1, 2, 3))
    assert output(engine, run.run_id) == (out, b"")


def test_a_terminal_changes_no_byte(engine):
    sent = bytes(range(256)) + b"\n\r\n\n"
    code = f"import os; os.write(1, {sent!r}); os.write(2, {sent!r})"
    run = ended(engine, launch(engine, [*PYTHON, code]))
    assert output(engine, run.run_id) == (sent, sent)


def test_the_settings_of_the_terminal(engine):
    run = ended(engine, launch(engine, "stty -a; stty size; stty size <&2"))
    out = output(engine, run.run_id)[0].decode()
    words = set(out.replace(";", " ").split())
    assert {"-opost", "echo", "icanon", "-ixon", "-ixoff", "iutf8"} <= words
    assert "susp = <undef>" in out
    columns, rows = engine.get(run.run_id).terminal
    assert out.splitlines()[-2:] == [f"{rows} {columns}"] * 2


def test_a_large_output_is_complete(engine):
    run = ended(engine, launch(engine, "seq 200000; seq 200000 >&2"))
    expected = b"".join(b"%d\n" % i for i in range(1, 200_001))
    assert output(engine, run.run_id) == (expected, expected)


def test_output_before_a_crash_is_stored(engine, tmp_path):
    if shutil.which("cc") is None:
        pytest.skip("no C compiler")
    source = tmp_path / "crash.c"
    source.write_text(
        "#include <stdio.h>\n#include <signal.h>\nint"
        ' main(){printf("one\\ntwo\\n");raise(SIGSEGV);}',
    )
    run = ended(engine, launch(engine, f"cc -o {tmp_path}/crash {source} && exec {tmp_path}/crash"))
    assert (output(engine, run.run_id)[0], run.exit_code) == (b"one\ntwo\n", -11)


QUESTIONS = {
    "input": [
        *PYTHON,
        "import sys; print('hello', input('Name? ')); print('bad', file=sys.stderr)",
    ],
    "read -p": ["bash", "-c", "read -p 'Name? ' x; echo hello $x; echo bad >&2"],
}


@pytest.mark.parametrize("command", QUESTIONS.values(), ids=QUESTIONS)
def test_an_answered_question_is_its_own_line(engine, command):
    run_id = launch(engine, command)
    until(lambda: pending(engine, run_id) == b"Name? ")
    engine.send(run_id, "Ada\n")
    ended(engine, run_id)
    out, err = output(engine, run_id)
    assert (out, err) == (b"Ada\nhello Ada\n", b"Name? bad\n")  # no byte was inserted
    assert sorted(shown(engine, run_id)) == [
        (0, "INFO", "Ada"),
        (0, "INFO", "hello Ada"),
        (1, "ERROR", "bad"),
        (1, "INFO", "Name? "),
    ]


def test_a_bar_stays_one_line_when_something_is_typed(engine):
    command = ["bash", "-c", "printf '\\r 10%%' >&2; read x; printf '\\r 20%%\\n' >&2"]
    run_id = launch(engine, command)
    until(lambda: b"10%" in pending(engine, run_id))
    engine.send(run_id, "x\n")
    ended(engine, run_id)
    assert [text for stream, _, text in shown(engine, run_id) if stream] == ["\r 10%\r 20%"]


def test_the_level_of_a_question_is_the_same_for_later_readers(engine):
    run_id = launch(engine, QUESTIONS["input"])
    until(lambda: pending(engine, run_id) == b"Name? ")
    engine.send(run_id, "Ada\n")
    ended(engine, run_id)
    before = shown(engine, run_id)
    (engine.data_dir / "runs" / run_id / "output.lvl").unlink()
    assert shown(engine, run_id) == before


SECRETS = {
    "getpass": [
        *PYTHON,
        (
            "import getpass; a = getpass.getpass('A: '); b = getpass.getpass('B: '); print(len(a),"
            " len(b))"
        ),
    ],
    "read -s": ["bash", "-c", "read -sp 'A: ' a; echo; read -sp 'B: ' b; echo ${#a} ${#b}"],
    "hidden once": ["bash", "-c", "stty -echo; read a; read b; stty echo; echo ${#a} ${#b}"],
    "late": [
        *PYTHON,
        "import time, getpass; time.sleep(.5); print(*[len(getpass.getpass()) for _ in 'ab'])",
    ],
}


@pytest.mark.parametrize("command", SECRETS.values(), ids=SECRETS)
def test_secrets_wait_until_the_terminal_hides_input(engine, command):
    run_id = launch(engine, command)
    engine.send(run_id, "hunter2\nhunter22\n", secret=True)
    ended(engine, run_id)
    out, err = output(engine, run_id)
    assert out.endswith(b"7 8\n")
    assert b"hunter" not in out + err


def test_input_behind_a_secret_waits_for_it(engine):
    command = ["bash", "-c", "read -sp 'Password: ' p; read -p 'Sure? ' a; echo $a ${#p}"]
    run_id = launch(engine, command)
    engine.send(run_id, "hunter2\n", secret=True)
    engine.send(run_id, "yes\n")
    ended(engine, run_id)
    assert output(engine, run_id)[0].endswith(b"yes 7\n")


def test_a_hidden_input_field_is_detected(engine):
    run_id = launch(engine, SECRETS["getpass"])
    waits(engine, run_id)
    run = engine.get(run_id)
    assert (run.hides_input, run.takes_input) == (True, True)
    escalate(engine, run_id)
    run = ended(engine, run_id)
    assert (run.hides_input, run.takes_input, run.waiting_for_input) == (False, False, False)


WAITING = {
    "input": [*PYTHON, "input('Name? ')"],
    "no question": [*PYTHON, "input()"],
    "read": ["bash", "-c", "read -p 'Sure? '"],
    "its own terminal": [
        "bash",
        "-c",
        "exec </dev/null; printf 'pw: ' >/dev/tty; read x </dev/tty",
    ],
    "line editor": [*PYTHON, "import readline; input('> ')"],
    "debugger": [*PYTHON, "breakpoint()"],
    "select": [
        *PYTHON,
        "import select; print('Name? ', end='', flush=True); select.select([0], [], [])",
    ],
    "poll": [
        *PYTHON,
        (
            "import select; p = select.poll(); p.register(0, select.POLLIN); print('? ', end='',"
            " flush=True); p.poll()"
        ),
    ],
    "another thread": [
        *PYTHON,
        "import threading as t; a = t.Thread(target=input); a.start(); a.join()",
    ],
    "grandchild": ["bash", "-c", "(bash -c 'cat; true'; true); true"],
}


@LINUX
@pytest.mark.parametrize("command", WAITING.values(), ids=WAITING)
@pytest.mark.slow
def test_a_program_that_waits_for_input_is_detected(engine, command):
    run_id = launch(engine, command)
    waits(engine, run_id)
    engine.send(run_id, "c\n")
    until(lambda: not engine.get(run_id).waiting_for_input)
    with contextlib.suppress(control.NobodyListens):  # most have read all they wanted, and ended
        escalate(engine, run_id)
    ended(engine, run_id)


BUSY = {
    "sleep": ["sleep", "99"],
    "sleep with text": ["bash", "-c", "printf 'Working... '; sleep 99"],
    "tail": ["tail", "-f", "/etc/passwd"],
    "single keys": [*PYTHON, "import tty, os; tty.setcbreak(0); os.read(0, 1)"],
    "another file": [
        *PYTHON,
        "import os; r, w = os.pipe(); print('? ', end='', flush=True); os.read(r, 1)",
    ],
    "busy thread": [
        *PYTHON,
        "import threading as t\nt.Thread(target=input, daemon=True).start()\nwhile 1: pass",
    ],
    "server": [
        *PYTHON,
        (
            "import socket as s; x = s.create_server(('', 0)); print('up', end='', flush=True);"
            " x.accept()"
        ),
    ],
}


@LINUX
@pytest.mark.slow
def test_a_program_that_does_not_wait_for_input_is_never_reported_as_waiting(engine):
    runs = [launch(engine, command) for command in BUSY.values()]
    # Each check comes a second after the previous one; the marker run's is at least as late.
    for _ in range(2):
        marker = launch(engine, WAITING["no question"])
        waits(engine, marker)
        escalate(engine, marker)
        waiting = [engine.get(run).waiting_for_input for run in runs]
        assert [name for name, is_so in zip(BUSY, waiting, strict=True) if is_so] == []
    for run_id in runs:
        escalate(engine, run_id)
    assert {ended(engine, run_id).status for run_id in runs} == {"cancelled"}


@LINUX
def test_a_blocked_reader_of_a_pipe_waits_too(engine):
    run_id = launch(engine, ["cat"], terminal=False, stdin=True)
    waits(engine, run_id)
    engine.send(run_id, "", eof=True)
    assert ended(engine, run_id).status == "completed"


@LINUX
def test_a_suspended_process_is_noted(engine):
    command = f"timeout 99 {sys.executable} -c 'input()'"
    run_id = launch(engine, ["bash", "-c", f"{command}; true"])
    until(lambda: engine.get(run_id).notes)
    assert "was stopped" in engine.get(run_id).notes[0]
    escalate(engine, run_id)
    ended(engine, run_id)


def test_the_end_of_input_on_a_terminal(engine):
    run_id = launch(engine, ["bash", "-c", "cat; cat; echo end"])
    engine.send(run_id, "one\n", eof=True)
    engine.send(run_id, "two\n\x04")
    ended(engine, run_id)
    lines = output(engine, run_id)[0].split()
    assert (sorted(lines[:-1]), lines[-1]) == ([b"one", b"one", b"two", b"two"], b"end")


def test_ctrl_c_interrupts_the_foreground_process(engine):
    run_id = launch(
        engine,
        [*PYTHON, "try: input()\nexcept KeyboardInterrupt: print('interrupted')"],
    )
    waits(engine, run_id)
    engine.send(run_id, "\x03")
    ended(engine, run_id)
    assert output(engine, run_id)[0].endswith(b"interrupted\n")


@LINUX
def test_a_process_that_joins_the_supervisor_s_group_is_stopped_too(engine):
    code = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.setpgid(0, os.getsid(0))
print('in', flush=True)
time.sleep(999)
"""
    run_id = launch(engine, [*PYTHON, code])
    until(lambda: output(engine, run_id)[0] == b"in\n")
    escalate(engine, run_id)
    run = ended(engine, run_id)
    assert (run.status, run.error_message) == ("cancelled", None)


def test_input_to_a_run_without_stdin_is_refused_with_the_remedy(engine):
    run_id = launch(engine, ["sleep", "99"], terminal=False)
    until(lambda: engine.get(run_id).status == "running")
    with pytest.raises(InputClosed, match=r"terminal=True or stdin=True"):
        engine.send(run_id, "x\n")
    escalate(engine, run_id)
    ended(engine, run_id)


def test_the_supervisor_keeps_its_terminal_when_the_module_closes_it(engine):
    command = ["bash", "-c", "exec </dev/null >/dev/null 2>&1; echo late >/dev/tty"]
    run = ended(engine, launch(engine, command))
    assert output(engine, run.run_id) == (b"late\n", b"")


def test_signals_of_a_terminal_do_not_affect_the_supervisor(engine):
    signals = "HUP TTOU TTIN TSTP INT"
    kills = f"for s in {signals}; do kill -$s $sid; done"
    command = f"sid=$(ps -o sid= $$); {kills}; echo sent; echo more"
    run = ended(engine, launch(engine, ["bash", "-c", command]))
    assert (run.status, output(engine, run.run_id)) == ("completed", (b"sent\nmore\n", b""))


def test_a_background_process_outlives_the_module_and_its_terminal(engine, tmp_path):
    mark = Path(tmp_path) / "alive"
    waits = f"until [ -e {tmp_path}/go ]; do sleep 0.05; done"
    command = f"(exec </dev/null >/dev/null 2>&1; {waits}; echo yes > {mark}) & echo started"
    run = ended(engine, launch(engine, ["bash", "-c", command]))
    (tmp_path / "go").touch()
    until(mark.exists)
    assert run.status == "completed"


UNLIKE_A_CLOSED_PIPE = {
    "rg": (["rg", "--no-config", "needle"], b"hay:a needle\n"),
    "grep -r": (["grep", "-r", "needle"], b"hay:a needle\n"),
    "cat": (["cat"], b""),
    "input": ([*PYTHON, "try: input()\nexcept EOFError: print('end')"], b"end\n"),
    "ssh": (["ssh", "-V"], b""),
}


@pytest.mark.parametrize(
    ("command", "printed"),
    UNLIKE_A_CLOSED_PIPE.values(),
    ids=UNLIKE_A_CLOSED_PIPE,
)
def test_the_stdin_of_a_command_without_a_terminal_is_at_its_end(
    engine, tmp_path, command, printed
):
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]}")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "hay").write_text("a needle\n")
    run_id = launch(engine, command, terminal=False, cwd=str(tmp_path / "folder"))
    run = ended(engine, run_id)
    assert (run.status, output(engine, run_id)[0]) == ("completed", printed)


WITHOUT_DEVPTS = """
import json, sys
from pathlib import Path
from prismq_nb.engine.engine import Engine
from prismq_nb.errors import LaunchFailed
from prismq_nb.common.models import LaunchSpec
from support.runs import ended, output

engine = Engine(Path(sys.argv[1]))
command = "test -t 1 || echo piped"
spec = LaunchSpec(command=command, terminal=True, terminal_required=False)
run = ended(engine, engine.launch(spec).run_id)
try:
    engine.launch(LaunchSpec(command=command, terminal=True))
    error = ""
except LaunchFailed as failed:
    error = str(failed)
printed = output(engine, run.run_id)[0].decode()
print(json.dumps([run.status, run.terminal, run.notes, printed, error]))
engine.close()
"""


@LINUX
def test_a_run_uses_pipes_with_a_note_where_no_terminal_is_available(data_dir):
    try:
        way = unshare("--mount", "mount", "-t", "tmpfs", "none", "/dev/pts")
    except RuntimeError as error:
        pytest.skip(str(error))
    script = 'mount -t tmpfs none /dev/pts && exec "$@"'
    arguments = [*way, "sh", "-c", script, "-", *PYTHON, WITHOUT_DEVPTS, str(data_dir)]
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(
        arguments,
        env=os.environ | {"PYTHONPATH": tests},
        capture_output=True,
        text=True,
        check=True,
    )
    status, terminal, notes, printed, error = json.loads(done.stdout)
    assert (status, terminal, printed) == ("completed", None, "piped\n")
    assert len(notes) == 1
    assert "no terminal could be opened" in notes[0]
    assert "no terminal could be opened" in error
    assert "terminal=False" in error
