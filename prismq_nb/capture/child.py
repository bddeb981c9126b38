"""Starts the child, knows it again, and signals it: what differs by platform lives here (and in `journal/lock.py`), nowhere else.

The child is forked by hand rather than with `subprocess`, whose import costs the supervisor 15 ms and 2 MB, and because the child must wait between
`fork` and `exec` until its group id and start time are on disk: whoever finds a dead supervisor knows then what to kill. The supervisor is
single-threaded at that point, so nothing can be left locked in the fork. Standard library only, and little of it.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from typing import NamedTuple, NoReturn

RUN_ID_VARIABLE = "PRISMQ_RUN_ID"

_PR_SET_PDEATHSIG = 1


class Child(NamedTuple):
    """A forked child that waits for `release` before it becomes the module.

    Attributes:
        pid: its process id, and the id of its session and process group.
        stdin: write end of its stdin, non-blocking; with a pty the same description as `stdout`.
        stdout, stderr: read ends, non-blocking; `stderr` is None when both streams are one.
        go: closing it without a byte ends the child; `failure`: what `exec` said, empty when it worked.
    """

    pid: int
    stdin: int
    stdout: int
    stderr: int | None
    go: int
    failure: int


def fork(argv: list[str], cwd: str, env: dict[str, str], *, pty: bool, merge: bool) -> Child:
    """Forks the child with its pipes (or one pseudo-terminal) in place; it waits for `release`. Raises OSError."""
    stdin, stdout, stderr, ends = _terminal() if pty else _pipes(merge=merge)
    go_read, go = os.pipe()
    failure, failed = os.pipe()
    supervisor = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(go)
            _become(argv, cwd, env, ends, go_read, supervisor=supervisor, pty=pty)
        except OSError as error:
            os.write(failed, f"{error.errno or 0} {error.filename or ''}".encode())
        finally:
            os._exit(127)
    for fd in {*ends, go_read, failed}:
        os.close(fd)
    for ours in (stdin, stdout, stderr):
        if ours is not None:
            os.set_blocking(ours, False)
    return Child(pid, stdin, stdout, stderr, go, failure)


_Ends = tuple[int, int, int]


def _terminal() -> tuple[int, int, None, _Ends]:
    """Our stdin and stdout of a new pseudo-terminal (there is no stderr), and the child's three ends."""
    ours, theirs = os.openpty()
    return os.dup(ours), ours, None, (theirs, theirs, theirs)


def _pipes(*, merge: bool) -> tuple[int, int, int | None, _Ends]:
    """Our ends of new pipes, stdin, stdout and (unless it is merged into stdout) stderr, and the child's three."""
    their_in, stdin = os.pipe()
    stdout, their_out = os.pipe()
    if merge:
        return stdin, stdout, None, (their_in, their_out, their_out)
    stderr, their_err = os.pipe()
    return stdin, stdout, stderr, (their_in, their_out, their_err)


def release(child: Child) -> None:
    """Lets the child run and waits for its `exec`.

    Raises:
        OSError: `exec` failed, with its errno and the name it stumbled over. The child is reaped.
    """
    os.write(child.go, b"g")
    os.close(child.go)
    said = b""
    while piece := os.read(child.failure, 4096):
        said += piece
    os.close(child.failure)
    if said:
        os.waitpid(child.pid, 0)
        code, _, name = said.decode("utf-8", "surrogateescape").partition(" ")
        raise OSError(int(code), os.strerror(int(code)), name or None)


def _become(argv: list[str], cwd: str, env: dict[str, str], ends: _Ends, go: int, *, supervisor: int, pty: bool) -> NoReturn:
    """Runs in the fork: becomes the leader of a session of its own, then the module."""
    os.setsid()
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP):  # a child of nohup inherits ignored signals, which exec keeps
            try:
                signal.signal(number, signal.SIG_DFL)
            except (OSError, ValueError):
                continue  # reserved by the C library
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - 2 ms and 0.6 MB, which the supervisor spares while its child waits for it anyway

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != supervisor:
            os._exit(127)
    for number, fd in enumerate(ends):
        os.dup2(fd, number)
    if pty:
        import fcntl  # noqa: PLC0415 - only there on POSIX, and only needed here
        import termios  # noqa: PLC0415 - as above

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    if os.read(go, 1) != b"g":
        os._exit(127)
    os.chdir(cwd)
    _exec(argv, env)


def _exec(argv: list[str], env: dict[str, str]) -> NoReturn:
    """`os.execvpe`, but a missing program is named as it was asked for, and the search uses the child's own PATH."""
    if "/" in argv[0]:
        os.execve(argv[0], argv, env)
    refused: OSError | None = None
    for folder in os.get_exec_path(env):
        try:
            os.execve(os.path.join(folder, argv[0]), argv, env)
        except FileNotFoundError:
            continue
        except NotADirectoryError:
            continue
        except OSError as error:
            refused = refused or error
    raise refused or OSError(errno.ENOENT, os.strerror(errno.ENOENT), argv[0])


def start_identity(pid: int) -> str | None:
    """What tells this process from a later one with the same id: its start time since boot. None if there is no such process."""
    try:
        stat = _read(f"/proc/{pid}/stat")
    except OSError:
        return _identity_by_ps(pid) if sys.platform != "linux" else None
    return stat[stat.rindex(b")") :].split()[20].decode()


def _identity_by_ps(pid: int) -> str | None:
    said = os.popen(f"ps -o lstart= -p {int(pid)}").read().strip()  # noqa: S605 - an int; macOS has no /proc
    return said or None


def boot_identity() -> str:
    """A text that changes when the machine boots; empty where there is none."""
    try:
        return _read("/proc/sys/kernel/random/boot_id").decode().strip()
    except OSError:
        return ""


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def signal_group(pgid: int, number: int) -> bool:
    """Sends a signal to a process group. False when nobody is left in it."""
    try:
        os.killpg(pgid, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # a member that changed its user; the others got it
        return True
    return True


def signal_each(pids: list[int], number: int) -> int:
    """Sends a signal to each process; those that ended meanwhile, or are not ours, are left out. Returns how many got it."""
    sent = 0
    for pid in pids:
        try:
            os.kill(pid, number)
            sent += 1
        except (ProcessLookupError, PermissionError):
            continue
    return sent


def processes_of(run_id: str) -> list[int]:
    """Processes that carry the run's id in their environment, this one left out: also those that left its group.

    Reads ``/proc``; elsewhere psutil is asked. Costs a few ms: for stopping only.
    """
    marker = f"{RUN_ID_VARIABLE}={run_id}".encode()
    if not os.path.exists("/proc/self/environ"):
        return _processes_by_psutil(run_id)
    found: list[int] = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                environ = _read(f"/proc/{name}/environ")
            except OSError:
                continue  # ended meanwhile, or another user's
            if marker in environ.split(b"\0"):
                found.append(int(name))
    return found


def _processes_by_psutil(run_id: str) -> list[int]:
    import psutil  # noqa: PLC0415 - the supervisor must not wait for it at its start

    found: list[int] = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(RUN_ID_VARIABLE) == run_id and process.pid != os.getpid():
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def kill_run(run_id: str, pgid: int | None = None) -> int:
    """SIGKILLs whatever is left of a run: its group, and every process that carries its id.

    Args:
        run_id: the run.
        pgid: its process group, only when the caller is sure that the group is still the run's.

    Returns:
        Processes signalled by id.
    """
    if pgid is not None:
        signal_group(pgid, signal.SIGKILL)
    killed = 0
    for _ in range(10):  # one that forks while we look is found in the next round
        left = processes_of(run_id)
        if not left:
            break
        killed += signal_each(left, signal.SIGKILL)
        time.sleep(0.002)  # a killed process keeps its environment until it is torn down
    return killed


def signal_name(number: int) -> str:
    """``SIGKILL`` for 9; ``signal 64`` for one without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
