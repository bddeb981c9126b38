"""A search finds composed characters by decomposed ones, and the other way round."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismq_nb.journal.search.matcher import compile_matcher
from prismq_nb.journal.search.normal_forms import widened_pattern

LINES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\n"),
    min_size=1,
    max_size=20,
)


@pytest.mark.parametrize("text", ["café.txt", "Ünïcödé", "각하다", "ệ", "naïve 1"])
@pytest.mark.parametrize("regex", [False, True])
@pytest.mark.parametrize("query_form", ["NFC", "NFD"])
@pytest.mark.parametrize("log_form", ["NFC", "NFD"])
def test_either_form_finds_the_other(text, regex, query_form, log_form):
    matcher = compile_matcher(normalize(query_form, text), regex)
    line = f"open {normalize(log_form, text)} failed"
    assert matcher.matches(line)
    assert [1] == matcher.find(f"first\n{line}\nlast\n".encode())


def test_mixed_forms_and_cases_are_found():
    assert compile_matcher("éé").matches("e\u0301é")
    assert compile_matcher("É", case=False).matches("e\u0301")
    assert not compile_matcher("É", case=True).matches("e\u0301")


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("^[éx]+$", "e\u0301x"),
        ("^é{2}$", "e\u0301e\u0301"),
        ("caf(é|e)$", "cafe\u0301"),
        (r"\\é", "\\e\u0301"),
    ],
)
def test_patterns_accept_either_form(pattern, line):
    assert compile_matcher(pattern, regex=True).matches(line)


@pytest.mark.parametrize("pattern", ["[^é]", "plain", r"\Qé\E", "日本"])
def test_text_with_one_form_or_quoted_text_is_unchanged(pattern):
    assert widened_pattern(pattern) is None


@given(LINES)
def test_a_text_finds_itself_in_every_form(text):
    matcher = compile_matcher(text, case=True)
    forms = (text, normalize("NFC", text), normalize("NFD", text))
    assert all(matcher.matches(each) for each in forms)
