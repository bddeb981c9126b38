"""The one grammar of terminal escape sequences in text. Pure.

ECMA-48: control sequences (5.4), control strings (8.3: OSC, DCS, APC, PM, SOS, ended by BEL or ST),
two- and three-character escapes; xterm's ctlseqs for what moves the cursor. All patterns are for
7-bit forms, see `seven_bit`. They are linear: an ESC inside ends a string, and every other
repetition is bounded. None spans a newline, so many lines can be searched at once. Standard library
only.
"""

from __future__ import annotations

import re
from typing import Final

STRING: Final = r"[\]PX^_][^\x07\x1b\n]*+(?:\x07|\x1b\\)"
BEHIND_ESCAPE: Final = (
    rf"(?:\[[0-?]{{0,64}}+[ -/]{{0,8}}+[@-~]?|{STRING}|[ -/]{{1,4}}+[0-~]?|[0-Z\\-~])?"
)
_SGR_PARAMETERS: Final = r"([0-9;:]{0,64}+)m"
SGR_BEHIND_ESCAPE: Final = r"\[[0-9;:]{0,64}+m"
_LINK: Final = r"\]8;[^\x07\x1b\n]*+(?:\x07|\x1b\\)"
# Sequences after which the next character is not drawn behind the last one, or which erase what was
# drawn. Erasing to the right is not one of them: until the cursor has moved, nothing is there.
MOVE_BEHIND_CSI: Final = r"(?:[0-9;:]{0,64}+[@-JLMPXZ`abd-fsu]|[12]K)"
MOVE_BEHIND_ESCAPE: Final = rf"(?:\[{MOVE_BEHIND_CSI}|[78DEMc])"
_ROWS: Final = r"(?:\[[0-9;:]{0,64}+[ABEFHdefu]|[8DEMc])"

SEQUENCE: Final = re.compile(r"\x1b" + BEHIND_ESCAPE)
"""Any sequence, and an ESC alone."""
# A pattern that begins with a literal character is 15 times as fast
ESCAPES: Final = re.compile(r"\x1b\x1b*+" + BEHIND_ESCAPE)
"""Any sequence, with lone ESC characters before it."""
CUT_OFF: Final = re.compile(
    r"\x1b(?:\[[0-?]{0,64}+[ -/]{0,8}+|[\]PX^_][^\x07\x1b\n]*+\x1b?|[ -/]{1,4}+)?\Z"
)
"""A sequence that is cut off by the end of the text; search from the last ESC but one."""
SGR: Final = re.compile(r"\x1b\[" + _SGR_PARAMETERS)
"""A colour change; its parameters are the group."""
PRINTED_SGR: Final = re.compile(rb"(?:\x1b\[|\xc2\x9b)" + _SGR_PARAMETERS.encode())
"""`SGR` in bytes as they were printed: in the 8-bit form, too (encoded in UTF-8)."""
OTHER: Final = re.compile(rf"\x1b(?!{SGR_BEHIND_ESCAPE})")
"""The beginning of any sequence except colour changes."""
MOVE: Final = re.compile(r"\x1b" + MOVE_BEHIND_ESCAPE)
r"""What moves the cursor or erases, except `ERASE_RIGHT`, ``\r`` and backspace."""
VERTICAL_MOVE: Final = re.compile(r"\x1b\[\d{0,3}[ABEF]")
"""What moves the cursor up or down, as programs that draw several bars do."""
ROW_MOVE: Final = re.compile(r"\x1b" + _ROWS)
"""What may move the cursor to another row."""
ERASE_RIGHT: Final = re.compile(r"\x1b\[[02]?[KJ]|\x1b\[3J")
"""What erases everything from the cursor on."""
SHOWS_NOTHING: Final = re.compile(
    r"(?>(?:[\x00-\x07\x0a-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]"
    rf"|\x1b(?!{MOVE_BEHIND_ESCAPE}|\[[0-9]{{0,3}}K){BEHIND_ESCAPE})*)"
)
"""Anything that neither shows something nor moves the cursor."""

_WHOLE_OTHER: Final = rf"\x1b*(?=\x1b)|(?!{SGR_BEHIND_ESCAPE}){BEHIND_ESCAPE}"
_OTHERS: Final = re.compile(rf"\x1b(?:{_WHOLE_OTHER})")
_LINK_OR_OTHER: Final = re.compile(rf"\x1b(?:({_LINK})|{_WHOLE_OTHER})")
_SEVEN_BIT: Final = {
    "\x90": "P",
    "\x98": "X",
    "\x9b": "[",
    "\x9c": "\\",
    "\x9d": "]",
    "\x9e": "^",
    "\x9f": "_",
}
C1: Final = tuple(_SEVEN_BIT)
"""The 8-bit forms of what begins or ends a sequence."""


def seven_bit(text: str) -> str:
    """Replace the 8-bit forms of sequences with the 7-bit ones (ECMA-48 5.3)."""
    if text.isascii():
        return text
    for eight_bit, final in _SEVEN_BIT.items():
        if eight_bit in text:  # a search for each is faster than one pattern
            text = text.replace(eight_bit, "\x1b" + final)
    return text


def without_other(text: str) -> str:
    """Remove all sequences except colour changes and hyperlinks (OSC 8)."""
    if "\x1b" not in text:  # ten times as fast as searching for a link
        return text
    return _LINK_OR_OTHER.sub(_link, text) if "\x1b]8;" in text else _OTHERS.sub("", text)


def _link(match: re.Match[str]) -> str:
    return match[0] if match[1] else ""
