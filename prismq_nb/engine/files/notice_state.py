"""The notice of a run on disk: who gets it, who sends it, and what became of it.

Whom to notify is in ``launch.json``. ``notice.json`` is the claim: it is created by the one process
that sends, before it sends, and replaced by the result. So of several servers one sends, and after
a crash nobody sends again. Neither file has an address.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

import msgspec

from prismq_nb.capture.processes.info import boot_identity, read_process, start_identity
from prismq_nb.common.base import state
from prismq_nb.common.base.regular_files import read_with_status
from prismq_nb.engine.files.directory_scan import NOTICE

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.files.run_directory import RunFiles

SENT, FAILED, UNKNOWN = "sent", "failed", "unknown"
_CLAIM_SECONDS = 15 * 60.0
"""A claim of another machine is given up after this time. Its process is not visible from here, and
no notice takes longer."""
_MAX_BYTES = 64 << 10


class Sender(msgspec.Struct, frozen=True):
    """A process that sends notices.

    Attributes:
        id: random.
        pid: its process id, and `start`: what tells it from a later process with this id.
        boot: identity of the system's boot, and `host`: name of the machine.
    """

    id: str = ""
    pid: int = 0
    start: str | None = None
    boot: str = ""
    host: str = ""

    @classmethod
    def this_process(cls) -> Sender:
        """Return a new sender in this process."""
        pid = os.getpid()
        host = os.uname().nodename
        return cls(secrets.token_hex(8), pid, start_identity(pid), boot_identity(), host)

    def is_gone(self, seconds: float) -> bool:
        """Return whether it will not send any more.

        Args:
            seconds: since it could have begun to, for a process that is not visible from here.
        """
        if self.boot == boot_identity():
            process = read_process(self.pid)
            return process is None or process.zombie or str(process.started) != self.start
        return self.host == os.uname().nodename or seconds > _CLAIM_SECONDS


class NoticePlan(msgspec.Struct):
    """Who is to be notified of a run's end, as ``launch.json`` has it.

    Attributes:
        targets: names.
        addresses: number of addresses, which only the memory of `sender` has.
        lines: how many lines of the log they get.
        sender: the server that launched it; None: it was launched without one.
    """

    targets: list[str] = []
    addresses: int = 0
    lines: int = 0
    sender: Sender | None = None


class NoticeState(msgspec.Struct, omit_defaults=True):
    """``notice.json``.

    Attributes:
        result: `SENT`, `FAILED` or `UNKNOWN`; None: it is being sent.
        problem: why it was not sent, without addresses.
        sender: who claimed it, at `claimed` (µs since the epoch); None: not written yet.
    """

    result: str | None = None
    problem: str | None = None
    sender: Sender | None = None
    claimed: int = 0


def plan_of(files: RunFiles) -> NoticePlan | None:
    """Return who is to be notified; None: nobody."""
    found = files.launch.get("notify")
    if not found:
        return None
    try:
        plan = msgspec.convert(found, NoticePlan)
    except msgspec.MsgspecError:  # of a later version
        return None
    return plan if plan.targets or plan.addresses else None


def state_of(files: RunFiles) -> NoticeState | None:
    """Return what became of the notice; None: nobody has claimed it."""
    try:
        data, status = read_with_status(f"{files.path}/{NOTICE}", _MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError:
        return NoticeState(UNKNOWN, f"{NOTICE} cannot be read")
    if not data:  # it was created this moment, or just before a power cut
        return NoticeState(claimed=status.st_mtime_ns // 1000)
    try:
        return msgspec.json.decode(data, type=NoticeState)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return NoticeState(UNKNOWN, f"{NOTICE} is damaged")


def is_due(files: RunFiles) -> bool:
    """Return whether a notice is wanted, and nothing is known of its result yet."""
    if plan_of(files) is None:
        return False
    found = state_of(files)
    return found is None or found.result is None


def claim(files: RunFiles, sender: Sender) -> bool:
    """Claim the notice of a run; return whether nobody had. It is on disk when this returns.

    Raises:
        OSError: it cannot be written.
    """
    content = msgspec.json.encode(NoticeState(sender=sender, claimed=state.now_us()))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        fd = os.open(files.path / NOTICE, flags, 0o600)
    except FileExistsError:
        return False
    try:
        os.write(fd, content)
        os.fsync(fd)
    finally:
        os.close(fd)
    _sync(files.path)
    return True


def finish(files: RunFiles, result: str, problem: str | None = None) -> None:
    """Write the result of a notice that was claimed.

    Raises:
        OSError: it cannot be written.
    """
    content = msgspec.json.encode(NoticeState(result, problem))
    state.write_atomically(files.path / NOTICE, content)


def _sync(folder: Path) -> None:
    """Write a directory's names to disk, where the file system can do so."""
    with contextlib.suppress(OSError):
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
