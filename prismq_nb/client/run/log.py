"""The log of one run: its lines as a list, as they come, as numbers, as a file.

Apart from run.py because it only reads; what can be done with a run is there.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base import endings
from prismq_nb.client.base.download import save
from prismq_nb.client.base.interface import Complete, InputState
from prismq_nb.client.base.lines import LogLines
from prismq_nb.client.base.log_query import log_query, look
from prismq_nb.client.base.notice import WaitingNotice
from prismq_nb.client.run.state import RunState
from prismq_nb.common.log_models import Gap
from prismq_nb.common.run_words import counted
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from prismq_nb.client.base.interface import Client, LogQuery
    from prismq_nb.common.log_models import LogLine, SavedText
    from prismq_nb.common.models import Run as Record

__all__ = ["RunLog"]


class RunLog(RunState):
    """What a run has printed."""

    def __init__(self, client: Client, record: Record) -> None:
        """`client`: who is asked about the run; `record`: what it said last."""
        super().__init__(client, record)
        self._notice = WaitingNotice(record.module_name)

    def logs(
        self,
        tail: int | None = None,
        *,
        since: str | datetime | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        level: str | int | Iterable[str | int] | None = None,
        q: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] | None = None,
        regex: bool = False,
        case: bool | None = None,
        word: bool = False,
        lines_before: int = 0,
        lines_after: int = 0,
    ) -> LogLines:
        """Return lines that meet all conditions, oldest first; without any, the newest 500.

        Args:
            tail: the newest n of those that match, 1 to 10,000.
            since: only lines later than this; a text in ISO 8601, or a datetime (one without a time
                zone is local time).
            after: only lines with a number above this; -1: from the first one.
            before: only lines with a number below this.
            limit: the oldest n of those that match, 1 to 10,000; not together with `tail`.
            level: a name in any case, or several: ``"error"``, ``["WARNING", "ERROR"]``.
            q: text that a line has in it, spaces included; or several, of which it has all. Colours
                do not matter.
            exclude: text that a line has not, or several, of which it has none.
            regex: `q` and `exclude` are regular expressions (RE2).
            case: whether case counts; None: in regular expressions, not in texts.
            word: only whole words.
            lines_before: so many lines before each that matches, too, 0 to 100, as `grep -B`.
            lines_after: the same after it, as `grep -A`.

        Returns:
            A list of `LogLine` that prints as a log, with `total_lines`, `truncated` and
            `next_after`. `tail` and `limit` count lines around those that match, too.

        Raises:
            InvalidRequest: a value is out of bounds.

        Example:
            >>> run.logs(q=["epoch", "loss"], exclude="warm-up", lines_before=2)
        """
        where: dict[str, Any] = {"tail": tail, "after": after, "before": before, "limit": limit}
        around: dict[str, Any] = {"lines_before": lines_before, "lines_after": lines_after}
        how: dict[str, Any] = {"regex": regex, "case": case, "word": word}
        query = log_query(**where, **around, **how, since=since, level=level, q=q, exclude=exclude)
        return LogLines(look(self._client, self.run_id, query))

    def follow(
        self,
        tail: int | None = None,
        *,
        since: str | datetime | None = None,
        after: int | None = None,
        level: str | int | Iterable[str | int] | None = None,
        q: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] | None = None,
        regex: bool = False,
        case: bool | None = None,
        word: bool = False,
    ) -> Iterator[LogLine]:
        r"""Yield each line once, as it is printed, until the run has ended; by default, from the start.

        A dropped connection or a restarted server is resumed from by itself. Output that could not
        be stored (a full disk) is told by a warning; that the run begins to wait for input, by one
        line on stderr, as `wait` does.

        Args:
            tail: begin with the newest n lines, 1 to 10,000.
            since: begin after this time.
            after: begin after this line number.
            level: only lines of these levels, as in `logs`.
            q: only lines with this text, or all of these.
            exclude: only lines without it, or any of them.
            regex: `q` and `exclude` are regular expressions (RE2).
            case: whether case counts; None: in regular expressions, not in texts.
            word: only whole words.

        Example:
            >>> for line in run.follow():
            ...     print(line.level, line.message)

            A message keeps its colours and shows the last frame of what was drawn over; a question
            that was answered (`prompt`) is in a row with its answer on a terminal:

            >>> for line in run.follow():
            ...     print(line.message, end="" if line.prompt else "\n")
        """
        if tail is None and since is None and after is None:
            after = -1
        where: dict[str, Any] = {"tail": tail, "since": since, "after": after}
        how: dict[str, Any] = {"regex": regex, "case": case, "word": word}
        return self._followed(log_query(**where, **how, level=level, q=q, exclude=exclude))

    def _followed(self, query: LogQuery) -> Iterator[LogLine]:
        """Yield what `follow` gives; apart, so that a mistake in its arguments is raised by the call."""
        for item in self._client.stream(self.run_id, query):
            if isinstance(item, Gap):
                what = f"{counted(item.lines, 'line')} ({counted(item.bytes, 'byte')})"
                lost = f"{what} before line {item.before:,} could not be stored"
                warnings.warn(f"{lost}: {item.reason.replace('-', ' ')}", stacklevel=2)
            elif isinstance(item, InputState):
                self._notice.look(item)
            elif isinstance(item, Complete):
                endings.tell(self.run_id)
            else:
                yield item

    def _saved(self, **query: Any) -> SavedText:
        """Return what a notebook keeps of the run; arguments as in `logs`."""
        return self._client.saved(self.run_id, log_query(since=None, **query))

    def search(
        self,
        q: str | Iterable[str] = (),
        *,
        exclude: str | Iterable[str] | None = None,
        regex: bool = False,
        case: bool | None = None,
        word: bool = False,
        level: str | int | Iterable[str | int] | None = None,
        lines_before: int = 0,
        lines_after: int = 0,
    ) -> Iterator[int]:
        """Yield the numbers of all matching lines, in order, as they are found.

        A gigabyte takes about a second. Lines that come later are not searched.

        Args:
            q: the text to look for, or several, of which a line has all.
            exclude: text that a line has not, or several, of which it has none.
            regex: `q` and `exclude` are regular expressions (RE2).
            case: whether case counts; None: in regular expressions, not in texts.
            word: only whole words.
            level: only lines of these levels, as in `logs`.
            lines_before: numbers of so many lines before each that matches, too, 0 to 100.
            lines_after: the same after it.

        Raises:
            InvalidRequest: there is nothing to look for, or it is no pattern.

        Example:
            >>> first = next(run.search("Traceback"), None)
            >>> run.logs(after=first - 1, limit=20)
        """
        around: dict[str, Any] = {"lines_before": lines_before, "lines_after": lines_after}
        how: dict[str, Any] = {"regex": regex, "case": case, "word": word}
        query = log_query(**around, **how, level=level, q=q, exclude=exclude)
        if not (query.get("q") or query.get("exclude")):
            raise InvalidRequest("q is empty: give the text to look for, or a pattern and regex=True")
        return self._client.search(self.run_id, query)

    def download(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        form: str = "text",
        level: str | int | Iterable[str | int] | None = None,
        q: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] | None = None,
        regex: bool = False,
        case: bool | None = None,
        word: bool = False,
        lines_before: int = 0,
        lines_after: int = 0,
    ) -> Path:
        """Save the log, or the lines that match, to a file; returns its path.

        Args:
            path: a file, or a directory to put it in; by default the working directory. The file is
                named after the run. An existing file is replaced, and only when all has arrived.
            form: ``text`` (one line as ``[timestamp] [LEVEL] [stream] message``), ``raw`` (the bytes
                as they were printed, always the whole log) or ``jsonl``.
            level: only lines of these levels, as in `logs`.
            q: only lines with this text, or all of these.
            exclude: only lines without it, or any of them.
            regex: `q` and `exclude` are regular expressions (RE2).
            case: whether case counts; None: in regular expressions, not in texts.
            word: only whole words.
            lines_before: so many lines before each that matches, too, 0 to 100.
            lines_after: the same after it.

        Raises:
            InvalidRequest: `form` is none of these, or a value is out of bounds.
            OSError: the file cannot be written.
        """
        around: dict[str, Any] = {"lines_before": lines_before, "lines_after": lines_after}
        how: dict[str, Any] = {"regex": regex, "case": case, "word": word}
        query = log_query(**around, **how, level=level, q=q, exclude=exclude)
        return save(self._client, self.run_id, path, form, query)
