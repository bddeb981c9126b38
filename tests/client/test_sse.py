"""The parser of server-sent events, against the rules of the WHATWG HTML standard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismq_nb.client.http.sse import Event, Parser


def parse(*chunks: bytes) -> list[Event]:
    """All events of a stream that comes in these pieces."""
    parser = Parser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        pytest.param(
            b"event: log\nid: 3\ndata: {}\n\n", [Event("log", b"{}", "3")], id="all fields"
        ),
        pytest.param(b"data: a\n\n", [Event("message", b"a", None)], id="no name is a message"),
        pytest.param(
            b"data: a\ndata: b\n\n", [Event("message", b"a\nb", None)], id="data in several lines"
        ),
        pytest.param(
            b"data:a\n\ndata:  b\n\n",
            [Event("message", b"a", None), Event("message", b" b", None)],
            id="one space is taken away",
        ),
        pytest.param(b": keep-alive\n\ndata: a\n\n", [Event("message", b"a", None)], id="comments"),
        pytest.param(b"event: log\nid: 3\n\n", [], id="without data there is no event"),
        pytest.param(b"data: a\n", [], id="not ended"),
        pytest.param(
            b"data: a\r\n\r\ndata: b\r\r",
            [Event("message", b"a", None), Event("message", b"b", None)],
            id="all line ends",
        ),
        pytest.param(
            b"\xef\xbb\xbfdata: a\n\n", [Event("message", b"a", None)], id="byte order mark"
        ),
        pytest.param(b"data\n\n", [Event("message", b"", None)], id="field without a colon"),
        pytest.param(
            b"id: a\0b\ndata: a\n\n", [Event("message", b"a", None)], id="an id with NUL is ignored"
        ),
        pytest.param(
            b"retry: 10\nunknown: x\ndata: a\n\n",
            [Event("message", b"a", None)],
            id="other fields are ignored",
        ),
    ],
)
def test_a_stream_is_parsed_as_the_standard_says(stream: bytes, expected: list[Event]) -> None:
    """Each case is a sentence of section 9.2.6."""
    assert expected == parse(stream)


@given(st.data())
def test_parsing_does_not_depend_on_how_a_stream_is_cut(data: st.DataObject) -> None:
    """The network cuts anywhere: inside a character, between \\r and \\n, inside the byte order
    mark.
    """
    part = st.sampled_from(
        [
            b"data: x",
            b"id: 7",
            b"event: log",
            b"\n",
            b"\r\n",
            b"\r",
            b"\n\n",
            "data: 東".encode(),
            b": c",
        ]
    )
    stream = data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + b"".join(
        data.draw(st.lists(part, max_size=30))
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    pieces = [
        stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
    ]
    assert parse(stream) == parse(*pieces)
