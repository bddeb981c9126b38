"""The extension as Jupyter sees it: configuration, and what happens at start and stop. Everything else is wired here and lives elsewhere."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Float, Integer, Unicode, default

from prismq_nb.engine.engine import Engine
from prismq_nb.engine.live.feed import BUFFER_LINES
from prismq_nb.engine.live.feeds import Feeds
from prismq_nb.engine.live.turns import Turns
from prismq_nb.engine.store.retention import Limits, Retention
from prismq_nb.errors import PrismqError
from prismq_nb.journal.levels.warm_up import warm_up
from prismq_nb.server.activity import Activity
from prismq_nb.server.asking import AskingLog
from prismq_nb.server.connection import ConnectionFile
from prismq_nb.server.heap import freeze_heap
from prismq_nb.server.http.admission import Admission
from prismq_nb.server.http.data_directory import DataDirectory
from prismq_nb.server.http.services import SETTING, Pools, Services
from prismq_nb.server.http.upkeep import Upkeep
from prismq_nb.server.routes import PAGES, ROUTES

CONNECTION_VARIABLE = "PRISMQ_CONNECTION_FILE"
DATA_DIR_VARIABLE = "PRISMQ_DATA_DIR"
_STREAMS_END_SECONDS = 2.0


class PrismQApp(ExtensionApp):
    """Runs modules in the background and serves their logs."""

    name = "prismq_nb"
    description = "Runs modules in the background and serves their logs."

    data_dir = Unicode(
        help="""Directory of all runs: an absolute path. Default: $PRISMQ_DATA_DIR, else prismq_nb in Jupyter's data directory.
        Servers that share it see the same runs.""",
    ).tag(config=True)
    buffer_lines = Integer(
        BUFFER_LINES,
        min=1,
        max=1_000_000,
        help="""Newest lines of each watched run that are kept decoded in memory, 1 to 1,000,000; 16 MiB a run and 256 MiB in all are never exceeded.
        It is also where a stream begins that names no position. Fewer: older lines are read from disk. Nothing is lost either way.""",
    ).tag(config=True)
    max_body_bytes = Integer(
        1 << 20,
        min=1024,
        max=1 << 30,
        help="""Longest body of a request, in bytes, 1 KiB to 1 GiB; a longer one is refused with 413. `code` and `parameters` travel in it.""",
    ).tag(config=True)
    keep_alive_seconds = Float(
        15.0,
        min=0.05,
        max=3600.0,
        help="""Seconds of silence after which a stream sends a comment, 0.05 to 3600. Longer: proxies may
        close it (nginx does after 60 s).""",
    ).tag(config=True)

    max_streams = Integer(
        2000,
        min=1,
        max=1_000_000,
        help="""Streams of single runs (`/api/runs/{id}/logs/stream`) that may be open at one time,
        1 or more; one more is refused with 429 and `Retry-After`. Each takes a file descriptor. The
        stream of a page of viewers (`/api/runs/stream`) is never refused, and does not count.""",
    ).tag(config=True)
    peer_timeout_seconds = Float(
        30.0,
        min=1.0,
        max=3600.0,
        help="""Seconds, 1 to 3600, after which a client that vanished silently (a closed lid, a cut cable)
        is detected; it may take a few more.""",
    ).tag(config=True)
    activity_hours = Float(
        24.0,
        min=0.0,
        help="""Hours from its start during which a run counts as activity, so that Jupyter does not shut
        down the server as idle. 0: never. An open viewer alone does not count.""",
    ).tag(config=True)
    keep_runs = Integer(
        200,
        min=0,
        help="""Ended runs that are kept, 0: no limit. The oldest are purged first, once a minute; never one
        that is still running or is pinned by `run.keep()`, and one whose log was read is spared for
        an hour. Where servers share a data directory, the limits of the first one apply.""",
    ).tag(config=True)
    keep_days = Float(30.0, min=0.0, help="""Days after its end that a run is kept, 0: no limit.""").tag(config=True)
    keep_bytes = Integer(
        20 << 30,
        min=0,
        help="""Bytes on disk that all runs together may take before ended ones are purged, 0: no limit. A single run is limited by
        `max_run_bytes`.""",
    ).tag(config=True)
    max_run_bytes = Integer(
        Limits().max_run_bytes,
        min=1 << 16,
        help="""Bytes of output that one run may store, 64 KiB or more. What comes after is read, counted and shown as a gap.""",
    ).tag(config=True)
    min_free_bytes = Integer(
        None,
        allow_none=True,
        min=0,
        help="""Runs store nothing while less than this is free on the disk; output in the meantime is
        counted and shown as a gap. Default: 1 GiB or 5% of the disk, whichever is smaller. 0: until the disk is full.""",
    ).tag(config=True)

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return os.environ.get(DATA_DIR_VARIABLE) or str(Path(jupyter_data_dir()) / "prismq_nb")

    def initialize_settings(self) -> None:
        """Makes the engine; it starts nothing before it is asked."""
        assert self.serverapp is not None
        with suppress(RuntimeError):  # nobody's home directory: opening it says so
            self.data_dir = str(Path(self.data_dir).expanduser().absolute())
        self._connection: ConnectionFile | None = None
        self._activity: Activity | None = None
        self._is_started = False
        self._variables: dict[str, str | None] = {}
        limits = Limits(min_free_bytes=self.min_free_bytes, max_run_bytes=self.max_run_bytes)
        engine = Engine(
            Path(self.data_dir),
            default_cwd=Path(self.serverapp.root_dir),
            limits=limits,
            log=self.log,
            lazy=True,
        )
        streams: set[Any] = set()
        turns, pools = Turns(), Pools()
        self.services = self.settings[SETTING] = Services(
            engine=engine,
            feeds=Feeds(engine, self.buffer_lines, turns),
            directory=DataDirectory(self._open, pools.calls),
            pools=pools,
            turns=turns,
            admission=Admission(self.max_streams),
            upkeep=Upkeep(streams, turns, self.keep_alive_seconds, self.peer_timeout_seconds),
            streams=streams,
            secret=lambda: self._connection.secret if self._connection else "",
            max_body_bytes=self.max_body_bytes,
            peer_timeout_seconds=self.peer_timeout_seconds,
            log=self.log,
        )

    def initialize_handlers(self) -> None:
        """Adds the routes; Jupyter puts its base URL before them."""
        self.handlers.extend([*ROUTES, *PAGES])

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Tells kernels where this server is; only now are its port and address known.

        A data directory that cannot be used is no reason for Jupyter not to start. The patterns of the
        levels are compiled now, in steps: the first request that needs them would take 60 ms longer.
        """
        self._export(DATA_DIR_VARIABLE, self.data_dir)
        times, seen = serverapp.web_app.settings["last_activity_times"], AskingLog(self.log).look
        self._activity = Activity(self.services.engine, self.services.pools.calls, times, self.activity_hours, seen)
        self._is_started = True
        try:
            if self.services.directory.is_open:
                await asyncio.get_running_loop().run_in_executor(self.services.pools.calls, self._begin)
            await self.services.directory.ready()
        except PrismqError as error:
            self.log.error("prismq_nb: %s", error)  # noqa: TRY400 - the text says it all
        self._activity.start()
        while not warm_up():  # noqa: ASYNC110 - a step is work, not a look
            await asyncio.sleep(0)
        freeze_heap()

    def _open(self) -> None:
        """Open the data directory. Raises `PrismqError`."""
        self.services.engine.open()
        if self._is_started:
            self._begin()

    def _begin(self) -> None:
        """Do what needs a data directory and a server that listens."""
        assert self.serverapp is not None
        try:
            self._connection = ConnectionFile(Path(self.data_dir), self.serverapp)
            self._export(CONNECTION_VARIABLE, str(self._connection.path))
        except OSError as error:
            self.log.warning(
                "prismq_nb: kernels cannot find this server, because its connection file cannot be written: %s",
                error,
            )
        self.services.engine.retain(Retention(self.keep_runs, self.keep_days, self.keep_bytes))

    async def stop_extension(self) -> None:
        """Ends all streams at once (they would hold up the shutdown), and says how many runs go on. A second call does nothing."""
        if self.services.feeds.closing:
            return
        self.services.feeds.close()
        self.services.upkeep.stop()
        if self._activity:
            self._activity.stop()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _STREAMS_END_SECONDS
        while self.services.streams and loop.time() < deadline:  # noqa: ASYNC110 - it happens once, and they end in a few ms
            await asyncio.sleep(0.01)
        if self._connection:
            self._connection.remove()
        for name, value in self._variables.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._variables.clear()
        with suppress(PrismqError):
            self._say_what_goes_on(await loop.run_in_executor(self.services.pools.calls, self._active_runs))
        await loop.run_in_executor(self.services.pools.calls, self.services.engine.close)  # the keeper may be in the middle of a purge
        self.services.pools.shutdown()

    def _active_runs(self) -> list[str]:
        return [run.run_id for run in self.services.engine.active()]

    def _say_what_goes_on(self, runs: list[str]) -> None:
        if runs:
            text = "prismq_nb: %d %s without the server; the next server on this data directory shows %s"
            words = ("run continues", "it") if len(runs) == 1 else ("runs continue", "them")
            self.log.info(text, len(runs), *words)

    def _export(self, name: str, value: str) -> None:
        """Sets a variable for the kernels that this server will start."""
        if "\0" in value:  # no environment can carry it, and no directory has such a name
            return
        self._variables.setdefault(name, os.environ.get(name))
        os.environ[name] = value
