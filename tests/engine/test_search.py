"""A search finds exactly the lines that examining each line would, in steps of bounded work.

The journals are real.
"""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from support.journals import MadeRun, reading
from support.random_cases import examples

from prismq_nb.common.base.terminal.text import messages, plain, searchable
from prismq_nb.engine.read import search
from prismq_nb.engine.read.level_search import LevelSearch, sampled
from prismq_nb.engine.read.search import LogSearch, Unreadable
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.levels.sidecar import SidecarWriter
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.search.matcher import compile_matcher
from prismq_nb.journal.search.required_literals import from_rarest, required_literals
from prismq_nb.journal.slices import SliceReader

PATTERNS = [
    *(
        "a",
        "^a",
        "b$",
        "a|é",
        "[^x]b",
        r"\s",
        "(?i)A",
        "a.*b",
        "^$",
        "",
        r"\Aa",
        r"b\z",
        r"\ba",
        r"a\B",
        r"\W",
        r"\pL",
        r"\n",
        r"a\nb",
        r"[\n]",
        r"\x0a",
    ),
    *(
        r"\012",
        r"\r",
        "(?s)a.b",
        "(?-m)^a",
        "(?im)^A",
        "(?U)a+",
        "(?P<n>a)b",
        r"\C",
        r"\Qa.\E",
        r"\\A",
        ".",
        ".*",
        "x*",
        r"(^|b)a",
        "�",
    ),
    *("[ab]bbb", "(?:a|b)*bbbé?", r"^\\W*aaa+", "[^x]bbb(b|$)", ".*bbb.*", "x?bbb{2}"),
]
TEXTS = ["a", "A", "é", "É", ".", "ab", "a\nb", " ", "\\", "K", "x" * 40]
line = (
    st.text(st.sampled_from("aAbéK \r\x1b[]31m;\x07\\\n.")).map(str.encode)
    | st.binary(max_size=6)
    | st.just(b"a")
    | st.sampled_from([b"b" * 300, b"aaabbb", b"\xc3\xa9bbb", b"xbbbbx"])
)


def all_of(reader: JournalReader, **parameters) -> list[int]:
    work = LogSearch(reader, **parameters)
    found = []
    while not work.done:
        found += work.step()
    assert (len(found), reader.total_lines, reader.log_bytes) == (
        work.hits,
        work.lines_done,
        work.bytes_done,
    )
    return found


def sampled_of(work: LogSearch | LevelSearch, hits: int) -> list[int]:
    """The hits of a search with `first` and `every`, if it counts so many."""
    found = []
    while not work.done:
        found += work.step()
    assert (hits, work.total_lines) == (work.hits, work.lines_done)
    return found


def sampled_of_all(hits: list[int], every: int, exact: int) -> list[int]:
    """What a search gives of all hits: the first so many, and one of so many."""
    return [hit for i, hit in enumerate(hits) if i < exact or i % every == 0]


def one_by_one(reader: JournalReader, matcher, levels=None) -> list[int]:
    """The definition: each line's message without escapes."""
    return [
        span.first + i
        for span in reader.spans(0, reader.total_lines, 1 << 40)
        for i, (text, level) in enumerate(
            zip(messages(span.data), reader.levels(span), strict=True)
        )
        if matcher.matches(plain(text)) and (levels is None or level in levels)
    ]


def written(folder, chunks: list[bytes]) -> JournalReader:
    """A journal with a record for each chunk, ended by a newline or not."""
    run = MadeRun(folder)
    for i, chunk in enumerate(chunks):
        run.write(chunk or b"\n", stream=i % 2)
    reader = reading(run)
    reader.refresh()
    return reader


@settings(max_examples=examples(150), deadline=None)
@given(
    st.lists(st.lists(line, min_size=1, max_size=12).map(b"\n".join), max_size=12),
    st.booleans(),
    st.data(),
)
@pytest.mark.slow
def test_a_search_equals_examining_each_line(tmp_path_factory, chunks, ended, data):
    reader = written(tmp_path_factory.mktemp("data"), [chunk + b"\n" * ended for chunk in chunks])
    regex = data.draw(st.booleans())
    pattern = data.draw(
        st.sampled_from([pattern for pattern in PATTERNS if pattern] if regex else TEXTS)
    )
    matcher = compile_matcher(pattern, regex, data.draw(st.sampled_from([None, True, False])))
    levels = data.draw(st.none() | st.frozensets(st.sampled_from(Level), min_size=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SLICE_BYTES", data.draw(st.sampled_from([1, 100, 1 << 20])))
        patch.setattr(search, "_LEAST_BYTES", 1)
        hits = one_by_one(reader, matcher, levels)
        assert hits == all_of(reader, matcher=matcher, levels=levels)
        exact = data.draw(st.integers(0, 5))
        every, first = (
            data.draw(st.integers(1, 5)),
            data.draw(st.integers(0, max(0, reader.total_lines - 1))),
        )
        later = [line for line in hits if line >= first]
        assert sampled_of_all(later, every, exact) == sampled_of(
            LogSearch(reader, matcher, levels, first=first, every=every, exact=exact),
            len(later),
        )
        if levels is not None:
            later = [
                line
                for line in one_by_one(reader, compile_matcher("x*", regex=True), levels)
                if line >= first
            ]
            assert sampled_of_all(later, every, exact) == sampled_of(
                LevelSearch(reader, levels, first=first, every=every, exact=exact),
                len(later),
            )


@settings(max_examples=examples(40), deadline=None)
@given(
    st.integers(0, 5000),
    st.floats(0, 1),
    st.integers(0, 300),
    st.integers(1, 300),
    st.randoms(use_true_random=False),
)
@example(5000, 1.0, 3, 256, random.Random(0))
@example(5000, 0.9, 3, 256, random.Random(0))
@example(5000, 0.45, 3, 256, random.Random(0))
@example(5000, 0.9, 3, 2, random.Random(0))
@pytest.mark.slow
def test_places_are_sampled_exactly_at_any_density(size, density, skip, every, chance):
    flags = bytes(chance.random() < density for _ in range(size))
    assert [place for place, flag in enumerate(flags) if flag][skip::every] == sampled(
        flags, flags.count(1), skip, every
    )


@pytest.mark.parametrize("known", [0, 70_000, 150_000])
def test_levels_are_found_where_the_sidecar_lags(tmp_path, known):
    """More than two blocks of the sidecar, of which a part is there."""
    run = MadeRun(tmp_path)
    for start in range(0, 150_000, 10_000):
        run.write(
            b"".join(
                b"ERROR: %d\n" % i if i % 7 == 0 else b"%d\n" % i
                for i in range(start, start + 10_000)
            )
        )
    sidecar = SidecarWriter(run.path)
    sidecar.append(bytes(Level.ERROR if i % 7 == 0 else Level.INFO for i in range(known)))
    sidecar.close()
    with JournalReader(run.path) as reader:
        for first, every in ((0, 1), (69_999, 256), (150_000, 1)):
            expected = range(-(-first // 7) * 7, 150_000, 7)
            search = LevelSearch(reader, frozenset({Level.ERROR}), first=first, every=every)
            assert list(expected[::every]) == sampled_of(search, len(expected))
            assert run.writer.end == search.bytes_done


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(line, max_size=20).map(b"\n".join))
@example(b"\x1b]0;title\nnext\x07")
@example(b"a\r\r\nb\r\n\rc")
def test_each_message_is_searched_without_escapes(data):
    assert [plain(text) for text in messages(data)] == searchable(data).decode().split("\n")[:-1]


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [
        ("hit", lambda i: i % 7 == 0),
        ("hit", lambda i: i % 500 == 499),
        ("hit", lambda _: True),
        ("hit|no", lambda i: i % 2),
        ("^$", lambda i: i % 3),
    ],
    ids=["some", "few", "all", "alternation", "empty lines"],
)
def test_dense_and_sparse_hits_are_found_alike(tmp_path, pattern, hit):
    """Sparse hits are found one by one, dense ones by stretches. These alternate."""
    run = MadeRun(tmp_path)
    for start in range(0, 40_000, 4000):
        sparse = (start // 4000) % 2
        lines = [
            b"hit %d" % i
            if hit(i) and not (sparse and i % 900)
            else b""
            if pattern == "^$"
            else b"miss"
            for i in range(start, start + 4000)
        ]
        run.write(b"\n".join(lines) + b"\n")
    with JournalReader(run.path) as reader:
        matcher = compile_matcher(pattern, regex=True)
        assert one_by_one(reader, matcher) == all_of(reader, matcher=matcher)


@pytest.mark.parametrize("size", [1, 700, 70_000], ids=["a line each", "several lines", "large"])
def test_slices_are_the_log_whatever_its_records(tmp_path, size):
    run = MadeRun(tmp_path)
    text = b"".join(b"line %d\n" % i for i in range(20_000))
    for start in range(0, len(text), size * 8):
        if start == 8 * size:
            run.lose(b"lost\n")
        # most end inside a line, so they have one line more
        run.write(text[start : start + size * 8])
    with JournalReader(run.path) as reader:
        spans = reader.spans(0, reader.total_lines, 1 << 40)
        lines = [text for span in spans for text in span.data.split(b"\n")[: span.line_count]]
        for first in (0, 1, 777, reader.total_lines - 1):
            slices, at, seen = SliceReader(reader), first, []
            while (piece := slices.read(at, 1 << 16)) is not None:
                assert (at, len(piece.data.split(b"\n")) - 1) == (piece.first, piece.line_count)
                seen += piece.data.split(b"\n")[:-1]
                at += piece.line_count
            assert lines[first:] == seen


def test_a_truncated_log_is_searched_to_its_end(tmp_path):
    run = MadeRun(tmp_path)
    for i in range(10):
        run.write(f"line {i}\nsecond\n")
    with open(run.path / fmt.LOG, "r+b") as log:
        log.truncate(40)
    with JournalReader(run.path) as reader:
        assert [0, 2, 4] == [
            number for number in all_of(reader, matcher=compile_matcher("line")) if number < 6
        ]


def test_a_broken_index_is_reported_not_passed_over(tmp_path):
    run = MadeRun(tmp_path)
    for i in range(3):
        run.write(f"line {i}\n")
    with JournalReader(run.path) as reader:
        with open(run.path / fmt.INDEX, "r+b") as index:
            index.seek(fmt.RECORD_BYTES + 8)
            index.write(b"\xff" * 8)
        work = LogSearch(reader, compile_matcher("line"))
        with pytest.raises(Unreadable, match="number 0"):
            work.step()


def test_later_lines_are_not_searched(tmp_path):
    run = MadeRun(tmp_path)
    run.write("hit\n")
    with JournalReader(run.path) as reader:
        work = LogSearch(reader, compile_matcher("hit"))
        run.write("hit\n")
        assert ([0], True) == (work.step(), work.done)


def test_a_hostile_pattern_makes_small_steps(tmp_path):
    """Where RE2 falls back to its slowest matcher, pieces get smaller, so that the processor time
    of a step stays bounded.
    """
    run = MadeRun(tmp_path)
    block = b"".join(
        bytes(b"ab"[(i * i * j + j * j) % 7 % 2] for j in range(98)) + b"\n" for i in range(600)
    )
    for _ in range(20):
        run.write(block)
    hostile = "|".join(f"[ab]*a[ab]{{{i}}}c" for i in range(5, 60))
    with JournalReader(run.path) as reader:
        work = LogSearch(reader, compile_matcher(hostile, regex=True), clock=time.thread_time)
        longest = 0.0
        for _ in range(5):
            begin = time.thread_time()
            work.step()
            longest = max(longest, time.thread_time() - begin)
    assert longest < 0.5  # in one piece it would be 25 s
    assert 0 < work.lines_done or not work.done


@pytest.mark.parametrize(
    ("query", "regex", "word"),
    [
        ("", False, "empty"),
        ("x" * 1001, False, "1001 characters"),
        ("(", True, "missing"),
        ("(?:.{0,30}a){30}", True, "too complex"),
        ("a)(b", True, "unexpected"),
        ("\ud800", True, "surrogate"),
        (r"\p{L}{1000}", True, "large|complex"),
    ],
)
def test_an_invalid_query_is_rejected_with_the_reason(query, regex, word):
    with pytest.raises(ValueError, match=word):
        compile_matcher(query, regex)


@pytest.mark.parametrize(
    ("regex", "case", "matches"),
    [(False, None, True), (False, True, False), (True, None, False), (True, False, True)],
)
def test_patterns_are_case_sensitive_and_texts_are_not_by_default(regex, case, matches):
    assert matches == compile_matcher("ÉA", regex, case).matches("xéax")


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("[0-9]+ lost", [" lost"]),
        ("x?yzzz*", ["yzz"]),
        ("foo.*barbaz", ["barbaz"]),
        (r"\d{3}\.\d+ms ok", ["ms ok"]),
        (r"ab\+cd$", ["ab+cd"]),
        ("[]abc]defg", ["defg"]),
        ("[^]]abcd", ["abcd"]),
        ("[[:alpha:]]abcd", ["abcd"]),
        (r"[a\]b]cdef", ["cdef"]),
        ("(abc(d|e)f)+jklm", ["jklm"]),
        (r"\x41bcd\pLefg", ["bcd"]),
        ("abc|def", ["abc", "def"]),
        ("(FATAL|needle) [0-9]", ["FATAL", "needle"]),
        ("(FATAL|needle|x) [0-9]", None),
        ("(?:ab|(?P<x>bcdef)+)ghi", ["ghi"]),
        ("((abc)|(def|ghij)+?)[xyz]", ["abc", "def", "ghij"]),
        ("(abc|)", None),
        ("|abc", None),
        ("(abc|def){0}", None),
        ("a|b|c|d|e|f", None),
        ("|".join(f"text{i}" for i in range(6)), None),
        ("abc{2}", None),
        ("(?i)abc", None),
        ("a.(?i:bcd)", None),
        ("(abc)?", None),
        ("(abc)*", None),
        ("ab", None),
        ("(" * 21 + "abc" + ")" * 21, None),
        ("(" * 300 + "abc" + ")" * 300, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_literals_that_every_match_contains(pattern, texts):
    assert texts == required_literals(pattern)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (" lost", "lost"),
        ("needle", "needle"),
        (" bar", "bar"),
        ("1 found", "found"),
        ("a", "a"),
        ("   ", "   "),
        ("éabc", "éabc"),
    ],
)
def test_a_text_is_searched_by_its_rarest_character(text, short):
    assert short == from_rarest(text)


pieces = st.sampled_from(
    ["abb", "bab", "aab", "bbba", "a", "b", "é", "[ab]", "[^a]", ".", r"\+", r"\.", "^", "$", r"\b"]
)
repeats = st.sampled_from(["", "", "", "*", "+", "?", "+?", "{2}", "{0,1}"])
groups = st.tuples(
    st.sampled_from(["(", "(?:", "(?P<n>"]), st.lists(pieces, min_size=1, max_size=3), repeats
)
patterns = st.recursive(
    pieces | groups.map(lambda group: group[0] + "|".join(group[1]) + ")" + group[2]),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4).map("".join)
        | st.tuples(inner, inner, repeats).map("({0[0]}|{0[1]}){0[2]}".format)
    ),
    max_leaves=8,
)


@settings(max_examples=examples(150), deadline=None)
@given(
    patterns,
    st.lists(st.text(st.sampled_from("ab+.é"), max_size=12), min_size=1, max_size=40),
    st.booleans(),
    st.sampled_from([1, 50, 1 << 20]),
)
def test_a_search_equals_python_s_patterns(tmp_path_factory, pattern, texts, fold, piece):
    # a group name may be used once
    pattern = pattern.replace("(?P<n>", "(", pattern.count("(?P<n>") - 1)
    try:
        matcher, expected = (
            compile_matcher(pattern, regex=True, case=not fold),
            re.compile(pattern, re.IGNORECASE * fold | re.ASCII),
        )
    except (ValueError, re.error):
        assume(False)
    reader = written(
        tmp_path_factory.mktemp("data"), ["".join(text + "\n" for text in texts).encode()]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SLICE_BYTES", piece)
        patch.setattr(search, "_LEAST_BYTES", 1)
        assert [i for i, text in enumerate(texts) if expected.search(text)] == all_of(
            reader, matcher=matcher
        )


def test_a_literal_that_is_everywhere_neither_helps_nor_hurts(tmp_path):
    run = MadeRun(tmp_path)
    run.write(b"".join(b"common %d\n" % i for i in range(3000)))
    with JournalReader(run.path) as reader:
        matcher = compile_matcher("[a-z]common|[0-9]common|x", regex=True)
        assert [] == all_of(reader, matcher=matcher)
        matcher = compile_matcher("^[a-c]ommon (1|2)?999$", regex=True)
        assert [999, 1999, 2999] == all_of(reader, matcher=matcher)


@pytest.mark.slow
def test_expensive_lines_are_searched_in_smaller_slices(tmp_path, monkeypatch):
    """A slice is rendered in one step: a mebibyte of these lines would take more than a second."""
    run = MadeRun(tmp_path)
    lines = 100_000
    for _ in range(100):
        run.write(b"a\x08\n" * (lines // 100))
    sizes: list[int] = []

    def seen(data: bytes) -> bytes:
        sizes.append(len(data))
        return searchable(data)

    monkeypatch.setattr(search, "searchable", seen)
    reader = JournalReader(run.path)
    reader.refresh()
    looked = LogSearch(reader, compile_matcher("b"))
    while not looked.done:
        looked.step()
    assert (sum(sizes), looked.lines_done) == (3 * lines, lines)
    assert max(sizes) <= 64 << 10
    assert max(sizes[1:]) <= 48 << 10
