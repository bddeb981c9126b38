"""Fork the child of a supervisor, and adopt its orphans.

Platform differences are here, in `processes/info.py` and in `journal/layout/lock.py` only.

The child is forked by hand rather than with `subprocess`. Importing that costs the supervisor 15 ms
and 2 MB, and the child must wait between `fork` and `exec` until its group id and start time are on
disk, so that whoever finds a dead supervisor knows what to kill. The supervisor has one thread at
that point, so no lock can be held in the fork. Standard library only, and little of it.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import Any, NamedTuple, NoReturn

from prismq_nb.capture.base.terminal import Terminal

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Child(NamedTuple):
    """A forked child that waits for `release` before it becomes the module.

    Attributes:
        pid: its process id, and the id of its process group. With pipes it also leads a session;
            with a terminal it is in the session of the supervisor, which owns the terminal.
        stdin: write end of its stdin, non-blocking; with a terminal the same description as
            `stdout`; -1 if its stdin is at its end.
        stdout, stderr: read ends, non-blocking; `stderr` is None if both streams are one.
        go: closing it without a byte ends the child; `failure`: the error of `exec`, empty if it
            worked.
        terminal: its terminal; None if it has pipes.
        no_terminal: why it has pipes although a terminal was requested.
    """

    pid: int
    stdin: int
    stdout: int
    stderr: int | None
    go: int
    failure: int
    terminal: Terminal | None
    no_terminal: str | None


class Streams(NamedTuple):
    """The standard streams that the child is to have.

    Attributes:
        terminal: columns and rows of its terminal; None: pipes.
        required: fail instead of using pipes if no terminal can be opened.
        merge: stderr goes where stdout goes.
        stdin: with pipes, input can be sent; otherwise its stdin is ``/dev/null``, which is at its
            end immediately. Not a closed pipe: ripgrep, for one, searches a pipe instead of the
            folder.
    """

    terminal: tuple[int, int] | None = None
    required: bool = False
    merge: bool = False
    stdin: bool = False

    @classmethod
    def of(cls, spec: dict[str, Any]) -> Streams:
        """Read them from the launch parameters of the supervisor."""
        size = spec.get("terminal")
        return cls(
            terminal=(int(size[0]), int(size[1])) if size else None,
            required=bool(spec.get("terminal_required")),
            merge=spec["merge"],
            stdin=bool(spec.get("stdin")),
        )


def fork(argv: list[str], cwd: str, env: dict[str, str], streams: Streams) -> Child:
    """Fork the child with its streams in place; it waits for `release`.

    Raises:
        OSError: a terminal or a pipe cannot be opened, or fork(2) failed.
    """
    terminal, why = _terminal(streams)
    if terminal is None:
        stdin, stdout, stderr, ends = _pipes(streams)
    else:
        stdin, stdout, stderr, ends = (
            os.dup(terminal.main),
            terminal.main,
            terminal.error,
            terminal.ends,
        )
    go_read, go = os.pipe()
    failure, failed = os.pipe()
    supervisor = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(go)
            _become(argv, cwd, env, ends, go_read, supervisor=supervisor, leads=terminal is None)
        except OSError as error:
            os.write(failed, f"{error.errno or 0} {error.filename or ''}".encode())
        finally:
            os._exit(127)
    for fd in {go_read, failed} if terminal else {*ends, go_read, failed}:
        os.close(fd)
    for ours in (stdin, stdout, stderr):
        if ours is not None and ours >= 0:
            os.set_blocking(ours, False)
    if terminal:
        os.setpgid(pid, pid)
        terminal.put_in_foreground(pid)
    return Child(pid, stdin, stdout, stderr, go, failure, terminal, why)


_Ends = tuple[int, int, int]


def _terminal(streams: Streams) -> tuple[Terminal | None, str | None]:
    """Return the requested terminal, or why there is none."""
    if streams.terminal is None:
        return None, None
    try:
        terminal = Terminal(*streams.terminal, merge=streams.merge)
        try:
            terminal.acquire()
        except OSError:
            terminal.close()
            raise
    except OSError as error:
        why = f"no terminal could be opened ({error.strerror or error})"
        if streams.required:  # not its own errno: ENOSPC would read as a full disk
            raise OSError(errno.EIO, f"{why}; launch it with terminal=False") from error
        return None, why
    return terminal, None


def _pipes(streams: Streams) -> tuple[int, int, int | None, _Ends]:
    """Return our ends of new pipes and the child's three.

    Ours are stdin, stdout and, unless it is merged into stdout, stderr.
    """
    their_in, stdin = os.pipe() if streams.stdin else (os.open(os.devnull, os.O_RDONLY), -1)
    stdout, their_out = os.pipe()
    if streams.merge:
        return stdin, stdout, None, (their_in, their_out, their_out)
    stderr, their_err = os.pipe()
    return stdin, stdout, stderr, (their_in, their_out, their_err)


def release(child: Child) -> None:
    """Let the child run and wait for its `exec`.

    Raises:
        OSError: `exec` failed, with its errno and the file name concerned. The child was reaped.
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


def _become(
    argv: list[str],
    cwd: str,
    env: dict[str, str],
    ends: _Ends,
    go: int,
    *,
    supervisor: int,
    leads: bool,
) -> NoReturn:
    """Run in the fork: lead a session or a group, then become the module."""
    if leads:
        os.setsid()
    else:
        os.setpgid(0, 0)
    for number in range(1, signal.NSIG):
        # A child of nohup inherits ignored signals, which exec keeps
        if number not in (signal.SIGKILL, signal.SIGSTOP):
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
    if os.read(go, 1) != b"g":
        os._exit(127)
    os.chdir(cwd)
    _exec(argv, env)


def adopt_orphans() -> bool:
    """Become the parent of every descendant whose parent ends (prctl(2), PR_SET_CHILD_SUBREAPER).

    From then on no descendant can leave the tree below this process, neither by a session or
    environment of its own nor by a double fork. The setting survives `exec` and is not inherited.

    Returns:
        False if the system has no such setting (it needs Linux 3.4).
    """
    return sys.platform == "linux" and _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> bool:
    """Call prctl(2) through `_ctypes`: 0.5 ms and 0.2 MB, a third of what `ctypes` costs."""
    try:
        import _ctypes  # noqa: PLC0415 - only a supervisor needs it

        program = _ctypes.dlopen(None, 0)  # type: ignore[arg-type] # dlopen(3): the main program
        function = _ctypes.dlsym(program, "prctl")
        return bool(_ctypes.call_function(function, (option, value, 0, 0, 0)) == 0)
    except (ImportError, AttributeError, OSError):  # a Python without it, or one that renamed it
        return False


def _exec(argv: list[str], env: dict[str, str]) -> NoReturn:
    """Execute as `os.execvpe` does, but search the child's own PATH.

    A missing program is named as it was given.
    """
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
