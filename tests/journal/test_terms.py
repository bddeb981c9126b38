"""Search terms: several texts at once and whole words. The viewer's tests use the same cases."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from prismq_nb.common.base.terminal.text import searchable
from prismq_nb.common.query_text import terms
from prismq_nb.engine.read.filters import matcher
from prismq_nb.errors import InvalidRequest

CASES = json.loads((Path(__file__).parents[1] / "support" / "search_cases.json").read_text())
WORDS = ("alpha", "beta", "Gamma", "alphabet", "x")


@pytest.mark.parametrize(("text", "include", "exclude"), CASES["terms"])
def test_a_query_is_parsed_into_terms(text: str, include: list[str], exclude: list[str]) -> None:
    assert (include, exclude) == terms(text)


@pytest.mark.parametrize(("options", "line", "found"), CASES["matches"])
def test_a_line_matches_if_the_viewer_highlights_it(
    options: dict[str, Any], line: str, found: list[str]
) -> None:
    regex = options.get("regex", False)
    q, exclude = ([options["query"]], []) if regex else terms(options["query"])
    how = {name: options.get(name, False) for name in ("regex", "case", "word")}
    wanted = matcher(q, exclude, **how)
    assert wanted is not None
    # nothing is highlighted if all terms exclude
    is_found = bool(found) or (not q and line == "food")
    assert is_found == wanted.matches(line)
    data = f"first\n{line}\nlast\n".encode()
    assert is_found == (1 in wanted.find(data))


@pytest.mark.parametrize(
    ("lines", "filler"), [(50, "." * 3_000), (9_000, "")], ids=["far apart", "dense"]
)
@pytest.mark.parametrize("word", [False, True])
def test_matching_a_span_equals_matching_each_line(lines: int, filler: str, word: bool) -> None:
    """With hits far apart and with dense ones, whichever text is the rarest."""
    chosen = random.Random(lines)
    texts = [" ".join(chosen.choices(WORDS, k=3)) for _ in range(lines)]
    data = searchable("".join(f"{text} {filler}\n" for text in texts).encode())
    for q, exclude in (
        (["alpha"], ["beta"]),
        (["x", "alpha"], []),
        ([], ["x", "gamma"]),
        (["beta", "gamma"], ["x"]),
    ):
        wanted = matcher(q, exclude, word=word)
        assert wanted is not None

        def has(text: str, term: str) -> bool:
            return term in (text.lower().split() if word else text.lower())

        expected = [
            place
            for place, text in enumerate(texts)
            if all(has(text, term) for term in q) and not any(has(text, term) for term in exclude)
        ]
        assert expected == wanted.places(data)
        assert len(expected) < lines
        start = len(data) // 2
        start = data.index(b"\n", start) + 1
        skipped = data.count(b"\n", 0, start)
        assert [place - skipped for place in expected if place >= skipped] == wanted.places(
            data, start
        )


@pytest.mark.parametrize(
    ("q", "exclude", "options", "words"),
    [
        (["a"] * 21, [], {}, "q and exclude have 21 texts; use at most 20"),
        (["a"], ["("], {"regex": True}, "exclude='(' is not a valid pattern: missing )"),
        (["("], [], {"regex": True, "word": True}, "q='(' is not a valid pattern: missing ): ("),
        (["a)(b"], [], {"regex": True, "word": True}, "q='a)(b' is not a valid pattern"),
    ],
)
def test_an_invalid_query_is_rejected_by_name(
    q: list[str], exclude: list[str], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=re.escape(words)):
        matcher(q, exclude, **options)
