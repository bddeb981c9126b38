"""A feed sleeps until it is told of news, costs nothing in silence, and polls where it must."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import ExitStack
from time import thread_time

import pytest

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.live import feed as feed_module
from prismq_nb.engine.live.feeds import Feeds
from prismq_nb.engine.live.notify import Notifier
from prismq_nb.engine.live.wake import Wake

NEVER = 1000.0
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a feed may poll")


@pytest.fixture
def no_timers(monkeypatch):
    """A feed that nothing wakes but news: it looks by itself too late for any test."""
    for name in ("SLOW_SECONDS", "QUIET_SECONDS", "DONE_SECONDS"):
        monkeypatch.setattr(feed_module, name, NEVER)


async def until(wake: Wake, condition) -> None:
    """Sleeps on the feed until something is true."""
    async with asyncio.timeout(20):
        while not condition():
            await wake.sleep()


async def messages(feed, line: int) -> list[str]:
    """Lines from a number on; a block is empty while levels are worked out."""
    async with asyncio.timeout(20):
        while not (found := feed.block(line).messages):  # noqa: ASYNC110 - it does not ring
            await asyncio.sleep(0)
    return found


@ON_LINUX
async def test_a_line_after_silence_wakes_at_once(engine, run, no_timers):
    wake = Wake()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        for i in range(5):
            run.write(f"{i}\n")
            await until(wake, lambda i=i: feed.total == i + 1)


@ON_LINUX
async def test_so_do_unfinished_text_the_end_and_a_purge(engine, run, no_timers):
    wake, feeds = Wake(), Feeds(engine)
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
async def test_a_supervisor_that_was_killed_is_noticed_without_polling(engine, monkeypatch):
    monkeypatch.setattr(feed_module, "QUIET_SECONDS", NEVER)
    monkeypatch.setattr(feed_module, "_QUIET_BACK_OFF", NEVER / feed_module.SLOW_SECONDS)
    run = engine.launch(LaunchSpec(code="import time; print('up', flush=True); time.sleep(1000)"))
    supervisor = engine._store.find(run.run_id).state()["supervisor_pid"]
    wake = Wake()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        await until(wake, lambda: feed.total == 1)
        async with asyncio.timeout(20):
            while feed._delay < NEVER:
                await wake.sleep(0.005)
        os.kill(supervisor, signal.SIGKILL)
        await until(wake, lambda: feed.ended)
        assert "failed" == feed.run.status


@ON_LINUX
async def test_what_a_supervisor_writes_at_one_time_is_one_look(engine, run, no_timers, monkeypatch):
    monkeypatch.setattr(feed_module, "SETTLE_SECONDS", 0.5)  # the machine may be busy
    run.state("running")
    wake = Wake()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        await asyncio.sleep(0)
        before = feed.looks
        (run.path / "usage.bin").write_bytes(b"1")
        await asyncio.sleep(0.01)
        run.state("running", heartbeat=1)
        await asyncio.sleep(0.01)
        run.state("running", stopping=True)
        await until(wake, lambda: feed.run.stopping)
        assert feed.looks == before + 1
        run.write("a line does not wait\n")
        began = asyncio.get_running_loop().time()
        await until(wake, lambda: feed.total == 1)
        assert asyncio.get_running_loop().time() - began < 0.4


@ON_LINUX
async def test_silence_costs_fewer_and_fewer_looks(engine, run):
    with Feeds(engine).watch(run.run_id, Wake()) as feed:
        await asyncio.sleep(0.8)  # a feed that polls looks 16 times meanwhile
        assert feed.looks <= 6


async def test_a_flood_costs_a_bounded_number_of_looks(engine, run, monkeypatch):
    """The next look is not before some ms are over, however often it is told of more."""
    monkeypatch.setattr(feed_module, "FAST_SECONDS", NEVER)
    wake, seen = Wake(lambda: bool(seen.append(1)) or True), []
    with Feeds(engine).watch(run.run_id, wake) as feed:
        sleeping = asyncio.ensure_future(wake.sleep())
        for _ in range(200):
            run.write("x\n")
            await asyncio.sleep(0)
        assert feed.looks <= 2
        sleeping.cancel()


async def test_it_looks_for_nobody_while_all_are_busy_and_shows_all_to_who_comes_back(engine, run):
    wake = Wake()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        run.write("one\n")
        await until(wake, lambda: feed.total == 1)
        run.write("two\n")
        async with asyncio.timeout(10):
            while feed.total < 2:  # noqa: ASYNC110 - it is busy, so it does not sleep on its wake
                await asyncio.sleep(0.001)
        looks = feed.looks
        for _ in range(20):
            run.write("more\n")
            await asyncio.sleep(0.005)
        assert looks == feed.looks
        await until(wake, lambda: feed.total == 22)


async def test_one_that_is_busy_costs_those_who_wait_nothing(engine, run):
    busy, rung = Wake(), []
    busy.ring = lambda ring=busy.ring: rung.append(1) or ring()
    wake, feeds = Wake(), Feeds(engine)
    with feeds.watch(run.run_id, busy), feeds.watch(run.run_id, wake) as feed:
        for i in range(10):
            run.write(f"{i}\n")
            await until(wake, lambda i=i: feed.total == i + 1)
        assert 1 == len(rung)


async def test_it_polls_where_nothing_is_told(engine, run, monkeypatch):
    """As on a network file system that nobody knows: to watch works, and nothing is told."""
    monkeypatch.setattr(Notifier, "arm", lambda *_: True)
    wake = Wake()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        for i in range(feed_module.MAX_MISSED):
            assert not feed.polls
            run.write(f"{i}\n")
            await until(wake, lambda i=i: feed.total == i + 1)
        assert feed.polls
        run.write("more\n")
        await until(wake, lambda: feed.total == feed_module.MAX_MISSED + 1)


@pytest.mark.parametrize("why", ["limit", "remote"])
async def test_it_polls_from_the_start_where_it_cannot_be_told(engine, run, monkeypatch, why):
    if why == "limit":
        monkeypatch.setattr(Notifier, "arm", lambda *_: False)
    else:
        monkeypatch.setattr(engine, "is_network", True)
    wake = Wake()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        assert feed.polls
        run.write("one\n")
        await until(wake, lambda: feed.total == 1)
        run.end()
        await until(wake, lambda: feed.ended)


async def test_a_thousand_are_rung_a_few_at_a_time(engine, run):
    feeds, rung, passes = Feeds(engine), [], 0

    def taken() -> bool:
        end = thread_time() + 0.0002  # as long as it takes to send something
        while thread_time() < end:
            pass
        rung.append(passes)
        return True

    wakes = [Wake(taken) for _ in range(1000)]
    sleeping = [asyncio.ensure_future(wake.sleep()) for wake in wakes]
    await asyncio.sleep(0)
    run.write("first\n")
    with ExitStack() as watches:
        for wake in wakes:
            watches.enter_context(feeds.watch(run.run_id, wake))
        rung.clear()
        run.write("one\n")
        async with asyncio.timeout(20):
            while len(rung) < 1000:
                await asyncio.sleep(0)
                passes += 1
    assert max(rung.count(number) for number in set(rung)) < 100
    for task in sleeping:
        task.cancel()


async def test_a_silent_run_holds_no_files_and_goes_on_where_it_was(engine, run, monkeypatch):
    monkeypatch.setattr(feed_module, "SLOW_SECONDS", 0.001)
    monkeypatch.setattr(feed_module, "QUIET_SECONDS", 0.004)
    run.write("one\n")
    wake = Wake()
    with Feeds(engine).watch(run.run_id, wake) as feed:
        async with asyncio.timeout(10):
            while feed._reader._index is not None:
                await wake.sleep(0.001)
        assert ["one"] == await messages(feed, 0)
        run.write("two\n")
        await until(wake, lambda: feed.total == 2)
        assert ["two"] == await messages(feed, 1)
