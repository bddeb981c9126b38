"""What a reader shows of stored bytes: lines as text, with and without escape sequences.

Pure functions, apart from the reader because the feed, the poll, the downloads and the client's terminal share them. A message keeps its colours;
searching and `text` downloads see it without. Imports the standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from prismq_nb.common.base.terminal.dense import WINDOW_CHARS, text_of
from prismq_nb.common.base.terminal.long_lines import has_long_line
from prismq_nb.common.base.terminal.redraw import drawn_over, moves_in
from prismq_nb.common.base.terminal.sequences import ESCAPES, MOVE, OTHER, SEQUENCE, SGR, seven_bit, without_other

__all__ = ["decode", "drawing", "is_plain", "message", "messages", "plain", "plain_pieces", "searchable", "shown"]

#: Characters of unfinished text that are kept where bars are drawn in several rows: some drawings of each.
DRAWING_LIMIT: Final = 8192

_ROW_MOVE: Final = re.compile(r"\x1b\[\d{0,3}[ABEF]")

#: Characters, or bytes, that are stripped at once; meanwhile nothing else of Python runs: 0.2 ms of
#: coloured text, 3 ms of nothing but sequences.
#: Smaller: more calls. Larger: an event loop waits longer.
PIECE_CHARS: Final = 32 << 10

# Bytes are looked for by their numbers: that is faster.
_BACKSPACE: Final = 0x08
_RETURN: Final = 0x0D
_ESCAPE: Final = 0x1B
_BEFORE_C1: Final = 0xC2


def is_plain(data: bytes) -> bool:
    """Whether no byte moves the cursor or begins an escape sequence.

    8-bit forms of sequences aside. Three looks for a byte cost as much as decoding does; a look
    for two bytes in a row costs ten times that.
    """
    return not (_ESCAPE in data or _RETURN in data or _BACKSPACE in data)


def decode(data: bytes | bytearray | memoryview) -> str:
    """Stored bytes as text, see `dense.text_of`."""
    return text_of(data if isinstance(data, bytes) else bytes(data))


def message(raw: bytes | bytearray | memoryview) -> str:
    r"""The text of one line: what a terminal of unlimited width shows of it, with its colours.

    The table of cases, tests/journal/samples/line_cases.json, has the rules (DESIGN 3.4).

    Args:
        raw: one line, without its newline.

    Example:
        >>> message(b"10%\r 20%\r")
        ' 20%'
    """
    return _line(decode(raw))


def _line(text: str) -> str:
    if "\x1b" in text or "\r" in text or "\x08" in text:
        return drawn_over(text)
    return text


def drawing(raw: bytes | bytearray | memoryview) -> str:
    r"""Unfinished text as whoever draws it needs it: like `message`, but where the cursor goes up or down, with what came before.

    Several progress bars at once are rows that are drawn over and over, with no newline between; the last one alone would be shown otherwise.

    Args:
        raw: what follows the last newline. Of bars, the newest `DRAWING_LIMIT` characters count.

    Example:
        >>> drawing(b"\rinner 1%\x1b[A\router 5%")
        '\rinner 1%\x1b[A\router 5%'
    """
    text = decode(raw)
    if not _ROW_MOVE.search(text):
        return _line(text)
    start = len(text) - DRAWING_LIMIT
    return text if start <= 0 else text[max(start, text.find("\r", start)) :]


def shown(data: bytes | bytearray | memoryview) -> str:
    r"""Whole lines as people see them: the `message` of each, ended as it is in `data`.

    One decoding for all of them, and work per line only where a line was redrawn. Equal to ``message`` of each: no UTF-8 sequence, valid or broken,
    reaches over a newline.

    Args:
        data: lines that each end in ``\n``, except perhaps the last.
    """
    if not isinstance(data, bytes):
        data = bytes(data)
    if is_plain(data):
        text = str(data, "utf-8", "replace")
        if text.isascii() or _BEFORE_C1 not in data:
            return text
    return _redrawn(decode(data))


def _redrawn(text: str) -> str:
    if has_long_line(text, WINDOW_CHARS, "\n"):  # a pattern takes 10 ms for a MiB
        return "\n".join([_line(line) for line in text.split("\n")])
    if "\r" in text and "\r" in (text := text.replace("\r\n", "\n")):
        if "\x1b" in text or "\x08" in text:
            return _drawn_lines(text)
        return "\n".join([drawn_over(line) if "\r" in line else line for line in text.split("\n")])
    if "\x08" in text:
        return _drawn_lines(text)
    if "\x1b" not in text or OTHER.search(text) is None:
        return text
    return _drawn_lines(text) if MOVE.search(text) else without_other(text)


def _drawn_lines(text: str) -> str:
    """Go from one line that was drawn over to the next: a few do not cost as much as many."""
    pieces: list[str] = []
    done, moves = 0, moves_in(text)
    while (move := moves.search(text, done)) is not None:
        at = move.start()
        start = text.rfind("\n", done, at) + 1 or done
        stop = text.find("\n", at)
        stop = stop if stop >= 0 else len(text)
        pieces += (without_other(text[done:start]), drawn_over(text[start:stop]))
        done = stop
    pieces.append(without_other(text[done:]))
    return "".join(pieces)


def messages(data: bytes | bytearray | memoryview) -> list[str]:
    r"""The `message` of every line of whole lines.

    Args:
        data: lines that each end in ``\n``, except perhaps the last. Empty data has no lines.

    Returns:
        One text per line.
    """
    if not len(data):
        return []
    lines = shown(data).split("\n")
    if data[-1:] == b"\n":
        lines.pop()
    return lines


def plain(text: str) -> str:
    r"""The text without escape sequences: CSI (colours, cursor), OSC and other strings, charset and single ones, and lone ESC characters.

    Other control characters stay. A sequence that is cut off by the end of the text goes as well.

    Example:
        >>> plain("\x1b[1;31mERROR\x1b[0m: no")
        'ERROR: no'
    """
    if "\x1b" not in text:
        return text
    return _plain(text) if len(text) <= PIECE_CHARS else "".join(plain_pieces(text))


def _plain(text: str) -> str:
    if OTHER.search(text) is None:
        return SGR.sub("", text)
    return ESCAPES.sub("", text)


def plain_pieces(text: str) -> Iterator[str]:
    """What `plain` gives, in pieces: for those who must let others run between.

    A piece takes some milliseconds at most, however long a line is.

    Args:
        text: of any length.

    Yields:
        The text without escape sequences, of about `PIECE_CHARS` characters of `text` at a time.
    """
    start, size = 0, len(text)
    while start < size:
        end = _between_sequences(text, start, min(size, start + PIECE_CHARS))
        piece = text[start:end]
        yield _plain(piece) if "\x1b" in piece else piece
        start = end


def _between_sequences(text: str, start: int, end: int) -> int:
    r"""The first place from `end` on over which no escape sequence of the text reaches.

    Only the last ESC before `end` matters: one that stands before it begins a sequence that ends
    before it, or with it (a string, by ``ESC \\``).
    """
    last = text.rfind("\x1b", start, end)
    sequence = SEQUENCE.match(text, last) if last >= 0 else None
    return end if sequence is None else max(end, sequence.end())


def searchable(data: bytes) -> bytes:
    r"""Whole lines as a search sees them: ``plain(message(line))`` of each, in UTF-8, each ended by ``\n``.

    Where the bytes are that already, it costs a look at them (30 GB/s; 1 to 2 where they are not all ASCII).

    Args:
        data: lines that each end in ``\n``, except perhaps the last.
    """
    if data and not data.endswith(b"\n"):
        data += b"\n"
    if _RETURN in data and _RETURN not in (ended := data.replace(b"\r\n", b"\n")):
        data = ended
    if is_plain(data) and _is_text(data):
        return data
    pieces: list[bytes] = []
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + 2 * PIECE_CHARS) + 1 or len(data)
        pieces.append(plain(shown(data[start:end])).encode())
        start = end
    return b"".join(pieces)


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return _BEFORE_C1 not in data or "\x1b" not in seven_bit(text)
