"""What a reader shows of stored bytes: lines as text, with and without escape sequences.

Pure functions, shared by the feed, polls, downloads and the client's terminal. A message keeps its
colours; searches and `text` downloads see it without. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prismq_nb.common.base.terminal.dense import MAX_DRAWN_CHARS, decode_lines
from prismq_nb.common.base.terminal.long_lines import has_long_line
from prismq_nb.common.base.terminal.redraw import final_text, move_pattern
from prismq_nb.common.base.terminal.sequences import (
    ESCAPES,
    MOVE,
    OTHER,
    SEQUENCE,
    SGR,
    VERTICAL_MOVE,
    seven_bit,
    without_other,
)

MAX_PENDING_CHARS: Final = 8192
"""Maximum length of unfinished text with progress bars in several rows: a few frames of each."""

PIECE_CHARS: Final = 32 << 10
"""Characters or bytes stripped at once, in which no other Python code runs: 0.2 ms for coloured
text, 3 ms for nothing but sequences. Smaller: more calls. Larger: an event loop waits longer."""

# Bytes as numbers: `in` is faster with them.
_BACKSPACE: Final = 0x08
_RETURN: Final = 0x0D
_ESCAPE: Final = 0x1B
_BEFORE_C1: Final = 0xC2


def is_plain(data: bytes) -> bool:
    """Whether no byte moves the cursor or begins a 7-bit escape sequence.

    Three searches for one byte cost as much as decoding; a search for two bytes in a row costs ten
    times that.
    """
    return not (_ESCAPE in data or _RETURN in data or _BACKSPACE in data)


def decode(data: bytes | bytearray | memoryview) -> str:
    """Decode stored bytes, see `dense.decode_lines`."""
    return decode_lines(data if isinstance(data, bytes) else bytes(data))


def message(raw: bytes | bytearray | memoryview) -> str:
    r"""Return the text of one line: what a terminal of unlimited width shows, with colours.

    The rules are in the table of cases, tests/journal/samples/line_cases.json.

    Args:
        raw: one line, without its newline.

    Example:
        >>> message(b"10%\r 20%\r")
        ' 20%'
    """
    return _line(decode(raw))


def _line(text: str) -> str:
    if "\x1b" in text or "\r" in text or "\x08" in text:
        return final_text(text)
    return text


def pending_message(raw: bytes | bytearray | memoryview) -> str:
    r"""Return unfinished text for display.

    As `message`, but with earlier rows if the cursor moves up.

    Several progress bars at once are rows that are redrawn with no newline between them; `message`
    would return the last row only.

    Args:
        raw: what follows the last newline. With several bars, the newest `MAX_PENDING_CHARS`
            characters count.

    Example:
        >>> pending_message(b"\rinner 1%\x1b[A\router 5%")
        '\rinner 1%\x1b[A\router 5%'
    """
    text = decode(raw)
    if not VERTICAL_MOVE.search(text):
        return _line(text)
    start = len(text) - MAX_PENDING_CHARS
    return text if start <= 0 else text[max(start, text.find("\r", start)) :]


def visible_lines(data: bytes | bytearray | memoryview) -> str:
    r"""Return the `message` of each line, with the line ends of `data`.

    All lines are decoded at once, and only redrawn lines cost work of their own. The result equals
    ``message`` of each line: no UTF-8 sequence, valid or broken, spans a newline.

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
    if has_long_line(text, MAX_DRAWN_CHARS, "\n"):  # a pattern takes 10 ms for a MiB
        return "\n".join([_line(line) for line in text.split("\n")])
    if "\r" in text and "\r" in (text := text.replace("\r\n", "\n")):
        if "\x1b" in text or "\x08" in text:
            return _drawn_lines(text)
        return "\n".join([final_text(line) if "\r" in line else line for line in text.split("\n")])
    if "\x08" in text:
        return _drawn_lines(text)
    if "\x1b" not in text or OTHER.search(text) is None:
        return text
    return _drawn_lines(text) if MOVE.search(text) else without_other(text)


def _drawn_lines(text: str) -> str:
    """Go from one redrawn line to the next, so that a few cost less than many."""
    pieces: list[str] = []
    done, moves = 0, move_pattern(text)
    while (move := moves.search(text, done)) is not None:
        at = move.start()
        start = text.rfind("\n", done, at) + 1 or done
        stop = text.find("\n", at)
        stop = stop if stop >= 0 else len(text)
        pieces += (without_other(text[done:start]), final_text(text[start:stop]))
        done = stop
    pieces.append(without_other(text[done:]))
    return "".join(pieces)


def messages(data: bytes | bytearray | memoryview) -> list[str]:
    r"""Return the `message` of every line.

    Args:
        data: lines that each end in ``\n``, except perhaps the last. Empty data has no lines.
    """
    if not len(data):
        return []
    lines = visible_lines(data).split("\n")
    if data[-1:] == b"\n":
        lines.pop()
    return lines


def plain(text: str) -> str:
    r"""Remove all escape sequences, and lone ESC characters; other control characters stay.

    Escape sequences are CSI (colours, cursor), OSC and other strings, charset and single ones. A
    sequence that is cut off by the end of the text is removed as well.

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
    """Yield what `plain` returns in pieces, so that other code can run in between.

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
    r"""Return the first place from `end` on that no escape sequence spans.

    Only the last ESC before `end` matters: an earlier one begins a sequence that ends before it, or
    with it (a string, by ``ESC \``).
    """
    last = text.rfind("\x1b", start, end)
    sequence = SEQUENCE.match(text, last) if last >= 0 else None
    return end if sequence is None else max(end, sequence.end())


def searchable(data: bytes) -> bytes:
    r"""Return lines as a search sees them: ``plain(message(line))`` of each, in UTF-8, with ``\n``.

    If the bytes are that already, it costs one scan (30 GB/s; 1 to 2 if they are not all ASCII).

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
        pieces.append(plain(visible_lines(data[start:end])).encode())
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
