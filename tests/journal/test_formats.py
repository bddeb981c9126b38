"""The table of log formats: the samples of each entry, and what holds for all entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]  # no public way to a parsed pattern

import pytest
from support.level_lines import STDERR, STDOUT, all_lines, only

from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.levels.formats.table import FORMATS, RECORDS
from prismq_nb.journal.levels.grammar.format import Format, LevelNames
from prismq_nb.journal.levels.grammar.patterns import narrowed
from prismq_nb.journal.levels.record_formats import pass_over_records

LETTERS = {level.name[0]: level for level in Level}
TAILS = ("", " ", " 5", " ERROR: x", " RATE: 5", ": 0.5", " [error] z", " Warning:", " level=warn")


def samples_of(each: Format, pattern: str) -> list[str]:
    """A level's first letter, a space and a line, each."""
    samples = each.patterns[pattern]
    return [samples] if isinstance(samples, str) else list(samples)


SAMPLES = [
    pytest.param(each, pattern, sample, id=f"{each.name}: {sample[:50]}")
    for each in FORMATS
    for pattern in each.patterns
    for sample in samples_of(each, pattern)
]


@pytest.mark.parametrize(("each", "pattern", "sample"), SAMPLES)
def test_a_sample_has_its_level(each, pattern, sample):
    """Behind the first letter of the level stands the line; its pattern matches it."""
    letter, line = sample[0], sample[2:]
    assert sample[1] == " "
    bare = line.lstrip(" \t") if each.indented else line
    assert re.match(pattern.encode(), bare.encode()) is not None
    for stream in (STDERR,) if each.stderr else (STDOUT, STDERR):
        assert LETTERS[letter] == only(line, stream)


def test_each_pattern_has_a_sample_and_each_entry_a_source_and_a_name_of_its_own():
    names = [each.name for each in FORMATS]
    assert len(names) == len(set(names))
    for each in FORMATS:
        assert each.source.startswith(("https://", "http://")), each.name
        assert each.patterns, each.name
        assert all(samples_of(each, pattern) for pattern in each.patterns), each.name


def test_a_pattern_has_a_group_just_where_it_gives_the_level():
    for each in FORMATS:
        groups = 0 if isinstance(each.levels, int) else 1
        for pattern in each.patterns:
            assert groups == re.compile(pattern.encode()).groups, (each.name, pattern)


def unbounded(parsed: object) -> Iterator[object]:
    """Groups that are repeated any number of times and may give back what they took."""
    if isinstance(parsed, _parser.SubPattern):
        parsed = parsed.data
    if isinstance(parsed, (list, tuple)):
        if len(parsed) == 2 and parsed[0] is _constants.ATOMIC_GROUP:
            return
        if len(parsed) == 2 and parsed[0] in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            _, most, inner = parsed[1]
            if most is _constants.MAXREPEAT and not _compiler._simple(inner):
                yield parsed
        for part in parsed:
            yield from unbounded(part)


def test_no_group_is_repeated_without_a_bound_unless_it_is_atomic():
    """Such a group may be read in many ways, and a line that does not match costs all of them."""
    assert [] != list(unbounded(_parser.parse("(?:a|b c)*x")))
    assert [] == list(unbounded(_parser.parse("(?>(?:a|b c)*)x|[a-z]+ {0,9}")))
    for each in FORMATS:
        for pattern in each.patterns:
            assert [] == list(unbounded(_parser.parse(pattern))), (each.name, pattern)


def lines_of_the_table() -> list[bytes]:
    """All samples and all lines of the tests' tables, with tails that other formats look for."""
    samples = {
        sample[2:]
        for each in FORMATS
        for pattern in each.patterns
        for sample in samples_of(each, pattern)
    }
    return [(line + tail).encode() for line in samples | set(all_lines()) for tail in TAILS]


def test_records_that_match_the_same_line_give_it_the_same_level():
    """So it makes no difference which of them matched last and is tried first."""
    patterns = [
        (each.name, re.compile(pattern + (b"()" if isinstance(each.levels, int) else b"")), levels)
        for each, pattern in RECORDS.entries()
        for levels in (LevelNames(each.levels),)
    ]
    for line in lines_of_the_table():
        found = {
            level: name
            for name, pattern, levels in patterns
            if (match := pattern.match(line)) and (level := levels[match[1]]) >= 0
        }
        assert len(found) <= 1, (found, line)


@pytest.mark.slow
def test_what_a_narrowed_pattern_matches_has_the_level_that_it_was_narrowed_to():
    lines = lines_of_the_table()
    compared = 0
    for each, pattern in RECORDS.entries():
        if isinstance(each.levels, int):
            continue
        levels, whole, seen = LevelNames(each.levels), re.compile(pattern), set()
        for line in filter(whole.match, lines[:: len(TAILS)]):
            word = whole.match(line)[1]
            narrow = narrowed(pattern, line, word)
            if narrow is None or narrow in seen:
                continue
            seen.add(narrow)
            others = [
                line.replace(word, other)
                for other in (b"INFO", b"INFORMATION", b"WARN", b"WARNING", b"ERR", b"ERRORS")
            ]
            alike = [other for other in lines if other[:2] == line[:2]]
            found = list(filter(re.compile(narrow).match, (*alike, *others)))
            assert line in found, (pattern, line)
            for other in found:
                match = whole.match(other)
                assert match is not None, (narrow, other)
                assert levels[match[1]] == levels[word], (narrow, other)
                compared += 1
    assert compared > len(RECORDS.formats)


def test_a_pattern_whose_level_is_no_word_is_not_narrowed():
    assert narrowed(rb"([DIWE])\d{4} ", b"E0102 10:00:00", b"E") is None
    assert narrowed(rb"<(\d{1,3})>", b"<11>x", b"11") is None
    assert narrowed(rb"(?:foo|bar)", b"foo", b"") is None


def test_a_run_of_records_ends_before_the_first_other_line():
    record = b"2024-01-02 10:00:00,123 ERROR app: broken\n"
    text, levels = b"\n" + 500 * record + b"plain words\n" + record, bytearray()
    newline, _ = pass_over_records(text, 0, levels, None)
    assert bytes(500 * [Level.ERROR]) == levels
    assert text[newline:].startswith(b"\nplain words")
