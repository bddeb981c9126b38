"""Plain text of messages, safe to print in a terminal or on a page. Standard library only."""

from __future__ import annotations

import re

from prismq_nb.common.base.terminal.sequences import ESCAPES, seven_bit

MAX_CHARS = 2000
"""Maximum length of one message."""

_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")  # all but tab


def clean(text: str) -> str:
    """Return `text` without escape sequences and control characters, cut at `MAX_CHARS`."""
    text = _CONTROLS.sub("", ESCAPES.sub("", seven_bit(text)))
    if len(text) > MAX_CHARS:
        return f"{text[:MAX_CHARS]}… ({len(text):,} characters)"
    return text


def shorten(text: str, most: int) -> str:
    """Return `text`; if it has more than `most` characters, cut with an ellipsis to that many."""
    return text if len(text) <= most else text[: most - 1] + "…"
