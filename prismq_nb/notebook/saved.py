"""The output of a run without a widget: its id and options for our extension, and its text.

The text replaces the viewer where that is not available: in nbconvert, on code hosts, in other
front ends, and in a notebook whose run was purged. Imports no widgets.
"""

from __future__ import annotations

from html import escape
from threading import Thread
from typing import TYPE_CHECKING, Any

from prismq_nb.common.log_models import SavedText
from prismq_nb.errors import PrismqError, RunNotFound

if TYPE_CHECKING:
    from prismq_nb.client.run.run import Run

MIME_TYPE = "application/vnd.prismq.run+json"
GONE, UNKNOWN = "gone", "unknown"
"""Statuses of texts that explain why there are no lines: the run was purged; its log could not be
read."""
SAVED_SECONDS = 1.0
"""Time limit for the text, so that a busy server does not hold up the cell."""


def mime_bundle(text: SavedText, **fields: Any) -> dict[str, Any]:
    """Return the MIME bundle of a run; our extension reads `fields`."""
    reference = {"run_id": text.run_id, **fields, "final": text.final}
    return {MIME_TYPE: reference, "text/plain": text.plain, "text/html": text.html}


def saved_text(run: Run, seconds: float = SAVED_SECONDS, **query: Any) -> SavedText:
    """Return the text of a run, or one that explains why there is none.

    Args:
        run: the run.
        seconds: time limit.
        query: conditions for its lines, as for `Run.logs`.
    """
    texts: list[SavedText] = []

    def fetch() -> None:
        try:
            text = run._saved(**query)  # noqa: SLF001 - same package
        except RunNotFound:
            text = _without(run, "its log is no longer on the server", status=GONE)
        except PrismqError as error:
            text = _without(run, f"cannot read its log: {error}")
        except Exception as error:  # noqa: BLE001 - the viewer can be shown without the text
            text = _without(run, f"cannot read its log: {error!r}")
        texts.append(text)

    worker = Thread(target=fetch, name="prismq-saved", daemon=True)
    worker.start()
    worker.join(seconds)
    return texts[0] if texts else _without(run, "reading its log took too long")


def not_yet_saved(run: Run) -> SavedText:
    """Return the text of a run that has just begun."""
    return _without(run, "it runs; its log follows")


def _without(run: Run, why: str, status: str = UNKNOWN) -> SavedText:
    """Return a text without lines, which says why."""
    plain = f"{run.module_name}: {why} ({run.run_id})"
    html = f'<div class="prismq-saved"><p>{escape(plain)}</p></div>'
    return SavedText(run.run_id, status, final=False, total_lines=-1, plain=plain, html=html)
