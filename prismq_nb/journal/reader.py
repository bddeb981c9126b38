"""Read a journal by cursor: a line number in, whole spans of bytes out.

All readers are built on it. It never takes more memory than asked for. If the log is shorter than
its index says, the missing lines are empty; there is no exception. Standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from prismq_nb.common.base.encodings import to_utf8
from prismq_nb.journal import gaps
from prismq_nb.journal.gaps import GapInfo
from prismq_nb.journal.index_reader import IndexReader
from prismq_nb.journal.late_levels import LateLevels
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.format import IndexRecord
from prismq_nb.journal.layout.span import Span, stored, without_head, without_tail
from prismq_nb.journal.levels.sidecar import SidecarReader, first_of
from prismq_nb.journal.part_reader import PartReader

SLICE_BYTES = 8 << 20
"""Default size of the spans that one call returns."""


class JournalReader(IndexReader):
    """A cursor reader of one run directory.

    Cheap to open; not thread-safe. Close it, or use it in a ``with`` statement.

    Attributes:
        to_utf8: converts bytes of the log to UTF-8; None if they are UTF-8 already.
        records_only: only the first line of each log record has a level, the others `NO_RECORD`.
            Set it before anything is read.
    """

    def __init__(self, run_dir: str | os.PathLike[str], encoding: str = "utf-8") -> None:
        """Open nothing yet: a new run may have no files, which is an empty journal.

        Args:
            run_dir: the run directory.
            encoding: of the run's output; lines are returned in UTF-8.
        """
        super().__init__(run_dir)
        self.to_utf8 = to_utf8(encoding)
        self._levels = SidecarReader(run_dir)
        self._late = LateLevels(self, run_dir)
        self._part = PartReader(run_dir)
        self.records_only = False

    def close(self) -> None:
        """Close the files. The reader may be used again; it reopens them."""
        super().close()
        self._levels.close()

    def spans(self, first: int, limit: int, max_bytes: int = SLICE_BYTES) -> list[Span]:
        """Return the lines from number `first` on, as of the last `refresh`.

        Args:
            first: number of the first line wanted, 0 or more.
            limit: maximum number of lines; the last span is cut to fit.
            max_bytes: stop after the span that reaches this size. One span is at most 1 MiB or a
                pipe's capacity, whichever is more.

        Returns:
            Spans in order, without holes; [] if `first` is at or past the end.

        Raises:
            OSError: the files cannot be opened or read.
        """
        spans: list[Span] = []
        if first >= self.total_lines or limit <= 0:
            return spans
        wanted: list[IndexRecord] = []
        lines, size = -first, 0
        for record in self.iter_records(self.locate(first)):
            if record.lines and record.first + record.lines > first:
                lines += record.lines if wanted else record.first + record.lines
                size += record.log_end - record.start
                wanted.append(record)
            if lines >= limit or size >= max_bytes:
                break
        if not wanted:
            return spans
        base = wanted[0].start
        data = self.read_log(base, wanted[-1].log_end)
        for record in wanted:
            piece = data[record.start - base : record.log_end - base]
            spans.append(stored(record, piece, record.log_end - record.start))
        spans[0] = without_head(spans[0], first - spans[0].first)
        spans[-1] = without_tail(spans[-1], first + limit - spans[-1].first)
        if self.to_utf8 is not None:
            spans = [span._replace(data=self.to_utf8(span.data)) for span in spans]
        return spans

    def levels(self, span: Span) -> bytes:
        """Return one `Level` value per line of `span`, from the sidecar or classified here.

        Takes as long as it takes, so not on an event loop; see `some_levels`.
        """
        found = self.some_levels([span])
        while len(found) < span.line_count:
            found += self.some_levels([without_head(span, len(found))])
        return found

    def some_levels(self, spans: Sequence[Span]) -> bytes:
        """Return the levels of the first of some lines: as many as take a few milliseconds.

        Args:
            spans: as `spans` returns them, at least one.

        Returns:
            One `Level` value per line; fewer lines where the sidecar lags. Empty while the lines
            before them are classified: call again until it is not.
        """
        count = sum(span.line_count for span in spans)
        return self.stored_levels(spans[0].first, count) or self._late.classify_some(spans)

    def stored_levels(self, first: int, count: int) -> bytes:
        """Return the `Level` values that the sidecar has of `count` lines from line `first` on."""
        read = self._levels.read_records if self.records_only else self._levels.read
        return read(first, count)

    def levels_of(self, first: int, count: int) -> bytes:
        """Return the `Level` values of `count` lines from line `first` on, as `levels` does."""
        known = self.stored_levels(first, count)
        while len(known) < count and (spans := self.spans(first + len(known), count - len(known))):
            known += b"".join(self.levels(span) for span in spans)
        return known

    def level_counts(self) -> tuple[list[int], int]:
        """Return the lines per level, and how many lines were counted.

        That number may lag behind `total_lines`.
        """
        return self._levels.counts(), self._levels.lines()

    def next_level(self, after: int, levels: Collection[int]) -> int | None:
        """Return the first line after line `after` that has one of some levels.

        None if there is none. As of the last `refresh`. Takes milliseconds where the sidecar is
        complete. Lines that it lacks are classified here, at some microseconds each: if they are
        many, not on an event loop.

        Args:
            after: a line number; -1 to begin with the first line.
            levels: values of `Level`.
        """
        found = self._levels.next_level(after + 1, levels)
        first = max(after + 1, self._levels.lines())
        while found is None and (spans := self.spans(first, self.total_lines)):
            for span in spans:
                at = first_of(self.levels(span), levels)
                if at >= 0:
                    return span.first + at
            first = spans[-1].first + spans[-1].line_count
        return found

    def gaps(self, first: int, last: int) -> list[GapInfo]:
        """Return the gaps before the lines `first` to `last`, both inclusive, merged per line.

        Raises:
            OSError: ``output.gap`` cannot be read.
        """
        return gaps.read(os.path.join(self._dir, fmt.GAPS), first, last)

    def pending(self) -> tuple[bytes, bytes]:
        """Return the visible unfinished text of stdout and of stderr, a few kB at most.

        As of the last `refresh`: text that has become a line since it was written is left out.
        Costs one `stat` if neither it nor the journal has changed since the last call.
        """
        texts = self._part.texts(self, self._suspended or self._index_id)
        if self.to_utf8 is not None:
            return self.to_utf8(texts[0]), self.to_utf8(texts[1])
        return texts
