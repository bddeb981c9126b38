"""Run after run through one Jupyter server, which must not grow.

Not by a descriptor, a process, or more than some memory.
"""

from __future__ import annotations

import psutil
import pytest
import requests
from support.jupyter_process import JupyterProcess
from support.runs import until
from support.waiting import WAIT_SECONDS

from prismq_nb.common.base.state import ENDED

GROWTH_BYTES_PER_RUN = 20 << 10
"""Resident memory that one more ended run may cost: the server knows its launch and its state.
1,000 runs: 20 MiB."""
CODE = "import sys\nfor i in range(20): print('line', i)\nprint('warning', file=sys.stderr)"


@pytest.fixture
def server(tmp_path):
    server = JupyterProcess.start(tmp_path, "--PrismQApp.keep_runs=50")
    yield server
    server.stop()


@pytest.mark.timeout(1200)
def test_run_after_run_leaves_no_descriptor_process_or_memory_behind(server, whole):
    process = psutil.Process(server.process.pid)
    session = requests.Session()
    session.headers.update(server.headers)

    def one(streamed):
        run_id = session.post(
            f"{server.url}api/runs", json={"code": CODE, "unbuffered": False}, timeout=WAIT_SECONDS
        ).json()["run_id"]
        if streamed:
            with session.get(
                f"{server.url}api/runs/{run_id}/logs/stream?after=-1", timeout=WAIT_SECONDS
            ) as stream:
                assert stream.text.count("event: log\n") == 21
        until(
            lambda: (
                session.get(f"{server.url}api/runs/{run_id}", timeout=WAIT_SECONDS).json()["status"]
                == "completed"
            )
        )
        assert (
            session.get(f"{server.url}api/runs/{run_id}/logs", timeout=WAIT_SECONDS).json()[
                "total_lines"
            ]
            == 21
        )
        assert (
            session.get(f"{server.url}api/runs", timeout=WAIT_SECONDS).json()["runs"][0]["run_id"]
            == run_id
        )

    def still():
        """What an idle server holds: descriptors, children, threads."""
        return process.num_fds(), len(process.children(recursive=True))

    for number in range(10):  # what is opened or loaded once
        one(number % 2)
    until(lambda: still()[1] == 0, what="end of all supervisors")
    descriptors, before = process.num_fds(), process.memory_info().rss
    runs = 1000 if whole else 40
    for number in range(runs):
        one(number % 5 == 0)
    until(lambda: still()[1] == 0, what="end of all supervisors")
    # feeds that nobody watches keep two files each for a minute, 64 at most
    lingering = 2 * min(64, runs // 5)
    until(lambda: still()[0] <= descriptors + lingering, what="descriptors given back")
    growth = process.memory_info().rss - before
    print(
        f"{runs} runs: {growth / 1024:.0f} KiB more, {process.num_fds() - descriptors} descriptors"
        f" more, {process.num_threads()} threads"
    )
    assert growth < max(8 << 20, runs * GROWTH_BYTES_PER_RUN)
    assert all(
        run["status"] in ENDED
        for run in session.get(f"{server.url}api/runs?limit=1000", timeout=WAIT_SECONDS).json()[
            "runs"
        ]
    )
