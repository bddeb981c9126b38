"""Progress bars, as tqdm, rich, pip, keras, wget and others draw them to stderr.

Pure functions of one line. Imports the standard library only.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

# Each begins with a byte that is looked for quickly, and no run of bytes is read from two places:
# so the cost grows with the text, whatever it is.
_PERCENT_BARS = re.compile(
    rb"%(?<=\d%)(?:\|[^|]{0,400}+\||[ ]*+\[(?:[=#>.\- ]{5,}+\]|\d++/\d++ \d++:\d\d<))"
)
_PIPED_BARS = re.compile(rb"\|(?<=[# =\d]\|)[ ]{1,4}+\d{1,3}%\s*+$")  # conda, R
_COUNTED_BARS = re.compile(rb"\d(?!\d)\.*+[kMGTP]?+[A-Za-z ]{0,12}+ ?\[\d++:\d\d[<,:]")  # tqdm
# keras, Spark
_DRAWN_BARS = re.compile(
    rb"\[(?:[=#>.\- ]{8,}+\][ ]*+\d|Stage \d++:[=> ]*+\(\d++ \+ \d++\) / \d++\])"
)
_BLOCK = rb"\xe2(?:\x94\x81|\x95\xb8|\x95\xba|\x96[\x88-\x8f])"
_BLOCK_BARS = re.compile(_BLOCK * 3)  # rich, pip, blocks
_CURL_BARS = re.compile(rb"[KM](?<=\d[KM])[ ,.]{10,90}+\d{1,3}%[ ]")  # curl -#
_GIT_BARS = re.compile(rb":[ ]++\d{1,3}% \(\d++/\d++\)(?:,|\s*+$)")
_BARS_OF_PERCENT: Final = (_PERCENT_BARS, _PIPED_BARS, _GIT_BARS, _CURL_BARS)
_CURL_HEAD = re.compile(rb"% Total ++% Received")  # what follows continues it
_BAR_START = re.compile(rb"\[\d++:\d\d[<,:]")
_BAR_BYTES, _BAR_END_BYTES, _BAR_ENDS = 1024, 200, 8
"""A bar is looked for in so many bytes at the start of a line; its end within so many bytes, at so
many places."""


def text_behind_bar(text: bytes) -> bytes:
    """What a logger wrote behind a bar that was not finished; empty if there is nothing."""
    for start in islice(_BAR_START.finditer(text, 0, _BAR_BYTES), _BAR_ENDS):
        end = text.find(b"]", start.end(), min(start.end() + _BAR_END_BYTES + 1, _BAR_BYTES)) + 1
        if end > 0:
            return text[end:].lstrip()
    return b""


def has_bar(text: bytes) -> bool:
    """Whether a line holds a progress bar."""
    text = text[:_BAR_BYTES]
    if b"%" in text and (
        any(bars.search(text) for bars in _BARS_OF_PERCENT) or _CURL_HEAD.match(text)
    ):
        return True
    if b"[" in text and (_COUNTED_BARS.search(text) or _DRAWN_BARS.search(text)):
        return True
    return b"\xe2" in text and _BLOCK_BARS.search(text) is not None
