"""The wire form of a run, from what its directory says. A directory that somebody damaged gives what can be read of it, never an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismq_nb.common.base import state
from prismq_nb.common.models import BackgroundProcess, Run
from prismq_nb.engine.health import liveness
from prismq_nb.engine.health.reach import silence
from prismq_nb.journal.layout import lock
from prismq_nb.journal.layout.format import BadIndex
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.reader import JournalReader

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.files.run_directory import RunFiles

_ALMOST_FULL, _FULL = 99.0, 100.0


_LEVEL_NAMES = [level.name for level in Level]


def show(files: RunFiles) -> Run:
    """A run as the API shows it."""
    launch, now = files.launch, files.state()
    started, completed = now.get("started"), now.get("completed")
    status, message = files.status_in(now), now.get("error_message")
    if files.newer is not None:
        message, status = files.newer, shown_status(files)
    elif (problem := files.problem) is not None:
        message = f"{message}; {problem}" if message else problem
    unreachable = status not in state.ENDED and liveness.is_elsewhere(files)
    if unreachable:
        message = silence(files)
    running, is_open = status == state.RUNNING, now.get("output_open") is True
    lines, size = now.get("lines", 0), now.get("bytes", 0)
    if running or is_open:
        lines, size = _stored(files.path)
    percent, done, total = _progress(now.get("progress"), status)
    return Run(
        run_id=files.run_id,
        module_id=launch.get("module_id", "unknown"),
        module_name=launch.get("module_name", "unknown"),
        status=status,
        stopping=now.get("stopping") is True,
        created_at=state.iso(files.created),
        started_at=state.iso(started) if started else None,
        completed_at=state.iso(completed) if completed else None,
        duration_seconds=((completed or state.now()) - started) / state.MICROSECONDS if started else None,
        exit_code=now.get("exit_code"),
        error_message=message,
        parameters=launch.get("parameters", {}),
        progress_percent=percent,
        items_processed=done,
        items_total=total,
        lines=lines,
        bytes=size,
        levels=_levels(now.get("levels"), now, lines),
        cpu_percent=now.get("cpu_percent") if running else None,
        memory_bytes=now.get("memory_bytes") if running else None,
        kept=files.pinned,
        unreachable=unreachable,
        host=liveness.host_of(files),
        records=_levels(now.get("records", now.get("levels")), now, lines),
        terminal=now.get("terminal"),
        takes_input=running and now.get("takes_input", True) is True,
        waiting_for_input=running and now.get("waiting_for_input") is True,
        hides_input=running and now.get("hides_input") is True,
        output_open=is_open,
        lines_at_end=now.get("lines_at_end"),
        background=[BackgroundProcess(**each) for each in now.get("background", [])],
        encoding=launch.get("encoding", "utf-8"),
        notes=now.get("notes", []),
        arguments=launch.get("arguments", ""),
        restart_of=files.restart_of,
        attempt=launch.get("attempt", 1),
    )


def shown_status(files: RunFiles) -> str:
    """The status that the API shows; of a run that a later version made, its lock decides."""
    status = files.status
    if files.newer is None or status in state.ENDED:
        return status
    return _alive(files.path)


def _number(value: Any) -> int | None:
    """An integer below 2**53 as it is (JSON's readers keep no more of it, and no time is later); None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53 else None


def _progress(value: Any, status: str) -> tuple[float | None, int | None, int | None]:
    """Percentage, items done and items in all, as the run's bar shows them.

    A run that completed is not at 63% for good: its bar was abandoned, or was not drawn again
    before the end, so it says nothing any more. Only a percentage without counts that stood at 99
    or more is brought to 100: the last drawing is what is missing. Counts are never made up. Of a
    run that failed or was cancelled the bar says how far it had come.
    """
    percent, done, total = value or (None, None, None)
    if status == state.COMPLETED and percent is not None and percent < _FULL:
        percent = _FULL if total is None and percent >= _ALMOST_FULL else None
        done = total = None
    return percent, _number(done), _number(total)


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


def _levels(counts: list[int] | None, now: dict[str, Any], lines: int) -> dict[str, int | bool]:
    counts = counts or [0] * len(_LEVEL_NAMES)
    levels: dict[str, int | bool] = dict(zip(_LEVEL_NAMES, counts, strict=True))
    return levels | {"complete": now.get("levels_done", 0) >= lines}
