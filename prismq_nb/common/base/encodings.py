"""Encodings of a run's output made UTF-8: when it is read, or when it is captured.

A log keeps the bytes as they were printed, and its reader hands them out as UTF-8; above it nothing
knows of encodings. That needs encodings in which a newline is the byte 0x0A and nothing else is,
and in which a line does not depend on those before. Output in others (UTF-16, UTF-32, ISO-2022,
UTF-7, HZ) is recoded when it is captured. Standard library only.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from typing import Final

__all__ = ["Border", "Recoder", "ToUtf8", "border_of", "is_recoded", "recoded_note", "to_utf8"]

#: Bytes as stored to UTF-8; as many newlines.
ToUtf8 = Callable[[bytes], bytes]
#: ``border(buffer, start, cut)``: `cut`, or a little before it where it would part a character.
Border = Callable[[bytearray, int, int], int]

_UTF8: Final = "utf-8"
_STATEFUL: Final = ("iso2022", "utf-7", "hz", "utf-8-sig")
_ASCII: Final = bytes(range(128))
_MAX_CHARACTER_BYTES: Final = 8
#: Bytes of the mark that tells the order of these encodings.
_WIDTHS: Final = {"utf-16": 2, "utf-32": 4}


def _codec(encoding: str) -> codecs.CodecInfo:
    """Look up a codec; one that this Python does not have is taken for UTF-8."""
    try:
        return codecs.lookup(encoding)
    except (LookupError, ValueError):
        return codecs.lookup(_UTF8)


def is_recoded(encoding: str) -> bool:
    """Whether output in this encoding is recoded when it is captured."""
    codec = _codec(encoding)
    return codec.name.startswith(_STATEFUL) or codec.encode("\n")[0] != b"\n"


def recoded_note(encoding: str) -> str:
    """The sentence that tells a person so."""
    name = _codec(encoding).name
    return f"Its output was recoded from {name} to UTF-8 when captured, also in the raw log."


def to_utf8(encoding: str) -> ToUtf8 | None:
    """Return what makes stored bytes UTF-8, invalid ones U+FFFD; None where they are that already.

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


def border_of(encoding: str) -> Border | None:
    """Return what finds the border of a character before a place; None: as in UTF-8.

    Characters of several bytes can be told apart only from their line's beginning.
    """
    codec = _codec(encoding)
    if codec.name == _UTF8 or is_recoded(encoding):
        return None

    def border(buffer: bytearray, start: int, cut: int) -> int:
        decoder = codecs.getincrementaldecoder(codec.name)("replace")
        decoder.decode(bytes(buffer[start:cut]))
        held = decoder.getstate()[0]
        return cut - len(held) if len(held) <= _MAX_CHARACTER_BYTES else cut

    return border


class Recoder:
    """Turn a stream of bytes into UTF-8 piece by piece; characters may reach over pieces."""

    def __init__(self, encoding: str) -> None:
        """Nothing read yet; a byte order mark at the beginning is left out."""
        self._name = codecs.lookup(encoding).name
        self._width = _WIDTHS.get(self._name, 0)
        self._head = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._is_first = True

    def take(self, data: bytes) -> bytes:
        """UTF-8 of the characters that `data` completes."""
        return self._decode(data, final=False)

    def end(self) -> bytes:
        """What was left is half a character: U+FFFD. The next `take` begins a new text."""
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
        except ValueError:  # a codec that replaces not all: no byte may end the supervisor
            self._decoder.reset()
            return self._text(data.decode("ascii", "replace"))

    def _text(self, text: str) -> bytes:
        if text and self._is_first:
            text = text.removeprefix("\ufeff")
            self._is_first = False
        return _encoded(text)


def _encoded(text: str) -> bytes:
    """UTF-8, with U+FFFD for halves of surrogate pairs, which some codecs let through."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text).encode()


def _order(data: bytes, width: int) -> str:
    """The byte order that a mark tells; without one, this machine's, as Python has it."""
    if data[:width] in {b"\xfe\xff", b"\0\0\xfe\xff"}:
        return "-be"
    is_marked = data[:width] in {b"\xff\xfe", b"\xff\xfe\0\0"}
    return "-le" if is_marked or sys.byteorder == "little" else "-be"
