r"""The forms in which a secret may be printed, and views of text in which they are plain. Pure.

A view is text with its escapes resolved: without terminal escape sequences (`strip`); with
``\u0041`` and ``\xc3`` resolved and every other backslash removed, which covers ``\/``, ``\"`` and
JSON within JSON; with ``%41`` resolved; and with both. In decoded views a secret is searched for in
the forms of `decoded_forms`. Forms that are another text altogether (base64) are literals of their
own. Standard library only.
"""

from __future__ import annotations

import binascii
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from prismq_nb.common.base.terminal.sequences import (
    BEHIND_ESCAPE,
    MOVE_BEHIND_CSI,
    PRINTED_SGR,
    STRING,
)

MIN_BYTES = 6
"""A shorter form would mask innocent text everywhere."""
_LOOK_BACK_BYTES = 16 * 1024
# The grammar of `common.base.terminal.sequences` in UTF-8, including the 8-bit forms (ECMA-48 5.3),
# each of which ends a string as an ESC does.
_C1 = rb"[\x90\x98\x9b-\x9f]"
_C1_FORMS = tuple(b"\xc2%c" % code for code in b"\x90\x98\x9b\x9c\x9d\x9e\x9f")
_BEHIND_CSI = rb"[0-?]{0,64}+[ -/]{0,8}+"
_IN_STRING = rb"(?>(?:[^\x07\x1b\n\xc2]++|\xc2(?!" + _C1 + rb"))*)"


def _in_utf8(pattern: str) -> bytes:
    """Return a pattern of the grammar whose strings also end at 8-bit forms."""
    text = pattern.encode().replace(rb"[^\x07\x1b\n]*+", _IN_STRING)
    return text.replace(rb"(?:\x07|\x1b\\)", rb"(?:\x07|\x1b\\|\xc2\x9c)")


_STRING = _in_utf8(STRING).removeprefix(rb"[\]PX^_]")
_ESCAPE = re.compile(
    rb"\x1b++" + _in_utf8(BEHIND_ESCAPE) + rb"|\xc2(?:"
    rb"\x9b" + _BEHIND_CSI + rb"[@-~]?|[\x90\x98\x9d-\x9f](?:" + _STRING + rb")?|\x9c)"
)
_MOVE = re.compile(rb"(?:\x1b\[|\xc2\x9b)" + MOVE_BEHIND_CSI.encode() + rb"|\x1b[78DEMc]")
_FRAME_END = re.compile(rb"\r++|(?:\x1b\[|\xc2\x9b)2[KJ]")
_MAX_FRAMES = 500  # as many as `common.base.terminal.frames` gives
_NEVER = re.compile(rb"(?!)")
_PERCENT = rb"%([0-9a-fA-F]{2})"
_BACKSLASH = rb"((?>(?:\\++u[0-9a-fA-F]{4})+))|\\++x([0-9a-fA-F]{2})|\\++"
_CODES = tuple(map(re.compile, (_BACKSLASH, _PERCENT, _BACKSLASH + b"|" + _PERCENT)))
_JSON, _URL, _BOTH = range(3)
_INCOMPLETE_CODE = re.compile(
    rb"(?:%[0-9a-fA-F]?"
    rb"|(?<!\\)\\++(?:u[dD][89abAB][0-9a-fA-F]{2}(?:\\++(?:u[0-9a-fA-F]{0,3})?)?"  # half a pair
    rb"|u[0-9a-fA-F]{0,3}|x[0-9a-fA-F]?)?)\Z"
)
_INCOMPLETE_SEQUENCE = re.compile(
    rb"(?:(?<!\x1b)\x1b++"
    rb"(?:\[" + _BEHIND_CSI + rb"|[\]PX^_]" + _IN_STRING + rb"[\x1b\xc2]?|[ -/]{1,4}+)?"
    rb"|\xc2(?:\x9b" + _BEHIND_CSI + rb"|[\x90\x98\x9d-\x9f]" + _IN_STRING + rb"[\x1b\xc2]?)?"
    rb")\Z"
)
_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"  # RFC 3986
_LINE_CHARS = (64, 76)
"""Where encoders break base64 into lines: PEM (RFC 7468), MIME (RFC 2045) and ``base64``."""


def pieces(value: bytes) -> list[bytes]:
    """Return the lines of a secret without surrounding white space; each is masked by itself."""
    return [line.strip() for line in value.splitlines() if line.strip()]


def printed_forms(value: bytes) -> Iterator[bytes]:
    """Yield the forms of a secret that are searched for in text as it is printed."""
    yield from pieces(value)
    for line in pieces(value):
        yield from _json(line)
        yield from _url(line)
    yield from _base64(value)


def decoded_forms(literals: Iterable[bytes]) -> set[bytes]:
    """Return `literals` as decoded views have them.

    Without backslashes, and with a blank for ``+``.
    """
    found = set(literals)
    found |= {literal.replace(b"\\", b"") for literal in found}
    found |= {literal.replace(b"+", b" ") for literal in found}
    return {literal for literal in found if len(literal) >= MIN_BYTES}


def _json(line: bytes) -> Iterator[bytes]:
    r"""Yield JSON text of a value; the last is how nested text is decoded: ``\b`` etc.

    As letters.
    """
    text = line.decode("utf-8", "surrogateescape")
    for ascii_only in (True, False):
        yield json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode("utf-8", "surrogateescape")
    yield (
        line.translate(None, b"\\")
        .replace(b"\b", b"\\b")
        .replace(b"\t", b"\\t")
        .replace(b"\f", b"\\f")
    )


def _url(line: bytes) -> Iterator[bytes]:
    for escape in ("%%%02X", "%%%02x"):
        codes = {byte: (escape % byte).encode() for byte in set(line) - set(_UNRESERVED)}
        quoted = b"".join(codes.get(byte, bytes((byte,))) for byte in line)
        yield from (quoted, quoted.replace(b"%20", b"+"))


def _base64(value: bytes) -> Iterator[bytes]:
    """Yield base64 of the value alone, and with the newline that ``echo`` adds."""
    for text in {value, value.strip(), value + b"\n", value.strip() + b"\n"}:
        whole = binascii.b2a_base64(text, newline=False)
        for form in (whole, whole.translate(bytes.maketrans(b"+/", b"-_"))):
            bare = form.rstrip(b"=")
            yield from (form, bare)
            for width in _LINE_CHARS:
                if len(bare) > width:
                    yield from (form[at : at + width] for at in range(0, len(form), width))


class View:
    """Text with escapes resolved, and where each part of it comes from."""

    def __init__(
        self, data: bytes, pattern: re.Pattern[bytes], resolve: Callable[[re.Match[bytes]], bytes]
    ) -> None:
        """Replace each match of `pattern` in `data` by what `resolve` returns for it."""
        parts: list[bytes] = []
        self._at: list[int] = []  # where a part begins in the view, and its source
        self._source: list[tuple[int, int, bool]] = []
        size = end = 0
        for match in pattern.finditer(data):
            for text, source in (
                (data[end : match.start()], (end, match.start(), True)),
                (resolve(match), (match.start(), match.end(), False)),
            ):
                if text:
                    self._at.append(size)
                    self._source.append(source)
                    parts.append(text)
                    size += len(text)
            end = match.end()
        self._at.append(size)
        self._source.append((end, len(data), True))
        self.data = b"".join((*parts, data[end:]))

    def first(self, at: int) -> int:
        """Return where the source of the byte `at` begins.

        At the view's end, the end of the data.
        """
        number = bisect_right(self._at, at) - 1
        begin, _, plain = self._source[number]
        return begin + at - self._at[number] if plain else begin

    def last(self, at: int) -> int:
        """Return where the source of the byte before `at` ends."""
        number = bisect_right(self._at, at - 1) - 1
        begin, end, plain = self._source[number]
        return begin + at - self._at[number] if plain else end


def strip(data: bytes) -> bytes:
    """Return `data` without escape sequences."""
    return _ESCAPE.sub(b"", data)


def strip_view(data: bytes) -> View:
    """Return `strip` as a view with its sources."""
    return View(data, _ESCAPE, lambda _: b"")


def codings(data: bytes) -> list[int]:
    """Return the ways to `decode` for which `data` has something to decode."""
    percent = b"%" in data and _CODES[_URL].search(data) is not None
    if b"\\" not in data:
        return [_URL] if percent else []
    return [_JSON, _URL, _BOTH] if percent else [_JSON]


def decode(data: bytes, coding: int) -> bytes:
    """Return `data` with codes resolved; takes linear time, whatever is in it."""
    if coding == _JSON and b"\\u" not in data and b"\\x" not in data:
        return data.translate(None, b"\\")
    return _CODES[coding].sub(_decoded, data)


def decode_view(data: bytes, coding: int) -> View:
    """Return `decode` as a view with its sources."""
    return View(data, _CODES[coding], _decoded)


def undecoded(data: bytes) -> View:
    """Return the view that is `data` itself."""
    return View(data, _NEVER, _decoded)


def colours(data: bytes) -> bytes:
    """Return the colour changes in `data`, so that the text that follows keeps its look."""
    if not has_sequences(data):
        return b""
    return b"".join(match[0] for match in PRINTED_SGR.finditer(data))


def has_sequences(data: bytes) -> bool:
    """Whether there may be an escape sequence in `data`."""
    return b"\x1b" in data or b"\xc2" in data


def is_redrawn(data: bytes) -> bool:
    r"""Whether a line in `data` may show something other than its characters in order.

    That needs a backspace, a ``\r`` other than before a newline, or a sequence that moves the
    cursor or erases.
    """
    if b"\x08" in data:
        return True
    if b"\r" in data and data.count(b"\r") > data.count(b"\r\n") + data.endswith(b"\r"):
        return True
    return has_sequences(data) and _MOVE.search(data) is not None


def frames(line: bytes) -> list[bytes]:
    """Return the newest earlier frames of a line that have to be drawn to know what they show."""
    pieces = _FRAME_END.split(line)[-_MAX_FRAMES - 1 : -1]
    return [piece for piece in pieces if len(piece) >= MIN_BYTES and is_redrawn(piece)]


def boundary_before(data: bytes, end: int) -> int:
    """Return the last place up to `end` that is not within a code or an escape sequence."""
    start = max(0, end - _LOOK_BACK_BYTES)
    for pattern in (_ESCAPE, _CODES[_BOTH]):
        begin = _introducer(data, start) if pattern is _ESCAPE else -1
        for match in pattern.finditer(data, begin if begin >= 0 else start):
            if match.end() > end:
                end = min(end, match.start())
                break
    return end


def boundary_after(data: bytes, at: int) -> int:
    """Return the first place from `at` on that is not within an escape sequence."""
    sequence = _ESCAPE.match(data, begin) if (begin := _introducer(data, at)) >= 0 else None
    return max(at, sequence.end()) if sequence else at


def incomplete_start(data: bytes) -> int:
    """Return where a code or an escape sequence starts that may continue after the end.

    The length if there is none. A code may have escape sequences within it, and an incomplete one
    behind it.
    """
    if (string := _open_string(data)) is not None:
        data = data[:string]
    start, end = max(0, len(data) - _LOOK_BACK_BYTES), len(data)
    if sequence := _INCOMPLETE_SEQUENCE.search(data, start):
        end = sequence.start()
    tail = data[start:end]
    if code := _INCOMPLETE_CODE.search(data, start, end):
        end = code.start()
    if has_sequences(tail) and (code := _INCOMPLETE_CODE.search(strip(tail))):
        end = min(end, start + strip_view(tail).first(code.start()))
    return end


def _open_string(data: bytes) -> int | None:
    """Return where a control string begins that has no end yet, however long it is."""
    last = _introducer(data, len(data))
    before = _introducer(data, last) if last > 0 else -1  # `last` may begin its end
    return next(
        (at for at in (before, last) if at >= 0 and _INCOMPLETE_SEQUENCE.match(data, at)), None
    )


def _introducer(data: bytes, end: int) -> int:
    """Return where the last sequence before `end` begins; nothing of an earlier one follows it.

    -1 if there is none.
    """
    found = data.rfind(b"\x1b", 0, end)
    if data.find(b"\xc2", max(0, found), end) < 0:
        return found
    return max(found, *(data.rfind(form, max(0, found), end) for form in _C1_FORMS))


def _decoded(match: re.Match[bytes]) -> bytes:
    if match.lastindex is None:
        return b""
    text = match[match.lastindex]
    if not text.startswith(b"\\"):
        return bytes((int(text, 16),))
    units = text.replace(b"\\", b"").split(b"u")[1:]
    return (
        b"".join(bytes.fromhex(unit.decode()) for unit in units)
        .decode("utf-16-be", "replace")
        .encode()
    )
