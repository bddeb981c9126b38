"""Colours in force: what SGR sequences (ECMA-48 8.3.117) add up to, as a short text.

A pen is a text of SGR parameters: ``""`` is the look that the line began with, which is not known;
``"0"`` the default look; ``"0;1;31"`` and ``"31"`` what was set since. It has at most one parameter
for each attribute, and `MAX_PEN_CHARS` in all. Pure; standard library only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final

MAX_PEN_CHARS: Final = 62
"""With ``0;`` before it, a pen is a sequence that readers accept: at most 64 characters."""
_MAX_CODES: Final = 32
_MAX_SEQUENCES: Final = 500
_MAX_PARAMETER_CHARS: Final = 4 << 10
_MAX_DIGITS: Final = 3
_MAX_CHANNEL: Final = 255
_UNDERLINE_CODE: Final = 4
_MAX_UNDERLINES: Final = 5  # 4:1 to 4:5: single, double, curly, dotted, dashed
_NORMAL_CODE: Final = 22
_PALETTE, _RGB = 5, 2
_SIZES: Final = {
    _PALETTE: 2,
    _RGB: 4,
}  # number of codes of an extended colour, by the first of them

# Attributes in the order in which a pen lists them, those that a viewer shows first. One code turns
# off both bold and faint.
_NORMAL, _BOLD, _FAINT, _ITALIC, _UNDERLINE, _BLINK, _INVERSE, _HIDDEN, _STRIKE, _FG, _BG = range(
    11
)
_FRAME, _OVERLINE, _UNDERLINE_COLOUR, _FONT = range(11, 15)
_ON: Final = {
    1: _BOLD, 2: _FAINT, 3: _ITALIC, 4: _UNDERLINE, 5: _BLINK, 6: _BLINK, 7: _INVERSE, 8: _HIDDEN,
    9: _STRIKE, 20: _ITALIC, 21: _UNDERLINE, 51: _FRAME, 52: _FRAME, 53: _OVERLINE,
    **dict.fromkeys(range(11, 20), _FONT),
    **dict.fromkeys((*range(30, 38), *range(90, 98)), _FG),
    **dict.fromkeys((*range(40, 48), *range(100, 108)), _BG),
}  # fmt: skip
_OFF: Final = {
    10: _FONT, 22: _NORMAL, 23: _ITALIC, 24: _UNDERLINE, 25: _BLINK, 27: _INVERSE, 28: _HIDDEN,
    29: _STRIKE, 39: _FG, 49: _BG, 54: _FRAME, 55: _OVERLINE, 59: _UNDERLINE_COLOUR,
}  # fmt: skip
_OFF_UNDERLINE: Final = 24
_EXTENDED: Final = {38: _FG, 48: _BG, 58: _UNDERLINE_COLOUR}


@lru_cache(maxsize=256)
def apply_sgr(pen: str, parameters: str) -> str:
    """Return the pen after an SGR sequence.

    Args:
        pen: before it.
        parameters: of the sequence, between ``ESC [`` and ``m``.

    Example:
        >>> apply_sgr("0;1;31", "39")
        '0;1'
    """
    attributes = _attributes(pen)
    is_reset = pen.startswith("0")
    codes = parameters.split(";")[:_MAX_CODES]
    while codes:
        code, *_ = parts = codes.pop(0).split(":")
        number = _code(code)
        if number == 0:
            attributes, is_reset = {}, True
        elif number in _EXTENDED:
            codes = _extend(attributes, number, parts, codes)
        elif number == _UNDERLINE_CODE and len(parts) > 1:
            _underline(attributes, _code(parts[1]), is_reset=is_reset)
        elif number in _ON:
            attributes[_ON[number]] = str(number)
        elif number in _OFF:
            _switch_off(attributes, number, is_reset=is_reset)
    return _joined(attributes, is_reset=is_reset)


def apply_sgrs(pen: str, sequences: Sequence[str]) -> str:
    """Return the pen after some SGR sequences; only the newest 500, or 4 kB of parameters, count.

    Args:
        pen: before them.
        sequences: the parameters of each, see `apply_sgr`.
    """
    newest = sequences[-_MAX_SEQUENCES:]
    if sum(map(len, newest)) > _MAX_PARAMETER_CHARS:
        sizes = accumulate(map(len, reversed(newest)))
        newest = newest[len(newest) - bisect_right(list(sizes), _MAX_PARAMETER_CHARS) :]
    for parameters in newest:
        pen = apply_sgr(pen, parameters)
    return pen


def sgr_change(before: str, after: str) -> str:
    r"""Return the sequence that turns one pen into another; empty if they are equal.

    Example:
        >>> sgr_change("0", "0;31")
        '\x1b[31m'
    """
    if before == after:
        return ""
    if not after:
        return "\x1b[0m"
    if before == "0" and after.startswith("0;"):
        return f"\x1b[{after[2:]}m"
    if after.startswith("0") or not before:
        return f"\x1b[{after}m"
    if before.startswith("0") or _attributes(before).keys() - _attributes(after).keys():
        return f"\x1b[0;{after}m"
    return f"\x1b[{after}m"


def _code(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= _MAX_DIGITS else -1 if text else 0


def _joined(attributes: dict[int, str], *, is_reset: bool) -> str:
    """Return the pen with these attributes, without the last ones if it would be too long."""
    found, size = (["0"], 1) if is_reset else ([], -1)
    for _, code in sorted(attributes.items()):
        if size + 1 + len(code) <= MAX_PEN_CHARS:
            found.append(code)
            size += 1 + len(code)
    return ";".join(found)


def _extend(
    attributes: dict[int, str], number: int, parts: list[str], codes: list[str]
) -> list[str]:
    """Set an extended colour, perhaps from the codes that follow; return the rest of those."""
    inline = len(parts) > 1
    given = [_code(each) for each in (parts[1:] if inline else codes[:4])]
    kind = given[0] if given else -1
    size = _SIZES.get(kind, 1)
    # With colons, a colour space precedes red, green and blue; many programs leave it out.
    skipped = 2 if inline and kind == _RGB and len(given) > size else 1
    channels = given[skipped : skipped + size - 1]
    is_whole = kind in _SIZES and len(channels) == size - 1
    if is_whole and all(0 <= each <= _MAX_CHANNEL for each in channels):
        attributes[_EXTENDED[number]] = ";".join(map(str, (number, kind, *channels)))
    return codes if inline else codes[size:]


def _underline(attributes: dict[int, str], style: int, *, is_reset: bool) -> None:
    if style == 0:
        _switch_off(attributes, _OFF_UNDERLINE, is_reset=is_reset)
    else:
        attributes[_UNDERLINE] = f"4:{style}" if 0 < style <= _MAX_UNDERLINES else "4"


def _switch_off(attributes: dict[int, str], number: int, *, is_reset: bool) -> None:
    """Switch an attribute off.

    The line may have begun with it, so only a reset removes it for sure.
    """
    key = _OFF[number]
    if number == _NORMAL_CODE:
        attributes.pop(_BOLD, None)
        attributes.pop(_FAINT, None)
    if is_reset:
        attributes.pop(key, None)
    else:
        attributes[key] = str(number)


def _attributes(pen: str) -> dict[int, str]:
    found: dict[int, str] = {}
    codes = pen.removeprefix("0").split(";")
    while codes:
        code = codes.pop(0)
        number = int(code.partition(":")[0] or 0)
        if number in _EXTENDED:
            size = _SIZES[int(codes[0])]
            code, codes = ";".join([code, *codes[:size]]), codes[size:]
        key = _ON.get(number, _OFF.get(number, _EXTENDED.get(number, -1)))
        if key >= 0:
            found[key] = code
    return found
