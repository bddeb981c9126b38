"""A run ends with its module, but output continues while another process holds it open."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest
from support.leftovers import gone
from support.runs import ended, output, until

from prismq_nb.common.base import state
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.errors import RunActive, RunEnded
from prismq_nb.journal.layout import format as fmt

pytestmark = pytest.mark.slow  # real processes that stay behind

BOTH = pytest.mark.parametrize("terminal", [False, True], ids=["pipes", "terminal"])
SURVIVOR = """
import os, signal, sys, time
signal.signal(signal.SIGHUP, signal.SIG_IGN)
print("survivor", os.getpid(), flush=True)
said = set()
while not os.path.exists("end"):
    for name in sorted(set(os.listdir(".")) - said):
        if name.startswith("say-"):
            said.add(name)
            print("heard", name, flush=True)
    time.sleep(0.01)
print("good", end="", flush=True)
print("bye", file=sys.stderr, flush=True)
"""
MODULE = f"""
import os, subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-c", {SURVIVOR!r}],
    start_new_session=%s,
    stdout=subprocess.PIPE if %s else None,
)
print("module", child.pid, flush=True)
while "go" not in os.listdir("."):
    time.sleep(0.01)
sys.exit(%d)
"""


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    for run in engine.active():
        engine.stop(run.run_id)
        until(lambda run_id=run.run_id: not engine.get(run_id).output_open, what="end of survivors")
    engine.close()


def left_behind(engine, folder, *, code=0, session=False, **options):
    """Launch a module that leaves a survivor behind; return the ended run and the survivor."""
    folder.mkdir(exist_ok=True)
    spec = LaunchSpec(code=MODULE % (session, False, code), cwd=str(folder), **options)
    run_id = engine.launch(spec).run_id
    until(lambda: b"survivor" in output(engine, run_id)[0], what="survivor")
    (folder / "go").touch()
    run = ended(engine, run_id)
    line = next(line for line in output(engine, run_id)[0].splitlines() if b"survivor" in line)
    return run, int(line.split()[1])


def closed(engine, run_id):
    """The run, when its output has ended."""
    until(lambda: not engine.get(run_id).output_open, what=f"end of the output of {run_id}")
    return engine.get(run_id)


@BOTH
def test_the_output_of_a_survivor_is_stored_until_its_end(engine, tmp_path, terminal):
    run, pid = left_behind(engine, tmp_path / "w", terminal=terminal)
    assert (run.status, run.exit_code, run.error_message) == ("completed", 0, None)
    assert run.output_open
    assert pid in [process.pid for process in run.background]
    assert all(process.name for process in run.background)
    (tmp_path / "w" / "say-1").touch()
    until(lambda: b"heard say-1" in output(engine, run.run_id)[0], what="a later line")
    until(lambda: engine.get(run.run_id).lines == 3)
    (tmp_path / "w" / "end").touch()
    run = closed(engine, run.run_id)
    assert (run.status, run.exit_code, run.background) == ("completed", 0, [])
    assert run.lines == 5
    out, err = output(engine, run.run_id)
    assert (out.splitlines()[-1], err) == (b"good", b"bye\n")
    until(lambda: engine.get(run.run_id).levels["complete"])


def test_a_failed_module_has_failed_while_its_survivor_prints(engine, tmp_path):
    run, _ = left_behind(engine, tmp_path / "w", code=3)
    assert (run.status, run.exit_code, run.error_message) == ("failed", 3, "exit code 3")
    assert run.completed_at is not None
    assert run.output_open


def test_a_run_whose_output_is_open_is_not_purged_but_may_be_restarted(engine, tmp_path):
    run, _ = left_behind(engine, tmp_path / "w")
    with pytest.raises(RunActive, match="still hold its output"):
        engine.purge(run.run_id)
    with pytest.raises(RunEnded):
        engine.send(run.run_id, "text\n")
    assert run.run_id in [active.run_id for active in engine.active()]
    again = engine.restart(run.run_id)
    assert again.run_id != run.run_id
    (tmp_path / "w" / "end").touch()
    closed(engine, run.run_id)
    ended(engine, again.run_id)
    closed(engine, again.run_id)
    assert list(engine.active()) == []
    engine.purge(run.run_id)


@BOTH
def test_a_stop_after_the_end_ends_survivors_and_changes_nothing_else(engine, tmp_path, terminal):
    run, pid = left_behind(engine, tmp_path / "w", session=True, terminal=terminal)
    assert engine.stop(run.run_id).stopping
    after = closed(engine, run.run_id)
    until(lambda: gone(pid), what="end of the survivor")
    assert (after.status, after.exit_code, after.completed_at) == ("completed", 0, run.completed_at)
    assert not after.stopping
    with pytest.raises(RunEnded):
        engine.stop(run.run_id)


def test_killing_a_draining_supervisor_changes_no_end_and_kills_no_survivor(
    engine,
    tmp_path,
):
    run, pid = left_behind(engine, tmp_path / "w", code=3, session=True)
    now = state.read_json(engine.data_dir / "runs" / run.run_id / fmt.STATE)
    os.kill(now["supervisor_pid"], signal.SIGKILL)
    try:
        after = closed(engine, run.run_id)
        assert (after.status, after.exit_code, after.error_message) == ("failed", 3, "exit code 3")
        assert (after.completed_at, after.background, after.lines) == (run.completed_at, [], 2)
        assert "supervisor was killed" in after.notes[-1]
        assert psutil.pid_exists(pid)
    finally:
        (tmp_path / "w" / "end").touch()
    until(lambda: gone(pid), what="end of the survivor")
    engine.purge(run.run_id)


@BOTH
@pytest.mark.parametrize(
    "how",
    ["nohup %s &", "setsid %s &", "(%s &)"],
    ids=["nohup", "setsid", "twice"],
)
def test_survivors_that_closed_the_output_live_on_and_the_run_has_ended(
    engine,
    tmp_path,
    how,
    terminal,
):
    (tmp_path / "alive.sh").write_text(
        'echo $$ > "$1.new"; mv "$1.new" "$1"; exec sleep 1000 3< /dev/null\n',
    )
    one = "sh alive.sh p%d > /dev/null 2>&1 < /dev/null"
    starts = "\n".join(how % (one % number) for number in range(8))
    waits = " ".join(f"while [ ! -e p{number} ]; do sleep 0.01; done;" for number in range(8))
    spec = LaunchSpec(
        command=["bash", "-c", f"{starts}\n{waits} echo done"],
        cwd=str(tmp_path),
        terminal=terminal,
    )
    run = ended(engine, engine.launch(spec).run_id)
    pids = [int((tmp_path / f"p{number}").read_text()) for number in range(8)]
    try:
        assert (run.status, run.output_open, run.background) == ("completed", False, [])
        until(lambda: engine.is_abandoned(run.run_id))
        now = state.read_json(engine.data_dir / "runs" / run.run_id / fmt.STATE)
        supervisor = now["supervisor_pid"]
        until(lambda: gone(supervisor) or not os.path.exists(f"/proc/{supervisor}/fd/3"))
        time.sleep(0.05)  # if the terminal hangs up, the signal comes a moment later
        assert [pid for pid in pids if gone(pid)] == []
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


def test_a_suspended_process_receives_a_stop(engine):
    code = (
        "import os, signal; print('up', flush=True); os.kill(os.getpid(), signal.SIGSTOP);"
        " signal.pause()"
    )
    run_id = engine.launch(LaunchSpec(code=code)).run_id
    until(lambda: engine.get(run_id).notes, what="note")
    assert "was stopped" in engine.get(run_id).notes[0]
    engine.stop(run_id)
    run = ended(engine, run_id)
    # not the SIGTERM of 5 s later
    assert (run.status, run.exit_code) == ("cancelled", -signal.SIGINT)


def test_a_very_short_run_keeps_its_final_progress(engine):
    code = "print('files: 50%|#####     | 2/4 [00:01<00:01]'); raise SystemExit(3)"
    run = ended(engine, engine.launch(LaunchSpec(code=code)).run_id)
    assert (run.progress_percent, run.items_processed, run.items_total) == (50.0, 2, 4)
