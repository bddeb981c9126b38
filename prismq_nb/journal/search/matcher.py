"""Match lines against what a person searches for: a text, or a pattern in RE2's syntax.

All matching is done by google-re2: in linear time whatever the pattern (no ReDoS), and without the
GIL, which Python's `re` holds. Many lines are searched at once, at gigabytes per second. Each match
that returns to Python costs some µs, so where most lines match, a second form of the pattern takes
whole stretches of matching lines as one match.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

import re2

from prismq_nb.common.base.terminal.text import searchable
from prismq_nb.journal.search.normal_forms import widened_pattern, widened_text
from prismq_nb.journal.search.required_literals import (
    LiteralScanner,
    from_rarest,
    required_literals,
)
from prismq_nb.journal.search.whole_words import whole_word

MAX_PATTERN_CHARS = 1000
"""Maximum length of a text or pattern; longer ones are mistakes, and cost memory to compile."""
MAX_PROGRAM_BYTES = 2 << 20
"""Memory of one compiled pattern and its caches (RE2's ``max_mem``); others are refused."""
MAX_PROGRAM_STEPS = 5000
"""Maximum number of instructions of one compiled pattern. The worst lines cost about 10 ns per
instruction and byte, so a line of a kilobyte takes 50 ms at most."""

_WORST_STEPS = 5_000_000
"""Instructions times bytes of one call: 50 ms if RE2 has to fall back to its slowest engine, and
usually some µs."""
_DENSE_HITS = 32
"""After this many hits, check whether to search by stretches instead."""
_DENSE_BYTES = 32 << 10
"""Search by stretches if they lie within this many bytes: a match costs as much as searching a
kilobyte for stretches."""
_MIN_BYTES_PER_LITERAL = 4 << 10
"""A required literal that occurs more often than once per this many bytes does not help."""
_MAX_SCANS = 2
"""`Matcher.literals` are so many at most: each costs a scan of the bytes."""
_STRETCH_BYTES = 128 << 10
"""Search by stretches for this many bytes, then decide again."""

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_NOT_LOCAL = frozenset({"\\A", "\\z", "\\C", "\\Q"})
_STRANGE_GROUP = re.compile(r"\(\?(?!P?<|[imsU]*(?:-[isU]+)?[:)])")


class Matcher:
    """One compiled search, made by `compile_matcher`.

    Attributes:
        literals: compiled texts, one of which is in the bytes of every line that matches, unless
            they have escape sequences or other control characters; empty: not known.
    """

    def __init__(
        self,
        line: re2._Regexp,
        chunk: re2._Regexp | None = None,
        stretch: re2._Regexp | None = None,
        required_literals: LiteralScanner | None = None,
        literals: Sequence[re2._Regexp] = (),
    ) -> None:
        """Combine several forms of the same search.

        Args:
            line: for one line.
            chunk: for many lines; None: there is no such form.
            stretch: for consecutive lines that all match.
            required_literals: literals, one of which is in every line that matches.
            literals: the attribute.
        """
        self.literals = literals
        self._line = line
        self._chunk = chunk
        self._stretch = stretch
        self._literals = required_literals
        self._lines_tested = self._bytes_scanned = 0

    @property
    def piece_bytes(self) -> int:
        """How many bytes take 50 ms at most, whatever they are; usually some µs."""
        return _WORST_STEPS // max(1, int(self._line.programsize))

    def matches(self, line: str) -> bool:
        """Whether a message matches.

        Args:
            line: without escape sequences (`common.base.terminal.text.plain`).
        """
        return self._line.search(line.encode("utf-8", "replace")) is not None

    def position(self, line: str) -> int:
        """Return where the first match begins in a line, in characters; 0 if there is none.

        Args:
            line: without escape sequences, as for `matches`.
        """
        data = line.encode("utf-8", "replace")
        match = self._line.search(data)
        return 0 if match is None else len(data[: match.start()].decode("utf-8", "replace"))

    def has(self, line: bytes) -> bool:
        """Whether one line matches, in the form that `text.searchable` returns."""
        return self._line.search(line) is not None

    def find(self, data: bytes) -> list[int]:
        """Return the matching lines of whole lines as stored, by their place (0.

        The first), in order.
        """
        return self.places(searchable(data))

    def places(self, lines: bytes, start: int = 0, end: int | None = None) -> list[int]:
        r"""Return the places of the lines that match (0: the first one from `start`), in order.

        Args:
            lines: as `text.searchable` returns them, each with its ``\n``.
            start: the byte to begin at.
            end: the byte to end at; None: the end of `lines`.
        """
        end = len(lines) if end is None else end
        if self._chunk is None:
            return [
                place
                for place, line in enumerate(lines[start:end].split(b"\n")[:-1])
                if self._line.search(line) is not None
            ]
        found: list[int] = []
        place = 0
        while start < end:
            start, place = self._sparse(lines, start, end, place, found)
            if start < end:
                start, place = self._dense(lines, start, end, place, found)
        return found

    def _sparse(
        self, lines: bytes, position: int, end: int, place: int, found: list[int]
    ) -> tuple[int, int]:
        """Add hit after hit; stop at the end, or where hits are too dense.

        Returns:
            Where it stopped: the start of a line, and its place.
        """
        begin, known = position, len(found)
        # at the end is an empty match behind the last line
        while position < end and 0 <= (at := self._next(lines, position, end)) < end:
            place += lines.count(b"\n", position, at)
            found.append(place)
            position = lines.find(b"\n", at) + 1
            place += 1
            if self._stretch is not None and len(found) - known == _DENSE_HITS:
                if position - begin < _DENSE_BYTES:
                    return position, place
                begin, known = position, len(found)
        return end, place

    def _next(self, lines: bytes, position: int, end: int) -> int:
        """Return where the next hit is; -1 if there is none."""
        assert self._chunk is not None
        while self._literals is not None:
            at = self._literals.next(lines, position, end)
            self._bytes_scanned += at - position
            if at == end:
                return -1
            self._lines_tested += 1
            if (
                self._lines_tested >= _DENSE_HITS
                and self._bytes_scanned < self._lines_tested * _MIN_BYTES_PER_LITERAL
            ):
                self._literals = None  # they are in too many lines to help
                break
            begin = lines.rfind(b"\n", position, at) + 1 or position
            position = lines.find(b"\n", at) + 1
            match = self._chunk.search(lines, begin, position)
            if match is not None:
                return int(match.start())
        match = self._chunk.search(lines, position, end)
        return -1 if match is None else int(match.start())

    def _dense(
        self, lines: bytes, position: int, end: int, place: int, found: list[int]
    ) -> tuple[int, int]:
        """Search as `_sparse` does, but by stretches of lines that all match.

        It ends after `_STRETCH_BYTES`.
        """
        assert self._stretch is not None
        if end - position > _STRETCH_BYTES:
            end = lines.find(b"\n", position + _STRETCH_BYTES) + 1
        while position < end and 0 <= (at := self._next(lines, position, end)) < end:
            begin = lines.rfind(b"\n", position, at) + 1 or position
            place += lines.count(b"\n", position, begin)
            match = self._stretch.match(lines, begin, end)
            position = lines.find(b"\n", at) + 1 if match is None else match.end()
            count = lines.count(b"\n", begin, position)
            found.extend(range(place, place + count))
            place += count
        return end, place + lines.count(b"\n", position, end)


def compile_matcher(
    query: str, regex: bool = False, case: bool | None = None, *, word: bool = False
) -> Matcher:
    """Compile what a person typed.

    Args:
        query: a text to search for or, with `regex`, a pattern
            (https://github.com/google/re2/wiki/Syntax). 1 to 1000 characters.
        regex: `query` is a pattern.
        case: whether case matters; None: in a pattern it does, in a text it does not.
        word: match whole words only (see `whole_words`).

    Raises:
        ValueError: the query is empty, too long, too complex, or not a valid pattern; the text says
            what is wrong.
    """
    if not query:
        raise ValueError("it is empty")
    if len(query) > MAX_PATTERN_CHARS:
        raise ValueError(f"it has {len(query)} characters; the most is {MAX_PATTERN_CHARS}")
    fold = not (regex if case is None else case)
    widened = widened_pattern(query) if regex else widened_text(query, re2.escape)
    if widened is not None:
        with suppress(ValueError):  # wrong, or too complex: then as it was typed
            return _matcher(whole_word(widened) if word else widened, regex=True, fold=fold)
    if not word:
        return _matcher(query, regex=regex, fold=fold)
    _compile(query, literal=not regex, fold=fold)  # what is wrong with it is said of it alone
    return _matcher(whole_word(query if regex else re2.escape(query)), regex=True, fold=fold)


def _matcher(query: str, *, regex: bool, fold: bool) -> Matcher:
    line = _compile(query, literal=not regex, fold=fold)
    if regex and not _is_local(query):
        return Matcher(line)
    pattern = query if regex else re2.escape(query)
    chunk = _compile(
        f"(?m:{pattern})" if regex else query, literal=not regex, fold=fold, one_line=False
    )
    try:
        stretch = _compile(rf"(?m:(?:[^\n]*(?:{pattern})[^\n]*$\C)+)", fold=fold, one_line=False)
    except ValueError:  # it is a little larger than the pattern itself
        stretch = None
    texts = [
        text if fold else from_rarest(text)
        for text in (required_literals(query) if regex else [query]) or ()
    ]
    literals = [_compile(text, literal=True, fold=fold, one_line=False) for text in texts]
    # RE2 itself looks for what a pattern begins with
    has_scanner = literals and not (len(texts) == 1 and query.startswith(texts[0]))
    scanner = LiteralScanner(literals) if has_scanner else None
    # what is no UTF-8 is shown, and found, as this character
    is_stored = len(literals) <= _MAX_SCANS and "\ufffd" not in "".join(texts)
    return Matcher(line, chunk, stretch, scanner, literals if is_stored else ())


def _compile(
    pattern: str, *, literal: bool = False, fold: bool = False, one_line: bool = True
) -> re2._Regexp:
    """Compile with RE2. Raises ValueError, see `compile_matcher`."""
    options = re2.Options()
    options.log_errors = False  # or it writes to the server's stderr
    options.max_mem = MAX_PROGRAM_BYTES
    options.never_capture = True
    options.literal = literal
    options.case_sensitive = not fold
    options.never_nl = not one_line
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise ValueError(
            reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        ) from None
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair") from None
    finally:
        re2.purge()  # it would keep the last 128, each with its caches
    if max(compiled.programsize, compiled.reverseprogramsize) > MAX_PROGRAM_STEPS:
        raise ValueError(
            f"it is too complex: it takes {compiled.programsize} steps, the most is"
            f" {MAX_PROGRAM_STEPS}; use fewer or smaller repeats"
        )
    return compiled


def _is_local(pattern: str) -> bool:
    """Whether a pattern finds the same lines among many as it does line by line.

    Only ``^`` and ``$`` may depend on where a text begins and ends.
    """
    return (
        _NOT_LOCAL.isdisjoint(_ESCAPED.findall(pattern))
        and _STRANGE_GROUP.search(_ESCAPED.sub("", pattern)) is None
    )
