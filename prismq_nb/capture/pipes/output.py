"""From the module's pipes to the journal: splitters, masking, storing, unfinished text. One object owns a run's whole output.

The path of a chunk: `Splitter.read` (one system call), cut in place, `JournalWriter.append` (two). All else can wait: `Insight`. Standard library
only.
"""

from __future__ import annotations

import _thread
import os
import re
import time
from typing import TYPE_CHECKING

from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.monitor.analysis import Insight
from prismq_nb.capture.pipes.parts import Parts
from prismq_nb.capture.pipes.recoding import RecodingSplitter
from prismq_nb.capture.pipes.splitter import Splitter
from prismq_nb.capture.pipes.storage import StoragePolicy
from prismq_nb.capture.pipes.truncation import LogWatch
from prismq_nb.common.base.encodings import border_of, is_recoded
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
    """Everything between the pipes and the files.

    Attributes:
        splitters: the open streams by descriptor.
        flooded: the last `read` found a full pipe, so the module may have had to wait for us.
        insight: what is made of it.
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
    ) -> None:
        """Makes the journal. `fds` are stdout's and, unless both are one, stderr's; `created` in µs since the epoch. Raises OSError."""
        safe_end = masker.safe_end if masker else None
        self.splitters = {fd: _splitter(fd, stream, count, safe_end, encoding) for stream, fd in enumerate(fds)}
        self.writer = JournalWriter(run_dir, created)
        self.insight = Insight(run_dir, error_stream=len(fds) - 1, encoding=encoding)  # stdout, where both are one
        self._watch = LogWatch(run_dir)
        self.flooded = False
        self._masker = masker
        self._policy = policy
        self._parts = Parts(run_dir, list(self.splitters.values()), masker)
        self._room = policy.room(0)

    @property
    def lines(self) -> int:
        """Lines stored."""
        return self.writer.lines

    @property
    def is_unfinished(self) -> bool:
        """Whether text stands there without a newline."""
        return any(splitter.held for splitter in self.splitters.values())

    @property
    def part_due(self) -> int | None:
        """When unfinished text is to be written (µs since the epoch); None when it is not."""
        return self._parts.due

    def read(self, fd: int, arrival: int) -> int:
        """Reads and stores what a stream has, at most a few buffers of it. Returns the bytes read. `look` is to be called soon."""
        splitter = self.splitters[fd]
        total = self._read(splitter, arrival)
        self.flooded = splitter.full
        if not splitter.open:
            self.close_stream(fd, arrival)
        return total

    def take(self, fd: int, data: bytes, arrival: int) -> None:
        """Store what was read of a stream elsewhere: not empty, 16 KiB at most. As `read` else."""
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
        for data, lines, flags in splitter.records(count):
            self._store(data, lines, flags, arrival)

    def look(self, now: int) -> None:
        """Looks at what was read since the last time: levels, progress, unfinished text."""
        self.insight.look()
        self._parts.plan(now)

    def relax(self) -> bool:
        """Gives back what only a flood needs; to be called every few seconds after one. False when nothing is left to give back."""
        for splitter in self.splitters.values():
            splitter.relax()
        return any(splitter.wide for splitter in self.splitters.values())

    def end_question(self, arrival: int) -> None:
        """End the unfinished text of stderr if it asks, because it will not be answered: what is said of that begins a line."""
        for splitter in [each for each in self.splitters.values() if each.stream == fmt.STDERR]:
            self._read(splitter, arrival)
            if _is_question(splitter):
                self.end_prompt(arrival)

    def end_prompt(self, arrival: int) -> None:
        """End the unfinished text of stderr as a record, because it is about to be answered.

        The echo of the answer comes on the other stream, so that what stderr prints next would
        stand behind the question, in the same line. A bar, which is redrawn, stays as it is.
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
        """Ends a stream: its unfinished text becomes its last line."""
        splitter = self.splitters.pop(fd)
        splitter.end()
        is_question = splitter.stream == fmt.STDERR and _is_question(splitter)
        for data, lines, flags in splitter.rest():
            self._store(self._masked_rest(data), lines, flags | fmt.PROMPT if is_question else flags, arrival)
        splitter.close()
        self._parts.end(splitter.stream)
        self._parts.plan(arrival)

    def write_part(self, now: int) -> None:
        """Write what is due of unfinished text, and look for progress in what is new of it."""
        storing = self.writer.lost is None
        for stream, text in self._parts.write(now, self.writer.end, storing=storing):
            self.insight.look_at_unfinished(text, stream)

    def check_storage(self, now: int) -> None:
        """Pauses or resumes storing as the policy says."""
        self._room = self._policy.room(self.writer.end)
        refusal = self._policy.refusal(self.writer.end)
        if refusal is not None:
            self.writer.pause(refusal, now)
        elif self.writer.lost is not None:
            self.writer.resume(now)

    def check_log(self, now: int) -> None:
        """Looks whether what was stored is still there."""
        self._watch.look(self.writer, now)

    def finish(self, now: int) -> None:
        """Closes what is open: all that will ever be stored is in the journal then, and `writer.close` may follow."""
        for fd in list(self.splitters):
            self.close_stream(fd, now)
        self.insight.look()
        self.check_log(now)
        self.writer.finish(now)
        self._parts.remove()

    def close(self, clock: Clock, counted: Callable[[], None] = lambda: None) -> None:
        """Syncs the journal while the last levels are worked out; only after `finish`.

        `counted` is called now and then, as that takes a minute for some ten million lines.

        The run is told to have ended by now: should the machine go down before its last lines are on the medium, its index is shorter than its state
        says, and the next engine repairs it.
        """
        synced = _thread.allocate_lock()

        def sync() -> None:
            try:
                self.writer.close(clock.now())
            finally:
                synced.release()

        synced.acquire()
        try:
            _thread.start_new_thread(sync, ())
        except RuntimeError:  # no thread to be had
            sync()
        levels = self.insight.levels
        due = time.monotonic() + _COUNTED_SECONDS
        while levels.behind:
            levels.catch_up()
            if time.monotonic() >= due:
                counted()
                due = time.monotonic() + _COUNTED_SECONDS
        synced.acquire()

    def _store(self, data: memoryview, lines: int, flags: int, arrival: int) -> None:
        if self._masker:
            data = memoryview(self._masker.apply(bytes(data)))
        stored = self.writer.append(data, lines, flags, arrival)
        if flags & fmt.PROMPT:
            self.insight.add_prompt(bytes(data), stored=stored)
        else:
            self.insight.add(data, lines, flags & fmt.STREAM_BIT, stored=stored)
        self._room -= len(data)
        if self._room < 0 and self.writer.lost is None:
            self.check_storage(arrival)


def _is_question(splitter: Splitter) -> bool:
    """Whether the unfinished text of a stream asks for something: ``Your name? ``, as nobody answered it."""
    return 0 < splitter.held <= _LONGEST_PROMPT and _QUESTION.search(bytes(splitter.pending())) is not None


def _splitter(fd: int, stream: int, count: Count, safe_end: Callable[[bytes], int] | None, encoding: str) -> Splitter:
    if is_recoded(encoding):
        return RecodingSplitter(fd, stream, count, safe_end, encoding=encoding)
    return Splitter(fd, stream, count, safe_end, border_of(encoding))
