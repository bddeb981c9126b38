"""The newest lines of a run as a widget that follows it: what Voila without a Jupyter server shows.

Voila neither loads a viewer there nor applies updates of displays, but it shows what widgets say.
"""

from __future__ import annotations

from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML

from prismq_nb.notebook.saved import GONE, UNKNOWN, saved_text
from prismq_nb.notebook.watch import watch

if TYPE_CHECKING:
    from prismq_nb.client.run.run import Run
    from prismq_nb.common.log_models import SavedText

__all__ = ["live_text"]

WHY = "Voila alone shows the newest lines; for the live viewer, start Voila within a Jupyter server that has prismq_nb."
_STYLE = "margin: .5em 0 0; opacity: .7; font-size: .85em; line-height: 1.4; white-space: normal"
_FRAME = '<div style="line-height: 1.5">{}<p style="' + _STYLE + '">' + WHY + "</p></div>"


def live_text(run: Run, **query: Any) -> dict[str, Any]:
    """Return the MIME bundle of the widget.

    Args:
        run: whose log it is.
        query: which lines, as for `Run.logs`.
    """
    text = saved_text(run, **query)
    widget = HTML(_FRAME.format(text.html))
    if not text.final:
        look = _Look(run, query, widget, _mark(text))
        context = copy_context()  # the thread's messages belong to this cell
        watch(lambda: context.copy().run(look))
    bundle = widget._repr_mimebundle_()
    data: dict[str, Any] = bundle[0] if isinstance(bundle, tuple) else bundle
    return {**data, "text/plain": text.plain}


@dataclass
class _Look:
    """Refreshes the widget; see `watch` for what is returned."""

    run: Run
    query: dict[str, Any]
    widget: HTML
    mark: tuple[object, ...]
    """What the widget says."""

    def __call__(self) -> bool | None:
        text = saved_text(self.run, **self.query)
        if text.status in (GONE, UNKNOWN):
            return None if text.status == GONE else False
        before, self.mark = self.mark, _mark(text)
        changed = self.mark != before
        if changed:
            self.widget.value = _FRAME.format(text.html)
        return None if text.final else changed


def _mark(text: SavedText) -> tuple[object, ...]:
    """Return what differs where the text has to be shown anew; times do not."""
    return text.status, text.total_lines, text.final
