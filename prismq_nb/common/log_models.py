"""The wire forms of logs: lines, pages, gaps, and what is drawn of them.

As `models`, which has the runs: msgspec Structs, the same on both sides. Imports nothing of the
house.
"""

from __future__ import annotations

import msgspec

__all__ = [
    "Frames",
    "Gap",
    "LogLine",
    "LogPage",
    "SavedText",
    "Timeline",
    "UsageHistory",
]


class LogLine(msgspec.Struct, omit_defaults=True):
    """One line of a log.

    Attributes:
        line: number, from 0, without holes.
        timestamp: ISO 8601 UTC with microseconds and ``Z``; strictly increasing with `line`.
        level: ``DEBUG``, ``INFO``, ``WARNING``, ``ERROR`` or ``CRITICAL``.
        message: the text as `common.base.terminal.text.message` shows it, ANSI colour kept.
        stream: ``stdout`` or ``stderr``.
        prompt: it was answered where it ends, or the run ended before, as `input` asks on stderr:
            what a terminal shows in the same row is the next line, where that is on stdout.
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
        truncated: lines that match were left out.
        next_after: the last line looked at; ``after=next_after`` goes on from here. -1: none yet.
        drawn: by number, of lines that were drawn over or moved the cursor to another row: how many
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


class Frames(msgspec.Struct):
    """Answer of ``GET /api/runs/{id}/logs/frames``: what one line showed, one after the other.

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
        final: the text stays as it is: nothing can be printed any more, and all is counted.
        total_lines: lines in the whole log when it was made.
        plain: status, exit code, command, times, counts and the newest 200 lines, long ones cut.
        html: the same as a piece of HTML; both together take at most 60,000 bytes of a notebook.
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
        begin: when it began; `end`: when storing went on (ISO 8601 UTC).
        reason: ``disk-full``, ``run-limit``, ``write-error`` or ``truncated``.
    """

    before: int
    lines: int
    bytes: int
    begin: str
    end: str
    reason: str


class Timeline(msgspec.Struct):
    """Answer of ``GET /api/runs/{id}/logs/timeline``: how many lines came when.

    Number `i` of each list is a bucket of time, in order, without holes.

    Attributes:
        begin: when bucket 0 begins, ISO 8601 UTC; `bucket_seconds`: how long each is. They cover
            what was asked for, and up to a bucket more.
        total_lines: lines in the whole journal.
        complete: the level of every line is known; where it is not yet, a line is in `lines` and
            in none of `levels`.
        first_lines: number of the first line that arrived in the bucket or later.
        lines: lines that arrived in it; `levels`: of those, how many have each level.
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
    """Answer of ``GET /api/runs/{id}/usage``: what the run's process tree took.

    Oldest first; at most some thousand samples however long it ran.

    Attributes:
        begin: when the run was started, ISO 8601 UTC; None before that.
        seconds: since `begin`, when each sample was taken.
        cpu_percent: mean since the sample before; 100 is one core.
        memory_bytes: resident; the most since the sample before.
        peak_cpu_percent, peak_memory_bytes: the highest of them; None where there are none.
    """

    run_id: str
    begin: str | None
    seconds: list[float]
    cpu_percent: list[float]
    memory_bytes: list[int]
    peak_cpu_percent: float | None
    peak_memory_bytes: int | None
