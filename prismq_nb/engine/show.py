"""The wire form of a run, from what its directory says. A directory that somebody damaged gives what can be read of it, never an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismq_nb.journal import lock, state
from prismq_nb.journal.format import BadIndex
from prismq_nb.journal.levels import Level
from prismq_nb.journal.reader import JournalReader
from prismq_nb.models import Run

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.files import RunFiles


def show(files: RunFiles) -> Run:
    """A run as the API shows it."""
    launch, now = files.launch, files.state()
    started, completed = _number(now.get("started")), _number(now.get("completed"))
    status, message = files.status_in(now), now.get("error_message")
    if files.newer is not None:
        message = files.newer
        status = status if status in state.ENDED else _alive(files.path)
    running = status == state.RUNNING
    lines, size = _stored(files.path) if running else (_number(now.get("lines")) or 0, _number(now.get("bytes")) or 0)
    percent, done, total = _progress(now.get("progress"))
    parameters = launch.get("parameters")
    return Run(
        run_id=files.run_id,
        module_id=str(launch.get("module_id", "unknown")),
        module_name=str(launch.get("module_name", "unknown")),
        status=status,
        stopping=now.get("stopping") is True,
        created_at=state.iso(files.created),
        started_at=state.iso(started) if started else None,
        completed_at=state.iso(completed) if completed else None,
        duration_seconds=((completed or state.now()) - started) / state.MICROSECONDS if started else None,
        exit_code=_number(now.get("exit_code")),
        error_message=message if isinstance(message, str) else None,
        parameters=parameters if isinstance(parameters, dict) else {},
        progress_percent=percent,
        items_processed=done,
        items_total=total,
        lines=lines,
        bytes=size,
        levels=_levels(now, lines),
        cpu_percent=now.get("cpu_percent") if running else None,
        memory_bytes=now.get("memory_bytes") if running else None,
        kept=files.pinned,
    )


def _number(value: Any) -> int | None:
    """An integer below 2**53 as it is (JSON's readers keep no more of it, and no time is later); None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53 else None


def _progress(value: Any) -> tuple[float | None, int | None, int | None]:
    if not isinstance(value, list) or len(value) != 3 or not all(one is None or isinstance(one, (int, float)) for one in value):  # noqa: PLR2004 - the tuple's
        return None, None, None
    percent, done, total = value
    return percent, done, total


def _alive(path: Path) -> str:
    """Whether a run goes on, by its lock alone."""
    try:
        return state.FAILED if lock.is_free(path) else state.RUNNING
    except OSError:
        return state.FAILED


def _stored(path: Path) -> tuple[int, int]:
    """Lines and bytes in a journal that still grows: its index knows them up to the moment, ``run.json`` up to the second."""
    try:
        with JournalReader(path) as reader:
            return reader.total_lines, reader.log_bytes
    except (OSError, BadIndex):
        return 0, 0


def _levels(now: dict[str, Any], lines: int) -> dict[str, int | bool]:
    counts = now.get("levels")
    if not isinstance(counts, list) or len(counts) != len(Level):
        counts = [0] * len(Level)
    levels: dict[str, int | bool] = {level.name: _number(counts[level]) or 0 for level in Level}
    return levels | {"complete": (_number(now.get("levels_done")) or 0) >= lines}
