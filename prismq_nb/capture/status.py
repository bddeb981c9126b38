"""The state of a run in ``run.json``, written by rename at most once per second.

The start and the end are written immediately. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.monitor.usage import Usage
from prismq_nb.capture.outcome import Outcome
from prismq_nb.capture.pipes.output import Output
from prismq_nb.capture.processes.identity import directory_identity
from prismq_nb.capture.processes.info import boot_identity, start_identity
from prismq_nb.common.base.quantities import counted
from prismq_nb.common.base.state import (
    COMPLETED,
    HEARTBEAT,
    RUNNING,
    iso,
    overwrite_json,
    write_json,
)
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.format import GAP_REASONS
from prismq_nb.journal.layout.stop_line import LINES_AT_STOP
from prismq_nb.journal.writer import Lost

_MAX_NOTES = 20


class StatusFile:
    """The state of one run on disk. Only its supervisor writes it, and later recovery.

    Attributes:
        stopping: a stop was requested.
        lines_at_stop: lines that were stored when it was first requested; None: it was not.
        failed_by: why the supervisor itself stopped the run as failed; None otherwise.
        note: something that a person should know about the run's end.
        input_waiting: bytes sent to the module's stdin that it has not read.
        terminal: columns and rows of its terminal; None: it has pipes.
        takes_input, waiting_for_input, hides_input: as in `models.RunInfo`.
        notes: what a person should know about the run, one sentence each; see `add_note`.
        output_open, background: as in `models.RunInfo`.
        usage: the newest sample; None: there is none.
    """

    def __init__(self, run_dir: str | os.PathLike[str], run_id: str, masker: Masker) -> None:
        """Write nothing yet.

        Args:
            run_dir: where ``run.json`` is written.
            run_id: the run.
            masker: masks secrets in every text that is written.
        """
        self._path = os.path.join(run_dir, fmt.STATE)
        self._masker = masker
        self._fields: dict[str, Any] = {"version": fmt.VERSION, "run_id": run_id, "status": RUNNING}
        self._ended = False
        self.stopping = False
        self.lines_at_stop: int | None = None
        self.failed_by: str | None = None
        self.note: str | None = None
        self.input_waiting = 0
        self.terminal: list[int] | None = None
        self.takes_input = self.waiting_for_input = self.hides_input = False
        self.notes: list[str] = []
        self.output_open = False
        self.background: list[dict[str, Any]] = []
        self._message: str | None = None
        self.usage: Usage | None = None

    def add_note(self, note: str) -> None:
        """Add a sentence to the run's notes, unless it is there already or there are many."""
        if note not in self.notes and len(self.notes) < _MAX_NOTES:
            self.notes.append(note)

    def _masked_notes(self) -> list[str]:
        return [self._masker.apply_text(note) for note in self.notes]

    def started(self, process: dict[str, Any], now_us: int) -> None:
        """Write whose output this is, before the first of it is read.

        Args:
            process: `child_fields` of a child. Other processes must not be named ``pid``: what has
                that name is killed with a run whose supervisor is dead.
            now_us: µs since the epoch.

        Raises:
            OSError: the state cannot be written; the run must not start.
        """
        self._fields |= {
            **process,
            "boot": boot_identity(),
            "host": os.uname().nodename,
            "directory": directory_identity(os.path.dirname(self._path) or "."),
            "supervisor_pid": os.getpid(),
            "supervisor_started": start_identity(os.getpid()),
            "started": now_us,
            "terminal": self.terminal,
            "takes_input": self.takes_input,
            "notes": self._masked_notes(),
        }
        write_json(self._path, self._fields)

    def ended(self, outcome: Outcome, output: Output, now_us: int) -> None:
        """Write how the module ended, which is how the run ended.

        Its lines are in the index by now. More follow while `output_open` is set.
        """
        message = outcome.error_message
        if self.note is not None and outcome.status == COMPLETED:
            self.add_note(_sentence(self.note))
        else:
            message = "; ".join(text for text in (message, self.note) if text) or None
        self._note_progress(output)
        self._ended = True
        self._message = self._masker.apply_text(message) if message else None
        self._fields |= {
            "status": outcome.status,
            "completed": now_us,
            "exit_code": outcome.exit_code,
            "end_reason": outcome.end_reason,
            "lines_at_end": output.lines,
        }
        self.stopping = False
        self.write(output, now_us)

    def _note_progress(self, output: Output) -> None:
        progress = output.analysis.progress
        if progress is not None:
            self._fields["progress"] = [progress.percent, progress.done, progress.total]

    def output_ended(self, output: Output, now_us: int) -> None:
        """Write that nobody holds the output any more, some time after `ended`."""
        if self.note is not None:
            self.add_note(_sentence(self.note))
        self._fields["output_ended"] = now_us
        self.background, self.stopping = [], False
        self.write(output, now_us)

    def write(self, output: Output, now_us: int) -> None:
        """Write the current state by rename.

        If the disk takes no new file, overwrite the old one, which needs no space.
        """
        levels = output.analysis.levels
        self._fields |= {
            "stopping": self.stopping,
            "lines": output.lines,
            "bytes": output.writer.end,
            "levels": levels.counts,
            "records": levels.records,
            "levels_done": levels.done,
            "input_waiting": self.input_waiting,
            "terminal": self.terminal,
            "takes_input": self.takes_input and not self._ended,
            "waiting_for_input": self.waiting_for_input and not self._ended,
            "hides_input": self.hides_input and not self._ended,
            "notes": self._masked_notes(),
            "output_open": self.output_open,
            "background": self.background,
            HEARTBEAT: now_us,
        }
        if self.lines_at_stop is not None:
            self._fields[LINES_AT_STOP] = self.lines_at_stop
        if not self._ended:  # background processes say nothing about the module's progress
            self._note_progress(output)
        if self.usage is not None:
            self._fields |= {
                "cpu_percent": self.usage.cpu_percent,
                "memory_bytes": self.usage.memory_bytes,
            }
        lost = output.writer.lost
        paused = _paused(lost) if lost is not None and lost.bytes else None
        message = "; ".join(text for text in (self._message, paused) if text)
        self._fields["error_message"] = message or None
        try:
            write_json(self._path, self._fields)
        except OSError:
            with contextlib.suppress(OSError):
                overwrite_json(self._path, self._fields)


def child_fields(pid: int) -> dict[str, Any]:
    """Return the fields of the state that identify the child of a run."""
    return {"pid": pid, "pid_started": start_identity(pid)}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _paused(lost: Lost) -> str:
    """Return the message shown while output cannot be stored.

    Later a gap record says so for good.
    """
    why = GAP_REASONS[lost.reason].replace("-", " ")
    size = f"{counted(lost.lines, 'line')}, {counted(lost.bytes, 'byte')}"
    return f"nothing has been stored since {iso(lost.begin)} ({why}): {size} lost so far"
