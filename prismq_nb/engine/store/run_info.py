"""Make the wire form of a run from its directory.

A damaged directory gives what can be read of it, never an exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismq_nb.capture.masking.masker import MASK
from prismq_nb.common.base import module_key, state
from prismq_nb.common.base.end_reason import end_reason, error_detail
from prismq_nb.common.models import BackgroundProcess, RunInfo
from prismq_nb.engine.files import notice_state
from prismq_nb.engine.health import liveness
from prismq_nb.engine.health.reachability import unreachable_message
from prismq_nb.engine.read.line_block import LEVEL_NAMES
from prismq_nb.engine.store.stored_origin import stored_origin
from prismq_nb.journal.layout import lock
from prismq_nb.journal.layout.format import BadIndex
from prismq_nb.journal.reader import JournalReader

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.files.run_directory import RunFiles

_ALMOST_FULL, _FULL = 99.0, 100.0


def run_info(files: RunFiles) -> RunInfo:
    """Return a run as the API shows it."""
    fields = files.state()
    newer = files.newer
    status = files.status_in(fields) if newer is None else effective_status(files)
    unreachable = status not in state.ENDED and liveness.is_elsewhere(files)
    is_open = fields.get("output_open") is True
    is_growing = status == state.RUNNING or is_open
    lines, size = (
        _stored(files.path) if is_growing else (fields.get("lines", 0), fields.get("bytes", 0))
    )
    percent, done, total = _progress(fields.get("progress"), status)
    message = unreachable_message(files) if unreachable else newer or _message(files, fields)
    return RunInfo(
        run_id=files.run_id,
        status=status,
        end_reason=end_reason(fields, status),
        error_message=message,
        error_detail=error_detail(message, fields.get("exit_code")),
        progress_percent=percent,
        items_processed=done,
        items_total=total,
        lines=lines,
        bytes=size,
        levels=_levels(fields.get("levels"), fields, lines),
        records=_levels(fields.get("records", fields.get("levels")), fields, lines),
        kept=files.pinned,
        unreachable=unreachable,
        host=liveness.host_of(files),
        restart_of=files.restart_of,
        output_open=is_open,
        kind=state.CELL if files.is_cell else "launch",
        **_times(files, fields),
        **_of_launch(files.launch),
        **_of_notice(files),
        **_of_state(fields, running=status == state.RUNNING, cell=files.is_cell),
    )


def _message(files: RunFiles, fields: dict[str, Any]) -> str | None:
    """Return the error message of a run, with what is wrong with its files."""
    message, problem = fields.get("error_message"), files.problem
    return f"{message}; {problem}" if message and problem else message or problem


def _times(files: RunFiles, fields: dict[str, Any]) -> dict[str, Any]:
    started_us, completed_us = fields.get("started"), fields.get("completed")
    end_us = completed_us or state.now_us()
    return {
        "created_at": state.iso(files.created),
        "started_at": state.iso(started_us) if started_us else None,
        "completed_at": state.iso(completed_us) if completed_us else None,
        "duration_seconds": (end_us - started_us) / state.MICROSECONDS if started_us else None,
    }


def _of_launch(launch: dict[str, Any]) -> dict[str, Any]:
    """Return what ``launch.json`` says of a run."""
    return {
        "module_id": launch.get("module_id", "unknown"),
        "module_name": launch.get("module_name", "unknown"),
        "parameters": launch.get("parameters", {}),
        "encoding": launch.get("encoding", "utf-8"),
        "arguments": launch.get("arguments", ""),
        "attempt": launch.get("attempt", 1),
        "kernel_id": launch.get("kernel_id"),
        "notebook": launch.get("notebook"),
        "cell_id": launch.get("cell_id"),
        "module_key": module_key.stored(launch),
        "origin": stored_origin(launch),
    }


def _of_notice(files: RunFiles) -> dict[str, Any]:
    """Return who is notified of the run's end, and what became of it."""
    if (plan := notice_state.plan_of(files)) is None:
        return {}
    found = notice_state.state_of(files) or notice_state.NoticeState()
    return {
        "notify": [*plan.targets, *[MASK.decode()] * plan.addresses],
        "notified": found.result,
        "notify_problem": found.problem,
    }


def _of_state(fields: dict[str, Any], *, running: bool, cell: bool) -> dict[str, Any]:
    """Return what ``run.json`` says of a run; some of it counts only while the run goes on.

    A cell reads its input in the notebook, so none can be sent to it.
    """
    takes_input = running and not cell
    return {
        "stopping": fields.get("stopping") is True,
        "exit_code": fields.get("exit_code"),
        "cpu_percent": fields.get("cpu_percent") if running else None,
        "memory_bytes": fields.get("memory_bytes") if running else None,
        "terminal": fields.get("terminal"),
        "takes_input": takes_input and fields.get("takes_input", True) is True,
        "waiting_for_input": takes_input and fields.get("waiting_for_input") is True,
        "hides_input": takes_input and fields.get("hides_input") is True,
        "lines_at_end": fields.get("lines_at_end"),
        "background": [BackgroundProcess(**each) for each in fields.get("background", [])],
        "notes": fields.get("notes", []),
    }


def effective_status(files: RunFiles) -> str:
    """Return the status that the API shows. For a run of a later version its lock decides."""
    status = files.status
    if files.newer is None or status in state.ENDED:
        return status
    return _alive(files.path)


def _number(value: Any) -> int | None:
    """Return an integer below 2**53, which JSON readers keep exactly; None for anything else."""
    return (
        value
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53
        else None
    )


def _progress(value: Any, status: str) -> tuple[float | None, int | None, int | None]:
    """Return percentage, items done and items in total, as the run's progress bar shows them.

    The bar of a completed run was abandoned, or not drawn again before the end, so 63% means
    nothing. Only a percentage of 99 or more without counts becomes 100: the last drawing is
    missing. Counts are never made up. The bar of a failed or cancelled run says how far it had
    come.
    """
    percent, done, total = value or (None, None, None)
    if status == state.COMPLETED and percent is not None and percent < _FULL:
        percent = _FULL if total is None and percent >= _ALMOST_FULL else None
        done = total = None
    return percent, _number(done), _number(total)


def _alive(path: Path) -> str:
    """Return whether a run is alive, by its lock alone."""
    try:
        return state.FAILED if lock.is_free(path) else state.RUNNING
    except OSError:
        return state.FAILED


def _stored(path: Path) -> tuple[int, int]:
    """Return lines and bytes of a growing journal; ``run.json`` is a second older."""
    try:
        with JournalReader(path) as reader:
            return reader.total_lines, reader.log_bytes
    except (OSError, BadIndex):
        return 0, 0


def _levels(counts: list[int] | None, now: dict[str, Any], lines: int) -> dict[str, int | bool]:
    counts = counts or [0] * len(LEVEL_NAMES)
    levels: dict[str, int | bool] = dict(zip(LEVEL_NAMES, counts, strict=True))
    return levels | {"complete": now.get("levels_done", 0) >= lines}
