"""`RunLog`: read, follow, search and download the log of one run."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base import end_events
from prismq_nb.client.base.download import save_log
from prismq_nb.client.base.interface import Complete, InputState
from prismq_nb.client.base.lines import LogLines
from prismq_nb.client.base.log_query import fetch_page, log_query
from prismq_nb.client.base.notice import InputNotice
from prismq_nb.client.run.state import RunState
from prismq_nb.common.base.quantities import counted
from prismq_nb.common.log_models import Gap
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from prismq_nb.client.base.interface import Client, LogQuery
    from prismq_nb.common.log_models import LogLine, SavedText
    from prismq_nb.common.models import RunInfo


class RunLog(RunState):
    """The methods of a run that read its log."""

    def __init__(self, client: Client, info: RunInfo) -> None:
        """`client`: fetches the log; `info`: the last known state."""
        super().__init__(client, info)
        self._notice = InputNotice(info.module_name)

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
        """Return the lines that meet all conditions, oldest first; by default the newest 500.

        Args:
            tail: return the newest n matches, 1 to 10,000.
            since: lines later than this time: ISO 8601, or a datetime (local time if it has no
                time zone).
            after: lines with a number above this; -1: from the first line.
            before: lines with a number below this.
            limit: return the oldest n matches, 1 to 10,000; not with `tail`.
            level: one or more levels, in any case: ``"error"``, ``["WARNING", "ERROR"]``,
                ``logging.ERROR``.
            q: text that a line must contain, spaces included, or several, all of which it must
                contain. Colours are ignored.
            exclude: text that a line must not contain, or several, none of which it may contain.
            regex: treat `q` and `exclude` as regular expressions (RE2 syntax).
            case: match case; None: only with `regex`.
            word: match whole words only.
            lines_before: also return up to n lines before each match, 0 to 100, as ``grep -B``.
            lines_after: also return up to n lines after each match, 0 to 100, as ``grep -A``.

        Returns:
            A list of `LogLine` that prints as a log, with the attributes `total_lines`,
            `truncated` and `next_after`. `tail` and `limit` include the lines around matches.

        Raises:
            InvalidRequest: a value is invalid or out of bounds.
            RunNotFound: the run was purged.

        Example:
            >>> run.logs(q=["epoch", "loss"], exclude="warm-up", lines_before=2)
        """
        query = log_query(
            tail=tail,
            since=since,
            after=after,
            before=before,
            limit=limit,
            level=level,
            lines_before=lines_before,
            lines_after=lines_after,
            **_text_query(q, exclude, regex=regex, case=case, word=word),
        )
        return LogLines(fetch_page(self._client, self.run_id, query))

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
        r"""Yield each line once, as it is printed, until the run ends; by default from the start.

        A lost connection or a server restart is resumed without gaps or duplicates. A warning
        reports output that could not be stored (a full disk), and a line on stderr that the run is
        waiting for input, as in `wait`.

        Args:
            tail: start with the newest n lines, 1 to 10,000.
            since: start after this time, as in `logs`.
            after: start after this line number; -1: with the first line.
            level: one or more levels, as in `logs`.
            q: text that a line must contain, or several, all of which it must contain.
            exclude: text that a line must not contain, or several.
            regex: treat `q` and `exclude` as regular expressions (RE2 syntax).
            case: match case; None: only with `regex`.
            word: match whole words only.

        Yields:
            `LogLine`: a line with `line`, `timestamp`, `level`, `message`, `stream` and `prompt`.

        Raises:
            InvalidRequest: a value is invalid or out of bounds.
            RunNotFound: the run was purged.
            TooManyStreams: the server had no stream to offer for 5 minutes.
            ServerUnreachable: the server was unreachable for more than 5 minutes.

        Example:
            >>> for line in run.follow():
            ...     print(line.level, line.message)

            A message keeps its colours, and of a line that was redrawn, the last frame. On a
            terminal, a prompt that was answered shares its row with the answer:

            >>> for line in run.follow():
            ...     print(line.message, end="" if line.prompt else "\n")
        """
        if tail is None and since is None and after is None:
            after = -1
        text = _text_query(q, exclude, regex=regex, case=case, word=word)
        return self._follow(log_query(tail=tail, since=since, after=after, level=level, **text))

    def _follow(self, query: LogQuery) -> Iterator[LogLine]:
        """Yield the lines of `follow`, whose arguments were checked when it was called."""
        for item in self._client.stream(self.run_id, query):
            if isinstance(item, Gap):
                what = f"{counted(item.lines, 'line')} ({counted(item.bytes, 'byte')})"
                lost = f"{what} before line {item.before:,} could not be stored"
                warnings.warn(f"{lost}: {item.reason.replace('-', ' ')}", stacklevel=2)
            elif isinstance(item, InputState):
                self._notice.update(item)
            elif isinstance(item, Complete):
                end_events.notify(self.run_id)
            else:
                yield item

    def _saved(self, **query: Any) -> SavedText:
        """Return the text that a notebook saves of the run; arguments as in `logs`."""
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

        Searches the whole log as it is now, at about a gigabyte per second.

        Args:
            q: text that a line must contain, or several, all of which it must contain.
            exclude: text that a line must not contain, or several.
            regex: treat `q` and `exclude` as regular expressions (RE2 syntax).
            case: match case; None: only with `regex`.
            word: match whole words only.
            level: one or more levels, as in `logs`.
            lines_before: also yield up to n lines before each match, 0 to 100.
            lines_after: also yield up to n lines after each match, 0 to 100.

        Yields:
            int: the number of a line, from 0.

        Raises:
            InvalidRequest: `q` and `exclude` are empty, or a value is invalid.
            RunNotFound: the run was purged.
            ServerUnreachable: the connection was lost during the search.

        Example:
            >>> first = next(run.search("Traceback"), None)
            >>> run.logs(after=first - 1, limit=20)
        """
        query = log_query(
            level=level,
            lines_before=lines_before,
            lines_after=lines_after,
            **_text_query(q, exclude, regex=regex, case=case, word=word),
        )
        if not (query.get("q") or query.get("exclude")):
            raise InvalidRequest(
                "q is empty; pass the text to search for, or a pattern with regex=True",
                parameter="q",
            )
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
        """Save the log, or the lines that meet all conditions, to a file, and return its path.

        Args:
            path: a file, or a directory; by default the working directory. In a directory, the file
                is named after the run. An existing file is replaced once the download is complete.
            form: ``text`` (lines as ``[timestamp] [LEVEL] [stream] message``), ``jsonl`` (an object
                per line), or ``raw`` (the bytes as they were printed, always the whole log).
            level: one or more levels, as in `logs`.
            q: text that a line must contain, or several, all of which it must contain.
            exclude: text that a line must not contain, or several.
            regex: treat `q` and `exclude` as regular expressions (RE2 syntax).
            case: match case; None: only with `regex`.
            word: match whole words only.
            lines_before: also save up to n lines before each match, 0 to 100.
            lines_after: also save up to n lines after each match, 0 to 100.

        Raises:
            InvalidRequest: `form` or another value is invalid.
            RunNotFound: the run was purged.
            OSError: the file cannot be written.
            ServerUnreachable: the connection was lost during the download.

        Example:
            >>> run.download("errors.jsonl", form="jsonl", level="ERROR,CRITICAL")
            PosixPath('errors.jsonl')
        """
        query = log_query(
            level=level,
            lines_before=lines_before,
            lines_after=lines_after,
            **_text_query(q, exclude, regex=regex, case=case, word=word),
        )
        return save_log(self._client, self.run_id, path, form, query)


def _text_query(
    q: object, exclude: object, *, regex: bool, case: bool | None, word: bool
) -> dict[str, Any]:
    """Return the arguments of `log_query` that select lines by their text."""
    return {"q": q, "exclude": exclude, "regex": regex, "case": case, "word": word}
