r"""Escape sequences of terminals in text: one grammar for all that looks for them. Pure.

ECMA-48: control sequences (5.4), control strings (8.3: OSC, DCS, APC, PM, SOS, ended by BEL or
ST), two- and three-character escapes; xterm's ctlseqs for what the cursor does. All patterns are
of 7-bit forms, see `seven_bit`; they are linear: an ESC inside ends a string, every other repeat
is bounded. None reaches over a newline, so that many lines can be looked at at once. Standard
library only.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["C1", "CUT_OFF", "ERASE_RIGHT", "ESCAPES", "MOVE", "OTHER", "ROW_MOVE", "SEQUENCE", "SGR", "SHOWS_NOTHING", "seven_bit", "without_other"]

STRING: Final = r"[\]PX^_][^\x07\x1b\n]*+(?:\x07|\x1b\\)"
BEHIND_ESCAPE: Final = rf"(?:\[[0-?]{{0,64}}+[ -/]{{0,8}}+[@-~]?|{STRING}|[ -/]{{1,4}}+[0-~]?|[0-Z\\-~])?"
_SGR: Final = r"\[[0-9;:]{0,64}+m"
_LINK: Final = r"\]8;[^\x07\x1b\n]*+(?:\x07|\x1b\\)"
# After which the next character is drawn elsewhere than behind the last one, or what was drawn is
# gone. Erasing to the right is not among them: as long as the cursor has not moved, nothing stands
# there.
MOVE_BEHIND_CSI: Final = r"(?:[0-9;:]{0,64}+[@-JLMPXZ`abd-fsu]|[12]K)"
MOVE_BEHIND_ESCAPE: Final = rf"(?:\[{MOVE_BEHIND_CSI}|[78DEMc])"
_ROWS: Final = r"(?:\[[0-9;:]{0,64}+[ABEFHdefu]|[8DEMc])"

#: Any sequence, and an ESC alone.
SEQUENCE: Final = re.compile(r"\x1b" + BEHIND_ESCAPE)
#: Any sequence, with the ESC alone that stand before it.
ESCAPES: Final = re.compile(r"\x1b\x1b*+" + BEHIND_ESCAPE)  # a pattern that begins with a character is 15 times as fast
#: A sequence that the end of the text cuts off; search for it from the last ESC but one.
CUT_OFF: Final = re.compile(r"\x1b(?:\[[0-?]{0,64}+[ -/]{0,8}+|[\]PX^_][^\x07\x1b\n]*+\x1b?|[ -/]{1,4}+)?\Z")
#: A colour change; its parameters are the group.
SGR: Final = re.compile(r"\x1b\[([0-9;:]{0,64}+)m")
#: What begins any sequence but a colour change.
OTHER: Final = re.compile(rf"\x1b(?!{_SGR})")
#: What moves the cursor or erases, but `ERASE_RIGHT`, ``\r`` and backspace.
MOVE: Final = re.compile(r"\x1b" + MOVE_BEHIND_ESCAPE)
#: What leads to another row, perhaps.
ROW_MOVE: Final = re.compile(r"\x1b" + _ROWS)
#: What erases all from the cursor on.
ERASE_RIGHT: Final = re.compile(r"\x1b\[[02]?[KJ]|\x1b\[3J")
#: What neither shows anything nor moves the cursor, as much as there is.
SHOWS_NOTHING: Final = re.compile(
    rf"(?>(?:[\x00-\x07\x0a-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!{MOVE_BEHIND_ESCAPE}|\[[0-9]{{0,3}}K){BEHIND_ESCAPE})*)"
)

_WHOLE_OTHER: Final = rf"\x1b*(?=\x1b)|(?!{_SGR}){BEHIND_ESCAPE}"
_OTHERS: Final = re.compile(rf"\x1b(?:{_WHOLE_OTHER})")
_LINK_OR_OTHER: Final = re.compile(rf"\x1b(?:({_LINK})|{_WHOLE_OTHER})")
_SEVEN_BIT: Final = {"\x90": "P", "\x98": "X", "\x9b": "[", "\x9c": "\\", "\x9d": "]", "\x9e": "^", "\x9f": "_"}
#: The 8-bit forms of what begins, or ends, a sequence.
C1: Final = tuple(_SEVEN_BIT)


def seven_bit(text: str) -> str:
    """The text with the 7-bit forms of sequences in place of the 8-bit ones (ECMA-48 5.3)."""
    if text.isascii():
        return text
    for eight_bit, final in _SEVEN_BIT.items():
        if eight_bit in text:  # a look for each is faster than one pattern
            text = text.replace(eight_bit, "\x1b" + final)
    return text


def without_other(text: str) -> str:
    """The text without any sequences but colour changes and hyperlinks (OSC 8)."""
    if "\x1b" not in text:  # ten times as fast as the look for a link
        return text
    return _LINK_OR_OTHER.sub(_link, text) if "\x1b]8;" in text else _OTHERS.sub("", text)


def _link(match: re.Match[str]) -> str:
    return match[0] if match[1] else ""
