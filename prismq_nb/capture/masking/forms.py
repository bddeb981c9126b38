r"""The forms in which a secret may be printed, and views of text in which they are plain. Pure.

A view is text with its escapes resolved: without terminal escape sequences (`strip`); with
``\u0041`` and ``\xc3`` resolved and every other backslash left out, so that ``\/``, ``\"`` and JSON
within JSON are, too; with ``%41`` resolved; and with both. In the decoded ones a secret is looked
for as `folded` gives it. Forms that are another text altogether (base64) are literals by
themselves. Standard library only.
"""

from __future__ import annotations

import binascii
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from prismq_nb.common.base.terminal.sequences import BEHIND_ESCAPE, MOVE_BEHIND_CSI, STRING

MIN_BYTES = 6
"""A shorter form would mask innocent text everywhere."""
_LOOK_BACK_BYTES = 16 * 1024
# The grammar of `common.base.terminal.sequences` in UTF-8, with the 8-bit forms as well (ECMA-48 5.3), each of
# which ends a string as an ESC does.
_C1 = rb"[\x90\x98\x9b-\x9f]"
_C1_FORMS = tuple(b"\xc2%c" % code for code in b"\x90\x98\x9b\x9c\x9d\x9e\x9f")
_BEHIND_CSI = rb"[0-?]{0,64}+[ -/]{0,8}+"
_IN_STRING = rb"(?>(?:[^\x07\x1b\n\xc2]++|\xc2(?!" + _C1 + rb"))*)"


def _in_utf8(pattern: str) -> bytes:
    """A pattern of `common.base.terminal.sequences` whose strings end at 8-bit forms, too."""
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
_COLOUR = re.compile(rb"(?:\x1b\[|\xc2\x9b)[0-9;:]{0,64}m")
_PERCENT = rb"%([0-9a-fA-F]{2})"
_BACKSLASH = rb"((?>(?:\\++u[0-9a-fA-F]{4})+))|\\++x([0-9a-fA-F]{2})|\\++"
_CODES = tuple(map(re.compile, (_BACKSLASH, _PERCENT, _BACKSLASH + b"|" + _PERCENT)))
_JSON, _URL, _BOTH = range(3)
_HALF_CODE = re.compile(
    rb"(?:%[0-9a-fA-F]?"
    rb"|(?<!\\)\\++(?:u[dD][89abAB][0-9a-fA-F]{2}(?:\\++(?:u[0-9a-fA-F]{0,3})?)?"  # half of a pair
    rb"|u[0-9a-fA-F]{0,3}|x[0-9a-fA-F]?)?)\Z"
)
_HALF_SEQUENCE = re.compile(
    rb"(?:(?<!\x1b)\x1b++"
    rb"(?:\[" + _BEHIND_CSI + rb"|[\]PX^_]" + _IN_STRING + rb"[\x1b\xc2]?|[ -/]{1,4}+)?"
    rb"|\xc2(?:\x9b" + _BEHIND_CSI + rb"|[\x90\x98\x9d-\x9f]" + _IN_STRING + rb"[\x1b\xc2]?)?"
    rb")\Z"
)
_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"  # RFC 3986
_LINE_CHARS = (64, 76)
"""Where encoders break base64 into lines: PEM (RFC 7468), MIME (RFC 2045) and ``base64``."""


def pieces(value: bytes) -> list[bytes]:
    """The lines of a secret, without the white space around them; each is masked by itself."""
    return [line.strip() for line in value.splitlines() if line.strip()]


def printed(value: bytes) -> Iterator[bytes]:
    """The forms of a secret that are looked for in text as it is printed."""
    yield from pieces(value)
    for line in pieces(value):
        yield from _json(line)
        yield from _url(line)
    yield from _base64(value)


def folded(literals: Iterable[bytes]) -> set[bytes]:
    """As `literals` stand in decoded views, where backslashes go, and ``+`` may be a blank."""
    found = set(literals)
    found |= {literal.replace(b"\\", b"") for literal in found}
    found |= {literal.replace(b"+", b" ") for literal in found}
    return {literal for literal in found if len(literal) >= MIN_BYTES}


def _json(line: bytes) -> Iterator[bytes]:
    r"""JSON text of a value; the last as nested text is decoded: ``\b`` and the like as letters."""
    text = line.decode("utf-8", "surrogateescape")
    for ascii_only in (True, False):
        yield json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode("utf-8", "surrogateescape")
    yield line.translate(None, b"\\").replace(b"\b", b"\\b").replace(b"\t", b"\\t").replace(b"\f", b"\\f")


def _url(line: bytes) -> Iterator[bytes]:
    for escape in ("%%%02X", "%%%02x"):
        codes = {byte: (escape % byte).encode() for byte in set(line) - set(_UNRESERVED)}
        quoted = b"".join(codes.get(byte, bytes((byte,))) for byte in line)
        yield from (quoted, quoted.replace(b"%20", b"+"))


def _base64(value: bytes) -> Iterator[bytes]:
    r"""Of the value alone, and with the newline that ``echo`` adds."""
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

    def __init__(self, data: bytes, pattern: re.Pattern[bytes], resolve: Callable[[re.Match[bytes]], bytes]) -> None:
        """Replace each match of `pattern` in `data` by what `resolve` makes of it."""
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
        """Where the source of the byte `at` begins; at the view's end the data's end."""
        number = bisect_right(self._at, at) - 1
        begin, _, plain = self._source[number]
        return begin + at - self._at[number] if plain else begin

    def last(self, at: int) -> int:
        """Where the source of the byte before `at` ends."""
        number = bisect_right(self._at, at - 1) - 1
        begin, end, plain = self._source[number]
        return begin + at - self._at[number] if plain else end


def strip(data: bytes) -> bytes:
    """`data` without escape sequences."""
    return _ESCAPE.sub(b"", data)


def strip_view(data: bytes) -> View:
    """`strip`, with its sources."""
    return View(data, _ESCAPE, lambda _: b"")


def codings(data: bytes) -> list[int]:
    """The ways to `decode` in which `data` has something to decode."""
    percent = b"%" in data and _CODES[_URL].search(data) is not None
    if b"\\" not in data:
        return [_URL] if percent else []
    return [_JSON, _URL, _BOTH] if percent else [_JSON]


def decode(data: bytes, coding: int) -> bytes:
    """`data` with codes resolved; linear, whatever is in it."""
    if coding == _JSON and b"\\u" not in data and b"\\x" not in data:
        return data.translate(None, b"\\")
    return _CODES[coding].sub(_decoded, data)


def decode_view(data: bytes, coding: int) -> View:
    """`decode`, with its sources."""
    return View(data, _CODES[coding], _decoded)


def undecoded(data: bytes) -> View:
    """The view that is `data` itself."""
    return View(data, _NEVER, _decoded)


def colours(data: bytes) -> bytes:
    """The colour changes in `data`: what follows it is to look as it did."""
    return b"".join(_COLOUR.findall(data)) if has_sequences(data) else b""


def has_sequences(data: bytes) -> bool:
    """Whether there may be an escape sequence in `data`."""
    return b"\x1b" in data or b"\xc2" in data


def is_drawn(data: bytes) -> bool:
    r"""Whether a line in `data` may show other than its characters one after the other.

    That is so where there is a backspace, a ``\r`` but those before a newline, or what moves the
    cursor or erases.
    """
    if b"\x08" in data:
        return True
    if b"\r" in data and data.count(b"\r") > data.count(b"\r\n") + data.endswith(b"\r"):
        return True
    return has_sequences(data) and _MOVE.search(data) is not None


def frames(line: bytes) -> list[bytes]:
    """What a line was drawn with before its last frame, as far as it has to be drawn; the newest."""
    pieces = _FRAME_END.split(line)[-_MAX_FRAMES - 1 : -1]
    return [piece for piece in pieces if len(piece) >= MIN_BYTES and is_drawn(piece)]


def between(data: bytes, end: int) -> int:
    """The last place up to `end` that is not within a code or an escape sequence."""
    start = max(0, end - _LOOK_BACK_BYTES)
    for pattern in (_ESCAPE, _CODES[_BOTH]):
        begin = _introducer(data, start) if pattern is _ESCAPE else -1
        for match in pattern.finditer(data, begin if begin >= 0 else start):
            if match.end() > end:
                end = min(end, match.start())
                break
    return end


def outside(data: bytes, at: int) -> int:
    """The first place from `at` on that is not within an escape sequence."""
    sequence = _ESCAPE.match(data, begin) if (begin := _introducer(data, at)) >= 0 else None
    return max(at, sequence.end()) if sequence else at


def half(data: bytes) -> int:
    """Where a code or an escape sequence starts that may go on after the end; else the length.

    A code may have escape sequences within it, and one that has begun behind it.
    """
    if (string := _open_string(data)) is not None:
        data = data[:string]
    start, end = max(0, len(data) - _LOOK_BACK_BYTES), len(data)
    if sequence := _HALF_SEQUENCE.search(data, start):
        end = sequence.start()
    tail = data[start:end]
    if code := _HALF_CODE.search(data, start, end):
        end = code.start()
    if has_sequences(tail) and (code := _HALF_CODE.search(strip(tail))):
        end = min(end, start + strip_view(tail).first(code.start()))
    return end


def _open_string(data: bytes) -> int | None:
    """Where a string begins that has no end yet, however long it is."""
    last = _introducer(data, len(data))
    before = _introducer(data, last) if last > 0 else -1  # of which `last` may begin the end
    return next((at for at in (before, last) if at >= 0 and _HALF_SEQUENCE.match(data, at)), None)


def _introducer(data: bytes, end: int) -> int:
    """Where the last sequence before `end` begins: nothing of an earlier one is behind it; or -1."""
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
    return b"".join(bytes.fromhex(unit.decode()) for unit in units).decode("utf-16-be", "replace").encode()
