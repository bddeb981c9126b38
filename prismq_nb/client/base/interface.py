"""`Client`: the interface of both clients, `HttpClient` and `LocalClient`.

A separate module, because neither client may import the other: a kernel of a Jupyter server must
not load the engine, and a process without a server must not load requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, TypedDict, Unpack

import msgspec

from prismq_nb.common.log_models import Gap, LogLine, LogPage, RunHits, SavedText
from prismq_nb.common.models import Attempts, LaunchRequest, RestartRequest, RunInfo, RunPage
from prismq_nb.common.system_models import Health, SystemStatistics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from prismq_nb.common.run_query import RunQuery

ENDED = frozenset({"completed", "failed", "cancelled"})
"""Final statuses of a run."""


class Complete(msgspec.Struct):
    """The end of a stream: the run has ended, and every line was sent."""

    status: str
    exit_code: int | None
    total_lines: int


class InputState(msgspec.Struct):
    """A change of the input state of a run, as in `RunInfo`; a stream starts with False."""

    waiting_for_input: bool = False
    hides_input: bool = False


StreamEvent: TypeAlias = LogLine | Gap | InputState | Complete


class LogQuery(TypedDict, total=False):
    """The query parameters of ``GET /api/runs/{id}/logs``, under the same names.

    A parameter that is missing does not filter.

    Attributes:
        tail: the newest n, 1 to 10,000.
        since: lines later than this time (ISO 8601).
        after: lines with a number above this; -1: from the first line.
        before: lines with a number below this.
        limit: the oldest n, 1 to 10,000; not with `tail`.
        level: exact names, separated by commas.
        q: texts that a line must contain.
        exclude: texts that a line must not contain.
        regex: treat both as regular expressions (RE2).
        case: match case; if missing, only with `regex`.
        word: match whole words only.
        lines_before, lines_after: lines of context around each match, 0 to 100; not in a stream.
    """

    tail: int
    since: str
    after: int
    before: int
    limit: int
    level: str
    q: list[str]
    exclude: list[str]
    regex: bool
    case: bool
    word: bool
    lines_before: int
    lines_after: int


HITS_PARAMETERS = ("max_hits", "with_lines", "limit")


class RunsFilter(TypedDict, total=False):
    """The query parameters of ``GET /api/runs/search`` besides those of `LogQuery`.

    Attributes:
        module_id, module_key, notebook, status, since, before: in which runs, as in `RunQuery`.
        max_hits: count at most this many hits in each run, 1 to 1,000,000.
        with_lines: the lines to return of each run, 0 to 20.
        limit: the largest number of runs with hits, 1 to 1,000.
    """

    module_id: str
    module_key: str
    notebook: str
    status: str
    since: str
    before: str
    max_hits: int
    with_lines: int
    limit: int


class Client(Protocol):
    """The engine as seen from a notebook. Blocking and thread-safe.

    Every method may raise `ServerUnreachable`, `NotAllowed` and `DataDirectoryUnusable`; its
    docstring names the other errors.
    """

    @property
    def env_names(self) -> Sequence[str]:
        """Names of variables that a run inherits from the server; empty if unknown."""

    def launch(self, request: LaunchRequest) -> RunInfo:
        """Start a run, and return when its process exists.

        Raises InvalidRequest, LaunchFailed, StorageFull.
        """

    def list(self, **query: Unpack[RunQuery]) -> RunPage:
        """Return runs, newest first unless `sort` says otherwise. Raises InvalidRequest."""

    def health(self) -> Health:
        """Return whether the engine works, its version, and how many runs are active."""

    def statistics(self) -> SystemStatistics:
        """Return numbers of runs and modules, and the load of the machine."""

    def get(self, run_id: str) -> RunInfo:
        """Return the current state of a run. Raises RunNotFound."""

    def stop(self, run_id: str) -> RunInfo:
        """Stop a run; a second call is more forceful.

        Raises RunNotFound, RunEnded, RunUnreachable.
        """

    def give_up(self, run_id: str) -> RunInfo:
        """Mark a run whose machine is gone as failed. Raises RunNotFound, RunEnded, RunActive."""

    def restart(self, run_id: str, given: RestartRequest) -> RunInfo:
        """Restart a run that has ended, with the values that are `given`; return the new run.

        Raises RunNotFound, RunActive, NotRepeatable, and the errors of `launch`.
        """

    def attempts(self, run_id: str) -> Attempts:
        """Return the attempts of a run's launch, and what a restart needs. Raises RunNotFound."""

    def purge(self, run_id: str) -> None:
        """Delete a run that has ended, with its log. Raises RunNotFound, RunActive."""

    def keep(self, run_id: str, *, keep: bool = True) -> RunInfo:
        """Pin a run so that retention never purges it, or unpin it.

        Raises RunNotFound, StorageFull.
        """

    def send(self, run_id: str, text: str, *, eof: bool = False, secret: bool = False) -> bool:
        """Write `text` to the run's stdin, in full or not at all, then end the input if `eof`.

        Returns whether a `secret` is being held until the run's terminal hides what is typed.

        Raises RunNotFound, RunEnded, InputFull, InputClosed, BodyTooLarge, InvalidRequest.
        """

    def logs(self, run_id: str, query: LogQuery) -> LogPage:
        """Return the lines that match, oldest first. Raises RunNotFound, InvalidRequest."""

    def saved(self, run_id: str, query: LogQuery) -> SavedText:
        """Return the run as a saved notebook shows it, with the newest lines that match.

        Raises RunNotFound, InvalidRequest.
        """

    def stream(self, run_id: str, query: LogQuery) -> Iterator[StreamEvent]:
        """Yield each line once, gaps and changes of `InputState`, until `Complete`.

        Raises RunNotFound, InvalidRequest, TooManyStreams.
        """

    def search(self, run_id: str, query: LogQuery) -> Iterator[int]:
        """Yield the numbers of all lines that match, as they are found.

        Raises RunNotFound, InvalidRequest.
        """

    def search_runs(self, query: LogQuery, filters: RunsFilter) -> Iterator[RunHits | None]:
        """Yield the runs whose logs match, newest first, and None from time to time in between.

        Raises InvalidRequest, TooManyStreams.
        """

    def download(
        self,
        run_id: str,
        target: BinaryIO,
        form: str = "text",
        query: LogQuery | None = None,
    ) -> None:
        """Write the log to `target`, or the lines that match `query` (not with ``raw``).

        `form` is ``text``, ``raw`` or ``jsonl``. Raises RunNotFound, InvalidRequest.
        """
