"""Input reaches a module completely and in order, or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.runs import ended, output, until

from prismq_nb.capture.base import control
from prismq_nb.capture.base.control import INPUT_BYTES
from prismq_nb.common.base import state
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.launch import input as sending
from prismq_nb.errors import (
    BodyTooLarge,
    InputClosed,
    InputFull,
    InvalidRequest,
    RunEnded,
    RunUnreachable,
    RunUnreadable,
)
from prismq_nb.journal.layout import format as fmt

pytestmark = pytest.mark.slow  # real processes

ALL = """
import hashlib, sys
data = sys.stdin.buffer.read()
print(len(data), hashlib.sha256(data).hexdigest())
open("received", "wb").write(data)  # where a terminal's echo does not mix with it
"""
WHEN_TOLD = f"""
import os, time
while not os.path.exists("go"): time.sleep(0.001)
{ALL}"""
SIZES = """
import hashlib, sys
for size in sys.stdin.buffer:
    data = sys.stdin.buffer.read(int(size))
    print(len(data), hashlib.sha256(data).hexdigest(), flush=True)
"""
SLOW = """
import os, time
received = b""
while piece := os.read(0, 700):
    received += piece
    time.sleep(0.0002)
open("received", "wb").write(received)
"""


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


def launch(engine, code, tmp_path, **options):
    return engine.launch(LaunchSpec(code=code, cwd=str(tmp_path), **options)).run_id


def printed(data):
    return f"{len(data)} {hashlib.sha256(data).hexdigest()}\n".encode()


def supervisor(engine, run_id):
    return state.read_json(engine.data_dir / "runs" / run_id / fmt.STATE)["supervisor_pid"]


@contextlib.contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    until(lambda: ") T " in Path(f"/proc/{pid}/stat").read_text(), what="stop of the supervisor")
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def send(engine, run_id, text, **options):
    """Retry when the run accepts no more, as clients do."""
    while True:
        try:
            return engine.send(run_id, text, **options)
        except InputFull:
            continue


def test_input_of_any_size_up_to_the_limit_arrives_complete(engine, tmp_path, seed):
    dice = random.Random(seed)
    sizes = [
        0,
        1,
        324,
        325,
        43_200,
        44_000,
        65_000,
        INPUT_BYTES,
        *(dice.randint(0, INPUT_BYTES) for _ in range(8)),
    ]
    run_id = launch(engine, SIZES, tmp_path)
    texts = ["".join(dice.choices("abc \n\0ü", k=size))[: size // 2] for size in sizes]
    for text in [*texts, "x" * INPUT_BYTES]:
        send(engine, run_id, f"{len(text.encode())}\n")
        send(engine, run_id, text)
    engine.send(run_id, "", eof=True)
    ended(engine, run_id)
    assert output(engine, run_id)[0] == b"".join(
        printed(text.encode()) for text in [*texts, "x" * INPUT_BYTES]
    )


def test_more_than_64_kib_is_refused_as_too_large(engine, tmp_path):
    run_id = launch(engine, ALL, tmp_path)
    with pytest.raises(BodyTooLarge, match="text has 65,538 bytes: send at most 65,536 at once"):
        engine.send(run_id, "ü" * (INPUT_BYTES // 2 + 1))
    engine.send(run_id, "", eof=True)
    ended(engine, run_id)
    assert output(engine, run_id)[0] == printed(b"")


def test_an_incomplete_character_is_named(engine, tmp_path):
    run_id = launch(engine, ALL, tmp_path)
    with pytest.raises(InvalidRequest, match=r"text has '\\ud83d' at index 2, a lone surrogate"):
        engine.send(run_id, "ab\ud83d")


@pytest.mark.parametrize("eof", [False, True], ids=["input", "input-and-eof"])
def test_a_module_that_does_not_read_is_sent_at_most_64_kib(engine, tmp_path, eof):
    run_id = launch(engine, WHEN_TOLD, tmp_path)
    first = "a" * (INPUT_BYTES - 10)
    engine.send(run_id, first)
    with pytest.raises(InputFull, match=f"has not read {INPUT_BYTES - 10:,} bytes of input yet"):
        engine.send(run_id, "b" * 11, eof=eof)
    engine.send(run_id, "c" * 10, eof=True)
    (tmp_path / "go").touch()
    ended(engine, run_id)
    assert output(engine, run_id)[0] == printed(first.encode() + b"c" * 10)


def test_input_to_a_suspended_supervisor_arrives_when_it_resumes(engine, tmp_path):
    run_id = launch(engine, ALL, tmp_path)
    with stopped(supervisor(engine, run_id)):
        engine.send(run_id, "a" * INPUT_BYTES)
        for text, eof in (("b", False), ("b" * INPUT_BYTES, True)):
            with pytest.raises(InputFull):
                engine.send(run_id, text, eof=eof)
    send(engine, run_id, "c" * 44_000, eof=True)
    ended(engine, run_id)
    assert output(engine, run_id)[0] == printed(b"a" * INPUT_BYTES + b"c" * 44_000)


def test_a_suspended_supervisor_can_still_be_sent_a_stop(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(sending, "ANSWER_SECONDS", 0.0)
    run_id = engine.launch(LaunchSpec(command=["sleep", "1000"], stdin=True)).run_id
    with stopped(supervisor(engine, run_id)):
        for _ in range(100):
            with contextlib.suppress(InputFull):
                engine.send(run_id, "a" * 10_000)
        assert engine.stop(run_id).stopping
    assert ended(engine, run_id).status == "cancelled"


CLIENT = """
import sys
from pathlib import Path
from prismq_nb.client.local import LocalClient
from prismq_nb.errors import InputFull
client, run_id, name = LocalClient(Path(sys.argv[1])), sys.argv[2], sys.argv[3]
for number in range(int(sys.argv[4])):
    lines = range(1, 1 + 97 * number % 700)
    text = "".join(f"{name} {number} {line} {'x' * 80}\\n" for line in lines)
    while True:
        try:
            client.send(run_id, text)
            break
        except InputFull:
            pass
"""


def test_clients_in_several_processes_and_threads_do_not_mix(engine, tmp_path):
    run_id = launch(engine, SLOW, tmp_path)
    rounds = 6
    others = [
        subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(engine.data_dir), run_id, name, str(rounds)]
        )
        for name in ("one", "two")
    ]

    def texts(name):
        return [
            "".join(f"{name} {n} {line} {'x' * 80}\n" for line in range(1, 1 + 97 * n % 700))
            for n in range(rounds)
        ]

    threads = [
        threading.Thread(
            target=lambda name=name: [send(engine, run_id, text) for text in texts(name)]
        )
        for name in ("three", "four")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait() for other in others] == [0, 0]
    send(engine, run_id, "", eof=True)
    ended(engine, run_id)
    received = (tmp_path / "received").read_text()
    for name in ("one", "two", "three", "four"):
        own = [line for line in received.splitlines(keepends=True) if line.startswith(f"{name} ")]
        assert "".join(own) == "".join(texts(name))
        for text in texts(name):
            assert text in received, "no other client's lines stand within one transfer"


@pytest.mark.parametrize("lines", [1, 3, -1], ids=["one-line", "three-lines", "all-but-the-last"])
def test_a_sender_that_dies_half_way_has_sent_nothing(engine, tmp_path, lines):
    run_id = launch(engine, ALL, tmp_path)
    for line in control.input_lines(b"lost" * 500, eof=False)[:lines]:
        control.send(engine.data_dir / "runs" / run_id, line)
    engine.send(run_id, "whole", eof=True)
    ended(engine, run_id)
    assert output(engine, run_id)[0] == printed(b"whole")


def test_a_missing_or_broken_line_of_a_transfer_drops_it_completely(engine, tmp_path):
    run_id = launch(engine, ALL, tmp_path)
    one, two, three = control.input_lines(b"lost" * 200, eof=False)
    folder = engine.data_dir / "runs" / run_id
    for line in (
        one,
        three,
        one,
        two.replace(b'"data":"', b'"data":"!'),
        one,
        two,
        b'{"op":"input","of":3}\n',
        three,
        one,
    ):
        control.send(folder, line)
    engine.send(run_id, "whole", eof=True)
    ended(engine, run_id)
    assert output(engine, run_id)[0] == printed(b"whole")


@pytest.mark.parametrize("fifo", ["narrow", "unknown"])
def test_input_where_the_fifo_cannot_be_enlarged(engine, tmp_path, monkeypatch, fifo):
    run_id = launch(engine, ALL, tmp_path)
    monkeypatch.setattr(sending, "widen", lambda *_: None)
    if fifo == "unknown":
        monkeypatch.setattr(sending, "capacity", lambda _: None)
    fd = control.open_writer(engine.data_dir / "runs" / run_id)
    fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 4096)
    with stopped(supervisor(engine, run_id)), pytest.raises(InputFull, match="accepted none of it"):
        engine.send(run_id, "lost" * 10_000)
    send(engine, run_id, "whole" * 13_000)
    engine.send(run_id, "", eof=True)
    os.close(fd)
    ended(engine, run_id)
    assert output(engine, run_id)[0] == printed(b"whole" * 13_000)


@pytest.mark.parametrize("how", ["by the module", "by eof"])
def test_closed_input_accepts_no_more(engine, tmp_path, how):
    code = "import os, time\nos.close(0)\nopen('closed', 'w')\n" if how == "by the module" else ""
    run_id = launch(engine, f"{code}\nimport time\nwhile True: time.sleep(1)", tmp_path)
    if code:
        until((tmp_path / "closed").exists)
    else:
        engine.send(run_id, "abc", eof=True)
    with pytest.raises(
        InputClosed, match=r"takes no input: .* launch it with terminal=True or stdin=True"
    ):
        engine.send(run_id, "x")
    engine.stop(run_id)


def test_a_terminal_receives_many_lines_complete(engine, tmp_path):
    run_id = launch(engine, WHEN_TOLD, tmp_path, terminal=True)
    text = "".join(f"{number} {'y' * (number % 200)}\n" for number in range(600))
    assert 60_000 < len(text) <= INPUT_BYTES
    engine.send(run_id, text)
    with pytest.raises(InputFull):
        engine.send(run_id, text)
    (tmp_path / "go").touch()
    send(engine, run_id, "unfinished", eof=True)
    assert ended(engine, run_id).status == "completed"
    assert (tmp_path / "received").read_text() == f"{text}unfinished"


def test_a_line_that_a_terminal_would_cut_is_refused(engine, tmp_path):
    run_id = launch(engine, ALL, tmp_path, terminal=True)
    engine.send(run_id, "a" * 4000)
    with pytest.raises(
        InvalidRequest,
        match="a line of 4,096 bytes, and the run's terminal takes lines of at most 4,095",
    ):
        engine.send(run_id, "b" * 96 + "\n")
    engine.send(run_id, "c" * 95 + "\n" + "d" * 4095 + "\n", eof=True)
    ended(engine, run_id)
    assert (
        tmp_path / "received"
    ).read_bytes() == b"a" * 4000 + b"c" * 95 + b"\n" + b"d" * 4095 + b"\n"


def test_a_terminal_in_character_mode_accepts_long_lines(engine, tmp_path):
    code = """
import hashlib, os, tty
tty.setraw(0)
os.write(1, b"raw|")
data = b""
while len(data) < 65536: data += os.read(0, 65536)
os.write(1, hashlib.sha256(data).hexdigest().encode() + b"\\r\\n")
"""
    run_id = launch(engine, code, tmp_path, terminal=True)
    with engine.reader(run_id) as reader:
        until(lambda: reader.refresh() == 0 and reader.pending()[0] == b"raw|")
    engine.send(run_id, "z" * INPUT_BYTES)
    assert ended(engine, run_id).status == "completed"
    assert hashlib.sha256(b"z" * INPUT_BYTES).hexdigest().encode() in output(engine, run_id)[0]


def test_input_is_not_on_disk(engine, tmp_path):
    run_id = launch(engine, WHEN_TOLD, tmp_path)
    with stopped(supervisor(engine, run_id)):
        engine.send(run_id, "pa55word" * 5000, eof=True)
    (tmp_path / "go").touch()
    assert "completed" == ended(engine, run_id).status
    files = [path for path in engine.data_dir.rglob("*") if path.is_file()]
    assert fmt.LOG in {path.name for path in files}
    assert [] == [path for path in files if b"pa55word" in path.read_bytes()]


def test_a_client_that_holds_the_lock_does_not_block_others_for_ever(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(sending, "TURN_SECONDS", 0.05)
    run_id = launch(engine, ALL, tmp_path)
    with (engine.data_dir / "runs" / run_id / fmt.CONTROL_STATE).open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(
            InputFull, match="is receiving input from other senders; nothing was sent"
        ):
            engine.send(run_id, "x")
    engine.send(run_id, "y", eof=True)
    ended(engine, run_id)
    assert output(engine, run_id)[0] == printed(b"y")


def test_input_to_a_run_without_a_supervisor_says_that_it_has_ended(engine, tmp_path):
    run_id = launch(engine, ALL, tmp_path)
    pid = supervisor(engine, run_id)
    os.kill(pid, signal.SIGKILL)

    def ended() -> bool:
        try:
            engine.send(run_id, "x")
        except RunUnreachable:
            return False  # the system has not released all that it held
        except RunEnded:
            return True
        raise AssertionError("taken by nobody")

    until(ended)


@pytest.mark.parametrize("name", [fmt.CONTROL, fmt.CONTROL_STATE])
@pytest.mark.parametrize("kind", ["fifo", "directory", "dangling-link", "device"])
def test_another_file_type_is_an_error_and_blocks_nobody(engine, tmp_path, name, kind):
    run_id = launch(engine, ALL, tmp_path)
    path = engine.data_dir / "runs" / run_id / name
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to("/nowhere" if kind == "dangling-link" else "/dev/zero")
    with pytest.raises((RunUnreachable, RunUnreadable), match=run_id):
        engine.send(run_id, "x")
    os.kill(supervisor(engine, run_id), signal.SIGKILL)
