r"""Replace secrets in output before it reaches the disk. Pure; standard library only.

A record holds whole lines, so a secret that the module wrote in two pieces is whole again here.
Unfinished text is cut before anything that might be the beginning of a secret, and so is a line
that must be split for its length. A secret of several lines is masked line by line.

Covered, for each line of a value: the text itself; JSON's escapes (``\"``, ``\/``, ``\u0041`` of
any characters, also nested); percent-encoding (of any characters, either case, ``+`` for a blank);
terminal escape sequences anywhere inside, as `common.base.terminal.text.plain` removes them; all of
these together. A redrawn line (backspaces, cursor moves, erasures) is also examined as
`common.base.terminal.text.message` shows it: if that has a secret, the line is stored as it is
shown, masked, without what it was drawn with. Covered for the whole value: base64, with and without
padding, with either alphabet, with a newline behind it, in lines of 64 or 76.

Not covered is anything that is another text: base64 of a longer text that contains the value; other
forms (hexadecimal, base32, HTML); hashes, encryption and compression; a value in other case or with
other characters in it; one that the module cuts into lines; anything encoded twice, except JSON in
JSON, and JSON or base64 in a URL; with JSON's escapes, a value of fewer than `MIN_SECRET_BYTES`
bytes without its backslashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from prismq_nb.capture.masking import forms as mask_forms
from prismq_nb.capture.masking.literals import Literals, Span
from prismq_nb.common.base.encodings import is_recoded
from prismq_nb.common.base.terminal.text import message

MASK = b"******"
MIN_SECRET_BYTES = mask_forms.MIN_BYTES
"""A shorter value would mask innocent text everywhere, and is easy to guess anyway."""
MAX_VALUES, MAX_LINES, MAX_VALUE_BYTES = 100, 1000, 64 * 1024
"""Bounds for all secrets of a run together: values and lines; for one value: bytes."""
_TAIL_BYTES, _TAIL_FACTOR = 16 * 1024, 32
"""The part of unfinished text that is searched for a beginning: this many bytes, and this many more
for each byte of the longest secret, as there may be an escape sequence before each. If even that
shows less than the longest secret, nothing is known, and all of the text is held back."""


class Masker:
    """Replaces each of a set of secrets by `MASK`; overlapping ones by a single one."""

    def __init__(self, secrets: list[str], encoding: str = "utf-8") -> None:
        """Prepare the search. Lines shorter than `MIN_SECRET_BYTES` are ignored.

        The engine refuses them.

        Args:
            secrets: the values.
            encoding: of the output; a value is searched for in it as well as in UTF-8.
        """
        values = [secret.encode("utf-8", "surrogateescape") for secret in secrets]
        forms = {form for value in values for form in mask_forms.printed_forms(value)}
        self._blanks = any(b" " in line for value in values for line in mask_forms.pieces(value))
        kept = {form for form in forms if len(form) >= MIN_SECRET_BYTES}
        self._printed = Literals(kept | _in_encoding(secrets, encoding))
        self._folded = Literals(mask_forms.decoded_forms(forms))
        self._tail = _TAIL_BYTES + _TAIL_FACTOR * self._printed.longest

    def __bool__(self) -> bool:
        return bool(self._printed)

    def apply(self, data: bytes) -> bytes:
        """Return `data`, which is whole lines, with every secret replaced."""
        data = self.apply_part(data)
        if not self or not mask_forms.is_redrawn(data):
            return data
        lines = data.split(b"\n")
        return b"\n".join([self._masked_line(line) for line in lines])

    def apply_part(self, data: bytes) -> bytes:
        """Apply to parts of a line, without examining what redrawn lines show."""
        found = self._find(data)
        if not found:
            return data
        pieces: list[bytes] = []
        end = 0
        for first, last in _joined(found):
            colours = mask_forms.colours(data[first:last])
            if colours and self._find(colours):
                colours = b""
            pieces += (data[end:first], MASK, colours)
            end = last
        return b"".join((*pieces, data[end:]))

    def apply_last(self, data: bytes) -> bytes:
        """Apply to text that nothing follows.

        If it ends in the beginning of a secret, `MIN_SECRET_BYTES` or more of it, that is masked
        too.
        """
        end = self._end(data, MIN_SECRET_BYTES)
        if end is not None:
            return self.apply(data[:end]) + MASK
        masked = self.apply(data)
        line = masked[masked.rfind(b"\n") + 1 :]
        if self and mask_forms.is_redrawn(line):
            shown = message(line).encode()
            if (end := self._end(shown, MIN_SECRET_BYTES)) is not None:
                return masked[: len(masked) - len(line)] + self.apply_part(shown[:end]) + MASK
        return masked

    def masked_display(self, line: bytes) -> bytes | None:
        """Return what a redrawn line shows, masked, if it shows a secret; otherwise None."""
        if not mask_forms.is_redrawn(line):
            return None
        shown = message(line).encode()
        frames = mask_forms.frames(line)
        if self._find(shown) or any(self._find(message(frame).encode()) for frame in frames):
            return self.apply_part(shown)
        return None

    def may_display(self, line: bytes) -> bool:
        """Whether an unfinished line was redrawn and ends in the beginning of a secret."""
        return mask_forms.is_redrawn(line) and self._end(message(line).encode(), 1) is not None

    def apply_text(self, text: str) -> str:
        """Apply to text."""
        return self.apply(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")

    def safe_end(self, data: bytes) -> int:
        """Return how many of the first bytes of `data` may be masked and written without the rest.

        No secret spans that place, neither a whole one nor one that `data` ends in the beginning
        of, and no code or escape sequence. So text may be masked in pieces: ``apply(a) + apply(b)
        == apply(a + b)``. Examines a bounded part of the end.
        """
        incomplete_start = mask_forms.incomplete_start(data)
        start = self._tail_start(data, incomplete_start)
        if start and self._is_hidden(data[start:incomplete_start]):
            return 0
        end = self._end(data, 1, incomplete_start)
        return len(data) if end is None else end

    def _find(self, data: bytes) -> list[Span]:
        """Return the spans of `data` to be replaced, in any order."""
        found = self._find_in(data)
        if mask_forms.has_sequences(data):
            stripped = mask_forms.strip(data)
            if spans := self._find_in(stripped):
                view = mask_forms.strip_view(data)
                found += [(view.first(first), view.last(last)) for first, last in spans]
        return found

    def _find_in(self, data: bytes) -> list[Span]:
        found = self._printed.find(data)
        for decoded, view in self._decoded(data):
            if spans := self._folded.find(decoded):
                source = view()
                for first, last in spans:
                    span = source.first(first), source.last(last)
                    # A span without a code is plain text, whatever is elsewhere.
                    if data[slice(*span)] != decoded[first:last]:
                        found.append(span)
        return found

    def _decoded(self, data: bytes) -> Iterator[tuple[bytes, Callable[[], mask_forms.View]]]:
        """Yield decoded views of `data`, and a function that returns each with its sources."""
        for coding in mask_forms.codings(data):
            decoded = mask_forms.decode(data, coding)
            if self._blanks:
                decoded = decoded.replace(b"+", b" ")
            yield decoded, partial(mask_forms.decode_view, data, coding)
        if self._blanks and b"+" in data:
            yield data.replace(b"+", b" "), partial(mask_forms.undecoded, data)

    def _end(self, data: bytes, shortest: int, most: int | None = None) -> int | None:
        """Return where `data` is to be cut.

        Args:
            data: text of which it is not known what follows.
            shortest: minimum bytes of a secret's beginning that count.
            most: cut here at the latest.

        Returns:
            A place before a beginning, and not within a secret; None: nowhere.
        """
        ends = [at for at, size in self._beginnings(data) if size >= shortest]
        if most is not None and most < len(data):
            ends.append(most)
        if not ends:
            return None
        start = self._tail_start(data, min(ends))
        whole = [(start + first, start + last) for first, last in _joined(self._find(data[start:]))]
        end, moved = min(ends), True
        while moved:
            place = next((first for first, last in whole if first < end < last), end)
            place = mask_forms.boundary_before(data, place)
            end, moved = place, place < end
        return end

    def _beginnings(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield where the end of `data` is the beginning of a secret, and how many bytes of it."""
        incomplete_start = mask_forms.incomplete_start(data)
        for end in {len(data), incomplete_start}:
            start = self._tail_start(data, end)
            tail = data[start:end]
            for at, size in self._beginnings_in(tail):
                yield start + at, size
            if mask_forms.has_sequences(tail) and (
                found := [*self._beginnings_in(mask_forms.strip(tail))]
            ):
                view = mask_forms.strip_view(tail)
                for at, size in found:
                    yield start + view.first(at), size

    def _tail_start(self, data: bytes, end: int) -> int:
        """Return where the part of `data` before `end` begins that is searched for a beginning."""
        return (
            min(end, mask_forms.boundary_after(data, end - self._tail)) if end > self._tail else 0
        )

    def _is_hidden(self, tail: bytes) -> bool:
        """Whether a tail shows less than the longest secret."""
        return (
            mask_forms.has_sequences(tail) and len(mask_forms.strip(tail)) < self._printed.longest
        )

    def _masked_line(self, line: bytes) -> bytes:
        shown = self.masked_display(line)
        return line if shown is None else shown + line[len(line.rstrip(b"\r")) :]

    def _beginnings_in(self, data: bytes) -> Iterator[tuple[int, int]]:
        at = self._printed.beginning(data)
        if at < len(data):
            yield at, len(data) - at
        at = self._folded.beginning(data)  # a code may follow
        if at < len(data):
            yield at, len(data) - at
        for decoded, view in self._decoded(data):
            at = self._folded.beginning(decoded)
            if at < len(decoded):
                yield view().first(at), len(decoded) - at


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Yield spans in order, overlapping ones as one."""
    if not spans:
        return
    first, last = -1, -1
    for begin, end in sorted(spans):
        if begin < last:
            last = max(last, end)
            continue
        if last >= 0:
            yield first, last
        first, last = begin, end
    yield first, last


def _in_encoding(secrets: list[str], encoding: str) -> set[bytes]:
    """Return the lines of secrets in the encoding of a log that is stored as it was printed.

    They may have fewer bytes than in UTF-8, whose length counts.
    """
    if is_recoded(encoding):
        return set()
    lines = [line.strip() for secret in secrets for line in secret.splitlines()]
    long = [
        line for line in lines if len(line.encode("utf-8", "surrogateescape")) >= MIN_SECRET_BYTES
    ]
    found: set[bytes] = set()
    for line in long:
        with suppress(UnicodeEncodeError, LookupError):  # the encoding has no such characters
            found.add(line.encode(encoding))
    return found
