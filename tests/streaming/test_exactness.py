"""Whatever a module writes and its subscribers do, each ends with exactly the journal's lines."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streaming.api import Api, Subscriber, values
from support.batches import expanded
from support.waiting import WAIT_SECONDS

WRITER = """
import json, os, sys, time
sys.stdin.readline()
plan, long = json.loads(sys.argv[1])
for fd, pieces, pause in plan:
    data = "".join(long.get(piece, piece) for piece in pieces).encode("latin-1")
    while data:
        data = data[os.write(fd, data):]
    time.sleep(pause / 1000)
"""
PIECES = (
    "a",
    "line\n",
    "\n",
    "\r",
    "\r\n",
    "\xc3\xa9\n",
    "\xe2\x82",
    "\xac",
    "\x00",
    "\x1b[31m",
    "\x85",
    "\xff\n",
    "ERROR: no\n",
    "data: x\n\n",
)
"""Bytes, as Latin-1: whole and halved characters, line ends of every kind, escapes, what looks like
an event."""
LONG = {"5000 x": "x" * 5000, "20000 y": "y" * 20_000, "700 lines": "many\n" * 700}
"""By name, because a command line has its bounds, and so that a failure can be printed."""
pieces = st.lists(st.sampled_from([*PIECES, *LONG]), max_size=8)
plans = st.lists(
    st.tuples(st.sampled_from([1, 2]), pieces, st.sampled_from([0, 0, 1, 8])),
    min_size=1,
    max_size=25,
)


def in_full(api: Api, run_id: str, logs: dict) -> list[dict]:
    """The lines of a batch; those that were cut are requested."""
    lines = {line["line"]: line for line in expanded(logs)}
    for number, size in logs.get("cut", ()):
        (whole,) = api.get(f"api/runs/{run_id}/logs?after={number - 1}&limit=1")["logs"]
        assert (size, lines[number]["message"]) == (len(whole["message"]), whole["message"][:16384])
        lines[number] = whole
    return list(lines.values())


def subscribe(api: Api, run_id: str, seed: int) -> list[dict]:
    """One subscriber's life: it connects, stalls, drops and resumes at random.

    Return the lines that it was given, in order.
    """
    chance = random.Random(seed)
    lines: list[dict] = []
    last: str | None = None
    for _ in range(400):
        path = f"api/runs/{run_id}/logs/stream?"
        by_header = last is not None and chance.random() < 0.7
        # the header wins over the query
        path += f"after={-1 if by_header or last is None else last}"
        path += chance.choice(["", "&batch=true"])
        subscriber = Subscriber(
            api,
            path,
            {"Last-Event-ID": last} if by_header and last else {},
            buffer_bytes=chance.choice([None, 4096]),
        )
        if subscriber.status == 204:
            return lines
        assert subscriber.status == 200
        drop_after = chance.choice([1, 5, 50, 10**9])
        while drop_after > 0 and not subscriber.closed:
            events = subscriber.read(chance.choice([1, 100, 4096, 65536]))
            for event in events:
                if event.name in {"log", "logs"}:
                    data = json.loads(event.data)
                    lines += [data] if event.name == "log" else in_full(api, run_id, data)
                    assert event.id == str(lines[-1]["line"])
                if event.id is not None:
                    last = event.id
                drop_after -= 1
            if done := values(events, "complete"):
                assert events[-1].name == "complete"
                assert done[0]["total_lines"] == len(lines)
                subscriber.drop()
                return lines
        subscriber.drop()
    raise AssertionError("it never came to the end")


def check(api: Api, plan: list, seed: int, subscribers: int) -> None:
    run_id = api.launch(WRITER, args=[json.dumps([plan, LONG])])
    with ThreadPoolExecutor(subscribers + 1) as pool:
        early = [pool.submit(subscribe, api, run_id, seed + i) for i in range(subscribers)]
        api.send(run_id, "\n")
        assert api.wait(run_id)["status"] == "completed"
        late = pool.submit(subscribe, api, run_id, seed - 1)
        lines = api.logs(run_id)
        assert [line["line"] for line in lines] == list(range(len(lines)))
        for subscriber in (*early, late):
            assert subscriber.result(WAIT_SECONDS) == lines
    texts = [(fd, "".join(LONG.get(piece, piece) for piece in pieces)) for fd, pieces, _ in plan]
    raw = {
        stream: "".join(text for fd, text in texts if fd == number).encode("latin-1")
        for number, stream in ((1, "stdout"), (2, "stderr"))
    }
    for stream, written in raw.items():
        assert len([line for line in lines if line["stream"] == stream]) == written.count(b"\n") + (
            not written.endswith(b"\n") and written != b""
        )


@pytest.mark.timeout(600)
def test_every_subscriber_ends_with_exactly_the_journal_s_lines(api, whole):
    @settings(
        max_examples=300 if whole else 12,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(plan=plans, seed=st.integers(1, 1 << 30))
    def each(plan: list, seed: int) -> None:
        check(api, [list(step) for step in plan], seed, subscribers=5)

    each()
