"""A span is cut at line boundaries, however uneven its lines are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import span as spans
from prismq_nb.journal.layout.format import IndexRecord
from prismq_nb.journal.layout.span import Span

sizes = st.lists(st.sampled_from([0, 0, 1, 5, 80, 3000]), min_size=1, max_size=40)


@settings(deadline=None)
@given(sizes, st.booleans(), st.data())
def test_head_and_tail_are_cut_between_lines(sizes, ended, data):
    texts = [b"x" * size for size in sizes]
    stored = b"\n".join(texts) + b"\n" * (ended or not texts[-1])
    whole = Span(100, len(texts), 5000, 1, 0, stored)
    cut = data.draw(st.integers(1, len(texts)))
    head = spans.without_tail(whole, cut)
    assert (100, cut, 5000, texts[:cut]) == (
        head.first,
        head.line_count,
        head.stamp,
        head.data.split(b"\n")[:cut],
    )
    assert len(head.data) == len(stored) if cut == len(texts) else head.data.endswith(b"\n")
    if cut < len(texts):
        tail = spans.without_head(whole, cut)
        left = len(texts) - cut
        assert (100 + cut, left, 5000 + cut, texts[cut:]) == (
            tail.first,
            tail.line_count,
            tail.stamp,
            tail.data.split(b"\n")[:left],
        )
        assert head.data + tail.data == stored


@settings(deadline=None)
@given(st.binary(max_size=50))
def test_newlines_are_counted(data):
    assert data.count(b"\n") == spans.newlines(data)


def test_a_span_with_missing_newlines_is_cut_all_the_same():
    """Somebody wrote into the log. Its lines are as wrong as the log is, but nothing fails."""
    whole = Span(0, 5, 0, 0, 0, b"one\ntwo")
    assert b"one\ntwo" == spans.without_tail(whole, 4).data
    assert b"" == spans.without_head(whole, 4).data


@settings(deadline=None)
@given(
    st.binary(max_size=60).map(lambda data: data.replace(b"a", b"\n")),
    st.integers(1, 9),
    st.integers(0, 5),
)
def test_a_record_has_as_many_lines_as_the_index_says(data, count, lacking):
    record = IndexRecord(0, len(data) + lacking, 7, count, 0, 0, 0)
    span = spans.stored(record, data, len(data) + lacking)
    assert (7, count) == (span.first, span.line_count)
    assert count == fmt.count_lines(span.data)
