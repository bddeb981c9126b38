"""A feed waits for notifications, costs nothing in silence, and polls where it must."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import ExitStack
from time import thread_time

import pytest
from support.waiting import WAIT_SECONDS

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.live import feed as feed_module
from prismq_nb.engine.live import run_state
from prismq_nb.engine.live.feeds import Feeds
from prismq_nb.engine.live.notify import Notifier
from prismq_nb.engine.live.wake_event import WakeEvent

NEVER = 1000.0
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a feed may poll")


@pytest.fixture
def no_timers(monkeypatch):
    """A feed that only notifications wake: it would poll too late for any test."""
    for name in ("SLOW_SECONDS", "QUIET_SECONDS", "DONE_SECONDS"):
        monkeypatch.setattr(feed_module, name, NEVER)
    monkeypatch.setattr(run_state, "MIN_READ_SECONDS", NEVER)


async def until(wake: WakeEvent, condition) -> None:
    """Wait on the feed until a condition holds."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():
            await wake.wait()


async def messages(feed, line: int) -> list[str]:
    """Lines from a number on; a block is empty while levels are worked out."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not (found := feed.block(line).messages):  # noqa: ASYNC110 - it does not ring
            await asyncio.sleep(0)
    return found


@ON_LINUX
async def test_a_line_after_silence_wakes_the_feed_at_once(engine, run, no_timers):
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        for i in range(5):
            run.write(f"{i}\n")
            await until(wake, lambda i=i: feed.total == i + 1)


@ON_LINUX
async def test_unfinished_text_the_end_and_a_purge_wake_the_feed_at_once(engine, run, no_timers):
    wake, feeds = WakeEvent(), Feeds(engine)
    with feeds.watch(run.run_id, wake, details=True) as feed:
        run.state("running", stopping=True)
        await until(wake, lambda: feed.run.stopping)
        run.end("failed", 3)
        await until(wake, lambda: feed.ended)
        assert 3 == feed.run.exit_code
        engine.purge(run.run_id)
        await until(wake, lambda: feed.error)
        assert "run purged" == feed.error


@ON_LINUX
async def test_a_killed_supervisor_is_noticed_without_polling(engine, monkeypatch):
    monkeypatch.setattr(feed_module, "QUIET_SECONDS", NEVER)
    monkeypatch.setattr(feed_module, "_QUIET_BACK_OFF", NEVER / feed_module.SLOW_SECONDS)
    run = engine.launch(LaunchSpec(code="import time; print('up', flush=True); time.sleep(1000)"))
    supervisor = engine._store.find(run.run_id).state()["supervisor_pid"]
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        await until(wake, lambda: feed.total == 1)
        async with asyncio.timeout(WAIT_SECONDS):
            while feed._delay < NEVER:
                await wake.wait(0.005)
        os.kill(supervisor, signal.SIGKILL)
        await until(wake, lambda: feed.ended)
        assert "failed" == feed.run.status


@ON_LINUX
async def test_simultaneous_writes_of_a_supervisor_are_read_once(
    engine, run, no_timers, monkeypatch
):
    monkeypatch.setattr(feed_module, "DEBOUNCE_SECONDS", 0.5)  # the machine may be busy
    run.state("running")
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        await asyncio.sleep(0)
        before = feed.refreshes
        (run.path / "usage.bin").write_bytes(b"1")
        await asyncio.sleep(0.01)
        run.state("running", heartbeat=1)
        await asyncio.sleep(0.01)
        run.state("running", stopping=True)
        await until(wake, lambda: feed.run.stopping)
        assert feed.refreshes == before + 1
        run.write("a line does not wait\n")
        began = asyncio.get_running_loop().time()
        await until(wake, lambda: feed.total == 1)
        assert asyncio.get_running_loop().time() - began < 0.4


@ON_LINUX
async def test_silence_causes_fewer_and_fewer_reads(engine, run):
    with Feeds(engine).watch(run.run_id, WakeEvent()) as feed:
        await asyncio.sleep(0.8)  # a feed that polls reads 16 times meanwhile
        assert feed.refreshes <= 6


async def test_a_flood_causes_a_bounded_number_of_reads(engine, run, monkeypatch):
    """The next read comes some milliseconds later at the earliest, however many notifications
    arrive.
    """
    monkeypatch.setattr(feed_module, "FAST_SECONDS", NEVER)
    wake, seen = WakeEvent(lambda: bool(seen.append(1)) or True), []
    with Feeds(engine).watch(run.run_id, wake) as feed:
        sleeping = asyncio.ensure_future(wake.wait())
        for _ in range(200):
            run.write("x\n")
            await asyncio.sleep(0)
        assert feed.refreshes <= 2
        sleeping.cancel()


async def test_nothing_is_read_while_all_subscribers_are_busy_and_the_next_one_misses_nothing(
    engine, run
):
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        run.write("one\n")
        await until(wake, lambda: feed.total == 1)
        run.write("two\n")
        async with asyncio.timeout(WAIT_SECONDS):
            while feed.total < 2:  # noqa: ASYNC110 - it is busy, so it does not sleep on its wake
                await asyncio.sleep(0.001)
        refreshes = feed.refreshes
        for _ in range(20):
            run.write("more\n")
            await asyncio.sleep(0.005)
        assert refreshes == feed.refreshes
        await until(wake, lambda: feed.total == 22)


async def test_a_busy_subscriber_costs_waiting_ones_nothing(engine, run):
    busy, rung = WakeEvent(), []
    busy.set = lambda set_it=busy.set: rung.append(1) or set_it()
    wake, feeds = WakeEvent(), Feeds(engine)
    with feeds.watch(run.run_id, busy), feeds.watch(run.run_id, wake) as feed:
        for i in range(10):
            run.write(f"{i}\n")
            await until(wake, lambda i=i: feed.total == i + 1)
        assert 1 == len(rung)


async def test_a_feed_polls_where_no_notification_arrives(engine, run, monkeypatch):
    """As on an unknown network file system: watching succeeds, and no notification arrives."""
    monkeypatch.setattr(Notifier, "arm", lambda *_: True)
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        for i in range(feed_module.MAX_MISSED):
            assert not feed.polls
            run.write(f"{i}\n")
            await until(wake, lambda i=i: feed.total == i + 1)
        assert feed.polls
        run.write("more\n")
        await until(wake, lambda: feed.total == feed_module.MAX_MISSED + 1)


@pytest.mark.parametrize("why", ["limit", "remote"])
async def test_a_feed_polls_from_the_start_where_watching_fails(engine, run, monkeypatch, why):
    if why == "limit":
        monkeypatch.setattr(Notifier, "arm", lambda *_: False)
    else:
        monkeypatch.setattr(engine, "is_network", True)
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        assert feed.polls
        run.write("one\n")
        await until(wake, lambda: feed.total == 1)
        run.end()
        await until(wake, lambda: feed.ended)


async def test_a_thousand_subscribers_are_woken_a_few_at_a_time(engine, run):
    feeds, rung, passes = Feeds(engine), [], 0

    def taken() -> bool:
        end = thread_time() + 0.0002  # as long as it takes to send something
        while thread_time() < end:
            pass
        rung.append(passes)
        return True

    wakes = [WakeEvent(taken) for _ in range(1000)]
    sleeping = [asyncio.ensure_future(wake.wait()) for wake in wakes]
    await asyncio.sleep(0)
    run.write("first\n")
    with ExitStack() as watches:
        for wake in wakes:
            watches.enter_context(feeds.watch(run.run_id, wake))
        rung.clear()
        run.write("one\n")
        async with asyncio.timeout(WAIT_SECONDS):
            while len(rung) < 1000:
                await asyncio.sleep(0)
                passes += 1
    assert max(rung.count(number) for number in set(rung)) < 100
    for task in sleeping:
        task.cancel()


async def test_a_silent_run_holds_no_files_and_reading_continues_where_it_was(
    engine, run, monkeypatch
):
    monkeypatch.setattr(feed_module, "SLOW_SECONDS", 0.001)
    monkeypatch.setattr(feed_module, "QUIET_SECONDS", 0.004)
    run.write("one\n")
    wake = WakeEvent()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        async with asyncio.timeout(WAIT_SECONDS):
            while feed._reader._index is not None:
                await wake.wait(0.001)
        assert ["one"] == await messages(feed, 0)
        run.write("two\n")
        await until(wake, lambda: feed.total == 2)
        assert ["two"] == await messages(feed, 1)
