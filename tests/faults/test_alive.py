"""No change of its directory ends a live run, and only its own processes end with it.

Each table lists ways to mislead an engine: what is done to a data directory, and who must be alive
and what must be shown afterwards. The processes are real; an engine without any knowledge reads.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import psutil
import pytest
from support.namespaces import unshare
from support.runs import ended, lines, until

from prismq_nb.capture.processes import identity as processes
from prismq_nb.capture.processes.identity import DIRECTORY_VARIABLE, RUN_ID_VARIABLE
from prismq_nb.capture.processes.info import start_identity
from prismq_nb.common.base import state
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.health import repair
from prismq_nb.engine.health.repair import COPIED, KILLED
from prismq_nb.journal.layout import format as fmt

# It prints, has a child that left its group, and continues until it reads a line.
CODE = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
other = subprocess.Popen(["sleep", "1000"], start_new_session=True)
print(other.pid, flush=True)
input()
other.kill()
print("bye")
"""


class Live:
    """A live run, and its processes."""

    def __init__(self, data_dir):
        self.data = data_dir
        engine = Engine(data_dir)
        self.run_id = engine.launch(LaunchSpec(code=CODE, unbuffered=False)).run_id
        self.path = data_dir / "runs" / self.run_id

        def first():
            with engine.reader(self.run_id) as reader:
                return lines(reader)

        until(first)
        engine.close()
        now = state.read_json(self.path / fmt.STATE)
        self.supervisor = psutil.Process(now["supervisor_pid"])
        self.child = psutil.Process(now["pid"])
        self.other = psutil.Process(int(first()[0]))

    def edit(self, name, **fields):
        path = self.path / name
        path.write_text(json.dumps(state.read_json(path) | fields))

    def alive(self):
        """Which of its processes are alive."""
        found = {"supervisor": self.supervisor, "child": self.child, "other": self.other}
        return {name for name, one in found.items() if is_alive(one)}

    def kill_supervisor(self):
        self.supervisor.kill()
        until(lambda: not is_alive(self.supervisor))


def is_alive(process):
    """Also a killed process with a thread that still writes to the disk: it holds its locks."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return True
        return len(os.listdir(f"/proc/{process.pid}/task")) > 1
    except (psutil.NoSuchProcess, OSError):
        return False


ALL = {"supervisor", "child", "other"}


@pytest.fixture
def live(data_dir):
    return Live(data_dir)


def look(data_dir, run_id=None):
    """What an engine without any knowledge shows, once its repairs are done."""
    engine = Engine(data_dir)
    for run in engine.list().runs:
        engine.wait_for_repair(run.run_id)
    runs = {run.run_id: run for run in engine.list().runs}
    engine.close()
    return runs if run_id is None else runs[run_id]


def shell(command, **values):
    subprocess.run(["/bin/sh", "-ec", command], check=True, env={**os.environ, **values})


def copied_by(command):
    def mislead(live, there):
        shell(command, DATA=str(live.data), THERE=str(there))
        return there

    return mislead


COPIES = {
    "cp -a": copied_by('cp -a "$DATA" "$THERE"'),
    "tar": copied_by('mkdir "$THERE"; tar -C "$DATA" -cf - . | tar -C "$THERE" -xf -'),
    "hard links": copied_by('cp -al "$DATA" "$THERE"'),
    "to another file system": copied_by(
        'D=$(mktemp -d /dev/shm/prismq.XXXXXX); cp -a "$DATA/." "$D"; ln -s "$D" "$THERE"',
    ),
}


@pytest.mark.parametrize("mislead", COPIES.values(), ids=COPIES)
def test_a_copy_of_a_live_run_is_ended_there_and_the_run_continues(live, tmp_path, mislead):
    there = mislead(live, tmp_path / "there")
    try:
        copy = look(there, live.run_id)
        assert (copy.status, copy.exit_code, copy.error_message) == ("failed", None, COPIED)
        assert live.alive() == ALL
        engine = Engine(there)
        with engine.reader(live.run_id) as reader:
            assert lines(reader) == [str(live.other.pid).encode()]
        engine.wait_for_repair(live.run_id)
        engine.purge(live.run_id)
        engine.close()
    finally:
        shutil.rmtree(os.path.realpath(there))
    assert live.alive() == ALL
    goes_on(live, live.data)


def goes_on(live, data_dir):
    """Check that it runs, can be written to, and ends as it should."""
    assert look(data_dir, live.run_id).status == "running"
    engine = Engine(data_dir)
    engine.send(live.run_id, "\n")
    run = ended(engine, live.run_id)
    with engine.reader(live.run_id) as reader:
        assert lines(reader)[-1] == b"bye"
    engine.close()
    assert (run.status, run.exit_code, run.error_message) == ("completed", 0, None)
    until(lambda: not live.alive())


def test_a_copy_under_another_run_id_beside_it_ends_and_the_run_continues(live):
    other = live.run_id[:-6] + "abcdef"
    shell('cp -a "$RUN" "$OTHER"', RUN=str(live.path), OTHER=str(live.path.with_name(other)))
    runs = look(live.data)
    assert (runs[other].status, runs[other].error_message) == ("failed", COPIED)
    assert live.alive() == ALL
    goes_on(live, live.data)


def remove(*names):
    def mislead(live, there):
        for name in names:
            (live.path / name).unlink()
        return live.data

    return mislead


def replace_lock(live, there):
    (live.path / fmt.LOCK).unlink()
    (live.path / fmt.LOCK).touch()
    return live.data


def restore_backup(live, there):
    backup = there.with_name("backup")
    shell('cp -a "$DATA" "$BACKUP"', DATA=str(live.data), BACKUP=str(backup))
    live.edit(fmt.STATE, stopping=True)
    command = 'cp -a --remove-destination "$BACKUP/runs/$RUN/lock" "$BACKUP/runs/$RUN/"*.json "$AT"'
    shell(command, BACKUP=str(backup), RUN=live.run_id, AT=str(live.path))
    return live.data


def link_to(live, there):
    there.symlink_to(live.data)
    return there


def link_to_run(live, there):
    (there / "runs").mkdir(parents=True)
    (there / "runs" / live.run_id).symlink_to(live.path)
    return there


def move(live, there):
    live.data.rename(there)
    return there


def move_and_copy_back(live, there):
    live.data.rename(there)
    shell('cp -a "$THERE" "$DATA"', THERE=str(there), DATA=str(live.data))
    assert look(live.data, live.run_id).error_message == COPIED
    return there


def other_machine(live, there):
    for name in (fmt.LAUNCH, fmt.STATE):
        live.edit(name, host="elsewhere", boot="another boot")
    return live.data


def other_pids(live, there):
    live.edit(fmt.STATE, pid=1, pid_started="1", supervisor_pid=2)
    return live.data


KEPT = {
    "lock removed": remove(fmt.LOCK),
    "lock replaced": replace_lock,
    "lock and state removed": remove(fmt.LOCK, fmt.STATE),
    "lock and launch removed": remove(fmt.LOCK, fmt.LAUNCH),
    "state removed": remove(fmt.STATE),
    "backup restored over it": restore_backup,
    "symbolic link to the data directory": link_to,
    "symbolic link to the run": link_to_run,
    "moved": move,
    "moved and copied back": move_and_copy_back,
    "another host and boot": other_machine,
    "other process ids": other_pids,
    "other process ids and no lock": lambda live, there: (
        other_pids(live, there),
        remove(fmt.LOCK)(live, there),
    )[1],
}


@pytest.fixture
def fast_heart(monkeypatch):
    """Make supervisors give signs of life so often that a test need not wait for one."""
    from prismq_nb.engine import engine

    orders = engine.supervisor_config
    fast = {"heartbeat_seconds": 0.1}
    monkeypatch.setattr(engine, "supervisor_config", lambda *args: orders(*args) | fast)


@pytest.mark.parametrize("mislead", KEPT.values(), ids=KEPT)
def test_a_live_run_survives_changes_of_its_directory(live, tmp_path, mislead):
    data_dir = mislead(live, tmp_path / "there")
    assert look(data_dir, live.run_id).status in ("running", "queued")
    assert live.alive() == ALL
    if mislead is not KEPT["lock and state removed"]:
        until(lambda: look(data_dir, live.run_id).status == "running")
    engine = Engine(data_dir)
    engine.send(live.run_id, "\n")
    until(lambda: not live.alive())
    until(lambda: look(data_dir, live.run_id).status in state.ENDED)
    assert look(data_dir, live.run_id).status == "completed"
    engine.close()


def test_a_removed_lock_and_a_removed_control_file_come_back(fast_heart, data_dir):
    live = Live(data_dir)
    for name in (fmt.LOCK, fmt.CONTROL, fmt.STATE):
        (live.path / name).unlink()
    until(lambda: all((live.path / name).exists() for name in (fmt.CONTROL, fmt.STATE)))
    goes_on(live, live.data)


def test_a_bind_mount_of_the_data_directory_is_the_same_directory(live, tmp_path):
    (tmp_path / "mount").mkdir()
    python = """\
import sys; from pathlib import Path; from prismq_nb.engine.engine import Engine
engine = Engine(Path(sys.argv[1])); print(engine.list().runs[0].status)
engine.send(sys.argv[2], chr(10)); engine.close()"""
    mount = 'mount --bind "$DATA" "$AT"; exec "$PYTHON" -c "$CODE" "$AT" "$RUN"'
    values = {"DATA": str(live.data), "AT": str(tmp_path / "mount"), "PYTHON": sys.executable}
    values |= {"CODE": python, "RUN": live.run_id}
    command = [*unshare("--mount"), "/bin/sh", "-ec", mount]
    said = subprocess.run(command, env={**os.environ, **values}, check=True, capture_output=True)
    assert said.stdout == b"running\n"
    until(lambda: look(live.data, live.run_id).status == "completed")


@pytest.mark.parametrize("removed", [(), (fmt.LOCK,)], ids=["whole", "lock removed"])
def test_another_container_that_shares_the_directory_sees_that_the_run_is_alive(live, removed):
    remove(*removed)(live, None)
    python = """\
import sys; from pathlib import Path; from prismq_nb.engine.engine import Engine
engine = Engine(Path(sys.argv[1])); engine.wait_for_repair(sys.argv[2])
print(engine.get(sys.argv[2]).status); engine.close()"""
    way = unshare("--pid", "--fork", "--mount-proc", "true")
    command = [*way, "--fork", "--mount-proc", sys.executable, "-c", python]
    said = subprocess.run([*command, live.data, live.run_id], check=True, capture_output=True)
    assert said.stdout == b"running\n"
    assert live.alive() == ALL


def test_a_renamed_run_continues_and_is_ended_when_its_supervisor_dies(live):
    other = live.path.with_name(live.run_id[:-6] + "abcdef")
    live.path.rename(other)
    assert look(live.data, other.name).status == "running"
    assert live.alive() == ALL
    live.kill_supervisor()
    assert look(live.data, other.name).error_message == KILLED
    until(lambda: not live.alive())


# A dead supervisor: only processes whose run id, directory and start time all match are ended.


@pytest.fixture
def innocent():
    """Start processes that are not the run's."""
    started = []

    def start(**environment):
        started.append(subprocess.Popen(["sleep", "1000"], env={"PATH": os.defpath, **environment}))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_processes_left_by_a_killed_supervisor_are_ended(live):
    live.kill_supervisor()
    run = look(live.data, live.run_id)
    assert (run.status, run.error_message) == ("failed", KILLED)
    until(lambda: not live.alive())


def test_a_child_that_ends_during_the_search_is_not_named(live, innocent, monkeypatch):
    """A process that is ending no longer has an environment to be recognised by."""
    process = innocent()
    live.kill_supervisor()
    live.edit(fmt.STATE, pid=process.pid, pid_started=start_identity(process.pid))

    def kill(*arguments):
        found = processes.kill(*arguments)
        process.kill()
        return found

    monkeypatch.setattr(repair, "processes", SimpleNamespace(**vars(processes) | {"kill": kill}))
    run = look(live.data, live.run_id)
    assert (run.status, run.error_message) == ("failed", KILLED)


def test_an_unrelated_process_named_by_a_state_survives(live, innocent):
    process = innocent()
    live.kill_supervisor()
    live.edit(fmt.STATE, pid=process.pid, pid_started=start_identity(process.pid))
    assert look(live.data, live.run_id).status == "failed"
    until(lambda: not live.alive())
    assert process.poll() is None


@pytest.mark.parametrize("shown", ["run id", "run id and another directory"])
def test_a_process_that_only_carries_the_run_id_survives_and_is_named(live, innocent, shown):
    environment = {RUN_ID_VARIABLE: live.run_id}
    if shown != "run id":
        environment[DIRECTORY_VARIABLE] = "1:2"
    process = innocent(**environment)
    live.kill_supervisor()
    run = look(live.data, live.run_id)
    named = f"because they may not be its own: process {process.pid} (sleep)"
    assert named in run.error_message
    until(lambda: not live.alive())
    assert process.poll() is None


def test_processes_that_started_before_the_run_survive_and_are_named(live):
    live.edit(fmt.LAUNCH, boot_seconds=time.clock_gettime(time.CLOCK_BOOTTIME) + 1000)
    live.kill_supervisor()
    run = look(live.data, live.run_id)
    assert f"process {live.other.pid} (sleep)" in run.error_message
    assert "other" in live.alive()
    live.other.kill()
    live.child.kill()


def test_a_child_that_has_cleared_its_environment_survives_and_is_named(data_dir):
    """Its process id and start time alone are no proof: whoever edits the state could name any."""
    code = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
os.execve("/bin/sleep", ["sleep", "1000"], {})
"""
    engine = Engine(data_dir)
    run_id = engine.launch(LaunchSpec(code=code)).run_id
    engine.close()
    path = data_dir / "runs" / run_id / fmt.STATE
    now = state.read_json(path)
    child, supervisor = psutil.Process(now["pid"]), psutil.Process(now["supervisor_pid"])
    try:
        until(lambda: child.name() == "sleep")
        supervisor.kill()
        until(lambda: not is_alive(supervisor))
        run = look(data_dir, run_id)
        assert f"because they may not be its own: process {child.pid} (sleep)" in run.error_message
        assert is_alive(child)
    finally:
        child.kill()


def test_a_copy_ends_nothing_though_the_run_itself_is_dead(live, tmp_path):
    shell('cp -a "$DATA" "$COPY"', DATA=str(live.data), COPY=str(tmp_path / "copy"))
    live.kill_supervisor()
    assert look(tmp_path / "copy", live.run_id).error_message == COPIED
    assert "other" in live.alive()
    assert look(live.data, live.run_id).error_message == KILLED
    until(lambda: not live.alive())


def test_on_a_local_file_system_the_lock_alone_says_that_a_run_is_dead(live):
    other_machine(live, None)
    live.kill_supervisor()
    assert look(live.data, live.run_id).status == "failed"
    os.kill(live.child.pid, signal.SIGKILL)
    os.kill(live.other.pid, signal.SIGKILL)
