"""Real runs of modules with output that no log was meant for, or that do not end as they should."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from support.engine_host import EngineHost
from support.runs import ended, lines, output, spans, until
from support.waiting import WAIT_SECONDS

from prismq_nb.common.base import state
from prismq_nb.common.base.terminal.text import plain
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.read.line_block import read_block
from prismq_nb.engine.read.poll import LogQuery
from prismq_nb.engine.store.retention import Limits
from prismq_nb.journal.layout import format as fmt

MIB = 1 << 20
MAX_SUPERVISOR_RSS = 20_000_000
"""Bytes, at the peak, whatever is printed: an interpreter takes 9 MB of them, a line of 1 MiB a few
copies of it."""


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


def launch(engine, code, **more):
    return engine.launch(LaunchSpec(code=code, **more)).run_id


def run(engine, code, **more):
    return ended(engine, launch(engine, code, **more))


def poll(engine, run_id, **query):
    """What ``GET logs`` shows."""
    with engine.reader(run_id) as reader:
        look = LogQuery(reader, run_id, **query)
        while not look.step():
            pass
        return look.page().logs


def pids(engine, run_id):
    return state.read_json(engine.data_dir / "runs" / run_id / fmt.STATE)


FLOOD = """
import os, sys
piece = sys.argv[1].encode("latin-1").decode("unicode_escape").encode("latin-1") * 65536
left = int(sys.argv[2])
while left > 0:
    left -= os.write(1, piece[:left])
"""


@pytest.mark.parametrize(
    ("piece", "small", "large"),
    [("x", 256 * MIB, 10 << 30), (r"\0", 64 * MIB, 1 << 30), (r"50%\r", 16 * MIB, 1 << 30)],
    ids=["x", "NUL", "CR"],
)
@pytest.mark.timeout(1200)
def test_a_flood_without_a_newline_is_stored_to_the_byte_in_bounded_memory(
    engine, whole, piece, small, large
):
    size = large if whole else small
    run_id = launch(engine, FLOOD, args=[piece, str(size)])
    supervisor, peak = Path(f"/proc/{pids(engine, run_id)['supervisor_pid']}/status"), [0]

    def watched():
        with contextlib.suppress(OSError, TypeError):  # it has ended
            peak.append(1024 * int(re.search(r"VmHWM:\s*(\d+) kB", supervisor.read_text())[1]))
        return engine.get(run_id).status in state.ENDED

    until(watched, seconds=600 if whole else 60)
    end = engine.get(run_id)
    assert (end.status, end.bytes, end.exit_code) == ("completed", size, 0)
    assert size // fmt.MAX_LINE_BYTES <= end.lines <= size // fmt.MAX_LINE_BYTES + 1
    assert (engine.data_dir / "runs" / run_id / fmt.LOG).stat().st_size == size
    assert 0 < max(peak) < MAX_SUPERVISOR_RSS
    with engine.reader(run_id) as reader:
        assert all(span.flags & fmt.SPLIT for span in reader.spans(0, 5))
        blocks = iter(lambda: read_block(reader, 0, 5), None)  # empty while levels are worked out
        assert len(next(block for block in blocks if len(block)).messages[0]) <= MIB
    print(f"supervisor's peak: {max(peak) / MIB:.1f} MiB")
    engine.purge(run_id)


@pytest.mark.timeout(1200)
def test_ten_gigabytes_over_the_limit_of_a_run_are_counted(data_dir, whole):
    engine = Engine(data_dir, limits=Limits(max_run_bytes=8 * MIB))
    size = (10 << 30) if whole else (128 * MIB)
    run_id = launch(engine, FLOOD, args=["x", str(size)])
    until(lambda: engine.get(run_id).status in state.ENDED, seconds=600)
    end = engine.get(run_id)
    with engine.reader(run_id) as reader:
        (gap,) = reader.gaps(0, 1 << 40)
    assert (end.status, end.bytes + gap.bytes, gap.reason) == ("completed", size, "run-limit")
    assert 8 * MIB <= end.bytes <= 10 * MIB
    engine.close()


def test_invalid_utf_8_is_kept_as_it_is_and_shown_with_replacement(engine):
    raw = (
        bytes(byte for byte in range(256) if byte not in b"\b\n\r\x1b")
        + b"\xed\xa0\x80 \xf5 \xc0\xaf"
    )
    end = run(engine, f"import os; os.write(1, {raw!r} + b'\\n')")
    assert output(engine, end.run_id)[0] == raw + b"\n"
    (line,) = poll(engine, end.run_id)
    assert line.message == raw.decode("utf-8", "replace")


def test_a_character_in_two_writes_is_whole_even_where_a_long_line_is_cut(engine):
    code = f"""
import os, time
folder = os.path.join(os.environ["PRISMQ_DATA_DIR"], "runs", os.environ["PRISMQ_RUN_ID"])
for cut in (1, 2, 3):
    os.write(1, "😀".encode()[:cut])
    while not os.path.exists(folder + "/output.part"): time.sleep(0.001)
    os.write(1, "😀".encode()[cut:] + b"\\n")
    while os.path.exists(folder + "/output.part"): time.sleep(0.001)
text = ("x" + "😀" * {MIB // 4 + 10} + "\\n").encode()
while text: text = text[os.write(1, text):]
"""
    end = run(engine, code)
    shown = poll(engine, end.run_id)
    assert [line.message for line in shown[:3]] == ["😀"] * 3
    assert "".join(line.message for line in shown[3:]) == "x" + "😀" * (MIB // 4 + 10)


def test_partial_lines_of_both_streams_are_joined_separately(engine):
    code = """
import os
for i in range(3000):
    text = [b"out %d\\n" % i, b"err %d\\n" % i]
    for at in range(9):
        for stream in (0, 1):
            if text[stream][at:at + 1]: os.write(1 + stream, text[stream][at:at + 1])
"""
    end = run(engine, code)
    assert output(engine, end.run_id) == tuple(
        b"".join(b"%s %d\n" % (name, i) for i in range(3000)) for name in (b"out", b"err")
    )


@pytest.mark.parametrize(
    "opening",
    ["\x1b[", "\x1b]0;", "\x1b]8;;http://x", "\x1bP", "\x1b", "\x1b[38;5;", "\x9b"],
    ids=repr,
)
def test_an_escape_sequence_without_an_end_hides_only_its_own_line(engine, opening):
    end = run(engine, f"print('before'); print({opening!r} + '1' * 100_000); print('after')")
    shown = [plain(line.message) for line in poll(engine, end.run_id)]
    assert (shown[0], shown[2], len(shown)) == ("before", "after", 3)
    assert "\x1b" not in shown[1]


def test_a_child_that_closes_its_output_continues_and_its_end_is_reported(engine):
    run_id = launch(
        engine,
        (
            "import os, sys; print('bye', flush=True); os.close(1); os.close(2); "
            "sys.stdin.read(); os._exit(5)"
        ),
    )
    until(lambda: output(engine, run_id)[0] == b"bye\n")
    supervisor = psutil.Process(pids(engine, run_id)["supervisor_pid"])
    before = sum(supervisor.cpu_times()[:2])
    until(lambda: engine.get(run_id).cpu_percent is not None)
    assert engine.get(run_id).status == "running"
    assert sum(supervisor.cpu_times()[:2]) - before < 1, "it spins on the closed pipes"
    engine.send(run_id, "", eof=True)
    end = ended(engine, run_id)
    assert (end.status, end.exit_code) == ("failed", 5)


def test_a_daemon_that_keeps_the_pipe_and_floods_it_does_not_keep_the_run(engine):
    code = """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork(): os._exit(0)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    os.write(1, b"daemon %d\\n" % os.getpid())
    try:
        while True: os.write(1, b"still here\\n" * 100)
    except BrokenPipeError:
        time.sleep(1000)
else:
    os.wait()
    os.write(1, b"parent is done\\n")
"""
    end = run(engine, code)
    daemon = next(
        int(line.split()[1])
        for line in output(engine, end.run_id)[0].splitlines()
        if line.startswith(b"daemon")
    )
    try:
        assert (end.status, end.exit_code) == ("completed", 0)
        assert (end.output_open, end.error_message) == (True, None)
        assert psutil.pid_exists(daemon)
    finally:
        os.kill(daemon, signal.SIGKILL)


def test_a_child_that_ignores_sigint_and_sigterm_is_killed_after_both_graces(engine):
    code = """\
import signal, time
for n in (2, 15): signal.signal(n, signal.SIG_IGN)
print('deaf', flush=True)
while True: time.sleep(1)"""
    run_id = launch(engine, code)
    until(lambda: output(engine, run_id)[0] == b"deaf\n")
    engine.stop(run_id)
    assert engine.get(run_id).status == "running"
    engine.stop(run_id)
    until(lambda: engine.get(run_id).stopping)
    end = ended(engine, run_id)  # the second grace is waited out
    assert (end.status, end.exit_code) == ("cancelled", -9)
    assert end.duration_seconds > 4.5


def test_a_server_under_nohup_does_not_pass_ignored_signals_on(data_dir, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # nohup.out is written here
    host, engine = EngineHost(data_dir, "nohup", "setsid"), Engine(data_dir)
    code = (
        "import signal; print([n for n in range(1, 32) if n not in (9, 19) and "
        "signal.getsignal(n) == signal.SIG_IGN])"
    )
    direct = "import os\nos.execvp('sh', ['sh', '-c', 'grep SigIgn /proc/self/status'])"
    try:
        ignored = re.search(
            r"SigIgn:\s*(\w+)", Path(f"/proc/{host.process.pid}/status").read_text()
        )
        assert int(ignored[1], 16) & 1, "nohup had no effect"
        for text, expected in (
            (code, f"[{int(signal.SIGPIPE)}, {int(signal.SIGXFSZ)}]\n"),
            (direct, None),
        ):
            end = ended(engine, host.launch(code=text))
            said = output(engine, end.run_id)[0].decode()
            # Python itself ignores SIGPIPE (13) and SIGXFSZ (25); nothing else may be
            if expected is None:
                assert int(said.split()[1], 16) & ~(1 << 12 | 1 << 24) == 0
            else:
                assert said == expected
    finally:
        host.stop()
        engine.close()


@pytest.mark.parametrize(
    "name",
    [
        "select.py",
        "json.py",
        "struct.py",
        "psutil.py",
        "zlib.py",
        "prismq_nb.py",
        "sitecustomize.py",
    ],
)
def test_a_users_file_named_like_a_module_of_ours_is_left_alone(
    data_dir, tmp_path, monkeypatch, name
):
    (tmp_path / name).write_text(
        "open('imported', 'a').write('x'); raise SystemExit('the wrong one')"
    )
    monkeypatch.chdir(tmp_path)
    engine = Engine(data_dir)
    end = ended(
        engine,
        engine.launch(
            LaunchSpec(
                command=["sh", "-c", "echo ok; sleep 0.3"],
                cwd=str(tmp_path),
                env={"PYTHONPATH": str(tmp_path)},
            )
        ).run_id,
    )
    assert (end.status, output(engine, end.run_id)[0]) == ("completed", b"ok\n")
    assert not (tmp_path / "imported").exists()
    engine.close()


def test_a_burst_of_two_hundred_children(engine):
    code = """
import os
for i in range(200):
    if os.fork() == 0:
        for j in range(50): os.write(1, b"%d %d\\n" % (i, j))
        os._exit(0)
for i in range(200): os.wait()
"""
    end = run(engine, code)
    found = output(engine, end.run_id)[0].splitlines()
    assert (end.status, len(found)) == ("completed", 10_000)
    for i in (0, 77, 199):
        assert [b"%d %d" % (i, j) for j in range(50)] == [
            line for line in found if line.startswith(b"%d " % i)
        ]


def test_two_hundred_runs_at_once(data_dir, whole):
    engine = Engine(data_dir)
    count = 200 if whole else 20
    ids = [launch(engine, f"input(); print({i})") for i in range(count)]
    assert len(set(ids)) == count
    assert engine.list(status="running", limit=1).total == count
    for run_id in ids:
        engine.send(run_id, "\n")
    assert [output(engine, ended(engine, run_id).run_id)[0] for run_id in ids] == [
        b"%d\n" % i for i in range(count)
    ]
    engine.close()


def test_when_the_clock_is_set_back_the_times_of_a_run_still_increase(data_dir, monkeypatch):
    """The supervisor's wall clock jumps an hour back once it was read.

    A wrapper puts the jump into its `time`, because it reads no `sitecustomize`.
    """
    from prismq_nb.engine.launch import launchers

    wrapper = data_dir / "wrapper.py"
    wrapper.write_text(
        "import runpy, sys, time\n"
        "real, jumps = time.time_ns, iter([0])\n"
        "time.time_ns = lambda: real() - next(jumps, 3600 * 10**9)\n"
        f"sys.argv[0] = {launchers.boot.__file__!r}\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    monkeypatch.setattr(launchers.boot, "__file__", str(wrapper))
    engine = Engine(data_dir)
    end = run(engine, "import time\nfor i in range(100): print(i, flush=True); time.sleep(0.01)")
    with engine.reader(end.run_id) as reader:
        stamps = [span.stamp + i for span in spans(reader) for i in range(span.line_count)]
        assert len(lines(reader)) == 100
    assert stamps == sorted(set(stamps))
    assert state.iso(stamps[0]) > end.started_at > end.created_at
    assert 1 < end.duration_seconds < 1800  # the clock was set back by an hour
    assert stamps[-1] - stamps[0] < 1800 * 10**6
    engine.close()


def test_a_launch_without_descriptors_left_is_refused_with_the_reason_and_leaves_nothing(data_dir):
    """In its own process, because others open and close descriptors in this one."""
    script = Path(__file__).parent / "descriptors.py"
    done = subprocess.run(
        [sys.executable, str(script), str(data_dir)],
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    *refused, last = done.stdout.split()
    assert (set(refused), last) == ({"refused"}, "up")
    assert len(refused) >= 3
