"""What ``run.json`` holds: the state of a run, written by rename, at most once a second (its start and its end at once). Standard library only."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.monitor.usage import Usage
from prismq_nb.capture.pipes.output import Output
from prismq_nb.capture.processes.identity import directory_identity
from prismq_nb.capture.processes.info import boot_identity, start_identity
from prismq_nb.capture.verdict import Verdict
from prismq_nb.common.base.state import COMPLETED, HEARTBEAT, RUNNING, iso, overwrite_json, write_json
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.format import GAP_REASONS
from prismq_nb.journal.layout.stop_line import LINES_AT_STOP
from prismq_nb.journal.writer import Lost

_MAX_NOTES = 20


class StatusFile:
    """The state of one run on disk; only its supervisor (later: recovery) writes it.

    Attributes:
        stopping: a stop was asked for.
        lines_at_stop: lines that were stored when it was first asked for; None: it was not.
        failed_by: what made the supervisor itself stop the run as failed; None otherwise.
        note: something that the person should know about the run's end.
        input_waiting: bytes sent to the module's stdin that it has not read.
        terminal: columns and rows of its terminal; None: it has pipes.
        takes_input, waiting_for_input, hides_input: as in `models.Run`.
        notes: what a person should know about the run, one sentence each; see `add_note`.
        output_open, background: as in `models.Run`.
    """

    def __init__(self, run_dir: str | os.PathLike[str], run_id: str, masker: Masker) -> None:
        """Write nothing yet.

        Args:
            run_dir: where ``run.json`` is written.
            run_id: the run.
            masker: takes secrets out of every text that is written.
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
        """Add a sentence to the run's notes, unless it is there or they are many."""
        if note not in self.notes and len(self.notes) < _MAX_NOTES:
            self.notes.append(note)

    def _masked_notes(self) -> list[str]:
        return [self._masker.apply_text(note) for note in self.notes]

    def started(self, pid: int, now: int) -> None:
        """Writes who the child is, before it runs. Raises OSError: then the run must not start."""
        self._fields |= {
            "pid": pid,
            "pid_started": start_identity(pid),
            "boot": boot_identity(),
            "host": os.uname().nodename,
            "directory": directory_identity(os.path.dirname(self._path) or "."),
            "supervisor_pid": os.getpid(),
            "supervisor_started": start_identity(os.getpid()),
            "started": now,
            "terminal": self.terminal,
            "takes_input": self.takes_input,
            "notes": self._masked_notes(),
        }
        write_json(self._path, self._fields)

    def ended(self, verdict: Verdict, output: Output, now: int) -> None:
        """Write how the module ended, which is how the run ended.

        Its lines are in the index by now. Later ones follow while `output_open` is set.
        """
        message = verdict.error_message
        if self.note is not None and verdict.status == COMPLETED:
            self.add_note(_sentence(self.note))
        else:
            message = "; ".join(text for text in (message, self.note) if text) or None
        self._note_progress(output)
        self._ended = True
        self._message = self._masker.apply_text(message) if message else None
        self._fields |= {
            "status": verdict.status,
            "completed": now,
            "exit_code": verdict.exit_code,
            "lines_at_end": output.lines,
        }
        self.stopping = False
        self.write(output, now)

    def _note_progress(self, output: Output) -> None:
        progress = output.insight.progress
        if progress is not None:
            self._fields["progress"] = [progress.percent, progress.done, progress.total]

    def output_ended(self, output: Output, now: int) -> None:
        """Write that nobody holds the output any more, some time after `ended`."""
        if self.note is not None:
            self.add_note(_sentence(self.note))
        self._fields["output_ended"] = now
        self.background, self.stopping = [], False
        self.write(output, now)

    def write(self, output: Output, now: int) -> None:
        """Writes the state as it is now: by rename, or where the disk takes no new file over the old one, which needs no room."""
        levels = output.insight.levels
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
            HEARTBEAT: now,
        }
        if self.lines_at_stop is not None:
            self._fields[LINES_AT_STOP] = self.lines_at_stop
        if not self._ended:  # what it left behind says nothing of the module's progress
            self._note_progress(output)
        if self.usage is not None:
            self._fields |= {"cpu_percent": self.usage.cpu_percent, "memory_bytes": self.usage.memory_bytes}
        lost = output.writer.lost
        paused = _paused(lost) if lost is not None and lost.bytes else None
        message = "; ".join(text for text in (self._message, paused) if text)
        self._fields["error_message"] = message or None
        try:
            write_json(self._path, self._fields)
        except OSError:
            with contextlib.suppress(OSError):
                overwrite_json(self._path, self._fields)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _paused(lost: Lost) -> str:
    """What is told while output cannot be stored; when it can again, a gap record says it for good."""
    why = GAP_REASONS[lost.reason].replace("-", " ")
    lines = "1 line" if lost.lines == 1 else f"{lost.lines:,} lines"
    size = f"{lost.bytes:,} byte{'s' if lost.bytes != 1 else ''}"
    return f"nothing has been stored since {iso(lost.begin)} ({why}): {lines}, {size} lost so far"
