"""Launch, wait and read without a server: for tests of the journal, the capture and the engine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from prismq_nb.capture.base import control
from prismq_nb.common.base.state import ENDED
from support.waiting import WAIT_SECONDS

if TYPE_CHECKING:
    from prismq_nb.common.models import RunInfo
    from prismq_nb.engine.engine import Engine
    from prismq_nb.journal.layout.span import Span
    from prismq_nb.journal.reader import JournalReader


def until(
    condition: Callable[[], object], *, seconds: float = WAIT_SECONDS, what: str = ""
) -> None:
    """Wait for a condition; an AssertionError if it does not hold in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what or condition}"
        time.sleep(0.005)


def ended(engine: Engine, run_id: str) -> RunInfo:
    """The run, when it has ended."""
    until(lambda: engine.get(run_id).status in ENDED, what=f"end of {run_id}")
    return engine.get(run_id)


def escalate(engine: Engine, run_id: str) -> None:
    """Stop a run, and once more as if it were two seconds later."""
    control.send(engine.data_dir / "runs" / run_id, control.stop_line(100.0))
    with suppress(control.NobodyListens):  # it has ended already
        control.send(engine.data_dir / "runs" / run_id, control.stop_line(102.0))


def spans(reader: JournalReader, first: int = 0, limit: int = 1 << 40) -> list[Span]:
    """All spans from `first` on, over as many reads as it takes."""
    reader.refresh()
    found: list[Span] = []
    end = min(reader.total_lines, first + limit)
    while first < end:
        piece = reader.spans(first, end - first)
        assert piece, f"no span at line {first} of {reader.total_lines}"
        found += piece
        first = piece[-1].first + piece[-1].line_count
    return found


def lines(reader: JournalReader, first: int = 0, limit: int = 1 << 40) -> list[bytes]:
    """All lines from `first` on, without their newlines."""
    return [
        line
        for span in spans(reader, first, limit)
        for line in span.data.split(b"\n")[: span.line_count]
    ]


def output(engine: Engine, run_id: str) -> tuple[bytes, bytes]:
    """The bytes of stdout and stderr of a run, each in order."""
    with engine.reader(run_id) as reader:
        found = spans(reader)
    return tuple(
        b"".join(span.data for span in found if span.stream == stream) for stream in (0, 1)
    )


def everything_stored(data_dir: Path) -> bytes:
    """All bytes of all files, and all names, below the data directory."""
    found: list[bytes] = []
    for folder, folders, names in os.walk(data_dir):
        found += [name.encode() for name in (*folders, *names)]
        for name in names:
            path = Path(folder, name)
            try:
                if path.is_file():
                    found.append(path.read_bytes())
            except FileNotFoundError:
                continue  # rewritten by rename
    return b"\0".join(found)
