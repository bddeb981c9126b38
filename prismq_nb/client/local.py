"""The engine without a server: for kernels outside of Jupyter servers, runs that start runs, and the command line.

The one arrow from this wing to the engine, and a lazy one: nothing here is imported unless discovery found no server. Runs that are started here are
in the data directory like all others, so a server on the same directory shows them.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base.backoff import Backoff
from prismq_nb.client.base.interface import ENDED, Complete, InputState, LogQuery
from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.read import filters as criteria
from prismq_nb.engine.read.block import BLOCK_LINES, read_block
from prismq_nb.engine.read.context import Around, ContextSearch, log_query
from prismq_nb.engine.read.export import gap as shown_gap
from prismq_nb.engine.read.export import json_lines, picked_json_lines, picked_text_lines, text_lines
from prismq_nb.engine.read.saved import SAVED_LINES, saved_text
from prismq_nb.engine.read.search import LogSearch
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from prismq_nb.client.base.interface import StreamEvent
    from prismq_nb.common.log_models import Gap, LogLine, LogPage, SavedText
    from prismq_nb.common.models import Attempts, LaunchSpec, RestartRequest, Run, RunPage
    from prismq_nb.journal.gaps import GapInfo
    from prismq_nb.journal.reader import JournalReader

__all__ = ["LocalClient", "default_data_dir"]

FOLLOW_FIRST_SECONDS, FOLLOW_MOST_SECONDS = 0.01, 0.1
"""Between two looks at the journal. A look is one `stat`; the longest delay is what a line waits at most."""
FOLLOW_LINES = 5000
RAW_SLICE_BYTES = 1 << 20
FORMATS = ("text", "raw", "jsonl")


def default_data_dir() -> Path:
    """``$PRISMQ_DATA_DIR``, else ``prismq_nb`` in Jupyter's data directory: the same rule as the server's."""
    named = os.environ.get("PRISMQ_DATA_DIR")
    if named:
        return located(named)
    from jupyter_core.paths import jupyter_data_dir  # noqa: PLC0415 - not needed where the variable is set

    return Path(jupyter_data_dir(), "prismq_nb")


def located(text: str) -> Path:
    """A data directory as somebody named it; one below an unknown user's home is left as it is."""
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        return Path(text)


class LocalClient:
    """A client of the data directory itself; see `interface.Client`.

    Args:
        data_dir: where the runs are; by default `default_data_dir()`.
    """

    def __init__(self, data_dir: Path | None = None) -> None:
        self._engine = Engine(data_dir or default_data_dir())

    def __repr__(self) -> str:
        return f"<LocalClient {self._engine.data_dir}>"

    @property
    def env_names(self) -> tuple[str, ...]:
        """None: a run inherits this very process's environment."""
        return ()

    def launch(self, spec: LaunchSpec) -> Run:
        """Start a run."""
        return self._engine.launch(spec)

    def list(self, *, module_id: str | None = None, status: str | None = None, q: str | None = None, limit: int = 50, offset: int = 0) -> RunPage:
        """Runs, newest first."""
        return self._engine.list(module_id=module_id, status=status, q=q, limit=limit, offset=offset)

    def get(self, run_id: str) -> Run:
        """How a run is doing now."""
        self._engine.settle(run_id)
        return self._engine.get(run_id)

    def stop(self, run_id: str) -> Run:
        """Ask a run to end."""
        return self._engine.stop(run_id)

    def give_up(self, run_id: str) -> Run:
        """End a run whose machine is gone."""
        return self._engine.give_up(run_id)

    def restart(self, run_id: str, given: RestartRequest) -> Run:
        """Start a run that has ended again."""
        self._engine.settle(run_id)
        return self._engine.restart(run_id, given)

    def attempts(self, run_id: str) -> Attempts:
        """All attempts of a run's launch."""
        self._engine.settle(run_id)
        return self._engine.attempts(run_id)

    def purge(self, run_id: str) -> None:
        """Delete an ended run."""
        self._engine.settle(run_id)
        self._engine.purge(run_id)

    def keep(self, run_id: str, *, keep: bool = True) -> Run:
        """Pin a run, or no longer."""
        return self._engine.keep(run_id, keep=keep)

    def send(self, run_id: str, text: str, *, eof: bool = False, secret: bool = False) -> bool:
        """Write to the run's stdin; whether a secret is held."""
        return self._engine.send(run_id, text, eof=eof, secret=secret)

    def _reader(self, run_id: str) -> JournalReader:
        """A reader of a run's journal, which was repaired where it had to be."""
        self._engine.settle(run_id)
        return self._engine.reader(run_id)

    def logs(self, run_id: str, query: LogQuery) -> LogPage:
        """The lines that `query` asks for."""
        with self._reader(run_id) as reader:
            return _poll(reader, run_id, _checked(query))

    def saved(self, run_id: str, query: LogQuery) -> SavedText:
        """The run as a saved notebook shows it."""
        run = self.get(run_id)
        page = self.logs(run_id, {**query, "tail": SAVED_LINES})
        return saved_text(run, self._engine.command_line(run_id), page)

    def stream(self, run_id: str, query: LogQuery) -> Iterator[StreamEvent]:
        """Lines as they come, until the run has ended."""
        checked = _checked(query)
        with self._reader(run_id) as reader:
            cursor = self._begin(reader, run_id, checked)
            told: set[GapInfo] = set()
            filters: dict[str, Any] = {name: checked[name] for name in ("levels", "matcher") if name in checked}
            pace = Backoff(FOLLOW_FIRST_SECONDS, FOLLOW_MOST_SECONDS, factor=1.5)
            end: int | None = None
            told_input = InputState()
            while True:
                run = self.get(run_id)  # before the journal: what ended has all its lines there
                page = _poll(reader, run_id, {"after": cursor - 1, "limit": FOLLOW_LINES, **filters})
                gaps = [gap for gap in reader.gaps(cursor, page.next_after + 1) if gap not in told]
                told.update(gaps)
                yield from _merged(page.logs, [shown_gap(gap) for gap in gaps])
                state = InputState(run.waiting_for_input, run.hides_input)
                if state != told_input:
                    told_input = state
                    yield state
                if end is None and run.status in ENDED:
                    end = page.total_lines  # background processes may print for ever
                is_new = page.next_after >= cursor
                cursor = max(cursor, page.next_after + 1)
                if end is not None and (cursor >= end or not is_new):
                    yield Complete(run.status, run.exit_code, end)
                    return
                if is_new:
                    pace.reset()
                else:
                    time.sleep(pace.delay() or FOLLOW_MOST_SECONDS)

    def _begin(self, reader: JournalReader, run_id: str, checked: dict[str, Any]) -> int:
        """Number of the first line that a stream gives."""
        if "tail" in checked:
            page = _poll(reader, run_id, checked)
            return page.logs[0].line if page.logs else page.next_after + 1
        first = int(checked.get("after", -1)) + 1
        return max(first, reader.line_after(checked["since"])) if "since" in checked else first

    def search(self, run_id: str, query: LogQuery) -> Iterator[int]:
        """Numbers of all lines that match."""
        checked = _checked(query)
        matcher, levels = checked.get("matcher"), checked.get("levels")
        if matcher is None:
            raise InvalidRequest("q is missing: give the text to look for, or a pattern and regex=True")
        with self._reader(run_id) as reader:
            reader.refresh()
            work = ContextSearch(
                lambda first: LogSearch(reader, matcher, levels, first=first),
                checked["around"],
            )
            while not work.done:
                yield from work.step()

    def download(
        self,
        run_id: str,
        target: BinaryIO,
        form: str = "text",
        query: LogQuery | None = None,
    ) -> None:
        """Write the log to `target`, or what `query` lets through."""
        if form not in FORMATS:
            raise InvalidRequest(f"form={form!r} is not known: give one of {', '.join(FORMATS)}")
        with self._reader(run_id) as reader:
            if form == "raw":
                _copy(self._engine.log_path(run_id), reader.log_bytes, target)
                return
            if query:
                self._download_matching(reader, run_id, target, form, _checked(query))
                return
            encoder = json_lines if form == "jsonl" else text_lines
            line = 0
            while (block := read_block(reader, line, BLOCK_LINES)) is not None:
                target.write(encoder(block))
                line = block.end

    def _download_matching(
        self,
        reader: JournalReader,
        run_id: str,
        target: BinaryIO,
        form: str,
        checked: dict[str, Any],
    ) -> None:
        encoder = picked_json_lines if form == "jsonl" else picked_text_lines
        cursor, end = -1, reader.refresh()
        while cursor < end - 1:
            asked = {**checked, "after": cursor, "before": end, "limit": FOLLOW_LINES}
            page = _poll(reader, run_id, asked)
            target.write(encoder(page.logs))
            if page.next_after <= cursor:
                return  # the rest cannot be read
            cursor = page.next_after


def _checked(query: LogQuery) -> dict[str, Any]:
    """A query as the engine takes it.

    Raises:
        InvalidRequest: a value cannot be used.
    """
    checked: dict[str, Any] = {name: query[name] for name in ("tail", "limit", "after", "before") if name in query}
    if "since" in query:
        checked["since"] = criteria.moment("since", query["since"])
    if query.get("level"):
        checked["levels"] = criteria.levels("level", query["level"])
    checked["matcher"] = criteria.matcher(
        query.get("q", ()),
        query.get("exclude", ()),
        regex=query.get("regex", False),
        case=query.get("case"),
        word=query.get("word", False),
    )
    checked["around"] = Around(query.get("lines_before", 0), query.get("lines_after", 0))
    return checked


def _poll(reader: JournalReader, run_id: str, checked: dict[str, Any]) -> LogPage:
    work = log_query(reader, run_id, **checked)
    while not work.step():
        pass  # no event loop waits here for its turn
    return work.page()


def _merged(lines: list[LogLine], gaps: list[Gap]) -> Iterator[LogLine | Gap]:
    """Each gap before the line that it stands before."""
    waiting = list(gaps)
    for line in lines:
        while waiting and waiting[0].before <= line.line:
            yield waiting.pop(0)
        yield line
    yield from waiting


def _copy(path: Path, size: int, target: BinaryIO) -> None:
    """The first `size` bytes of a file; what lies behind them is not in the index, so it does not exist yet."""
    if size == 0:
        return
    with open(path, "rb", opener=open_regular) as source:
        while size > 0 and (data := source.read(min(size, RAW_SLICE_BYTES))):
            target.write(data)
            size -= len(data)
