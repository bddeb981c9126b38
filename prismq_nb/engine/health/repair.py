"""What is done about a run whose supervisor has died, or whose journal somebody damaged: one question (`suspected`) and one act (`repair`).

The question costs a few `stat`s and is asked whenever somebody asks for a run; the act kills, reads and writes, under the run's lock, in a thread of
`RunStore`. A run of another machine, and one that a later version made, are never touched. Starts no process; knows no HTTP.

Only what is proved to belong to this run of this directory is killed (`processes.RunIdentity`): a
copy of the directory names processes too, and they are the original's.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.processes import identity as processes
from prismq_nb.capture.processes import info as procinfo
from prismq_nb.capture.processes.stopper import named
from prismq_nb.common.base import state
from prismq_nb.common.base.regular_files import NotRegular, open_regular, read_end
from prismq_nb.common.run_words import counted
from prismq_nb.engine.health import liveness
from prismq_nb.engine.health.liveness import Life
from prismq_nb.journal import recovery
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prismq_nb.engine.files.run_directory import RunFiles

KILLED, NEVER_UP, STATE_LOST = "its supervisor was killed", "its supervisor never started", "its state was lost, so how it ended is not known"
COPIED = "this directory is a copy of a run that was still running; later output is not in it"
_KILLED = "Its supervisor was killed while background processes could still print"
UNREAD = f"{_KILLED}; what they printed after that is not in the log."
LOOK_SECONDS = 2.0
"""Between two closer looks at a run that has lost its lock and lives."""
ENDING_SECONDS, _LOOK_AGAIN_SECONDS = 1.0, 0.01
"""A child is sent SIGTERM by the system when its supervisor is killed, and may be about to end."""
_SUPERVISOR_LOG = "supervisor.log"
_LAST_WORDS, _LAST_WORDS_BYTES = 300, 4096


def suspected(files: RunFiles) -> bool:
    """Whether a run may need a repair: its lock is free, or its files are not as its state says.

    Costs a few system calls, so that an event loop may ask; `repair` looks closer. Not again
    after a repair until the files change, and for a while where that found a run alive.
    """
    found = files.survey()
    if found.linked or not found.readable or files.newer is not None:
        return False
    try:
        evidence = _evidence(files.path)
        if files.is_final and files.repaired != evidence and _is_whole(files):
            files.repaired = evidence
        if files.repaired == evidence or time.monotonic() < files.look_due:
            return False
        return lock.is_free(files.path) or liveness.shares_files(files)
    except NotRegular:
        return files.status not in state.ENDED
    except OSError:
        return False  # the directory is gone, or its file system has no locks


def repair(files: RunFiles) -> None:
    """Kills what is left of the run, makes its journal whole, and writes its end (of a run that had ended: only what is missing now).

    Does nothing where the run goes on, here or elsewhere.
    Never raises: where the disk takes nothing, the run is shown as it would have been written, and it is tried again when its files change.
    """
    try:
        if not files.is_final and liveness.look(files) is not Life.DEAD:
            files.look_due = time.monotonic() + LOOK_SECONDS
            return
    except OSError as error:
        _cannot_tell(files, error)
        files.look_due = time.monotonic() + LOOK_SECONDS
        return
    _locked(files, _mend)


def give_up(files: RunFiles) -> bool:
    """End a run on another machine, which a person knows to be gone. Signals nobody.

    Returns:
        False when its lock is held: it goes on.
    """
    host, heard = liveness.host_of(files), liveness.last_heard(files)
    since = f"; it was last heard from at {state.iso(heard)}" if heard else ""
    cause = f"given up: it was running on {host!r}, which could not be reached{since}"
    return _locked(files, lambda files: _end(files, files.state(), cause))


def _mend(files: RunFiles) -> None:
    old = files.state()
    if files.is_open:
        if not liveness.is_elsewhere(files) and not liveness.is_supervised(files):
            _repair_ended(files, _closed(old))
    elif old.get("status") in state.ENDED:
        if not _is_whole(files) and not liveness.is_elsewhere(files):
            _repair_ended(files, old)
    elif not liveness.is_elsewhere(files) and not liveness.is_supervised(files):
        left = "" if liveness.is_copy(files) else _kill_leftovers(files, old)
        _end(files, old, _cause(files, old), left)


def _locked(files: RunFiles, act: Callable[[RunFiles], None]) -> bool:
    """Do something under a run's lock; False when somebody else holds it. Never raises."""
    fd = None
    try:
        if liveness.shares_files(files):
            files.override({"status": state.FAILED, "error_message": COPIED})
            return True
        fd = lock.acquire(files.path)
        if fd is None:
            return False  # another engine does it
        act(files)
    except (OSError, fmt.NewerIndex) as error:
        _show_unrepaired(files, error)
    finally:
        with contextlib.suppress(OSError):
            files.repaired = _evidence(files.path)
        if fd is not None:
            os.close(fd)
    return True


def _cannot_tell(files: RunFiles, error: OSError) -> None:
    """Show a run as failed whose lock says nothing, as something else stands in its place.

    It stays as it is while it has a supervisor.
    """
    if files.status not in state.ENDED and isinstance(error, NotRegular):
        with contextlib.suppress(OSError):
            if liveness.is_supervised(files):
                return
        files.override({"status": state.FAILED, "error_message": STATE_LOST})


def _show_unrepaired(files: RunFiles, error: Exception) -> None:
    """Say in this process why a run could not be repaired. How an ended one ended stays true."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    text = f"its log could not be repaired: {reason}"
    if files.status in state.ENDED:
        files.override(_closed(files.state()) | {"error_message": text})
    else:
        files.override({"status": state.FAILED, "error_message": f"{KILLED}; {text}"})


def _end(files: RunFiles, old: dict[str, Any], cause: str, left: str = "") -> None:
    rebooted = old.get("boot", "") != procinfo.boot_identity()
    found = recovery.recover(files.path, rebooted=rebooted, now=state.now())
    message = cause + _missing(found) + left
    times = [old.get(name) for name in ("started", state.HEARTBEAT)]
    files.write(
        {"version": fmt.VERSION, "run_id": files.run_id, **old}
        | {
            "status": state.FAILED,
            "stopping": False,
            "exit_code": None,
            "error_message": message,
            "completed": max(_last_write(files.path), files.created, *(moment for moment in times if isinstance(moment, int))),
            "lines": found.lines,
            "bytes": (files.path / fmt.LOG).stat().st_size,
        }
    )


def _repair_ended(files: RunFiles, old: dict[str, Any]) -> None:
    """How it ended stays true; what its log has lost since is added."""
    rebooted = "output_ended" in old and liveness.rebooted(files)
    found = recovery.recover(files.path, rebooted=rebooted, now=state.now())
    notes = [old.get("error_message"), _missing(found).lstrip("; ") or None]
    message = "; ".join(note for note in notes if isinstance(note, str)) or None
    files.write(old | {"error_message": message, "lines": found.lines, "bytes": (files.path / fmt.LOG).stat().st_size})


def _closed(now: dict[str, Any]) -> dict[str, Any]:
    """A state whose output has ended, because nobody reads it any more.

    How the run ended stays true, and what its module left behind lives on.
    """
    if now.get("output_open") is not True:
        return now
    notes = now.get("notes")
    notes = [*notes, UNREAD] if isinstance(notes, list) else [UNREAD]
    return now | {
        "output_open": False,
        "background": [],
        "stopping": False,
        "notes": notes,
        "output_ended": state.now(),
    }


def _cause(files: RunFiles, old: dict[str, Any]) -> str:
    """Why the run has no supervisor any more; one that failed by itself has left its last words."""
    if old.get("status") == state.RUNNING and liveness.is_copy(files):
        host = liveness.host_of(files)
        if liveness.rebooted(files):  # inodes and devices may have new numbers since
            return f"{KILLED}, or this directory is a copy of a run that continues on {host!r}"
        return COPIED
    path = files.path
    try:
        words = read_end(path / _SUPERVISOR_LOG, _LAST_WORDS_BYTES).decode(errors="replace").strip().splitlines()
    except OSError:
        words = []
    if words:
        return f"its supervisor failed: {words[-1][:_LAST_WORDS]}"
    if old.get("status") in state.STATUSES:
        return KILLED
    return STATE_LOST if old or os.path.lexists(path / fmt.STATE) else NEVER_UP


def _missing(found: recovery.Recovered) -> str:
    if not found.missing:
        return ""
    are = "is" if found.missing == 1 else "are"
    return f"; {counted(found.missing, 'line')} {are} missing from its log"


def _kill_leftovers(files: RunFiles, old: dict[str, Any]) -> str:
    """Kill what is left of a run. Returns what to add to its message about who was left alone."""
    leader = _leader(old)
    run_id = files.launch.get("run_id", files.run_id)  # the directory may have been renamed
    directory = processes.directory_identity(files.path)
    identity = processes.RunIdentity(str(run_id), directory, _since(files, leader))
    found = processes.kill(identity, leader)
    for process in found.proved:
        with contextlib.suppress(ChildProcessError):  # where Jupyter is process 1, it is the parent of orphans
            os.waitpid(process.pid, os.WNOHANG)
    doubtful = found.doubtful
    if leader is not None and leader not in (*found.proved, *doubtful) and _lives_on(leader):
        doubtful = [leader, *doubtful]  # it has cleared or overwritten its environment
    if not doubtful:
        return ""
    return f"; left alive, because they may not be its own: {named(doubtful)}"


def _lives_on(process: procinfo.Process) -> bool:
    """Whether a process is there a little later, too: one that is ending has no environment."""
    deadline = time.monotonic() + ENDING_SECONDS
    while (now := procinfo.look(process.pid)) and now.started == process.started and not now.zombie:
        if time.monotonic() > deadline:
            return True
        time.sleep(_LOOK_AGAIN_SECONDS)
    return False


def _leader(old: dict[str, Any]) -> procinfo.Process | None:
    """Return the run's own child, if what has its process id now is still that."""
    pid = old.get("pid")
    found = procinfo.look(pid) if isinstance(pid, int) and 0 < pid < 1 << 31 else None
    return found if found is not None and str(found.started) == old.get("pid_started") else None


def _since(files: RunFiles, leader: procinfo.Process | None) -> float | None:
    """When the run's processes may have started at the earliest; None: not known, or none lives."""
    if liveness.rebooted(files):
        return None
    seconds = files.launch.get("boot_seconds")
    if isinstance(seconds, (int, float)):
        return float(seconds)
    return None if leader is None else leader.started / procinfo.TICKS_PER_SECOND


def _is_whole(files: RunFiles) -> bool:
    """Whether an ended run's index ends as its state says, and its log is as long as its index says. Read once per state of the files."""
    now = files.state()
    wanted = now.get("lines", 0)
    try:
        index = open_regular(files.path / fmt.INDEX)
    except FileNotFoundError:
        return not wanted
    try:
        fmt.check_header(os.pread(index, fmt.RECORD_BYTES, 0))
        size = os.fstat(index).st_size
        if size == fmt.RECORD_BYTES:
            return not wanted
        last = fmt.unpack(os.pread(index, fmt.RECORD_BYTES, size - fmt.RECORD_BYTES))
        return last is not None and last.first + last.lines == wanted and os.lstat(files.path / fmt.LOG).st_size >= last.log_end
    except FileNotFoundError:
        return False
    except fmt.NewerIndex:
        return True
    except fmt.BadIndex:
        return False
    finally:
        os.close(index)


def _evidence(path: Path) -> tuple[object, ...]:
    """What the journal's files and the state look like from outside; changes when anybody writes, cuts or replaces one."""
    found: list[object] = []
    for name in (fmt.LOG, fmt.INDEX, fmt.STATE):
        try:
            stat = os.lstat(path / name)
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return tuple(found)


def _last_write(path: Path) -> int:
    with contextlib.suppress(OSError):
        return int((path / fmt.LOG).stat().st_mtime_ns // 1000)
    return 0
