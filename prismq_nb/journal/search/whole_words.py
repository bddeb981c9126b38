r"""Word boundaries in a search for whole words, in RE2's syntax.

RE2's own `\b` knows ASCII only, and its classes of letters compile to thousands of instructions. So
a short table says what separates words: ASCII except letters, digits and `_`, and the blocks of
punctuation, symbols and emoji. Everything else is part of a word, including marks that follow a
letter. The front end has the same table (`whole-words.ts`). Pure; standard library only.
"""

from __future__ import annotations

from typing import Final

NO_WORD: Final = (
    (0x00, 0x09), (0x0B, 0x2F), (0x3A, 0x40), (0x5B, 0x5E), (0x60, 0x60), (0x7B, 0xA9),
    (0xAB, 0xB4), (0xB6, 0xB9), (0xBB, 0xBF), (0xD7, 0xD7), (0xF7, 0xF7),
    (0x2000, 0x2BFF), (0x3000, 0x3004), (0x3008, 0x3020), (0xFE00, 0xFE0F), (0xFF01, 0xFF0F),
    (0xFF1A, 0xFF20), (0xFF5B, 0xFF65),
    (0xFFFD, 0xFFFD), (0x1F000, 0x1FAFF),
)  # fmt: skip
"""First and last characters of the ranges that separate words; the end of a line is not listed."""
_CLASS: Final = "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in NO_WORD)


def whole_word(pattern: str) -> str:
    """Return a pattern that matches as `pattern` does, with no word character beside it."""
    return f"(?:^|[{_CLASS}])(?:{pattern})(?:[{_CLASS}]|$)"
