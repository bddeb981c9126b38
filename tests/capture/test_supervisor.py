"""The supervisor with real processes: what it stores, how it ends runs, and what survives a
kill.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from support.leftovers import gone
from support.runs import ended, escalate, lines, output, until

import prismq_nb
from prismq_nb.capture.processes import info as procinfo
from prismq_nb.common.base import state
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.errors import LaunchFailed
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.part import read_unfinished

pytestmark = pytest.mark.slow  # real processes


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


def launch(engine, code, **options):
    return engine.launch(LaunchSpec(code=code, **options)).run_id


def supervisor_of(engine, run_id):
    return state.read_json(engine.data_dir / "runs" / run_id / fmt.STATE)["supervisor_pid"]


def pending(engine, run_id):
    with engine.reader(run_id) as reader:
        return reader.pending()


def count(engine, run_id):
    with engine.reader(run_id) as reader:
        return reader.total_lines


def test_streams_are_stored_apart_in_order_of_arrival(engine):
    code = """
import os, sys
data_dir, run_id = os.environ["PRISMQ_DATA_DIR"], os.environ["PRISMQ_RUN_ID"]
index = os.path.join(data_dir, "runs", run_id, "output.idx")
def say(text, stream):  # and wait until it is stored: order across streams is by read
    before = os.stat(index).st_size
    print(text, file=stream, flush=True)
    while os.stat(index).st_size == before: pass
for i in range(5):
    say(f"out {i}", sys.stdout)
    say(f"err {i}", sys.stderr)
"""
    run = ended(engine, launch(engine, code))
    with engine.reader(run.run_id) as reader:
        assert lines(reader) == [
            b"%s %d" % (name, i) for i in range(5) for name in (b"out", b"err")
        ]
    assert output(engine, run.run_id)[1].splitlines() == [b"err %d" % i for i in range(5)]
    assert (run.status, run.exit_code, run.lines) == ("completed", 0, 10)


def test_a_hundred_thousand_lines_at_full_speed_arrive_once_and_in_order(engine):
    run = ended(
        engine, launch(engine, "for i in range(100_000): print('line', i)", unbuffered=False)
    )
    with engine.reader(run.run_id) as reader:
        assert lines(reader) == [b"line %d" % i for i in range(100_000)]


def test_the_last_lines_of_stderr_come_last_even_after_a_flood_of_small_writes(engine):
    """The streams are read in order, even after one of them was left alone for a while."""
    code = """
import os, time
for burst in range(40):
    for i in range(60): os.write(1, b"out %d\\n" % burst)
    os.write(2, b"err %d\\n" % burst)
    time.sleep(0.012)
"""
    run = ended(engine, launch(engine, code))
    with engine.reader(run.run_id) as reader:
        found = lines(reader)
    places = [found.index(b"err %d" % burst) for burst in range(40)]
    late = [burst for burst, place in enumerate(places) if b"out %d" % burst in found[place:]]
    # the order is per read: output between two reads may be on the wrong side
    assert len(late) < 20, late


def test_ten_thousand_writes_a_second_arrive_once_in_order_with_levels(engine):
    code = """
import os, time
for i in range(5_000):
    os.write(1, b"2024-01-02 10:00:00,000 WARNING app: %d\\n" % i)
    if i % 3 == 0: os.write(2, b"INFO: %d\\n" % i)
    if i % 50 == 0: time.sleep(0.005)
    if i == 2_500:
        time.sleep(0.3)
        os.write(1, b"unfinished ")
        time.sleep(0.3)
        os.write(1, b"ERROR\\n")
"""
    run = ended(engine, launch(engine, code))
    out, err = output(engine, run.run_id)
    numbers = [b"2024-01-02 10:00:00,000 WARNING app: %d" % i for i in range(5_000)]
    assert out.splitlines() == [*numbers[:2_501], b"unfinished ERROR", *numbers[2_501:]]
    assert err.splitlines() == [b"INFO: %d" % i for i in range(0, 5_000, 3)]
    until(lambda: engine.get(run.run_id).levels["complete"])
    levels = engine.get(run.run_id).levels
    assert (levels["WARNING"], levels["INFO"], levels["ERROR"]) == (5_000, 1 + 1_667, 0)


@pytest.mark.parametrize(
    ("code", "status", "exit_code", "message"),
    [
        ("pass", "completed", 0, None),
        ("raise SystemExit(3)", "failed", 3, "exit code 3"),
        (
            "raise ValueError('no such video')",
            "failed",
            1,
            "exit code 1: ValueError: no such video",
        ),
        (
            r"import sys; sys.stderr.write('50%\r\x1b[1;35mKeyError\x1b[0m: 3\n'); sys.exit(1)",
            "failed",
            1,
            "exit code 1: KeyError: 3",
        ),
        ("import os; os.kill(os.getpid(), 9)", "failed", -9, "killed by SIGKILL"),
        (
            "import os, sys; print('last words', file=sys.stderr); os.abort()",
            "failed",
            -6,
            "killed by SIGABRT: last words",
        ),
    ],
    ids=["zero", "code", "exception", "coloured", "signal", "abort"],
)
def test_the_end_of_a_run_has_status_exit_code_and_reason(engine, code, status, exit_code, message):
    run = ended(engine, launch(engine, code))
    assert (run.status, run.exit_code, run.error_message) == (status, exit_code, message)


def test_a_program_that_cannot_be_executed_is_the_real_error_and_leaves_no_run(engine, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    with pytest.raises(LaunchFailed, match="No such file or directory"):
        engine.launch(LaunchSpec(command=[str(broken)]))
    assert engine.list().total == 0
    assert list((engine.data_dir / "runs").iterdir()) == []


def test_a_stop_sends_sigint_first_so_python_cleans_up(engine):
    code = """
import time
try:
    print("ready", flush=True)
    # a signal between the interpreter's last check and a sleep waits for the end of the sleep
    while True: time.sleep(0.05)
except KeyboardInterrupt:
    print("cleaned up")
"""
    run_id = launch(engine, code)
    until(lambda: count(engine, run_id) == 1)
    stopped = engine.stop(run_id)
    assert stopped.stopping or stopped.status == "cancelled"  # it may have ended by now
    run = ended(engine, run_id)
    assert (run.status, run.exit_code, run.stopping) == ("cancelled", 0, False)
    assert output(engine, run_id)[0] == b"ready\ncleaned up\n"


def test_a_second_stop_escalates_to_the_whole_group(engine):
    code = """
import signal, subprocess, sys, time
for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)
sleeper = [sys.executable, "-c", "import time; time.sleep(1000)"]
child = subprocess.Popen(sleeper, start_new_session=True)
print(child.pid, flush=True)
time.sleep(1000)
"""
    run_id = launch(engine, code)
    until(lambda: count(engine, run_id) == 1)
    grandchild = int(output(engine, run_id)[0])
    escalate(engine, run_id)
    run = ended(engine, run_id)
    assert (run.status, run.exit_code) == ("cancelled", -9)
    until(lambda: gone(grandchild), what="end of a grandchild that left the group")


def test_a_timeout_fails_the_run_with_its_reason(engine):
    run = ended(engine, launch(engine, "import time; time.sleep(1000)", timeout=0.3))
    assert (run.status, run.error_message) == (
        "failed",
        "stopped because it ran longer than its timeout of 0.3 s",
    )


def test_pending_text_is_visible_before_its_newline_and_stored_at_the_end(engine):
    run_id = launch(
        engine,
        "import sys; sys.stdout.write('name? '); sys.stdout.flush(); input(); print('thanks')",
    )
    until(lambda: pending(engine, run_id) == (b"name? ", b""))
    engine.send(run_id, "Ada\n")
    ended(engine, run_id)
    assert output(engine, run_id)[0] == b"name? thanks\n"
    assert pending(engine, run_id) == (b"", b"")


def test_input_ends_with_eof(engine):
    run_id = launch(engine, "import sys; print(sys.stdin.read().upper())")
    engine.send(run_id, "hello " * 1000, eof=True)
    ended(engine, run_id)
    assert output(engine, run_id)[0] == b"HELLO " * 1000 + b"\n"


def test_a_killed_supervisor_leaves_no_process_and_an_intact_journal(engine):
    code = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
for i in range(3): print("line", i, flush=True)
print("unfinished", end="", flush=True)
time.sleep(1000)
"""
    run_id = launch(engine, code)
    until(lambda: pending(engine, run_id)[0] == b"unfinished")
    pid = int(output(engine, run_id)[0].split()[0])
    os.kill(supervisor_of(engine, run_id), signal.SIGKILL)
    run = ended(engine, run_id)
    assert (run.status, run.exit_code, run.error_message) == (
        "failed",
        None,
        "its supervisor was killed",
    )
    until(lambda: gone(pid), what="end of the child")
    assert output(engine, run_id)[0].splitlines()[1:] == [
        b"line 0",
        b"line 1",
        b"line 2",
        b"unfinished",
    ]


def test_a_killed_supervisor_loses_only_the_newest_frames_of_a_bar(engine):
    code = """
import sys, time
for number in range(10**9):
    sys.stdout.write(f"\\r{number}% ##")
    sys.stdout.flush()
    time.sleep(0.001)
"""
    run_id = launch(engine, code)
    folder = engine.data_dir / "runs" / run_id

    def kept():
        found = read_unfinished(folder)[0]
        return b"" if found is None else found.text

    until(lambda: kept().count(b"\r") > 300)
    before = kept()
    os.kill(supervisor_of(engine, run_id), signal.SIGKILL)
    ended(engine, run_id)
    text = output(engine, run_id)[0]
    assert text.startswith(before)
    whole = b"".join(b"\r%d%% ##" % number for number in range(text.count(b"\r")))
    assert whole.startswith(text), "something was lost or doubled between"


def test_secrets_never_reach_the_disk_even_when_written_in_two_pieces(engine):
    code = """
import os, sys, time
secret = os.environ["API_KEY"]
print("key", secret)
sys.stdout.write("again " + secret[:9]); sys.stdout.flush(); time.sleep(0.3)
sys.stdout.write(secret[9:] + "\\n"); sys.stdout.flush()
raise ValueError(secret)
"""
    run_id = launch(
        engine,
        code,
        env={"API_KEY": "s3cr3t-abcdefgh"},
        mask=["API_KEY"],
        args=["--key=s3cr3t-abcdefgh"],
    )
    folder = engine.data_dir / "runs" / run_id
    seen = []
    until(
        lambda: (
            seen.append(b"".join(p.read_bytes() for p in folder.glob("output.*")))
            or engine.get(run_id).status in state.ENDED
        )
    )
    assert b"key ******\nagain ******\n" in output(engine, run_id)[0]
    everything = b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file()
    ) + b"".join(seen)
    assert b"s3cr3t-ab" not in everything
    assert "******" in engine.get(run_id).error_message


def test_the_child_inherits_neither_tokens_nor_locks(engine, monkeypatch):
    monkeypatch.setenv("JUPYTER_TOKEN", "very-secret-token")
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    code = "import os; print(sorted(os.environ)); print(os.listdir('/proc/self/fd'))"
    out = output(engine, ended(engine, launch(engine, code)).run_id)[0].decode()
    names, fds = (eval(line) for line in out.splitlines())
    assert not {"JUPYTER_TOKEN", "JPY_PARENT_PID", "PRISMQ_CONNECTION_FILE"} & set(names)
    assert {"PRISMQ_RUN_ID", "PRISMQ_DATA_DIR", "PRISMQ_ARTIFACTS_DIR"} <= set(names)
    assert set(fds) == {"0", "1", "2", "3"}  # 3: the directory being listed


def test_a_pty_is_a_terminal_to_the_module(engine):
    code = "import os, sys; print(sys.stdout.isatty(), os.get_terminal_size())"
    run = ended(engine, launch(engine, code, terminal=True))
    assert output(engine, run.run_id)[0] == b"True os.terminal_size(columns=100, lines=40)\n"


def test_merged_streams_have_one_exact_order(engine):
    code = "import os\nfor i in range(50): os.write(1 + i % 2, b'%d\\n' % i)"
    run = ended(engine, launch(engine, code, merge=True))
    assert output(engine, run.run_id) == (b"".join(b"%d\n" % i for i in range(50)), b"")


def test_a_user_module_named_like_one_of_ours_is_not_imported_by_the_supervisor(engine, tmp_path):
    (tmp_path / "select.py").write_text("raise SystemExit('the wrong select')")
    run = ended(engine, launch(engine, "print('ok')", cwd=str(tmp_path)))
    assert (run.status, output(engine, run.run_id)[0]) == ("completed", b"ok\n")


def test_a_supervisor_imports_nothing_slow_or_large():
    """Each of these costs a launch 2 to 20 ms and a run up to 3 MB (``python -X importtime``)."""
    code = f"""
import sys
sys.path.append({str(Path(prismq_nb.__file__).parent.parent)!r})
import prismq_nb.capture.supervisor
print(*sys.modules)
"""
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "prismq_nb.capture.supervisor" in loaded
    assert set() == {
        "asyncio",
        "base64",
        "ctypes",
        "datetime",
        "pathlib",
        "psutil",
        "re2",
        "subprocess",
        "urllib.parse",
    } & set(loaded)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has mapped")
def test_a_supervisor_counts_newlines_with_a_compiled_library(engine):
    run_id = launch(engine, "input()")
    assert "stringzilla" in Path(f"/proc/{supervisor_of(engine, run_id)}/maps").read_text()
    engine.stop(run_id)
    ended(engine, run_id)


def test_a_sigint_ignored_by_the_server_still_reaches_the_child(engine):
    code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run = ended(engine, launch(engine, code))
    finally:
        signal.signal(signal.SIGINT, before)
    assert output(engine, run.run_id)[0] == b"True\n"


def test_supervisors_are_reaped(engine):
    run_id = launch(engine, "pass")
    pid = supervisor_of(engine, run_id)
    ended(engine, run_id)
    until(lambda: not psutil.pid_exists(pid), what="reaping of the supervisor")


def test_process_identities_differ_and_vanish():
    assert procinfo.start_identity(os.getpid()) is not None
    assert procinfo.start_identity(2**22 + 5) is None
    boot = Path("/proc/sys/kernel/random/boot_id")
    assert sys.platform != "linux" or procinfo.boot_identity() == boot.read_text().strip()


PRINTS = """
import os, time
os.write(1, b"first\\n")
time.sleep(0.3)  # by then the supervisor has compiled its patterns, and works out levels at once
begin = time.perf_counter()
for _ in range({lines}):
    os.write(1, {line!r})
    time.sleep({pause})
print(time.perf_counter() - begin)
"""


@pytest.mark.parametrize(
    ("size", "lines", "pause"), [(2000, 100, 0.002), (8000, 200, 0.0005), (256, 500, 0.0005)]
)
@pytest.mark.slow
def test_expensive_levels_do_not_delay_a_program_that_prints(engine, size, lines, pause):
    """It takes about as long as harmless lines do. A pattern that is not linear takes many
    seconds.
    """

    def seconds(unit):
        line = (unit * size)[: size - 1] + b"\n"
        run_id = launch(engine, PRINTS.format(line=line, lines=lines, pause=pause))
        ended(engine, run_id)
        return float(output(engine, run_id)[0].splitlines()[-1])

    most = 2 * seconds(b"x") + 0.5
    for unit in (b'x lvl="', b"[1:1:$"):
        assert any(seconds(unit) < most for _ in range(3)), "each time, so it is not the machine's"
