"""Display a run in the output of a cell, and refresh its text from the kernel.

The output has a display id and no widget, so any front end can show it and a saved notebook
contains text. The text is refreshed when a handle learns that the run has ended and after each
cell, because without a front end (nbclient, papermill, ``nbconvert --execute``) nothing else does
it. In front ends without our extension (VS Code, Colab, kernel gateways) it is refreshed
periodically, see `periodic`.
"""

from __future__ import annotations

import os
import time
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base import end_events
from prismq_nb.client.base.interface import ENDED
from prismq_nb.client.base.notice import ipython_shell
from prismq_nb.client.launch.terminal import is_interactive
from prismq_nb.errors import PrismqError, RunNotFound
from prismq_nb.notebook.front_end import is_standalone_voila, needs_kernel_refresh
from prismq_nb.notebook.periodic import refresh_periodically
from prismq_nb.notebook.saved import (
    GONE,
    SAVED_SECONDS,
    UNKNOWN,
    mime_bundle,
    not_yet_saved,
    saved_text,
)

if TYPE_CHECKING:
    from prismq_nb.client.run.run import Run
    from prismq_nb.common.log_models import SavedText

WAIT_SECONDS, HEADLESS_SECONDS = 0.01, 5.0
"""How long the end of a cell waits for its outputs to be refreshed. A front end shows later updates
as well, so the wait is short there."""
ENDED_SECONDS = 5.0
"""Time limit for the text of a run that has ended, which may be the last refresh."""
COUNTS_SECONDS, COUNTS_POLL_SECONDS = 2.0, 0.05
"""Level counts are complete about 0.3 s after the end of a run, or later after fast output."""
MAX_LISTED_RUNS = 200
"""Newest runs that one request covers if several are displayed."""

_outputs: dict[str, _Output] = {}
_lock = Lock()
"""Held while texts are refreshed."""


@dataclass
class _Output:
    """A displayed run whose text may change."""

    run: Run
    state: tuple[str, int]
    """Status and number of lines in the displayed text."""
    has_waited: bool = False
    """Whether it has waited for the level counts of the ended run."""
    context: Context = field(default_factory=copy_context)
    """Context of the cell that displays the run, to which updates belong."""


def show(run: Run) -> None:
    """Display a run in the output of the current cell."""
    if is_standalone_voila():
        from prismq_nb.notebook.live_text import live_text  # noqa: PLC0415 - needs ipywidgets

        ipython_shell().display_pub.publish(data=live_text(run))
        return
    text = saved_text(run)
    _publish(text, update=False)
    if not text.final:
        _keep_fresh(run, text)


def show_new(run: Run) -> None:
    """Display a run that has just begun, without a request: nothing is known of it yet."""
    if is_standalone_voila():
        show(run)
        return
    text = not_yet_saved(run)
    _publish(text, update=False)
    _keep_fresh(run, text)


def _keep_fresh(run: Run, text: SavedText) -> None:
    is_new = run.run_id not in _outputs
    _outputs[run.run_id] = _Output(run, (text.status, text.total_lines))
    ipython_shell().events.register("post_run_cell", _after_cell)  # registers only once
    if is_new and needs_kernel_refresh():
        refresh_periodically(lambda: _refresh_if_changed(run.run_id))


def _ended(run_id: str) -> None:
    """Refresh a run that has ended, in the thread that learned of it."""
    if run_id in _outputs:
        with _lock:
            _refresh(run_id, ENDED_SECONDS)


end_events.subscribe(_ended)
os.register_at_fork(after_in_child=_outputs.clear)  # a fork has no outputs


def _after_cell(*_: Any) -> None:
    """Refresh all outputs in a thread, so that the next cell is hardly delayed."""
    if not _outputs:
        return
    context = copy_context()  # the thread's messages belong to this cell
    headless = not is_interactive() and not needs_kernel_refresh()
    arguments = (_refresh_all, headless)
    worker = Thread(target=context.run, args=arguments, name="prismq-saved", daemon=True)
    worker.start()
    worker.join(HEADLESS_SECONDS if headless else WAIT_SECONDS)


def _refresh_all(headless: bool) -> None:
    with _lock:
        for run_id in _changed():
            _refresh(run_id)
            if headless:
                _wait_for_counts(run_id)


def _wait_for_counts(run_id: str) -> None:
    """Wait once for the level counts of a run that has ended: this may be the last cell."""
    output = _outputs.get(run_id)
    if output is None or output.state[0] not in ENDED or output.has_waited:
        return
    output.has_waited = True
    deadline_s = time.monotonic() + COUNTS_SECONDS
    while run_id in _outputs and time.monotonic() < deadline_s:
        time.sleep(COUNTS_POLL_SECONDS)
        _refresh(run_id)


def _changed() -> list[str]:
    """Return the displayed runs that may have changed, with one request for all."""
    outputs = dict(_outputs)
    if len(outputs) <= 1:
        return [*outputs]
    client = next(iter(outputs.values())).run._client  # noqa: SLF001 - same package
    try:
        listed = client.list(limit=MAX_LISTED_RUNS).runs
    except PrismqError:
        return []
    active = {run.run_id: (run.status, run.lines) for run in listed if run.status not in ENDED}
    return [run_id for run_id, each in outputs.items() if active.get(run_id) != each.state]


def _refresh_if_changed(run_id: str) -> bool | None:
    """Refresh a run between cells; see `refresh_periodically` for the return value."""
    output = _outputs.get(run_id)
    if output is None:
        return None
    before = output.state
    if before[0] not in ENDED:
        try:
            run = output.run._client.get(run_id)  # noqa: SLF001 - same package
        except RunNotFound:
            return None
        except PrismqError:
            return False
        if (run.status, run.lines) == before:
            return False
    with _lock:
        output.context.copy().run(_refresh, run_id)
    return output.state != before if run_id in _outputs else None


def _refresh(run_id: str, seconds: float = SAVED_SECONDS) -> None:
    """Fetch the text of a run, and update its output if it has changed."""
    output = _outputs.get(run_id)
    if output is None:
        return
    text = saved_text(output.run, seconds)
    state = (text.status, text.total_lines)
    if text.final or text.status == GONE:
        _outputs.pop(run_id, None)
    if text.status not in (GONE, UNKNOWN) and (text.final or state != output.state):
        output.state = state
        _publish(text, update=True)


def _publish(text: SavedText, *, update: bool) -> None:
    transient = {"display_id": f"prismq-{text.run_id}"}
    data = mime_bundle(text)
    ipython_shell().display_pub.publish(data=data, metadata={}, transient=transient, update=update)
