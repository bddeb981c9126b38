"""Events of Jupyter (`jupyter_events`): one for each change of state of a run.

The list of runs is followed only while somebody listens. We do not learn who begins to listen, so
we ask every few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prismq_nb.common.base.state import iso, now_us
from prismq_nb.engine.live.wake_event import WakeEvent
from prismq_nb.engine.store.rows import NAME_CHARS
from prismq_nb.errors import PrismqError

if TYPE_CHECKING:
    from logging import Logger

    from prismq_nb.common.models import RunInfo
    from prismq_nb.engine.live.run_changes import RunChanges

SCHEMA = Path(__file__).with_name("run_state.yaml")
SCHEMA_ID = "urn:prismq_nb:run_state:v1"
ASK_SECONDS = 5.0
"""Time between two looks whether somebody listens."""
KNOWN_RUNS = 10_000
"""Runs whose state is remembered."""


class StateEvents:
    """The events of one server."""

    def __init__(self, events: Any, changes: RunChanges, log: Logger) -> None:
        """Emit nothing yet.

        Args:
            events: Jupyter's `EventLogger`.
            changes: what changes in the list of runs.
            log: gets the errors.
        """
        self._events = events
        self._changes = changes
        self._log = log
        self._known: OrderedDict[str, str] = OrderedDict()
        self._began = ""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Register the schema, and emit events from now on, until `stop`."""
        self._events.register_event_schema(SCHEMA)
        self._changes.on_read = self._on_read
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Emit no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def is_heard(self) -> bool:
        """Whether a handler or a listener gets the events, as `EventLogger.emit` decides."""
        listeners = (
            getattr(self._events, name, {}).get(SCHEMA_ID)
            for name in ("_modified_listeners", "_unmodified_listeners")
        )
        return bool(self._events.handlers or any(listeners))

    async def _run(self) -> None:
        while True:
            if self.is_heard:
                with contextlib.suppress(PrismqError):  # the data directory is lost: try later
                    await self._follow()
            await asyncio.sleep(ASK_SECONDS)

    async def _follow(self) -> None:
        """Follow the list for as long as somebody listens."""
        self._known.clear()
        self._began = iso(now_us())
        try:
            async with self._changes.follow(WakeEvent()):
                while self.is_heard:  # noqa: ASYNC110 - nothing tells when somebody leaves
                    await asyncio.sleep(ASK_SECONDS)
        finally:
            self._began = ""

    def _on_read(self, run: RunInfo) -> None:
        """Emit an event if the state of a run has changed; what was there before is no change."""
        before = self._known.get(run.run_id)
        if not self._began or before == run.status:
            return
        self._known[run.run_id] = run.status
        self._known.move_to_end(run.run_id)
        if len(self._known) > KNOWN_RUNS:
            self._known.popitem(last=False)
        if before is not None or (run.completed_at or run.created_at) >= self._began:
            asyncio.get_running_loop().call_soon(self._emit, run, before)

    def _emit(self, run: RunInfo, before: str | None) -> None:
        data = {
            "run_id": run.run_id,
            "name": run.module_name[:NAME_CHARS],
            "kind": run.kind,
            "status": run.status,
            "previous_status": before,
            "exit_code": run.exit_code,
            "end_reason": run.end_reason,
            "duration_seconds": run.duration_seconds,
        }
        try:
            self._events.emit(schema_id=SCHEMA_ID, data=data)
        except Exception:  # noqa: BLE001 - a handler of somebody else; the list of runs goes on
            self._log.exception("the event of %s could not be emitted", run.run_id)
