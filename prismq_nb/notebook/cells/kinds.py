"""Plain words for what a cell displays, from the MIME types that it sends."""

from __future__ import annotations

import re
from typing import Any

PLAIN = "text/plain"
_HTML = "text/html"
_TABLE, _SEARCHED_CHARS = "<table", 10_000
_WORDS = (
    ("application/vnd.jupyter.widget-view+json", "widget"),
    ("application/vnd.plotly", "plot"),
    ("application/vnd.vega", "plot"),
    ("application/vnd.bokehjs", "plot"),
    ("application/vnd.holoviews", "plot"),
    ("application/geo+json", "map"),
    ("application/vnd.dataresource+json", "table"),
    ("text/vnd.mermaid", "diagram"),
    ("video/", "video"),
    ("audio/", "audio"),
    ("image/", "image"),
    (_HTML, "HTML"),
    ("text/markdown", "Markdown"),
    ("text/latex", "formula"),
    ("application/pdf", "PDF"),
    ("application/json", "JSON"),
    ("application/javascript", "JavaScript"),
)
"""Beginnings of MIME types, the most telling first: most things are sent in several."""
_NO_TEXT = re.compile(r"<IPython\.\S{1,100} object>")
"""What IPython calls a thing that has no text."""


def word_for(data: dict[str, Any]) -> str:
    """Return what a displayed thing is; empty: just text. An unknown MIME type is returned as is.

    >>> word_for({"image/png": "...", "text/plain": "<Figure size 640x480 with 1 Axes>"})
    'image'
    """
    kinds = [kind for kind in data if kind != PLAIN]
    for beginning, word in _WORDS:
        if any(kind.startswith(beginning) for kind in kinds):
            is_table = beginning == _HTML and _TABLE in str(data.get(_HTML))[:_SEARCHED_CHARS]
            return "table" if is_table else word
    return kinds[0] if kinds else ""


def text_of(data: dict[str, Any], max_chars: int) -> str:
    """Return the text of a displayed thing; empty: it has none that says anything."""
    text = str(data.get(PLAIN, ""))[:max_chars]
    return "" if _NO_TEXT.fullmatch(text) else text
