"""Says which lines match what a person looks for: a text, or a pattern in RE2's language.

All matching is google-re2: linear time whatever the pattern (no ReDoS), and it lets go of the GIL, which Python's own `re` does not. Many lines are
searched at once, at gigabytes a second. What comes back to Python costs some µs each, so where most lines match, a second form of the pattern takes
whole stretches of matching lines as one match.
"""

from __future__ import annotations

import re
from contextlib import suppress

import re2

from prismq_nb.common.base.terminal.text import searchable
from prismq_nb.journal.search.normal_forms import widened_pattern, widened_text
from prismq_nb.journal.search.required_literals import Needles, from_rare, needles
from prismq_nb.journal.search.whole_words import whole_word

MAX_PATTERN_CHARS = 1000
"""Longest text or pattern taken; longer ones are mistakes, and cost memory to compile."""
MAX_PROGRAM_BYTES = 2 << 20
"""Memory that one compiled pattern and its caches may take (RE2's ``max_mem``); a pattern that needs more is refused."""
MAX_PROGRAM_STEPS = 5000
"""Instructions of one compiled pattern. The worst lines cost about 10 ns for each instruction and byte, so a line of a kilobyte 50 ms at most."""

_WORST_STEPS = 5_000_000
"""Instructions times bytes of one call: 50 ms where RE2 has to fall back to its slowest way, and usually some µs."""
_DENSE_HITS = 32
"""After so many hits, it is asked whether there are better ways."""
_DENSE_BYTES = 32 << 10
"""If they lie within so many bytes: one match costs as much as looking at a kilobyte for stretches."""
_FAR_BYTES = 4 << 10
"""A text that is more often than once in so many bytes does not help to find a pattern."""
_STRETCH_BYTES = 128 << 10
"""That way is gone for so long, then asked again."""

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_NOT_LOCAL = frozenset({"\\A", "\\z", "\\C", "\\Q"})
_STRANGE_GROUP = re.compile(r"\(\?(?!P?<|[imsU]*(?:-[isU]+)?[:)])")


class Matcher:
    """One compiled search. Made by `compile_matcher`."""

    def __init__(
        self, line: re2._Regexp, chunk: re2._Regexp | None = None, stretch: re2._Regexp | None = None, needles: Needles | None = None
    ) -> None:
        """The same search in several forms.

        Args:
            line: for one line.
            chunk: for many; None: there is no such form.
            stretch: for consecutive lines that all match.
            needles: texts of which all lines that match have one in them.
        """
        self._line = line
        self._chunk = chunk
        self._stretch = stretch
        self._needles = needles
        self._close_looks = self._far_bytes = 0

    @property
    def piece_bytes(self) -> int:
        """So many bytes at a time take 50 ms at most, whatever they are; usually some µs."""
        return _WORST_STEPS // max(1, int(self._line.programsize))

    def matches(self, line: str) -> bool:
        """Whether a message matches; escape sequences were removed from it before (`common.base.terminal.text.plain`)."""
        return self._line.search(line.encode("utf-8", "replace")) is not None

    def has(self, line: bytes) -> bool:
        """Whether one line matches, in the form that `text.searchable` gives."""
        return self._line.search(line) is not None

    def find(self, data: bytes) -> list[int]:
        """The lines that match, of whole lines as stored: their places in `data` (0: its first line), in order."""
        return self.places(searchable(data))

    def places(self, lines: bytes, start: int = 0, end: int | None = None) -> list[int]:
        r"""Places of the lines that match (0: the first one from `start`), in order.

        Args:
            lines: as `text.searchable` gives them, each with its ``\n``.
            start: the byte to begin at.
            end: the byte to end at; None: all.
        """
        end = len(lines) if end is None else end
        if self._chunk is None:
            return [place for place, line in enumerate(lines[start:end].split(b"\n")[:-1]) if self._line.search(line) is not None]
        found: list[int] = []
        place = 0
        while start < end:
            start, place = self._sparse(lines, start, end, place, found)
            if start < end:
                start, place = self._dense(lines, start, end, place, found)
        return found

    def _sparse(self, lines: bytes, position: int, end: int, place: int, found: list[int]) -> tuple[int, int]:
        """Adds hit after hit; ends at the end, or where there are too many. Gives where it stopped: a line's beginning, and its place."""
        begin, known = position, len(found)
        while position < end and 0 <= (at := self._next(lines, position, end)) < end:  # at the end is an empty match behind the last line
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
        """Where the next hit is; -1 if there is none."""
        assert self._chunk is not None
        while self._needles is not None:
            at = self._needles.next(lines, position, end)
            self._far_bytes += at - position
            if at == end:
                return -1
            self._close_looks += 1
            if self._close_looks >= _DENSE_HITS and self._far_bytes < self._close_looks * _FAR_BYTES:
                self._needles = None  # they are in so many lines that they are no help
                break
            begin = lines.rfind(b"\n", position, at) + 1 or position
            position = lines.find(b"\n", at) + 1
            match = self._chunk.search(lines, begin, position)
            if match is not None:
                return int(match.start())
        match = self._chunk.search(lines, position, end)
        return -1 if match is None else int(match.start())

    def _dense(self, lines: bytes, position: int, end: int, place: int, found: list[int]) -> tuple[int, int]:
        """As `_sparse`, but by stretches of lines that all match, for some time."""
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


def compile_matcher(query: str, regex: bool = False, case: bool | None = None, *, word: bool = False) -> Matcher:
    """Compiles what was typed.

    Args:
        query: a text that is looked for; or, with `regex`, a pattern (https://github.com/google/re2/wiki/Syntax). 1 to 1000 characters.
        regex: `query` is a pattern.
        case: whether upper and lower case are told apart; None: in a pattern they are, in a text not.
        word: only whole words (see `whole_words`).

    Raises:
        ValueError: empty, too long, too complex, or no valid pattern; the text says what is wrong with it.
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
    chunk = _compile(f"(?m:{pattern})" if regex else query, literal=not regex, fold=fold, one_line=False)
    try:
        stretch = _compile(rf"(?m:(?:[^\n]*(?:{pattern})[^\n]*$\C)+)", fold=fold, one_line=False)
    except ValueError:  # it is a little larger than the pattern itself
        stretch = None
    texts = [text if fold else from_rare(text) for text in (needles(query) if regex else [query]) or ()]
    if not texts or (len(texts) == 1 and query.startswith(texts[0])):  # RE2 itself looks for what a pattern begins with
        return Matcher(line, chunk, stretch)
    return Matcher(line, chunk, stretch, Needles([_compile(text, literal=True, fold=fold, one_line=False) for text in texts]))


def _compile(pattern: str, *, literal: bool = False, fold: bool = False, one_line: bool = True) -> re2._Regexp:
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
        raise ValueError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair") from None
    finally:
        re2.purge()  # it would keep the last 128, each with its caches
    if max(compiled.programsize, compiled.reverseprogramsize) > MAX_PROGRAM_STEPS:
        raise ValueError(f"it is too complex: it takes {compiled.programsize} steps, the most is {MAX_PROGRAM_STEPS}; use fewer or smaller repeats")
    return compiled


def _is_local(pattern: str) -> bool:
    """Whether a pattern finds the same lines among many as it does line by line: only ``^`` and ``$`` know where a text begins and ends."""
    return _NOT_LOCAL.isdisjoint(_ESCAPED.findall(pattern)) and _STRANGE_GROUP.search(_ESCAPED.sub("", pattern)) is None
