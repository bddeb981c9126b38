"""`LocalClient`: the engine without a server, for scripts, other kernels and runs that start runs.

The only module of `client` that imports the engine; it is loaded only if discovery finds no server.
Its runs are in the data directory like all others, so a server on that directory shows them.
"""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, cast

from prismq_nb.client.base.backoff import Backoff
from prismq_nb.client.base.interface import (
    ENDED,
    HITS_PARAMETERS,
    Complete,
    InputState,
    LogQuery,
)
from prismq_nb.client.base.kernelspec import find_kernel
from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.common.data_dir import default_data_dir
from prismq_nb.common.kernels import check_use, with_kernel
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.read import filters as criteria
from prismq_nb.engine.read.context import Context, ContextSearch, log_query
from prismq_nb.engine.read.export import gap as shown_gap
from prismq_nb.engine.read.export import (
    json_lines,
    json_log_lines,
    text_lines,
    text_log_lines,
)
from prismq_nb.engine.read.line_block import MAX_BLOCK_LINES, read_block
from prismq_nb.engine.read.runs_search import HitsQuery
from prismq_nb.engine.read.saved import SAVED_LINES, saved_text
from prismq_nb.engine.read.search import LogSearch
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from prismq_nb.client.base.interface import RunsFilter, StreamEvent
    from prismq_nb.common.log_models import Gap, LogLine, LogPage, RunHits, SavedText
    from prismq_nb.common.models import Attempts, LaunchRequest, RestartRequest, RunInfo, RunPage
    from prismq_nb.common.run_query import RunQuery
    from prismq_nb.common.system_models import Health, SystemStatistics
    from prismq_nb.journal.gaps import GapInfo
    from prismq_nb.journal.reader import JournalReader

FOLLOW_FIRST_SECONDS, FOLLOW_MAX_SECONDS = 0.01, 0.1
"""Delays between polls of the journal. A poll is one `stat`; a new line waits for the longest
delay at most."""
FOLLOW_LINES = 5000
RAW_SLICE_BYTES = 1 << 20
FORMATS = ("text", "raw", "jsonl")


class LocalClient:
    """A client that uses the data directory directly; see `interface.Client`.

    Args:
        data_dir: the data directory; by default `default_data_dir()`.
    """

    def __init__(self, data_dir: Path | None = None) -> None:
        self._engine = Engine(data_dir or default_data_dir())

    def __repr__(self) -> str:
        return f"<LocalClient {self._engine.data_dir}>"

    @property
    def env_names(self) -> tuple[str, ...]:
        """Empty: a run inherits the environment of this process."""
        return ()

    def launch(self, request: LaunchRequest) -> RunInfo:
        """Start a run."""
        check_use(request)
        if request.kernel is not None:
            request = with_kernel(request, find_kernel(request.kernel))
        return self._engine.launch(request.resolved())

    def list(self, **query: Unpack[RunQuery]) -> RunPage:
        """Return runs."""
        return self._engine.list(**query)

    def health(self) -> Health:
        """Return whether the engine works, its version, and how many runs are active."""
        return self._engine.health()

    def statistics(self) -> SystemStatistics:
        """Return numbers of runs and modules, and the load of the machine."""
        return self._engine.statistics()

    def get(self, run_id: str) -> RunInfo:
        """Return the current state of a run."""
        self._engine.wait_for_repair(run_id)
        return self._engine.get(run_id)

    def stop(self, run_id: str) -> RunInfo:
        """Stop a run."""
        return self._engine.stop(run_id)

    def give_up(self, run_id: str) -> RunInfo:
        """Mark a run whose machine is gone as failed."""
        return self._engine.give_up(run_id)

    def restart(self, run_id: str, given: RestartRequest) -> RunInfo:
        """Restart a run that has ended."""
        self._engine.wait_for_repair(run_id)
        return self._engine.restart(run_id, given)

    def attempts(self, run_id: str) -> Attempts:
        """Return the attempts of a run's launch."""
        self._engine.wait_for_repair(run_id)
        return self._engine.attempts(run_id)

    def purge(self, run_id: str) -> None:
        """Delete a run that has ended."""
        self._engine.wait_for_repair(run_id)
        self._engine.purge(run_id)

    def keep(self, run_id: str, *, keep: bool = True) -> RunInfo:
        """Pin or unpin a run."""
        return self._engine.keep(run_id, keep=keep)

    def send(self, run_id: str, text: str, *, eof: bool = False, secret: bool = False) -> bool:
        """Write to the run's stdin, and return whether a secret is being held."""
        return self._engine.send(run_id, text, eof=eof, secret=secret)

    def _reader(self, run_id: str) -> JournalReader:
        """Return a reader of a run's journal, repaired if necessary."""
        self._engine.wait_for_repair(run_id)
        return self._engine.reader(run_id)

    def logs(self, run_id: str, query: LogQuery) -> LogPage:
        """Return the lines that match."""
        with self._reader(run_id) as reader:
            return _poll(reader, run_id, _engine_query(query))

    def saved(self, run_id: str, query: LogQuery) -> SavedText:
        """Return the run as a saved notebook shows it."""
        run = self.get(run_id)
        page = self.logs(run_id, {**query, "tail": SAVED_LINES})
        return saved_text(run, self._engine.command_line(run_id), page)

    def stream(self, run_id: str, query: LogQuery) -> Iterator[StreamEvent]:
        """Yield lines as they are printed, until the run has ended."""
        checked = _engine_query(query)
        with self._reader(run_id) as reader:
            cursor = self._begin(reader, run_id, checked)
            seen_gaps: set[GapInfo] = set()
            filters: dict[str, Any] = {
                name: checked[name] for name in ("levels", "matcher") if name in checked
            }
            polling = Backoff(FOLLOW_FIRST_SECONDS, FOLLOW_MAX_SECONDS, factor=1.5)
            end: int | None = None
            last_input = InputState()
            while True:
                run = self.get(
                    run_id
                )  # before the journal, which is complete once the run has ended
                page = _poll(
                    reader, run_id, {"after": cursor - 1, "limit": FOLLOW_LINES, **filters}
                )
                gaps = [
                    gap for gap in reader.gaps(cursor, page.next_after + 1) if gap not in seen_gaps
                ]
                seen_gaps.update(gaps)
                yield from _merged(page.logs, [shown_gap(gap) for gap in gaps])
                state = InputState(run.waiting_for_input, run.hides_input)
                if state != last_input:
                    last_input = state
                    yield state
                if end is None and run.status in ENDED:
                    end = page.total_lines  # background processes may print forever
                is_new = page.next_after >= cursor
                cursor = max(cursor, page.next_after + 1)
                if end is not None and (cursor >= end or not is_new):
                    yield Complete(run.status, run.exit_code, end)
                    return
                if is_new:
                    polling.reset()
                else:
                    time.sleep(polling.delay() or FOLLOW_MAX_SECONDS)

    def _begin(self, reader: JournalReader, run_id: str, checked: dict[str, Any]) -> int:
        """Return the number of the first line of a stream."""
        if "tail" in checked:
            page = _poll(reader, run_id, checked)
            return page.logs[0].line if page.logs else page.next_after + 1
        first = int(checked.get("after", -1)) + 1
        return max(first, reader.line_after(checked["since"])) if "since" in checked else first

    def search(self, run_id: str, query: LogQuery) -> Iterator[int]:
        """Yield the numbers of all lines that match."""
        checked = _engine_query(query)
        matcher, levels = checked.get("matcher"), checked.get("levels")
        if matcher is None:
            raise InvalidRequest(
                "q is missing; pass the text to search for, or a pattern with regex=True",
                parameter="q",
            )
        with self._reader(run_id) as reader:
            reader.refresh()
            work = ContextSearch(
                lambda first: LogSearch(reader, matcher, levels, first=first),
                checked["context"],
            )
            while not work.done:
                yield from work.step()

    def search_runs(self, query: LogQuery, filters: RunsFilter) -> Iterator[RunHits | None]:
        """Yield the runs whose logs match."""
        checked = _engine_query(query)
        wanted: dict[str, Any] = dict(filters)
        how = {name: wanted.pop(name) for name in HITS_PARAMETERS if name in wanted}
        hits_query = HitsQuery(lambda: checked["matcher"], checked.get("levels"), **how)
        chosen = cast("RunQuery", wanted)
        with closing(self._engine.search(hits_query, chosen)) as search:
            while not search.done:
                for step in search.ready():
                    step()
                yield from search.take()
                yield None

    def download(
        self,
        run_id: str,
        target: BinaryIO,
        form: str = "text",
        query: LogQuery | None = None,
    ) -> None:
        """Write the log to `target`, or the lines that match."""
        if form not in FORMATS:
            raise InvalidRequest(
                f"form={form!r} is not a valid form; use one of {', '.join(FORMATS)}",
                parameter="form",
            )
        with self._reader(run_id) as reader:
            if form == "raw":
                _copy(self._engine.log_path(run_id), reader.log_bytes, target)
                return
            if query:
                self._download_matching(reader, run_id, target, form, _engine_query(query))
                return
            encoder = json_lines if form == "jsonl" else text_lines
            line = 0
            while (block := read_block(reader, line, MAX_BLOCK_LINES)) is not None:
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
        encoder = json_log_lines if form == "jsonl" else text_log_lines
        cursor, end = -1, reader.refresh()
        while cursor < end - 1:
            asked = {**checked, "after": cursor, "before": end, "limit": FOLLOW_LINES}
            page = _poll(reader, run_id, asked)
            target.write(encoder(page.logs))
            if page.next_after <= cursor:
                return  # the rest cannot be read
            cursor = page.next_after


def _engine_query(query: LogQuery) -> dict[str, Any]:
    """Return a query as the engine takes it.

    Raises:
        InvalidRequest: a value is invalid.
    """
    checked: dict[str, Any] = {
        name: query[name] for name in ("tail", "limit", "after", "before") if name in query
    }
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
    checked["context"] = Context(query.get("lines_before", 0), query.get("lines_after", 0))
    return checked


def _poll(reader: JournalReader, run_id: str, checked: dict[str, Any]) -> LogPage:
    work = log_query(reader, run_id, **checked)
    while not work.step():
        pass  # there is no event loop to yield to
    return work.page()


def _merged(lines: list[LogLine], gaps: list[Gap]) -> Iterator[LogLine | Gap]:
    """Yield lines and gaps in order: each gap precedes its line `before`."""
    waiting = list(gaps)
    for line in lines:
        while waiting and waiting[0].before <= line.line:
            yield waiting.pop(0)
        yield line
    yield from waiting


def _copy(path: Path, size: int, target: BinaryIO) -> None:
    """Copy the first `size` bytes of a log; further bytes are not in the index yet."""
    if size == 0:
        return
    with open(path, "rb", opener=open_regular) as source:
        while size > 0 and (data := source.read(min(size, RAW_SLICE_BYTES))):
            target.write(data)
            size -= len(data)
