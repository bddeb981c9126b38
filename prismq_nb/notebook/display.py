"""A run in the output of a cell: shown once, and refreshed by the kernel when it learns more.

The output has a display id and no widget, so that any front end shows it and a saved notebook holds
text. That text is made anew when a handle learns that the run has ended, and when a cell has been
executed: without a front end (nbclient, papermill, ``nbconvert --execute``) nothing comes later. In
front ends that are not ours (VS Code, Colab, kernel gateways) it follows the run, see `watch`.
"""

from __future__ import annotations

import os
import time
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base import endings
from prismq_nb.client.base.interface import ENDED
from prismq_nb.client.base.notice import ipython_shell
from prismq_nb.client.launch.terminal import person_in_front
from prismq_nb.errors import PrismqError, RunNotFound
from prismq_nb.notebook.front_end import is_voila_alone, only_kernel_refreshes
from prismq_nb.notebook.saved import GONE, SAVED_SECONDS, UNKNOWN, bundle, saved_text
from prismq_nb.notebook.watch import watch

if TYPE_CHECKING:
    from prismq_nb.client.run.run import Run
    from prismq_nb.common.log_models import SavedText

__all__ = ["show"]

WAIT_SECONDS, HEADLESS_SECONDS = 0.01, 5.0
"""How long the end of a cell waits for its outputs: hardly where a front end shows them later, too."""
ENDED_SECONDS = 5.0
"""How long the text of a run that has ended may take: nothing may ask for it again."""
COUNTS_SECONDS, COUNTS_POLL_SECONDS = 2.0, 0.05
"""Counts of levels are complete some 0.3 s after the end of a run, after a flood later."""
LISTED = 200
"""Newest runs that are asked about at once, where several are shown."""

_shown: dict[str, _Shown] = {}
_lock = Lock()
"""Held while texts are made anew."""


@dataclass
class _Shown:
    """A run in some output that may change."""

    run: Run
    mark: tuple[str, int]
    """Status and lines that the output tells."""
    has_waited: bool = False
    """For the counts of a run that had ended."""
    context: Context = field(default_factory=copy_context)
    """Messages that are sent in it belong to the cell that shows the run."""


def show(run: Run) -> None:
    """Show a run in the output of the cell that is executed."""
    if is_voila_alone():
        from prismq_nb.notebook.live_text import live_text  # noqa: PLC0415 - needs ipywidgets

        ipython_shell().display_pub.publish(data=live_text(run))
        return
    text = saved_text(run)
    _publish(text, update=False)
    if text.final:
        return
    is_new = run.run_id not in _shown
    _shown[run.run_id] = _Shown(run, (text.status, text.total_lines))
    ipython_shell().events.register("post_run_cell", _after_cell)  # once, however often
    if is_new and only_kernel_refreshes():
        watch(lambda: _look(run.run_id))


def _ended(run_id: str) -> None:
    """Refresh a run that a handle learned to have ended, in the thread of whoever waits for it."""
    if run_id in _shown:
        with _lock:
            _refresh(run_id, ENDED_SECONDS)


endings.listen(_ended)
os.register_at_fork(after_in_child=_shown.clear)  # what a kernel forks shows nothing


def _after_cell(*_: Any) -> None:
    """Refresh what is shown, in a thread: the next cell waits for some milliseconds at most."""
    if not _shown:
        return
    context = copy_context()  # the thread's messages belong to this cell
    headless = not person_in_front() and not only_kernel_refreshes()
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
    """Wait once for the counts of a run that has ended: this may have been the last cell."""
    shown = _shown.get(run_id)
    if shown is None or shown.mark[0] not in ENDED or shown.has_waited:
        return
    shown.has_waited = True
    deadline = time.monotonic() + COUNTS_SECONDS
    while run_id in _shown and time.monotonic() < deadline:
        time.sleep(COUNTS_POLL_SECONDS)
        _refresh(run_id)


def _changed() -> list[str]:
    """Return the shown runs that may have changed; asks once about all of them."""
    shown = dict(_shown)
    if len(shown) <= 1:
        return [*shown]
    client = next(iter(shown.values())).run._client  # noqa: SLF001 - ours
    try:
        listed = client.list(limit=LISTED).runs
    except PrismqError:
        return []
    going = {run.run_id: (run.status, run.lines) for run in listed if run.status not in ENDED}
    return [run_id for run_id, each in shown.items() if going.get(run_id) != each.mark]


def _look(run_id: str) -> bool | None:
    """Refresh what is shown of a run between cells; see `watch` for what is returned."""
    shown = _shown.get(run_id)
    if shown is None:
        return None
    before = shown.mark
    if before[0] not in ENDED:
        try:
            run = shown.run._client.get(run_id)  # noqa: SLF001 - ours
        except RunNotFound:
            return None
        except PrismqError:
            return False
        if (run.status, run.lines) == before:
            return False
    with _lock:
        shown.context.copy().run(_refresh, run_id)
    return shown.mark != before if run_id in _shown else None


def _refresh(run_id: str, seconds: float = SAVED_SECONDS) -> None:
    """Make the text anew, and show it where it says something else."""
    shown = _shown.get(run_id)
    if shown is None:
        return
    text = saved_text(shown.run, seconds)
    mark = (text.status, text.total_lines)
    if text.final or text.status == GONE:
        _shown.pop(run_id, None)
    if text.status not in (GONE, UNKNOWN) and (text.final or mark != shown.mark):
        shown.mark = mark
        _publish(text, update=True)


def _publish(text: SavedText, *, update: bool) -> None:
    transient = {"display_id": f"prismq-{text.run_id}"}
    data = bundle(text)
    ipython_shell().display_pub.publish(data=data, metadata={}, transient=transient, update=update)
