"""A run's whole output, from its pipes to the journal.

Splitting, masking, storing, unfinished text.

The path of a chunk: `Splitter.read` (one system call), cut in place, `JournalWriter.append` (two).
Everything else can wait: `OutputAnalysis`. Standard library only.
"""

from __future__ import annotations

import _thread
import os
import re
import time
from typing import TYPE_CHECKING

from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.monitor.analysis import OutputAnalysis
from prismq_nb.capture.pipes.recoding import RecodingSplitter
from prismq_nb.capture.pipes.splitter import Splitter
from prismq_nb.capture.pipes.storage import StoragePolicy
from prismq_nb.capture.pipes.truncation import TruncationWatch
from prismq_nb.capture.pipes.unfinished_files import UnfinishedFiles
from prismq_nb.common.base.encodings import boundary_finder, is_recoded
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.writer import JournalWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.capture.base.clock import Clock
    from prismq_nb.capture.pipes.newlines import Count

_READS_PER_WAKE = 8
_LONGEST_PROMPT = 4096
_COUNTED_SECONDS = 1.0
_QUESTION = re.compile(rb"\A[^\r]*[?:>$#\])][ ]{1,2}\Z|\A[^\r]*\?\Z")


class Output:
    """Everything between the pipes and the files. Times are µs since the epoch.

    Attributes:
        splitters: the open streams, by descriptor.
        flooded: the last `read` found a full pipe, so the module may have had to wait for us.
        analysis: what is derived from the output.
    """

    def __init__(
        self,
        run_dir: str | os.PathLike[str],
        fds: list[int],
        created: int,
        *,
        masker: Masker,
        policy: StoragePolicy,
        count: Count,
        encoding: str = "utf-8",
        on_read: Callable[[int, bytes], None] | None = None,
        on_stored: Callable[[int, bytes, bool], None] | None = None,
    ) -> None:
        """Create the journal.

        Args:
            run_dir: the run directory.
            fds: descriptors of stdout and, unless both are one, of stderr.
            created: µs since the epoch.
            masker: masks secrets.
            policy: decides when to store.
            count: counts newlines.
            encoding: of the output.
            on_read: gets the stream and the bytes of each read, unmasked.
            on_stored: gets the stream and the masked bytes of each record, and whether they were
                stored.

        Raises:
            OSError: a file cannot be created.
        """
        safe_end = masker.safe_end if masker else None
        self.splitters = {
            fd: _splitter(fd, stream, count, safe_end, encoding) for stream, fd in enumerate(fds)
        }
        self.writer = JournalWriter(run_dir, created)
        # stdout, where both are one
        self.analysis = OutputAnalysis(run_dir, error_stream=len(fds) - 1, encoding=encoding)
        self._watch = TruncationWatch(run_dir)
        self.flooded = False
        self._masker = masker
        self._on_read, self._on_stored = on_read, on_stored
        self._policy = policy
        self._parts = UnfinishedFiles(run_dir, list(self.splitters.values()), masker)
        self._bytes_until_check = policy.bytes_until_check(0)

    @property
    def lines(self) -> int:
        """Lines stored."""
        return self.writer.lines

    @property
    def is_unfinished(self) -> bool:
        """Whether there is text without a newline."""
        return any(splitter.held for splitter in self.splitters.values())

    @property
    def part_due(self) -> int | None:
        """When unfinished text is to be written (µs since the epoch).

        None if there is none to write.
        """
        return self._parts.due

    def read(self, fd: int, arrival: int) -> int:
        """Read and store what a stream has, at most a few buffers. Call `analyse` soon after.

        Args:
            fd: the stream's descriptor.
            arrival: µs since the epoch.

        Returns:
            The number of bytes read.
        """
        splitter = self.splitters[fd]
        total = self._read(splitter, arrival)
        self.flooded = splitter.full
        if not splitter.open:
            self.close_stream(fd, arrival)
        return total

    def take(self, fd: int, data: bytes, arrival: int) -> None:
        """Store what was read of a stream elsewhere: not empty, 16 KiB at most.

        Otherwise as `read`.
        """
        splitter = self.splitters[fd]
        self._cut(splitter, splitter.take(data), arrival)

    def _read(self, splitter: Splitter, arrival: int) -> int:
        total = 0
        for _ in range(_READS_PER_WAKE):
            count = splitter.read()
            if count == 0:
                break
            total += count
            self._cut(splitter, count, arrival)
            if not splitter.full:
                break
        return total

    def _cut(self, splitter: Splitter, count: int, arrival: int) -> None:
        if self._on_read is not None:
            self._on_read(splitter.stream, splitter.last_read(count))
        for data, lines, flags in splitter.records(count):
            self._store(data, lines, flags, arrival)

    def analyse(self, now_us: int) -> None:
        """Analyse what was read since the last call: levels, progress, unfinished text."""
        self.analysis.flush()
        self._parts.plan(now_us)

    def shrink(self) -> bool:
        """Release what only a flood needs; call it every few seconds after one.

        Returns:
            False if nothing is left to release.
        """
        for splitter in self.splitters.values():
            splitter.shrink()
        return any(splitter.is_enlarged for splitter in self.splitters.values())

    def end_question(self, arrival: int) -> None:
        """End unfinished text of stderr that asks a question, because it will not be answered.

        So messages about that begin a line.
        """
        for splitter in [each for each in self.splitters.values() if each.stream == fmt.STDERR]:
            self._read(splitter, arrival)
            if _is_question(splitter):
                self.end_prompt(arrival)

    def end_prompt(self, arrival: int) -> None:
        """End the unfinished text of stderr as a record, because it is about to be answered.

        The echo of the answer is on the other stream, so what stderr prints next would follow the
        question in the same line. A progress bar, which is redrawn, is left unchanged.
        """
        for splitter in [each for each in self.splitters.values() if each.stream == fmt.STDERR]:
            self._read(splitter, arrival)
            if not 0 < splitter.held <= _LONGEST_PROMPT:
                return
            if b"\r" in bytes(splitter.pending()):
                return
            for data, lines, flags in splitter.rest():
                self._store(self._masked_rest(data), lines, flags | fmt.PROMPT, arrival)
            self._parts.plan(arrival)

    def _masked_rest(self, data: memoryview) -> memoryview:
        return memoryview(self._masker.apply_last(bytes(data))) if self._masker else data

    def close_stream(self, fd: int, arrival: int) -> None:
        """End a stream: its unfinished text becomes its last line."""
        splitter = self.splitters.pop(fd)
        splitter.end()
        is_question = splitter.stream == fmt.STDERR and _is_question(splitter)
        for data, lines, flags in splitter.rest():
            self._store(
                self._masked_rest(data),
                lines,
                flags | fmt.PROMPT if is_question else flags,
                arrival,
            )
        splitter.close()
        self._parts.end(splitter.stream)
        self._parts.plan(arrival)

    def write_part(self, now_us: int) -> None:
        """Write the unfinished text that is due, and look for progress in what is new of it."""
        storing = self.writer.lost is None
        for stream, text in self._parts.write(now_us, self.writer.end, storing=storing):
            self.analysis.add_unfinished(text, stream)

    def check_storage(self, now_us: int) -> None:
        """Pause or resume storing according to the policy."""
        self._bytes_until_check = self._policy.bytes_until_check(self.writer.end)
        refusal = self._policy.refusal(self.writer.end)
        if refusal is not None:
            self.writer.pause(refusal, now_us)
        elif self.writer.lost is not None:
            self.writer.resume(now_us)

    def check_log(self, now_us: int) -> None:
        """Check that the stored bytes are still in the log."""
        self._watch.check(self.writer, now_us)

    def finish(self, now_us: int) -> None:
        """End all streams: everything that will ever be stored is then in the journal.

        Only `close` may follow.
        """
        for fd in list(self.splitters):
            self.close_stream(fd, now_us)
        self.analysis.flush()
        self.check_log(now_us)
        self.writer.finish(now_us)
        self._parts.remove()

    def close(self, clock: Clock, counted: Callable[[], None] = lambda: None) -> None:
        """Sync the journal while the last lines are classified; call it after `finish`.

        The run is reported as ended by now. If the machine goes down before its last lines are on
        disk, its index is shorter than its state says, and the next engine repairs it.

        Args:
            clock: of the run.
            counted: called every second, because classifying some ten million lines takes a minute.
        """
        synced = self.begin_close(clock)
        levels = self.analysis.levels
        due = time.monotonic() + _COUNTED_SECONDS
        while levels.is_behind:
            levels.catch_up()
            if time.monotonic() >= due:
                counted()
                due = time.monotonic() + _COUNTED_SECONDS
        synced.acquire()

    def begin_close(self, clock: Clock) -> _thread.LockType:
        """Begin to sync and close the journal in a thread; call it after `finish`.

        Returns:
            A lock that is released when that is done.
        """
        synced = _thread.allocate_lock()

        def sync() -> None:
            try:
                self.writer.close(clock.now_us())
            finally:
                synced.release()

        synced.acquire()
        try:
            _thread.start_new_thread(sync, ())
        except RuntimeError:  # no thread can be started
            sync()
        return synced

    def _store(self, data: memoryview, lines: int, flags: int, arrival: int) -> None:
        if self._masker:
            data = memoryview(self._masker.apply(bytes(data)))
        stored = self.writer.append(data, lines, flags, arrival)
        if flags & fmt.PROMPT:
            self.analysis.add_prompt(bytes(data), stored=stored)
        else:
            self.analysis.add(data, lines, flags & fmt.STREAM_BIT, stored=stored)
        if self._on_stored is not None:
            self._on_stored(flags & fmt.STREAM_BIT, bytes(data), stored)
        self._bytes_until_check -= len(data)
        if self._bytes_until_check < 0 and self.writer.lost is None:
            self.check_storage(arrival)


def _is_question(splitter: Splitter) -> bool:
    """Whether the unfinished text of a stream asks for something, such as ``Your name? ``."""
    return (
        0 < splitter.held <= _LONGEST_PROMPT
        and _QUESTION.search(bytes(splitter.pending())) is not None
    )


def _splitter(
    fd: int, stream: int, count: Count, safe_end: Callable[[bytes], int] | None, encoding: str
) -> Splitter:
    if is_recoded(encoding):
        return RecodingSplitter(fd, stream, count, safe_end, encoding=encoding)
    return Splitter(fd, stream, count, safe_end, boundary_finder(encoding))
