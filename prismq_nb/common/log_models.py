"""The wire forms of logs as msgspec Structs: lines, pages, gaps, timelines.

Server and client share them, as they do `models`, which has the runs.
"""

from __future__ import annotations

import msgspec

# msgspec resolves annotations when it encodes
from prismq_nb.common.models import RunInfo


class LogLine(msgspec.Struct, omit_defaults=True):
    """One line of a log.

    Attributes:
        line: number, from 0, without holes.
        timestamp: ISO 8601 UTC with microseconds and ``Z``; strictly increasing with `line`.
        level: ``DEBUG``, ``INFO``, ``WARNING``, ``ERROR`` or ``CRITICAL``.
        message: the text as `common.base.terminal.text.message` returns it, with ANSI colours.
        stream: ``stdout`` or ``stderr``.
        prompt: it is a question, as `input` prints on stderr, that was answered where it ends, or
            the run ended before. A terminal shows the next line, if it is on stdout, in the same
            row.
    """

    line: int
    timestamp: str
    level: str
    message: str
    stream: str
    prompt: bool = False


class LogPage(msgspec.Struct):
    """Answer of ``GET /api/runs/{id}/logs``, oldest first.

    Attributes:
        total_lines: lines in the whole journal.
        truncated: matching lines were left out.
        next_after: the last line examined; continue with ``after=next_after``. -1: none yet.
        drawn: by number, of lines that were redrawn or moved the cursor to another row: how many
            earlier frames they have, the row that they show, the row of the cursor at their end,
            and the rows that they left empty, counted from the row in which they begin. Absent:
            none.
        sgr: per stream, the colours that lines before the first one left in force, as one SGR
            sequence. Absent: none.
    """

    run_id: str
    logs: list[LogLine]
    total_lines: int
    truncated: bool
    next_after: int
    drawn: dict[int, tuple[int, ...]] | msgspec.UnsetType = msgspec.UNSET
    sgr: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


class RunHits(msgspec.Struct):
    """What a search over all runs found in one of them.

    Attributes:
        run: the run, as lists show it.
        hits: number of matching lines that were counted.
        more: the run has more than these: counting ended at the bound.
        logs: the first of them, as plain text; of a line over 1,000 characters, the part with the
            match, between ellipses.
        error: why the log, or the rest of it, cannot be searched; None: it was.
    """

    run: RunInfo
    hits: int
    more: bool
    logs: list[LogLine]
    error: str | None = None


class Frames(msgspec.Struct):
    """Answer of ``GET /api/runs/{id}/logs/frames``: the successive frames of one redrawn line.

    Attributes:
        frames: the newest 500 at most; the last one is the line's message.
        total: how many there are.
    """

    line: int
    frames: list[str]
    total: int


class SavedText(msgspec.Struct):
    """Answer of ``GET /api/runs/{id}/saved``: the run as a saved notebook shows it.

    Attributes:
        final: the text will not change: nothing more can be printed, and everything is counted.
        total_lines: lines in the whole log when the text was made.
        plain: status, exit code, command, times, counts and the newest 200 lines, long ones cut.
        html: the same as HTML; both together take at most 60,000 bytes of a notebook.
    """

    run_id: str
    status: str
    final: bool
    total_lines: int
    plain: str
    html: str


class Gap(msgspec.Struct):
    """Output that could not be stored. It takes no line number: it stands before line `before`.

    Attributes:
        lines: lines lost; `bytes`: bytes lost.
        begin: when the loss began; `end`: when storing resumed (ISO 8601 UTC).
        reason: ``disk-full``, ``run-limit``, ``write-error`` or ``truncated``.
    """

    before: int
    lines: int
    bytes: int
    begin: str
    end: str
    reason: str


class Timeline(msgspec.Struct):
    """Answer of ``GET /api/runs/{id}/logs/timeline``: how many lines arrived when.

    Element `i` of each list is a bucket of time; buckets are in order, without holes.

    Attributes:
        begin: when bucket 0 begins, ISO 8601 UTC; `bucket_seconds`: length of each bucket. They
            cover the requested range, and up to one bucket more.
        total_lines: lines in the whole journal.
        complete: the level of every line is known; a line whose level is not is counted in `lines`
            and in none of `levels`.
        first_lines: number of the first line that arrived in the bucket or later.
        lines: lines that arrived in it; `levels`: how many of those have each level.
    """

    run_id: str
    begin: str
    bucket_seconds: float
    total_lines: int
    complete: bool
    first_lines: list[int]
    lines: list[int]
    levels: dict[str, list[int]]


class UsageHistory(msgspec.Struct):
    """Answer of ``GET /api/runs/{id}/usage``: resources of the run's process tree over time.

    Oldest first; at most some thousand samples, however long the run took.

    Attributes:
        begin: when the run was started, ISO 8601 UTC; None before that.
        seconds: since `begin`, when each sample was taken.
        cpu_percent: mean since the sample before; 100 is one core.
        memory_bytes: resident; the maximum since the sample before.
        peak_cpu_percent, peak_memory_bytes: their maxima; None if there are no samples.
    """

    run_id: str
    begin: str | None
    seconds: list[float]
    cpu_percent: list[float]
    memory_bytes: list[int]
    peak_cpu_percent: float | None
    peak_memory_bytes: int | None
