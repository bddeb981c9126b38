"""A run that is read up to a marker, and what follows. Standard library only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.capture.cells.marker import MarkerSearch
    from prismq_nb.capture.cells.run import CellRun
    from prismq_nb.capture.outcome import Outcome


class Marking(NamedTuple):
    """The newest run, while it is read up to a marker.

    Attributes:
        run: the run.
        search: reads it.
        marker: names the request.
        outcome: how it ended; None: it goes on, maybe with another run inside it.
        then: gets what was read behind the marker, by stream.
    """

    run: CellRun
    search: MarkerSearch
    marker: str
    outcome: Outcome | None
    then: Callable[[dict[int, bytes]], None]
