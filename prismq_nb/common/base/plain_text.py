"""Text of a log without what a terminal or a page would obey. Standard library only."""

from __future__ import annotations

import re

__all__ = ["SHOWN_CHARACTERS", "clean"]

SHOWN_CHARACTERS = 2000
"""Characters of one message that are shown as text."""

# ECMA-48, in 7 and 8 bits: CSI ... final byte; OSC/DCS/PM/APC/SOS ... up to BEL or ST; other escapes; then what control characters are left, but tab.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*+(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
)


def clean(text: str) -> str:
    """Return `text` without escape sequences and control characters, cut at `SHOWN_CHARACTERS`."""
    text = _ESCAPES.sub("", text)
    if len(text) > SHOWN_CHARACTERS:
        return f"{text[:SHOWN_CHARACTERS]}… ({len(text):,} characters)"
    return text
