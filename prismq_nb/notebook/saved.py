"""What a cell shows of a run besides the widget: its id and options for our extension, and text.

The text stands for the viewer where that cannot run: nbconvert, code hosts, other front ends, a
notebook whose run is gone. Apart from viewer.py because it needs no widgets.
"""

from __future__ import annotations

from html import escape
from threading import Thread
from typing import TYPE_CHECKING, Any

from prismq_nb.common.log_models import SavedText
from prismq_nb.errors import PrismqError, RunNotFound

if TYPE_CHECKING:
    from prismq_nb.client.run.run import Run

__all__ = ["GONE", "MIME_TYPE", "SAVED_SECONDS", "UNKNOWN", "bundle", "saved_text"]

MIME_TYPE = "application/vnd.prismq.run+json"
GONE, UNKNOWN = "gone", "unknown"
"""Statuses of texts that say why there are no lines: there is no such run; it could not be asked."""
SAVED_SECONDS = 1.0
"""How long showing a run may take because of its text: a busy server must not hold up the cell."""


def bundle(text: SavedText, **fields: Any) -> dict[str, Any]:
    """Return the MIME bundle of a run; `fields` are for our extension."""
    reference = {"run_id": text.run_id, **fields, "final": text.final}
    return {MIME_TYPE: reference, "text/plain": text.plain, "text/html": text.html}


def saved_text(run: Run, seconds: float = SAVED_SECONDS, **query: Any) -> SavedText:
    """Return the text, within so many seconds; where it cannot be had, one that says why.

    Args:
        run: whose log it is.
        seconds: how long it may take.
        query: which lines, as for `Run.logs`.
    """
    found: list[SavedText] = []

    def ask() -> None:
        try:
            text = run._saved(**query)  # noqa: SLF001 - ours
        except RunNotFound:
            text = _without(run, "its log is no longer on the server", status=GONE)
        except PrismqError as error:
            text = _without(run, f"its log could not be read: {error}")
        except Exception as error:  # noqa: BLE001 - it must not keep the viewer from being shown
            text = _without(run, f"its log could not be read: {error!r}")
        found.append(text)

    worker = Thread(target=ask, name="prismq-saved", daemon=True)
    worker.start()
    worker.join(seconds)
    return found[0] if found else _without(run, "its log took too long to read")


def _without(run: Run, why: str, status: str = UNKNOWN) -> SavedText:
    """Return a text without lines."""
    plain = f"{run.module_name}: {why} ({run.run_id})"
    html = f'<div class="prismq-saved"><p>{escape(plain)}</p></div>'
    return SavedText(run.run_id, status, final=False, total_lines=-1, plain=plain, html=html)
