"""Convert a run's output to UTF-8: when it is read, or when it is captured.

A log keeps the bytes as they were printed, and its reader returns UTF-8; nothing above the reader
knows about encodings. That requires encodings in which the byte 0x0A is a newline and nothing else,
and in which a line does not depend on the lines before. Output in other encodings (UTF-16, UTF-32,
ISO-2022, UTF-7, HZ) is converted when it is captured. Standard library only.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from typing import Final

ToUtf8 = Callable[[bytes], bytes]
"""Converts stored bytes to UTF-8 with the same number of newlines."""
CharacterBoundary = Callable[[bytearray, int, int], int]
"""``boundary(buffer, start, cut)`` returns `cut`, or a little less if `cut` is inside a
character."""

_UTF8: Final = "utf-8"
_STATEFUL: Final = ("iso2022", "utf-7", "hz", "utf-8-sig")
_ASCII: Final = bytes(range(128))
_MAX_CHARACTER_BYTES: Final = 8
_WIDTHS: Final = {"utf-16": 2, "utf-32": 4}
"""Size in bytes of the byte order mark of these encodings."""


def _codec(encoding: str) -> codecs.CodecInfo:
    """Return a codec; UTF-8 if this Python does not have it."""
    try:
        return codecs.lookup(encoding)
    except (LookupError, ValueError):
        return codecs.lookup(_UTF8)


def is_recoded(encoding: str) -> bool:
    """Whether output in this encoding is converted when it is captured."""
    codec = _codec(encoding)
    return codec.name.startswith(_STATEFUL) or codec.encode("\n")[0] != b"\n"


def recoded_note(encoding: str) -> str:
    """Return the note that tells a person so."""
    name = _codec(encoding).name
    return f"Its output was recoded from {name} to UTF-8 when captured, also in the raw log."


def to_utf8(encoding: str) -> ToUtf8 | None:
    """Return a function that converts stored bytes to UTF-8; None if they are UTF-8 already.

    Invalid bytes become U+FFFD.

    Args:
        encoding: of the run's output, by any of Python's names.
    """
    codec = _codec(encoding)
    if codec.name == _UTF8 or is_recoded(encoding):
        return None
    decode = codec.decode
    has_ascii = decode(_ASCII, "replace")[0] == _ASCII.decode()

    def convert(data: bytes) -> bytes:
        if has_ascii and data.isascii():
            return data
        return _encoded(decode(data, "replace")[0])

    return convert


def boundary_finder(encoding: str) -> CharacterBoundary | None:
    """Return a function that finds a character's boundary before a place; None for UTF-8.

    In other encodings, characters of several bytes are recognised only from the start of their
    line.
    """
    codec = _codec(encoding)
    if codec.name == _UTF8 or is_recoded(encoding):
        return None

    def boundary(buffer: bytearray, start: int, cut: int) -> int:
        decoder = codecs.getincrementaldecoder(codec.name)("replace")
        decoder.decode(bytes(buffer[start:cut]))
        held = decoder.getstate()[0]
        return cut - len(held) if len(held) <= _MAX_CHARACTER_BYTES else cut

    return boundary


class Recoder:
    """Convert a stream of bytes to UTF-8 piece by piece; characters may span pieces."""

    def __init__(self, encoding: str) -> None:
        """Begin a text; a byte order mark at its beginning is removed.

        Raises:
            LookupError: Python does not know the encoding.
        """
        self._name = codecs.lookup(encoding).name
        self._width = _WIDTHS.get(self._name, 0)
        self._head = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._is_first = True

    def take(self, data: bytes) -> bytes:
        """Return the characters that `data` completes, in UTF-8."""
        return self._decode(data, final=False)

    def end(self) -> bytes:
        """Return U+FFFD if half a character is left. The next `take` begins a new text."""
        rest = self._decode(b"", final=True)
        self._decoder, self._is_first = None, True
        return rest

    def _decode(self, data: bytes, *, final: bool) -> bytes:
        if self._decoder is None:
            self._head += data
            if len(self._head) < self._width and not final:
                return b""
            data, self._head = self._head, b""
            name = self._name + (_order(data, self._width) if self._width else "")
            self._decoder = codecs.getincrementaldecoder(name)("replace")
        try:
            return self._text(self._decoder.decode(data, final))
        except (
            ValueError
        ):  # a codec that does not replace everything: no byte may end the supervisor
            self._decoder.reset()
            return self._text(data.decode("ascii", "replace"))

    def _text(self, text: str) -> bytes:
        if text and self._is_first:
            text = text.removeprefix("\ufeff")
            self._is_first = False
        return _encoded(text)


def _encoded(text: str) -> bytes:
    """Encode as UTF-8, with U+FFFD for lone surrogates, which some codecs produce."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text).encode()


def _order(data: bytes, width: int) -> str:
    """Return the byte order of a mark; without a mark this machine's, as Python does."""
    if data[:width] in {b"\xfe\xff", b"\0\0\xfe\xff"}:
        return "-be"
    is_marked = data[:width] in {b"\xff\xfe", b"\xff\xfe\0\0"}
    return "-le" if is_marked or sys.byteorder == "little" else "-be"
