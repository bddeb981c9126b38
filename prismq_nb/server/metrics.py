"""Gauges for Prometheus on the server's ``/metrics``.

They are computed from memory when somebody asks, on the event loop, so they read no file: what they
say of active runs is as old as the last look at them, at most half a minute.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sized
from typing import TYPE_CHECKING, cast

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY

from prismq_nb.common.base.state import STATUSES

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

    from prismq_nb.engine.engine import Engine


class RunMetrics:
    """The gauges of one server."""

    def __init__(self, engine: Engine, streams: Sized) -> None:
        """Register nothing; `streams` are the open streams."""
        self._engine = engine
        self._streams = streams

    def register(self) -> None:
        """Show them on ``/metrics``."""
        REGISTRY.register(cast("Collector", self))  # older versions have no such class

    def unregister(self) -> None:
        """Show them no more."""
        with contextlib.suppress(KeyError):  # they were not shown
            REGISTRY.unregister(cast("Collector", self))

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return nothing: names are fixed, and not compared with those of a second server here."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the gauges as of now."""
        totals = self._engine.totals()
        runs = GaugeMetricFamily("prismq_runs", "Runs that are kept, by status", labels=["status"])
        for status in STATUSES:
            runs.add_metric([status], totals.statuses.get(status, 0))
        values = {
            "prismq_captured_lines": ("Lines of output of the runs that are kept", totals.lines),
            "prismq_captured_bytes": ("Bytes of output of the runs that are kept", totals.bytes),
            "prismq_subscribers": ("Open streams", len(self._streams)),
            "prismq_capture_lag_seconds": (
                "Longest time since a running run reported its state, every 10 s or sooner",
                totals.lag_seconds,
            ),
            "prismq_index_runs": ("Runs in the index", totals.runs),
            "prismq_index_bytes": ("Memory of the rows of the index", totals.row_bytes),
        }
        return [
            runs,
            *(GaugeMetricFamily(name, text, value) for name, (text, value) in values.items()),
        ]
