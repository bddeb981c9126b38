"""The live end of a journal: subscribers get news, lines are decoded once, and memory is
bounded.
"""

from __future__ import annotations

import asyncio

import pytest
from support.journals import MadeRun, leave_unfinished
from support.waiting import WAIT_SECONDS

from prismq_nb.common.base import state
from prismq_nb.engine.live import feed as feed_module
from prismq_nb.engine.live import feeds
from prismq_nb.engine.live.feed import Feed
from prismq_nb.engine.live.feeds import Feeds
from prismq_nb.engine.live.notify import Change
from prismq_nb.engine.live.wake_event import WakeEvent
from prismq_nb.engine.read.line_block import Encoded
from prismq_nb.errors import RunNotFound
from prismq_nb.journal import part_reader
from prismq_nb.server.http import sse


def read(feed: Feed, cursor: int = 0) -> list[str]:
    """All messages from a line on, as a subscriber reads them."""
    found: list[str] = []
    while cursor < feed.total:
        block = feed.block(cursor)
        found += block.messages[cursor - block.first :]
        cursor = block.end
    return found


def frames(block) -> Encoded:
    """An encoder that counts its calls."""
    frames.calls += 1
    return Encoded.of([text.encode() + b";" for text in block.messages])


async def until(wake: WakeEvent, condition) -> None:
    """Wait on the feed until a condition holds."""
    deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
    while not condition():
        assert asyncio.get_running_loop().time() < deadline
        await wake.wait(0.05)


async def test_existing_lines_are_sent_at_once_and_new_ones_wake_the_subscriber(engine, run):
    run.write("one\n")
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        assert ["one"] == read(feed)
        run.write("two\nthree\n")
        await until(wake, lambda: feed.total == 3)
        assert ["two", "three"] == read(feed, 1)


async def test_the_end_comes_with_the_last_line(engine, run):
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        run.write("last\n")
        run.end("failed", 3)
        await until(wake, lambda: feed.ended)
        assert (1, "failed", 3) == (feed.total, feed.run.status, feed.run.exit_code)


async def test_an_unchanged_state_does_not_wake_subscribers(engine, run, monkeypatch):
    """A supervisor writes the same state every 10 s, and reading a run's files for it costs
    most.
    """
    got, get = [], engine.get
    monkeypatch.setattr(engine, "get", lambda run_id: got.append(run_id) or get(run_id))
    run.state("running", levels=[0] * 5, heartbeat=run.now)
    with Feeds(engine).watch(run.run_id, WakeEvent()) as feed:
        got.clear()
        for beat in range(1, 4):
            run.state("running", levels=[0] * 5, heartbeat=run.now + beat)
            feed._on_change(Change.DIRECTORY)
            feed._state._stale_s = feed._loop.time() + WAIT_SECONDS
            feed._refresh_now()
        assert got == []
        run.state("running", levels=[0] * 5, heartbeat=run.now + 4, stopping=True)
        feed._on_change(Change.DIRECTORY)
        feed._refresh_now()
        assert (got, feed.run.stopping) == ([run.run_id], True)


async def test_a_duration_is_computed_when_it_is_sent(engine, run, monkeypatch):
    run.state("running", started=state.now_us() - 5_000_000)
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        assert feed.duration_seconds == pytest.approx(5, abs=1)
        monkeypatch.setattr(feed._state, "_read_s", feed._state._read_s - 100)
        assert feed.duration_seconds == pytest.approx(105, abs=1)
        assert sse.status_of(feed)["duration_seconds"] == pytest.approx(105, abs=1)
        run.end()
        await until(wake, lambda: feed.ended)
        monkeypatch.setattr(feed._state, "_read_s", feed._state._read_s - 100)
        assert feed.duration_seconds == feed.run.duration_seconds


async def test_a_purged_run_is_an_error(engine, run):
    run.end()
    wake, all_feeds = WakeEvent(), Feeds(engine)
    with all_feeds.watch(run.run_id, wake) as feed:
        engine.purge(run.run_id)
        await until(wake, lambda: feed.error)
        assert "run purged" == feed.error
        with pytest.raises(RunNotFound), all_feeds.watch(run.run_id, wake):
            pass


async def test_an_unknown_run_is_not_watched(engine):
    with (
        pytest.raises(RunNotFound),
        Feeds(engine).watch("run_20251031_120000_none_abc123", WakeEvent()),
    ):
        pass


async def test_unfinished_text_is_sent_only_to_those_who_ask(engine, run, monkeypatch):
    text = [b"50%"]
    monkeypatch.setattr("prismq_nb.journal.reader.JournalReader.pending", lambda _: (text[0], b""))
    one, two, all_feeds = WakeEvent(), WakeEvent(), Feeds(engine)
    with all_feeds.watch(run.run_id, one) as feed:
        assert ("", "") == feed.pending
        with all_feeds.watch(run.run_id, two, details=True):
            assert ("50%", "") == feed.pending
            text[0] = b"60%\r70%"
            await until(two, lambda: feed.pending == ("70%", ""))


async def test_unfinished_text_is_read_and_decoded_once(engine, run, monkeypatch):
    decoded, read = [], []
    draw, read_part = feed_module.pending_message, part_reader.read_part
    monkeypatch.setattr(
        feed_module, "pending_message", lambda raw: decoded.append(len(raw)) or draw(raw)
    )
    monkeypatch.setattr(part_reader, "read_part", lambda path: read.append(path) or read_part(path))
    leave_unfinished(run.path, 0, b"\r 50%|" * 100, b"x" * 4096)
    all_feeds = Feeds(engine)
    with all_feeds.watch(run.run_id, WakeEvent(), details=True) as feed:
        assert feed.pending == (" 50%|", "x" * 4096)
        for _ in range(100):
            feed._refresh_now()
            feed._reader.suspend()
    assert (len(read), len(decoded)) == (1, 2)


async def test_a_block_is_encoded_once_for_all(engine, run):
    run.write("".join(f"{i}\n" for i in range(700)))
    all_feeds, frames.calls = Feeds(engine), 0
    with (
        all_feeds.watch(run.run_id, WakeEvent()) as feed,
        all_feeds.watch(run.run_id, WakeEvent()) as same,
    ):
        assert feed is same
        for _ in range(3):
            block = feed.block(0)
            assert b"0;1;" == feed.encoded(block, frames).cut(0, 2)
        assert 1 == frames.calls


async def test_only_the_newest_lines_are_buffered(engine, run):
    run.write("".join(f"{i}\n" for i in range(5000)))
    with Feeds(engine, buffer_lines=1000).watch(run.run_id, WakeEvent()) as feed:
        assert [str(i) for i in range(5000)] == read(feed)
        assert 4000 == feed.buffered_from
        assert feed.block(100) is not feed.block(100)
        assert feed.block(4500) is feed.block(4500)


async def test_a_subscriber_that_falls_behind_continues_with_its_own_reader(engine, run):
    run.write("".join(f"{i}\n" for i in range(5000)))
    with Feeds(engine, buffer_lines=1000).watch(run.run_id, WakeEvent()) as feed:
        own = engine.reader(run.run_id)
        for _ in range(2):
            assert ["100", "101"] == feed.block(100, own).messages[:2]
            own.close()


async def test_many_single_lines_are_merged_to_few_blocks(engine, run):
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        cursor = 0
        for i in range(300):
            run.write(f"{i}\n")
            await until(wake, lambda i=i: feed.total == i + 1)
            block = feed.block(cursor)
            assert f"{i};".encode() == feed.encoded(block, frames).gather([cursor - block.first])
            cursor = block.end
        assert [str(i) for i in range(300)] == read(feed)
        assert len({id(feed.block(line)) for line in range(300)}) < 80
        assert "".join(f"{i};" for i in range(300)).encode() == b"".join(
            feed.encoded(block, frames).data
            for block in dict.fromkeys(feed.block(line) for line in range(300))
        )


async def test_the_buffer_is_bounded_in_bytes(engine, run):
    for _ in range(40):
        run.write(b"x" * 99_999 + b"\n")
    with Feeds(engine).watch(run.run_id, WakeEvent()) as feed:
        feed.byte_limit = 1_000_000
        assert 40 == len(read(feed))
        assert feed.memory_bytes <= 1_000_000
        assert feed.block(39) is feed.block(39)


async def test_all_feeds_share_one_bound(engine, data_dir, monkeypatch):
    monkeypatch.setattr(feeds, "ALL_FEEDS_BYTES", feeds.FEED_BYTES)
    ids = [MadeRun(data_dir, f"run_20251031_120000_made_{i:06x}").run_id for i in range(4)]
    all_feeds = Feeds(engine)
    with (
        all_feeds.watch(ids[0], WakeEvent()) as first,
        all_feeds.watch(ids[1], WakeEvent()),
        all_feeds.watch(ids[2], WakeEvent()),
        all_feeds.watch(ids[3], WakeEvent()),
    ):
        assert feeds.FEED_BYTES // 4 == first.byte_limit


@pytest.mark.parametrize(
    ("after", "size", "expected"),
    [(0, 1 << 20, 500), (2990, 1 << 20, 10), (0, 400, 80)],
    ids=["lines", "cursor", "bytes"],
)
async def test_the_newest_lines_are_read_from_the_end(engine, run, after, size, expected):
    run.write("".join(f"{i:04}\n" for i in range(3000)))
    with Feeds(engine).watch(run.run_id, WakeEvent()) as feed:
        feed.block(0)  # so that it knows how long lines are
        blocks = await feed.newest(after, 500, size)
        texts = [text for block in blocks for text in block.messages]
        assert [f"{i:04}" for i in range(3000 - len(texts), 3000)] == texts
        assert expected == len(texts)


async def test_the_newest_lines_are_found_where_they_are_much_longer_than_before(engine, run):
    run.write("short\n" * 3000)
    for i in range(100):
        run.write(b"x" * 100_000 + b" %d\n" % i)
    with Feeds(engine).watch(run.run_id, WakeEvent()) as feed:
        blocks = await feed.newest(0, 500, 256 << 10)
        texts = [text for block in blocks for text in block.messages]
        assert (True, " 99") == (sum(map(len, texts)) < 1 << 20, texts[-1][-3:])


async def test_an_unwatched_feed_keeps_its_buffer_for_a_while_and_stops_reading(
    engine, run, monkeypatch
):
    run.write("one\n")
    all_feeds = Feeds(engine)
    with all_feeds.watch(run.run_id, WakeEvent()) as feed:
        block = feed.block(0)
    looked = []
    monkeypatch.setattr(feed, "_read_changes", lambda: looked.append(1))
    await asyncio.sleep(0.02)  # four times as long as a watched feed waits
    assert not looked
    monkeypatch.undo()
    with all_feeds.watch(run.run_id, WakeEvent()) as again:
        assert again is feed
        assert again.block(0) is block


async def test_idle_feeds_are_closed_after_a_while_or_when_there_are_too_many(
    engine, data_dir, monkeypatch
):
    monkeypatch.setattr(feeds, "MAX_LINGERING", 2)
    ids = [MadeRun(data_dir, f"run_20251031_120000_made_{i:06x}").run_id for i in range(4)]
    all_feeds = Feeds(engine)
    for run_id in ids:
        with all_feeds.watch(run_id, WakeEvent()):
            pass
    assert 2 == len(all_feeds)
    monkeypatch.setattr(feeds, "LINGER_SECONDS", 0.01)
    for run_id in ids[2:]:
        with all_feeds.watch(run_id, WakeEvent()):
            pass
    wake = WakeEvent()
    await until(wake, lambda: not len(all_feeds))


async def test_closing_wakes_all_subscribers(engine, run):
    wake, all_feeds = WakeEvent(), Feeds(engine)
    with all_feeds.watch(run.run_id, wake):
        await wake.wait(0)
        asyncio.get_running_loop().call_soon(all_feeds.close)
        assert await wake.wait(WAIT_SECONDS)
        assert all_feeds.closing


async def test_a_gap_after_the_last_line_is_sent(engine, run):
    run.write("one\n")
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        run.lose(b"two\nthree\n")
        await until(wake, lambda: feed.trailing_gaps)
        run.write("four\n")
        await until(wake, lambda: feed.total == 2)
        assert ([], [(1, 2, 10)]) == (feed.trailing_gaps, [gap[:3] for gap in feed.block(1).gaps])


async def test_a_journal_that_cannot_be_read_is_reported_as_an_error_message(
    engine, run, monkeypatch
):
    def fail(_):
        raise OSError(5, "Input/output error")

    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        monkeypatch.setattr("prismq_nb.journal.reader.JournalReader.refresh", fail)
        await until(wake, lambda: feed.error)
        assert "Input/output error" in feed.error


async def test_a_wake_up_before_the_wait_ends_it():
    wake = WakeEvent()
    wake.set()
    assert (True, False) == (await wake.wait(WAIT_SECONDS), await wake.wait(0))


def test_frames_of_a_block_can_be_cut_anywhere():
    encoded = Encoded.of([b"a", b"", b"bcd"])
    assert (b"abcd", b"a", b"bcd", b"", b"abcd") == (
        encoded.cut(0, 3),
        encoded.cut(0, 2),
        encoded.cut(1, 3),
        encoded.cut(1, 1),
        encoded.gather([0, 2]),
    )
