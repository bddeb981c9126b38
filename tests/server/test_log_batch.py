"""Lines in columns equal an event per line, whatever the lines, the filters and the position."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.batches import expanded
from support.journals import T0, MadeRun

from prismq_nb.common.base.state import iso
from prismq_nb.common.base.terminal.text import message
from prismq_nb.engine.read.line_block import LineBlock, Stretch
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.server.http.columns import block_columns_event, columns_event
from prismq_nb.server.http.sse import MAX_BATCH_MESSAGE, cut_long, log_events

PIECES = (
    b"a",
    b'"',
    b"\\",
    b"\\n",
    b"\r",
    b"\x7f",
    b"\x00",
    b"\x1b[31m",
    "é\x85\u2028🚀".encode(),
    b"\xe2\x82",
    b"\xff",
    b"\x80",
)
texts = st.lists(st.sampled_from(PIECES), max_size=6).map(b"".join)


@st.composite
def blocks(draw):
    """Some lines, and which of them to send: from where, to where, and the filter."""
    lines = draw(st.lists(texts, min_size=1, max_size=30))
    edges = sorted({0, len(lines), *draw(st.lists(st.integers(0, len(lines)), max_size=5))})
    stamp, stretches = draw(st.sampled_from([T0, T0 - 123_456, 1_999_999_999_999_990])), []
    for begin, end in pairwise(edges):
        stretches.append(
            Stretch(begin, end - begin, stamp, draw(st.integers(0, 1)), draw(st.booleans()))
        )
        stamp += draw(st.sampled_from([100, 1000, 876_544, 10**9]))
    levels = bytes(
        draw(st.lists(st.sampled_from(list(Level)), min_size=len(lines), max_size=len(lines)))
    )
    first = draw(st.sampled_from([0, 7, 990, 9_999_990]))
    block = LineBlock(first, stretches, levels, b"".join(line + b"\n" for line in lines), gaps=[])
    start = draw(st.integers(0, len(lines)))
    keep = draw(st.none() | st.sets(st.integers(0, len(lines) - 1)).map(sorted))
    return block, lines, (start, draw(st.integers(start, len(lines))), keep)


def wanted(block: LineBlock, lines: list[bytes], place: int) -> dict:
    (stretch,) = [one for one in block.stretches if one.start <= place < one.start + one.size]
    return {
        "line": block.first + place,
        "timestamp": iso(stretch.stamp + place - stretch.start),
        "level": Level(block.levels[place]).name,
        "message": message(lines[place]),
        "stream": ("stdout", "stderr")[stretch.stream],
    } | ({"prompt": True} if stretch.prompt else {})


def fields(frame: bytes) -> dict[str, str]:
    """The fields of one event, each once, on lines as any client splits them."""
    text = frame.decode()
    assert text.endswith("\n\n")
    assert text.split("\n") == [*text.splitlines(), ""]
    return dict(line.split(": ", 1) for line in text.splitlines()[:-1])


@settings(deadline=None)
@given(blocks())
def test_both_forms_equal_the_stored_lines(drawn):
    block, lines, (start, stop, keep) = drawn
    every = [wanted(block, lines, place) for place in range(len(lines))]
    encoded = log_events(block)
    for place, line in enumerate(every):
        event = fields(encoded.cut(place, place + 1))
        assert ("log", str(line["line"]), line) == (
            event["event"],
            event["id"],
            json.loads(event["data"]),
        )
    whole = fields(block_columns_event(block).data)
    assert ("logs", str(block.end - 1), every) == (
        whole["event"],
        whole["id"],
        expanded(json.loads(whole["data"])),
    )
    some = [
        line
        for place, line in enumerate(every)
        if start <= place < stop and (keep is None or place in keep)
    ]
    frame = columns_event(block, start, stop, keep)
    if not some:
        assert b"" == frame
        return
    event = fields(frame)
    assert (str(some[-1]["line"]), some) == (event["id"], expanded(json.loads(event["data"])))


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([0, 1, 100, 8191, 8192, 16383, 16384, 16385, 24576, 24577, 40000]),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from("xé"),
)
def test_only_an_overlong_text_is_cut_and_its_length_given(sizes, letter):
    text, cuts = cut_long("".join(letter * size + "\n" for size in sizes))
    assert "".join(letter * min(size, MAX_BATCH_MESSAGE) + "\n" for size in sizes) == text
    assert [(i, size) for i, size in enumerate(sizes) if size > MAX_BATCH_MESSAGE] == cuts


async def test_a_long_text_is_cut_and_its_length_given(api, data_dir):
    run = MadeRun(data_dir)
    run.write("short\n" + "é" * 20_000 + "\nshort\n")
    run.end()
    stream = api.stream(f"/{run.run_id}/logs/stream", after=0, batch="true")
    await stream.end()
    batches = stream.named("logs")  # two if the levels of the second line take long
    texts = [text for batch in batches for text in batch["texts"]]
    assert ["é" * MAX_BATCH_MESSAGE, "short"] == texts
    assert [[1, 20_000]] == [cut for batch in batches for cut in batch.get("cut", [])]


@pytest.mark.parametrize(
    "line", ["\x01" * (1 << 20), "\x01" * 16_384], ids=["of-one-line", "of-many-lines"]
)
async def test_a_batch_is_bounded_whatever_its_lines(api, data_dir, line):
    run = MadeRun(data_dir)
    for _ in range(60):
        run.write(f"{line}\n")
    run.end()
    stream = api.stream(f"/{run.run_id}/logs/stream", after=-1, batch="true")
    await stream.end()
    assert list(range(60)) == [line["line"] for line in stream.lines]
    assert max(len(event.text) for event in stream.events) < 8 << 20


async def test_lines_that_arrive_together_are_sent_together(api, data_dir):
    run = MadeRun(data_dir)
    run.write("0\n")
    stream = api.stream(f"/{run.run_id}/logs/stream", batch="true")
    await stream.until(lambda stream: stream.lines)
    run.write("1\n2\n3\n")
    await stream.until(lambda stream: len(stream.lines) == 4)
    run.write("4\n")
    run.end()
    await stream.end()
    assert [(0, 1), (1, 3), (4, 1)] == [
        (logs["first"], len(logs["texts"])) for logs in stream.named("logs")
    ]
    assert ["0", "3", "4"] == [event.id for event in stream.events if event.name == "logs"]
