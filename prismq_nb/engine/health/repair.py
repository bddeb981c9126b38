"""Repair a run whose supervisor has died, or whose journal was damaged.

`may_need_repair` takes a few `stat`s and is called for every question about a run. `repair` kills,
reads and writes, under the run's lock and in a thread of `RepairQueue`. Runs of another machine and
of a later version are never touched. Starts no process; knows no HTTP.

Kills only what is proved to belong to this run in this directory (`processes.RunIdentity`): a copy
of the directory names processes too, and they are the original's.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.processes import identity as processes
from prismq_nb.capture.processes import info as procinfo
from prismq_nb.capture.processes.stopper import join_names
from prismq_nb.common.base import state
from prismq_nb.common.base.end_reason import GIVEN_UP, SUPERVISOR_LOST
from prismq_nb.common.base.quantities import counted
from prismq_nb.common.base.regular_files import NotRegular
from prismq_nb.engine.files import supervisor_log
from prismq_nb.engine.health import liveness
from prismq_nb.engine.health.journal_state import fingerprint, is_whole
from prismq_nb.engine.health.liveness import Life
from prismq_nb.journal import recovery
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prismq_nb.engine.files.run_directory import RunFiles

KILLED, NEVER_UP, STATE_LOST = (
    "its supervisor was killed",
    "its supervisor never started",
    "its state was lost, so how it ended is not known",
)
CELL_GOES_ON = "; the cell may still be running in its kernel"
COPIED = "this directory is a copy of a run that was still running; later output is not in it"
_KILLED = "Its supervisor was killed while background processes could still print"
UNREAD = f"{_KILLED}; what they printed after that is not in the log."
PROBE_SECONDS = 2.0
"""Minimum time between two probes of a live run that has lost its lock."""
ENDING_SECONDS, _POLL_SECONDS = 1.0, 0.01
"""The kernel sends SIGTERM to a child when its supervisor is killed, so it may be about to end."""
_LAST_WORDS = 300


def may_need_repair(files: RunFiles) -> bool:
    """Return whether a run may need a repair: its lock is free, or its files contradict its state.

    Takes a few system calls, so an event loop may call it; `repair` checks closely. False after a
    repair until the files change, and for `PROBE_SECONDS` if that found the run alive.
    """
    found = files.scan()
    if found.linked or not found.readable or files.newer is not None:
        return False
    try:
        seen = fingerprint(files.path)
        if files.is_final and files.repaired != seen and is_whole(files):
            files.repaired = seen
        if files.repaired == seen or time.monotonic() < files.probe_due_s:
            return False
        return lock.is_free(files.path) or liveness.shares_files(files)
    except NotRegular:
        return files.status not in state.ENDED
    except OSError:
        return False  # the directory is gone, or its file system has no locks


def repair(files: RunFiles) -> None:
    """Kill what is left of a dead run, repair its journal and write its end.

    For a run that had ended, only what is missing now is added. Does nothing while the run is
    alive, here or elsewhere. Never raises: if the disk is full, the run is shown as it would have
    been written, and the repair is repeated when its files change.
    """
    try:
        if not files.is_final and liveness.probe(files) is not Life.DEAD:
            files.probe_due_s = time.monotonic() + PROBE_SECONDS
            return
    except OSError as error:
        _cannot_tell(files, error)
        files.probe_due_s = time.monotonic() + PROBE_SECONDS
        return
    _locked(files, _repair_locked)


def give_up(files: RunFiles) -> bool:
    """End a run on another machine that a person knows to be gone. Signal no process.

    Returns:
        False if its lock is held: it is alive.
    """
    host, since = liveness.host_of(files), liveness.last_heard_words(files)
    cause = f"given up: it was running on {host!r}, which could not be reached{since}"
    return _locked(files, lambda files: _end(files, files.state(), cause, reason=GIVEN_UP))


def _repair_locked(files: RunFiles) -> None:
    old = files.state()
    if files.is_open:
        if not liveness.is_elsewhere(files) and not liveness.is_supervised(files):
            _repair_ended(files, _closed(old))
    elif old.get("status") in state.ENDED:
        if not is_whole(files) and not liveness.is_elsewhere(files):
            _repair_ended(files, old)
    elif not liveness.is_elsewhere(files) and not liveness.is_supervised(files):
        cause = _cause(files, old)
        if liveness.is_copy(files):
            _end(files, old, cause)
        elif files.is_cell:  # its process is a kernel, which is never signalled
            _end(files, old, cause, CELL_GOES_ON if _kernel_may_live(files, old) else "")
        else:
            _end(files, old, cause, _kill_leftovers(files, old))


def _locked(files: RunFiles, act: Callable[[RunFiles], None]) -> bool:
    """Do something under a run's lock. Never raises. False: another process holds the lock."""
    fd = None
    try:
        if liveness.shares_files(files):
            files.override({"status": state.FAILED, "error_message": COPIED})
            return True
        fd = lock.acquire(files.path)
        if fd is None:
            return False  # another engine repairs it
        act(files)
    except (OSError, fmt.NewerIndex) as error:
        _show_unrepaired(files, error)
    finally:
        with contextlib.suppress(OSError):
            files.repaired = fingerprint(files.path)
        if fd is not None:
            os.close(fd)
    return True


def _cannot_tell(files: RunFiles, error: OSError) -> None:
    """Show a run as failed if something else is in the place of its lock.

    Its state stays as it is while it has a supervisor.
    """
    if files.status not in state.ENDED and isinstance(error, NotRegular):
        with contextlib.suppress(OSError):
            if liveness.is_supervised(files):
                return
        files.override({"status": state.FAILED, "error_message": STATE_LOST})


def _show_unrepaired(files: RunFiles, error: Exception) -> None:
    """Show why a run could not be repaired. The status of an ended run stays as it is."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    text = f"its log could not be repaired: {reason}"
    if files.status in state.ENDED:
        files.override(_closed(files.state()) | {"error_message": text})
    else:
        cause = _cause(files, files.state())
        files.override({"status": state.FAILED, "error_message": f"{cause}; {text}"})


def _end(
    files: RunFiles,
    old: dict[str, Any],
    cause: str,
    left: str = "",
    *,
    reason: str = SUPERVISOR_LOST,
) -> None:
    rebooted = old.get("boot", "") != procinfo.boot_identity()
    found = recovery.recover(files.path, rebooted=rebooted, now_us=state.now_us())
    message = cause + _missing(found) + left
    times = [old.get(name) for name in ("started", state.HEARTBEAT)]
    files.write(
        {"version": fmt.VERSION, "run_id": files.run_id, **old}
        | {
            "status": state.FAILED,
            "stopping": False,
            "exit_code": None,
            "end_reason": reason,
            "error_message": message,
            "completed": max(
                _last_write(files.path),
                files.created,
                *(moment for moment in times if isinstance(moment, int)),
            ),
            "lines": found.lines,
            "bytes": (files.path / fmt.LOG).stat().st_size,
        }
    )


def _repair_ended(files: RunFiles, old: dict[str, Any]) -> None:
    """Repair the journal of an ended run; keep how it ended, and add what its log has lost."""
    rebooted = "output_ended" in old and liveness.rebooted(files)
    found = recovery.recover(files.path, rebooted=rebooted, now_us=state.now_us())
    notes = [old.get("error_message"), _missing(found).lstrip("; ") or None]
    message = "; ".join(note for note in notes if isinstance(note, str)) or None
    files.write(
        old
        | {
            "error_message": message,
            "lines": found.lines,
            "bytes": (files.path / fmt.LOG).stat().st_size,
        }
    )


def _closed(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a state whose output has ended, because nothing reads it any more.

    How the run ended stays as it is, and the processes that its module left behind live on.
    """
    if fields.get("output_open") is not True:
        return fields
    notes = fields.get("notes")
    notes = [*notes, UNREAD] if isinstance(notes, list) else [UNREAD]
    return fields | {
        "output_open": False,
        "background": [],
        "stopping": False,
        "notes": notes,
        "output_ended": state.now_us(),
    }


def _cause(files: RunFiles, old: dict[str, Any]) -> str:
    """Return why the run has no supervisor; if that failed by itself, with its last message."""
    if old.get("status") == state.RUNNING and liveness.is_copy(files):
        host = liveness.host_of(files)
        if liveness.rebooted(files):  # inodes and devices may have new numbers since
            return f"{KILLED}, or this directory is a copy of a run that continues on {host!r}"
        return COPIED
    if words := supervisor_log.last_line(files.path):
        return f"its supervisor failed: {words[:_LAST_WORDS]}"
    if old.get("status") in state.STATUSES:
        return KILLED
    return STATE_LOST if old or os.path.lexists(files.path / fmt.STATE) else NEVER_UP


def _missing(found: recovery.Recovered) -> str:
    if not found.missing:
        return ""
    are = "is" if found.missing == 1 else "are"
    return f"; {counted(found.missing, 'line')} {are} missing from its log"


def _kill_leftovers(files: RunFiles, old: dict[str, Any]) -> str:
    """Kill what is left of a run. Return text that names the processes which were left alone."""
    leader = _leader(old)
    run_id = files.launch.get("run_id", files.run_id)  # the directory may have been renamed
    directory = processes.directory_identity(files.path)
    identity = processes.RunIdentity(str(run_id), directory, _since(files, leader))
    found = processes.kill(identity, leader)
    for process in found.proved:
        # where Jupyter is process 1, it is the parent of orphans
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)
    doubtful = found.doubtful
    if leader is not None and leader not in (*found.proved, *doubtful) and _lives_on(leader):
        doubtful = [leader, *doubtful]  # it has cleared or overwritten its environment
    if not doubtful:
        return ""
    return f"; left alive, because they may not be its own: {join_names(doubtful)}"


def _lives_on(process: procinfo.Process) -> bool:
    """Return whether a process is still there a little later; an ending one has no environment."""
    deadline = time.monotonic() + ENDING_SECONDS
    while (
        (now := procinfo.read_process(process.pid))
        and now.started == process.started
        and not now.zombie
    ):
        if time.monotonic() > deadline:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _kernel_may_live(files: RunFiles, old: dict[str, Any]) -> bool:
    """Return whether the kernel of a cell may be alive: it is found, or not known."""
    if liveness.rebooted(files):
        return False
    return "kernel_pid" not in old or _process(old, "kernel_pid", "kernel_started") is not None


def _leader(old: dict[str, Any]) -> procinfo.Process | None:
    """Return the run's child, if its process id still belongs to it."""
    return _process(old, "pid", "pid_started")


def _process(old: dict[str, Any], pid_key: str, started_key: str) -> procinfo.Process | None:
    """Return a process that a state names, if its process id still belongs to it."""
    pid = old.get(pid_key)
    found = procinfo.read_process(pid) if isinstance(pid, int) and 0 < pid < 1 << 31 else None
    return found if found is not None and str(found.started) == old.get(started_key) else None


def _since(files: RunFiles, leader: procinfo.Process | None) -> float | None:
    """Return the earliest start time of the run's processes; None: unknown, or none is alive."""
    if liveness.rebooted(files):
        return None
    seconds = files.launch.get("boot_seconds")
    if isinstance(seconds, (int, float)):
        return float(seconds)
    return None if leader is None else leader.started / procinfo.TICKS_PER_SECOND


def _last_write(path: Path) -> int:
    with contextlib.suppress(OSError):
        return int((path / fmt.LOG).stat().st_mtime_ns // 1000)
    return 0
