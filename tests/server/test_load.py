"""Many clients at once: streams are limited, and clients that do not read cost nothing."""

from __future__ import annotations

import asyncio
import gc
import socket
import weakref
from urllib.parse import urlsplit

import pytest
from support.journals import MadeRun
from support.waiting import WAIT_SECONDS
from traitlets.config import Config


@pytest.fixture
def jp_server_config(jp_server_config: Config) -> Config:
    jp_server_config.PrismQApp.max_streams = 2
    return jp_server_config


@pytest.fixture
def run(data_dir) -> MadeRun:
    run = MadeRun(data_dir)
    run.write("one\n")
    return run


async def following(api, run):
    stream = api.stream(f"/{run.run_id}/logs/stream", after=-1)
    await stream.until(lambda stream: stream.lines)
    return stream


async def test_beyond_the_limit_a_new_stream_is_refused_for_a_while(api, extension, run):
    streams = [await following(api, run) for _ in range(2)]
    answer = await api("GET", f"/{run.run_id}/logs/stream")
    assert (429, "TooManyStreams") == (answer.status, answer.json["reason"])
    assert "5" == answer.headers["Retry-After"]
    assert "max_streams" in answer.json["message"]
    await streams[0].leave()
    while extension.services.admission.open > 1:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    await following(api, run)


async def test_a_request_refused_for_another_reason_takes_no_slot(api, extension, run):
    for path in (f"{run.run_id}/logs/stream?tail=0", "run_20251031_120000_none_abc123/logs/stream"):
        assert (await api("GET", f"/{path}")).status in {400, 404}
    assert 0 == extension.services.admission.open


async def test_a_page_a_search_a_download_and_a_poll_are_never_refused(api, extension, run):
    for _ in range(2):
        await following(api, run)
    pages = [api.stream("/stream", run=run.run_id) for _ in range(3)]
    for page in pages:
        await page.until(lambda page: page.named("batch"))
    for path in ("search?q=one", "download", "timeline"):
        assert 200 == (await api("GET", f"/{run.run_id}/logs/{path}")).status
    assert 200 == (await api("GET", f"/{run.run_id}/logs")).status
    assert 2 == extension.services.admission.open


async def test_a_client_that_does_not_read_costs_nothing_once_its_socket_is_full(
    api, extension, run
):
    url = urlsplit(f"{api.url}/api/runs/{run.run_id}/logs/stream?after=-1")
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.setblocking(False)
        await asyncio.get_running_loop().sock_connect(peer, (url.hostname, url.port))
        head = [f"GET {url.path}?{url.query} HTTP/1.1", f"Host: {url.netloc}"]
        head += [f"Authorization: token {api.token}", "", ""]
        await asyncio.get_running_loop().sock_sendall(peer, "\r\n".join(head).encode())
        while not extension.services.streams:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        (stream,) = extension.services.streams
        async with asyncio.timeout(WAIT_SECONDS):
            while stream.can_push():
                run.write(b"x" * 99 + b"\n" + b"y" * 60_000 + b"\n")
                await asyncio.sleep(0.005)
            feed = stream._feed
            while feed._armed:  # it is woken once more, and reads when it can send again
                run.write("more\n")
                await asyncio.sleep(0.005)
        before = (feed.refreshes, extension.services.turns.steps)
        for _ in range(20):
            run.write("more\n")
            await asyncio.sleep(0.005)
        assert before == (feed.refreshes, extension.services.turns.steps)


async def test_silent_streams_are_kept_alive_by_one_timer(api, extension, run):
    extension.services.monitor._tick_seconds = extension.services.monitor._silence = 0.05
    streams = [await following(api, run), api.stream("/stream", run=run.run_id)]
    for stream in streams:
        await stream.until(lambda stream: len(stream.comments) >= 3)
    for stream in streams:
        await stream.leave()
    while extension.services.streams:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    # the next round finds no stream
    while extension.services.monitor._timer is not None:  # noqa: ASYNC110
        await asyncio.sleep(0.005)


async def test_ended_streams_leave_nothing_to_the_garbage_collector(api, extension, run):
    """Five hundred streams that end together would stop the loop for 60 ms some time later."""
    streams = [await following(api, run), api.stream("/stream", run=run.run_id)]
    streams.append(api.stream(f"/{run.run_id}/logs/stream", level="ERROR"))
    for stream in streams[1:]:
        await stream.until(lambda stream: stream.retry)
    gc.collect()
    gc.disable()
    try:
        handlers = [weakref.ref(handler) for handler in extension.services.streams]
        assert 3 == len(handlers)
        for stream in streams:
            await stream.leave()
        async with asyncio.timeout(WAIT_SECONDS):
            while any(handler() for handler in handlers):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    finally:
        gc.enable()
