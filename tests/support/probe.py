"""Observe a real Jupyter server from inside: how late its event loop is.

Loaded beside the extension, by benchmarks and load tests only.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psutil
import requests
from tornado import web

from support.jupyter_process import JupyterProcess
from support.waiting import WAIT_SECONDS

TICK_SECONDS = 0.001


def _load_jupyter_server_extension(app: Any) -> None:
    """Jupyter calls this when it starts."""
    late: list[float] = []
    passes: list[float] = []

    async def time_passes() -> None:
        """Note the processor time of each iteration of the loop, which other processes do not
        change.
        """
        selector = asyncio.get_running_loop()._selector
        select, begin = selector.select, time.thread_time()

        def timed_select(timeout: float | None = None) -> Any:
            nonlocal begin
            passes.append(time.thread_time() - begin)
            try:
                return select(timeout)
            finally:
                begin = time.thread_time()

        selector.select = timed_select

    async def watch() -> None:
        loop = asyncio.get_running_loop()
        while True:
            begin = loop.time()
            await asyncio.sleep(TICK_SECONDS)
            late.append(loop.time() - begin - TICK_SECONDS)

    class Lateness(web.RequestHandler):
        """Respond with the observations since the last request.

        Seconds by which each tick was late, processor seconds of each iteration of the loop, how
        many streams are open, and whether the start is over: the heap is frozen at its end.
        """

        def get(self) -> None:
            (extension,) = app.extension_manager.extension_apps["prismq_nb"]
            streams = len(extension.services.streams)
            frozen = gc.get_freeze_count() > 0
            self.finish({"late": late, "passes": passes, "streams": streams, "frozen": frozen})
            late.clear()
            passes.clear()

    app.io_loop.add_callback(watch)
    app.io_loop.add_callback(time_passes)
    app.web_app.add_handlers(".*", [(app.base_url + "probe", Lateness)])


class Watched:
    """A server with the probe in it; a context manager."""

    def __init__(self, home: Path, data_dir: Path, *options: str) -> None:
        """A server on the runs of `data_dir`, with more options of the command line."""
        enabled = home / "config" / "jupyter_server_config.d" / "probe.json"
        enabled.parent.mkdir(parents=True)
        enabled.write_text(
            json.dumps({"ServerApp": {"jpserver_extensions": {"support.probe": True}}})
        )
        # JupyterProcess adds its own to this one
        os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
        # handmade runs are old, and large
        kept = ("--PrismQApp.keep_days=0", "--PrismQApp.keep_bytes=0", *options)
        self._server = JupyterProcess(
            home,
            options=kept,
            env={"JUPYTER_CONFIG_PATH": str(home / "config"), "PRISMQ_DATA_DIR": str(data_dir)},
        )
        self.session = requests.Session()

    def __enter__(self) -> Self:
        self._server.launch()
        self.session.headers.update(self._server.headers)
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self._server.stop()

    def get(self, path: str, **query: Any) -> requests.Response:
        """A request below ``api/runs/``; the response may be read piece by piece."""
        response = self.session.get(
            f"{self._server.url}api/runs/{path}", params=query, stream=True, timeout=WAIT_SECONDS
        )
        response.raise_for_status()
        return response

    def probe(self) -> dict[str, Any]:
        """The observations of the probe since the last request."""
        return dict(requests.get(f"{self._server.url}probe", timeout=WAIT_SECONDS).json())

    def lateness(self, work: Callable[[], object]) -> list[float]:
        """Seconds by which each tick of the loop was late while `work` ran."""
        self.probe()
        work()
        return list(self.probe()["late"])

    @property
    def url(self) -> str:
        """The server's address, with a trailing slash."""
        return self._server.url

    @property
    def headers(self) -> dict[str, str]:
        """The headers that grant access."""
        return self._server.headers

    @property
    def rss(self) -> int:
        """Resident memory of the server, bytes."""
        assert self._server.process is not None
        return int(psutil.Process(self._server.process.pid).memory_info().rss)

    @property
    def cpu(self) -> float:
        """Processor seconds that the server has used."""
        assert self._server.process is not None
        times = psutil.Process(self._server.process.pid).cpu_times()
        return float(times.user + times.system)
