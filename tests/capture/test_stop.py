"""Which processes a stop ends, in which steps, and what a supervisor does after it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from support.namespaces import unshare
from support.processes import processes_of
from support.runs import ended, escalate, lines, until

from prismq_nb.capture.base import control
from prismq_nb.capture.processes import stopper
from prismq_nb.capture.processes.info import Process
from prismq_nb.capture.processes.stopper import Stopper
from prismq_nb.common.base import state
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock

pytestmark = pytest.mark.slow  # real processes and their graces

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has child subreapers")


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


def printed(engine, run_id):
    with engine.reader(run_id) as reader:
        return [line.decode() for line in lines(reader)]


def launch(engine, command, count=1, **options):
    """Start a shell command, and wait for its first lines."""
    run_id = engine.launch(LaunchSpec(command=command, **({"stdin": True} | options))).run_id
    until(lambda: len(printed(engine, run_id)) >= count, what=f"{count} lines of {run_id}")
    return run_id


def supervisor_of(engine, run_id):
    now = state.read_json(engine.data_dir / "runs" / run_id / fmt.STATE)
    return psutil.Process(now["supervisor_pid"])


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


SLEEPS = "import asyncio, time\nup = lambda: print('up', flush=True)\n"
STOPPED = {
    "sleep": ("up(); time.sleep(1000)", 0),
    "asyncio": (
        "async def main():\n    up()\n    await asyncio.sleep(1000)\nasyncio.run(main())",
        0,
    ),
    "another error": (
        "try: up(); time.sleep(1000)\nexcept KeyboardInterrupt: raise ValueError('no')",
        1,
    ),
}


@pytest.mark.parametrize("terminal", [False, (100, 40)])
@pytest.mark.parametrize(("code", "errors"), STOPPED.values(), ids=STOPPED)
def test_a_traceback_of_our_stop_is_not_an_error(engine, code, errors, terminal):
    run_id = launch(engine, [sys.executable, "-c", SLEEPS + code], terminal=terminal)
    engine.stop(run_id)
    ended(engine, run_id)
    until(lambda: engine.get(run_id).records["complete"])
    assert engine.get(run_id).records["ERROR"] == errors
    assert any("Traceback" in line for line in printed(engine, run_id))


# Each prints the id of a process that hides, as its first word.
ENV_I = "env -i setsid sh -c"
HIDDEN = {
    "no environment, own session": f"{ENV_I} 'echo $$; exec sleep 7777' & wait",
    "its starter ended": f"sh -c \"{ENV_I} 'echo \\$\\$; exec sleep 7777' &\"; sleep 7777",
    "double fork": (
        f"{sys.executable} -c 'import os\n"
        "if os.fork(): os._exit(0)\n"
        "os.setsid()\n"
        "if os.fork(): os._exit(0)\n"
        'print(os.getpid(), flush=True); os.execve("/bin/sleep", ["x", "7777"], {})\'; sleep 7777'
    ),
    "signals ignored": f"{ENV_I} 'trap \"\" INT TERM; echo $$; while :; do sleep 1; done' & wait",
    "output closed": f"{ENV_I} 'echo $$; exec sleep 7777 >/dev/null 2>&1 </dev/null' & wait",
    "its first thread ended": (
        f"{sys.executable} -c 'import ctypes, os, threading, time\n"
        "threading.Thread(target=time.sleep, args=(7777,)).start(); os.setsid\n"
        "print(os.getpid(), flush=True); ctypes.CDLL(None).pthread_exit(None)' & wait"
    ),
}


@LINUX
@pytest.mark.parametrize("terminal", [False, True], ids=["pipes", "terminal"])
@pytest.mark.parametrize("command", HIDDEN.values(), ids=HIDDEN)
def test_a_stop_ends_processes_that_hide(engine, command, terminal):
    run_id = launch(engine, command, terminal=terminal)
    hidden = int(printed(engine, run_id)[0].split()[0])
    escalate(engine, run_id)
    run = ended(engine, run_id)
    assert (run.status, run.error_message) == ("cancelled", None)
    assert gone(hidden)
    until(lambda: not psutil.pid_exists(hidden), what="reaping")


NESTED = """
import prismq_nb, time
run = prismq_nb.launch(command='echo up; read line; echo done', stdin=True)
print(run.run_id, flush=True)
time.sleep(1000)
"""


@LINUX
def test_a_nested_run_survives_the_stop_of_the_outer_one(engine):
    run_id = engine.launch(LaunchSpec(code=NESTED)).run_id
    until(lambda: printed(engine, run_id))
    nested = printed(engine, run_id)[0]
    outer = supervisor_of(engine, run_id)
    escalate(engine, run_id)
    assert ended(engine, run_id).status == "cancelled"
    assert engine.get(nested).status == "running"
    assert outer.is_running()  # it waits to reap the nested supervisor
    engine.send(nested, "\n")
    run = ended(engine, nested)
    assert (run.status, printed(engine, nested)) == ("completed", ["up", "done"])
    until(lambda: gone(outer.pid))


def test_a_foreign_process_that_holds_the_output_is_named_and_survives(engine):
    run_id = launch(engine, "echo $$; exec sleep 1000")
    child = int(printed(engine, run_id)[0])
    code = f"fd = open('/proc/{child}/fd/1', 'w'); print(flush=True); import time; time.sleep(1000)"
    stranger = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        stranger.stdout.readline()
        engine.stop(run_id)
        run = ended(engine, run_id)
        assert run.status == "cancelled"
        assert f"its output is still held open by process {stranger.pid} (" in run.error_message
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
        stranger.stdout.close()


def test_a_foreign_process_that_prints_without_end_does_not_delay_a_stop(engine):
    run_id = launch(engine, "echo $$; exec sleep 1000")
    child = int(printed(engine, run_id)[0])
    stranger = subprocess.Popen(["/bin/sh", "-c", f"yes > /proc/{child}/fd/1"])
    try:
        until(lambda: engine.get(run_id).bytes > 1 << 20)
        engine.stop(run_id)
        assert ended(engine, run_id).status == "cancelled"
    finally:
        stranger.kill()
        stranger.wait()


# A thread waits for the signals, because a handler may run too early or too late: within the print
# of "up", where it cannot print, or after the next event, if the signal comes between the
# interpreter's last check and the read.
TRAPS = """
import os, signal, sys, threading
numbers = {signal.SIGINT, signal.SIGTERM}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
def say():
    while True: os.write(1, signal.Signals(signal.sigwait(numbers)).name.encode() + b"\\n")
threading.Thread(target=say, daemon=True).start()
print("up", flush=True)
print(sys.stdin.readline(), end="")
"""


def test_a_second_request_terminates_and_kills_though_sigterm_is_ignored(engine):
    run_id = launch(engine, [sys.executable, "-c", TRAPS])
    escalate(engine, run_id)
    run = ended(engine, run_id)
    assert (run.status, run.exit_code) == ("cancelled", -9)
    assert printed(engine, run_id) == ["up", "SIGINT", "SIGTERM"]


def test_a_request_repeated_within_a_second_is_the_same(engine):
    run_id = launch(engine, [sys.executable, "-c", TRAPS])
    for at in (100.0, 100.9):
        control.send(engine.data_dir / "runs" / run_id, control.stop_line(at))
    until(lambda: len(printed(engine, run_id)) == 2)
    engine.send(run_id, "bye\n")
    run = ended(engine, run_id)
    assert (run.status, run.exit_code) == ("cancelled", 0)
    assert printed(engine, run_id) == ["up", "SIGINT", "bye"]


@pytest.mark.parametrize("at", ["null", '"x"', "1e999", "1" + "0" * 400, "[]", "true", "NaN"])
def test_a_stop_with_an_invalid_time_is_dropped_or_obeyed_and_the_run_continues(engine, at):
    run_id = launch(engine, [sys.executable, "-c", TRAPS])
    control.send(engine.data_dir / "runs" / run_id, b'{"op": "stop", "at": %s}\n' % at.encode())
    engine.send(run_id, "bye\n")
    ended(engine, run_id)
    assert printed(engine, run_id)[-1] == "bye"


# Each ends by itself in 20 s, so that a failed stop leaves nothing for good.
ELUSIVE = {
    "each replaces itself": "leave()\nwhile time.time() < end:\n    if os.fork(): os._exit(0)",
    "each in a session of its own": (
        "leave()\nwhile time.time() < end:\n    if os.fork(): os._exit(0)\n    os.setsid()"
    ),
    "many, in a session that its starter left": """\
leave()
os.setsid()
for n in range(5): os.fork()
while time.time() < end:
    if os.fork(): os._exit(0)""",
}


@LINUX
@pytest.mark.parametrize("code", ELUSIVE.values(), ids=ELUSIVE)
def test_a_stop_ends_processes_that_fork_faster_than_they_can_be_listed(engine, code):
    """When none is left, the supervisor ends: it outlives the last descendant."""
    leave = "def leave():\n    if os.fork(): time.sleep(1000)\n"
    head = f"import os, time\nend = time.time() + 20\n{leave}print('up', flush=True)\n"
    run_id = launch(engine, [sys.executable, "-S", "-c", head + code])
    supervisor = supervisor_of(engine, run_id)
    escalate(engine, run_id)
    run = ended(engine, run_id)
    assert (run.status, run.error_message) == ("cancelled", None)
    assert run.duration_seconds < 18  # they end by themselves after 20 s
    until(lambda: gone(supervisor.pid), what="the end of the last descendant")
    assert time.time() - supervisor.create_time() < 18


class Relatives:
    """A family of simulated processes, and the signals that they get."""

    def __init__(self, monkeypatch, *, mortal=True, refuses=False):
        self.sent = []
        self._left = [Process(10, 1, 10, 1, "leader"), Process(11, 1, 11, 1, "other")]
        self._mortal = mortal
        monkeypatch.setattr(stopper.processes, "signal_group", self._group)
        monkeypatch.setattr(stopper.processes, "send", self._send)
        self._refuses = refuses

    def members(self):
        return list(self._left)

    def has_unlisted(self, _):
        return False

    def kill_orphans(self):
        pass

    def _group(self, _, number):
        self.sent.append(("group", signal.Signals(number).name))

    def _send(self, process, number):
        if self._refuses:
            return False
        self.sent.append((process.name, signal.Signals(number).name))
        if number == signal.SIGKILL and self._mortal:
            self._left.remove(process)
        return True


def run_until(stop, end, step=0.1):
    """Let the time pass, from 0."""
    now = 0.0
    while now < end:
        stop.tick(now)
        now += step


STEPS = {
    "one request": ([0], {0: "SIGINT", 5: "SIGTERM", 10: "SIGKILL"}),
    "a second one later": ([0, 2], {0: "SIGINT", 2: "SIGTERM", 2.8: "SIGKILL"}),
    "the same one again": ([0, 0.9], {0: "SIGINT", 5: "SIGTERM", 10: "SIGKILL"}),
    "again and again, as a proxy does": ([0, 0.3, 0.6, 0.9], {0: "SIGINT", 5: "SIGTERM"}),
    "after the first SIGTERM": ([0, 6], {0: "SIGINT", 5: "SIGTERM", 6: "SIGKILL"}),
    "three": ([0, 1.1, 1.7], {0: "SIGINT", 1.1: "SIGTERM", 1.9: "SIGKILL"}),
    "three, each a second later": ([0, 1, 2], {0: "SIGINT", 1: "SIGTERM", 1.8: "SIGKILL"}),
}


@pytest.mark.parametrize(("requests", "expected"), STEPS.values(), ids=STEPS)
def test_the_steps_of_a_stop(monkeypatch, requests, expected):
    run_processes = Relatives(monkeypatch, mortal=False)
    stop = Stopper(run_processes, 10)
    times: dict[str, float] = {}
    for tenth in range(int(10 * max(expected)) + 3):
        now = tenth / 10
        if now in requests:
            stop.request(now, "stopped")
        stop.tick(now)
        for target, name in run_processes.sent:
            if target == "group" and name != "SIGCONT":
                times.setdefault(name, now)
    assert times == {name: pytest.approx(at, abs=0.11) for at, name in expected.items()}


def test_sigterm_reaches_the_group_once_and_those_that_left_it(monkeypatch):
    run_processes = Relatives(monkeypatch)
    stop = Stopper(run_processes, 10)
    stop.request(0, "stopped")
    assert run_processes.sent == [("group", "SIGINT"), ("group", "SIGCONT")]
    stop.request(2, "stopped")
    others = [("other", "SIGTERM"), ("other", "SIGCONT")]
    assert run_processes.sent[2:] == [("group", "SIGTERM"), ("group", "SIGCONT"), *others]


def test_a_process_of_another_user_is_named_and_not_waited_for(monkeypatch):
    stop = Stopper(Relatives(monkeypatch, refuses=True), 10)
    stop.request(0, "stopped")
    run_until(stop, 11)
    assert stop.finished(11)
    assert stop.note([]) == "could not be ended: process 10 (leader), process 11 (other)"


def test_a_process_that_does_not_die_is_named_after_a_while(monkeypatch):
    stop = Stopper(Relatives(monkeypatch, mortal=False), 10)
    stop.request(0, "stopped")
    run_until(stop, 11)
    assert not stop.finished(11)
    assert stop.finished(21)
    assert "process 11 (other)" in stop.note([])


# After the run's end.


@LINUX
def test_a_supervisor_outlives_the_last_descendant_and_holds_nothing_meanwhile(engine):
    command = "setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!"
    run_id = launch(engine, command)
    supervisor = supervisor_of(engine, run_id)
    daemon = int(printed(engine, run_id)[0])
    run = ended(engine, run_id)
    folder = engine.data_dir / "runs" / run_id
    assert (run.status, run.error_message) == ("completed", None)
    until(lambda: lock.is_free(folder))
    until(lambda: set(os.listdir(f"/proc/{supervisor.pid}/fd")) == {"0", "1", "2"})
    assert os.readlink(f"/proc/{supervisor.pid}/cwd") == "/"
    assert psutil.Process(daemon).ppid() == supervisor.pid
    before = sum(supervisor.cpu_times()[:2])
    engine.purge(run_id)
    assert not folder.exists()
    assert sum(supervisor.cpu_times()[:2]) == before
    os.kill(daemon, signal.SIGKILL)
    until(lambda: gone(supervisor.pid))


@LINUX
def test_a_supervisor_that_waits_for_descendants_ends_by_sigterm(engine):
    run_id = launch(engine, "setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!")
    supervisor = supervisor_of(engine, run_id)
    ended(engine, run_id)
    until(lambda: lock.is_free(engine.data_dir / "runs" / run_id))
    until(lambda: os.readlink(f"/proc/{supervisor.pid}/cwd") == "/")
    supervisor.terminate()
    until(lambda: gone(supervisor.pid))
    os.kill(int(printed(engine, run_id)[0]), signal.SIGKILL)


@LINUX
def test_a_thousand_orphans_are_reaped_and_the_child_keeps_its_exit_code(engine):
    script = "i=0; while [ $i -lt 1000 ]; do (: &) ; i=$((i+1)); done; exit 7"
    run = ended(engine, engine.launch(LaunchSpec(command=script)).run_id)
    assert (run.status, run.exit_code) == ("failed", 7)
    assert not processes_of(run.run_id)


PROCESS_1 = """
import os, sys, time
from pathlib import Path
from prismq_nb.capture.base import control
from prismq_nb.engine.engine import Engine
from prismq_nb.common.base.state import read_json
from prismq_nb.common.models import LaunchSpec
assert os.getpid() == 1
engine = Engine(Path(sys.argv[1]))
def launch(command): return engine.launch(LaunchSpec(command=command)).run_id
quiet = ">/dev/null 2>&1 </dev/null"
runs = [launch(f"setsid sleep 0.3 {quiet} & (sleep 0.2 &) ; exit 3") for _ in "123"]
runs += [launch("env -i setsid sleep 7777 & echo up; wait") for _ in "12"]
folders = [Path(sys.argv[1], "runs", run) for run in runs]
supervisors = {read_json(folder / "run.json")["supervisor_pid"] for folder in folders}
while not all(engine.get(run).lines for run in runs[3:]): time.sleep(0.01)
for folder in folders[3:]:
    for at in (1, 3): control.send(folder, control.stop_line(at))
while any(not engine.get(run).completed_at for run in runs): time.sleep(0.01)
while others := [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]:
    for name in others:
        try: state = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
        except OSError: continue
        if state[1] == "1" and int(name) not in supervisors:
            sys.exit(f"a process of a run became a child of process 1: {name} {state}")
    time.sleep(0.01)
print([engine.get(run).status for run in runs])
"""


@LINUX
def test_where_jupyter_is_process_1_nothing_is_left_for_it_to_reap(data_dir):
    way = unshare("--pid", "--fork", "--mount-proc", "true")
    command = [*way, "--fork", "--mount-proc", sys.executable, "-c", PROCESS_1, str(data_dir)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout == f"{['failed'] * 3 + ['cancelled'] * 2}\n"


ADOPTED = """
import os, subprocess, sys, time
from pathlib import Path
from prismq_nb.capture.processes.info import snapshot
from prismq_nb.engine.store.orphans import OrphanReaper
from prismq_nb.engine.engine import Engine
one = "import prismq_nb; print(prismq_nb.launch(command='exit 3').run_id)"
os.environ["PRISMQ_DATA_DIR"] = sys.argv[1]
subprocess.run([sys.executable, "-c", one], check=True)
engine, adopted = Engine(Path(sys.argv[1])), OrphanReaper(Path(sys.argv[1], "runs"))
while not engine.list().runs[0].completed_at: time.sleep(0.01)
other = subprocess.Popen(["false"])
while not all(one.zombie for one in snapshot().values() if one.parent == 1): time.sleep(0.01)
print(len(adopted.reap()), len(adopted.reap()), other.wait(), list(snapshot()))
"""


@LINUX
def test_process_1_reaps_only_what_another_program_launched(data_dir):
    way = unshare("--pid", "--fork", "--mount-proc", "true")
    command = [*way, "--fork", "--mount-proc", sys.executable, "-c", ADOPTED, str(data_dir)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[1] == "1 0 1 [1]"
