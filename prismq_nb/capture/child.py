"""Fork the child of a supervisor, which also becomes the parent of its orphans.

What differs by platform lives here, in `procinfo.py` and in `journal/lock.py`, nowhere else.

The child is forked by hand rather than with `subprocess`, whose import costs the supervisor 15 ms and 2 MB, and because the child must wait between
`fork` and `exec` until its group id and start time are on disk: whoever finds a dead supervisor knows then what to kill. The supervisor is
single-threaded at that point, so nothing can be left locked in the fork. Standard library only, and little of it.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import NamedTuple, NoReturn

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


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
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
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


def adopt_orphans() -> bool:
    """Become the parent of every descendant whose own parent ends (a child subreaper, Linux 3.4).

    From then on no descendant can leave the tree below this process: neither by a session or
    environment of its own nor by a double fork. It outlives `exec` and is not inherited.

    Returns:
        False where the system has no such thing.
    """
    return sys.platform == "linux" and _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> bool:
    """Call prctl(2). Through `_ctypes`: 0.5 ms and 0.2 MB, a third of what `ctypes` costs."""
    try:
        import _ctypes  # noqa: PLC0415 - only a supervisor needs it

        program = _ctypes.dlopen(None, 0)  # type: ignore[arg-type] # dlopen(3): the main program
        function = _ctypes.dlsym(program, "prctl")
        return bool(_ctypes.call_function(function, (option, value, 0, 0, 0)) == 0)
    except (ImportError, AttributeError, OSError):  # a Python without it, or one that renamed it
        return False


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


def signal_name(number: int) -> str:
    """``SIGKILL`` for 9; ``signal 64`` for one without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
