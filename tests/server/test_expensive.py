"""Reading runs of the most expensive text never blocks the event loop."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hostile import KNOWN, Shape
from support.journals import MadeRun
from support.jupyter_process import until
from support.probe import Watched

pytestmark = pytest.mark.slow  # megabytes of expensive text

PASS_SECONDS = 0.05
"""Processor time of one pass of the event loop. Some 10 ms here; seconds, where a pattern is not
linear."""
LINES = (
    *[Shape(*parts).of(8000) for parts in KNOWN for _ in range(5)],
    *[
        b"a" * 7800 + b" level=info x",
        b'level=info msg="' + b"a=b " * 2000 + b'"',
        b'time=1 msg="' + b"x " * 4000 + b'" level=warn',
    ]
    * 5,
    *[Shape(b"[00:00:00] ", b"[1:1:$", b" ERROR").of(256), Shape(b"", b"FAILED", b" ERROR").of(256)]
    * 400,
)
LONG = (
    (b"\x1b" * (1 << 20))[:-1],
    b"\x1b[" * (1 << 19),
    b"a\x1b" * (1 << 19),
    b"\xff" * (1 << 20),
    b"\r" * (1 << 20),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("expensive")


@pytest.fixture(scope="module")
def run_id(folder) -> str:
    """A run without a sidecar, so that each reader computes the levels."""
    run = MadeRun(folder)
    for stream in (0, 1):
        for start in range(0, len(LINES), 50):
            run.write(b"".join(line + b"\n" for line in LINES[start : start + 50]), stream)
    for line in LONG:
        run.write(line[: (1 << 20) - 1] + b"\n")
    run.end()
    return run.run_id


@pytest.fixture(scope="module")
def server(folder, run_id):
    other = MadeRun(folder, "run_20251031_120000_plain_abc123")
    other.write(
        "".join(f"2025-10-31 12:00:00 INFO app: line {number}\n" for number in range(20_000))
    )
    other.end()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", "")  # finds the probe; restored afterwards
        with Watched(folder / "home", folder) as server:
            until(lambda: server.probe()["frozen"], "the end of the start")
            yield server


READINGS = {
    "poll": ("logs", {"tail": 20}),
    "poll of all": ("logs", {"after": -1, "limit": 10_000}),
    "poll of a level": ("logs", {"tail": 100, "level": "CRITICAL"}),
    "poll of a text": ("logs", {"tail": 100, "q": "lvl"}),
    "stream": ("logs/stream", {"after": -1}),
    "stream of a level": ("logs/stream", {"after": -1, "level": "CRITICAL"}),
    "stream of a text": ("logs/stream", {"after": -1, "q": "lvl"}),
    "stream in batches": ("logs/stream", {"after": -1, "batch": "true"}),
    "search": ("logs/search", {"q": "lvl"}),
    "search of a level": ("logs/search", {"q": "lvl", "level": "CRITICAL"}),
    "download": ("logs/download", {"format": "text"}),
    "download as JSON": ("logs/download", {"format": "jsonl"}),
    "download of a level": ("logs/download", {"format": "text", "level": "ERROR"}),
    "time line": ("logs/timeline", {}),
}


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_no_iteration_of_the_event_loop_is_long(server, run_id, reading):
    path, query = reading
    server.probe()
    answer = server.get(f"{run_id}/{path}", **query)
    size = sum(len(piece) for piece in answer.iter_content(1 << 20))
    passes = server.probe()["passes"]
    assert size > 0
    assert max(passes) < PASS_SECONDS
