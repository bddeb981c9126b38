"""The newest lines of a run in a widget that is refreshed, for Voila without a Jupyter server.

Standalone Voila can neither load the viewer nor update displays, but it shows widgets.
"""

from __future__ import annotations

from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML

from prismq_nb.notebook.periodic import refresh_periodically
from prismq_nb.notebook.saved import GONE, UNKNOWN, saved_text

if TYPE_CHECKING:
    from prismq_nb.client.run.run import Run
    from prismq_nb.common.log_models import SavedText

FOOTNOTE = (
    "Standalone Voila shows the newest lines. For the live viewer, run Voila as an extension of a"
    " Jupyter server that has prismq_nb."
)
_STYLE = "margin: .5em 0 0; opacity: .7; font-size: .85em; line-height: 1.4; white-space: normal"
_FRAME = '<div style="line-height: 1.5">{}<p style="' + _STYLE + '">' + FOOTNOTE + "</p></div>"


def live_text(run: Run, **query: Any) -> dict[str, Any]:
    """Return the MIME bundle of the widget.

    Args:
        run: the run to show.
        query: conditions for its lines, as for `Run.logs`.
    """
    text = saved_text(run, **query)
    widget = HTML(_FRAME.format(text.html))
    if not text.final:
        refresher = _Refresher(run, query, widget, _state(text))
        context = copy_context()  # updates belong to this cell
        refresh_periodically(lambda: context.copy().run(refresher))
    bundle = widget._repr_mimebundle_()
    data: dict[str, Any] = bundle[0] if isinstance(bundle, tuple) else bundle
    return {**data, "text/plain": text.plain}


@dataclass
class _Refresher:
    """Refreshes the widget; see `refresh_periodically` for the return value."""

    run: Run
    query: dict[str, Any]
    widget: HTML
    state: tuple[object, ...]
    """State of the run in the displayed text."""

    def __call__(self) -> bool | None:
        text = saved_text(self.run, **self.query)
        if text.status in (GONE, UNKNOWN):
            return None if text.status == GONE else False
        before, self.state = self.state, _state(text)
        changed = self.state != before
        if changed:
            self.widget.value = _FRAME.format(text.html)
        return None if text.final else changed


def _state(text: SavedText) -> tuple[object, ...]:
    """Return what makes the text different, except for times."""
    return text.status, text.total_lines, text.final
