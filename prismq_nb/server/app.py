"""The extension as Jupyter sees it: its configuration, and what happens at start and stop.

Everything else is wired here and implemented elsewhere.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Dict, Float, Integer, List, Unicode, default

from prismq_nb.engine.engine import Engine
from prismq_nb.engine.files.notice_state import Sender
from prismq_nb.engine.launch.notify_targets import Targets
from prismq_nb.engine.live.feed import BUFFER_LINES
from prismq_nb.engine.live.feeds import Feeds
from prismq_nb.engine.live.run_changes import RunChanges
from prismq_nb.engine.live.turns import Turns
from prismq_nb.engine.notices.notices import Notices
from prismq_nb.engine.store.retention import Limits, Retention
from prismq_nb.errors import InvalidRequest, PrismqError
from prismq_nb.journal.levels.warm_up import warm_up
from prismq_nb.server.activity import Activity
from prismq_nb.server.connection import ConnectionFile
from prismq_nb.server.heap import freeze_heap
from prismq_nb.server.http.admission import Admission
from prismq_nb.server.http.connection_monitor import ConnectionMonitor
from prismq_nb.server.http.data_directory import DataDirectory
from prismq_nb.server.http.services import SETTING, Pools, Services
from prismq_nb.server.http.sse import change_event
from prismq_nb.server.input_wait_log import InputWaitLog
from prismq_nb.server.kernel_watch import KernelWatch
from prismq_nb.server.metrics import RunMetrics
from prismq_nb.server.public_pages import public_page
from prismq_nb.server.routes import PAGES, ROUTES
from prismq_nb.server.state_events import StateEvents

CONNECTION_VARIABLE = "PRISMQ_CONNECTION_FILE"
DATA_DIR_VARIABLE = "PRISMQ_DATA_DIR"
_STREAMS_END_SECONDS = 2.0


class PrismQApp(ExtensionApp):
    """Runs modules in the background and serves their logs."""

    name = "prismq_nb"
    description = "Runs modules in the background and serves their logs."

    data_dir = Unicode(
        help="""Directory of all runs, an absolute path. Default: $PRISMQ_DATA_DIR, or else
        prismq_nb in Jupyter's data directory. Servers that share it see the same runs.""",
    ).tag(config=True)
    buffer_lines = Integer(
        BUFFER_LINES,
        min=1,
        max=1_000_000,
        help="""Newest lines of each watched run to keep decoded in memory, 1 to 1,000,000, within
        16 MiB per run and 256 MiB in total. A stream without a position begins with them. Older
        lines are read from disk, so no line is lost either way.""",
    ).tag(config=True)
    max_body_bytes = Integer(
        1 << 20,
        min=1024,
        max=1 << 30,
        help="""Maximum length of a request body in bytes, 1 KiB to 1 GiB; a longer one is refused
        with 413. It holds `code` and `parameters`.""",
    ).tag(config=True)
    keep_alive_seconds = Float(
        15.0,
        min=0.05,
        max=3600.0,
        help="""Seconds of silence after which a stream sends a comment, 0.05 to 3600. With a long
        time, proxies may close the stream (nginx does so after 60 s).""",
    ).tag(config=True)

    max_streams = Integer(
        2000,
        min=1,
        max=1_000_000,
        help="""Maximum number of open streams of single runs (`/api/runs/{id}/logs/stream`) and of
        the list (`/api/runs/events`), and of searches over all runs, 1 or more; a further one is
        refused with 429 and `Retry-After`. Each takes a file descriptor. The stream of a page
        (`/api/runs/stream`) is never refused and does not count.""",
    ).tag(config=True)
    peer_timeout_seconds = Float(
        30.0,
        min=1.0,
        max=3600.0,
        help="""Seconds, 1 to 3600, after which a silently vanished client (a closed lid, a cut
        cable) is detected; it may take a few seconds more.""",
    ).tag(config=True)
    activity_hours = Float(
        24.0,
        min=0.0,
        help="""Hours after its start during which a run counts as activity, so that Jupyter does
        not shut down the server as idle. 0: never. An open viewer alone does not count.""",
    ).tag(config=True)
    keep_runs = Integer(
        200,
        min=0,
        help="""Number of ended runs to keep; 0: no limit. The oldest are purged first, once a
        minute, but never a run that is pinned by `run.keep()`; one whose log was read is spared for
        an hour. If servers share a data directory, the limits of the first one apply.""",
    ).tag(config=True)
    keep_days = Float(30.0, min=0.0, help="Days to keep a run after its end; 0: no limit.").tag(
        config=True
    )
    keep_bytes = Integer(
        20 << 30,
        min=0,
        help="""Maximum bytes on disk of all runs together; beyond it ended runs are purged. 0: no
        limit. A single run is limited by `max_run_bytes`.""",
    ).tag(config=True)
    max_run_bytes = Integer(
        Limits().max_run_bytes,
        min=1 << 16,
        help="""Maximum bytes of output that one run stores, 64 KiB or more. Further output is read,
        counted and shown as a gap.""",
    ).tag(config=True)
    min_free_bytes = Integer(
        None,
        allow_none=True,
        min=0,
        help="""Runs store nothing while fewer bytes than this are free on the disk; output in the
        meantime is counted and shown as a gap. Default: 1 GiB or 5% of the disk, whichever is
        smaller. 0: store until the disk is full.""",
    ).tag(config=True)

    notify = List(
        Unicode(),
        help="""Names of the targets that get a notice when a run ends, for the launches through
        this server that do not say whom to notify. Watched cells send none.""",
    ).tag(config=True)
    notify_targets = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="""Addresses of apprise (https://appriseit.com/services) by name, such as
        `{"team": "mailto://user:password@example.org"}`. They come before those of `notify.json`
        in Jupyter's configuration directory, which only you may be able to read.""",
    ).tag(config=True)

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return os.environ.get(DATA_DIR_VARIABLE) or str(Path(jupyter_data_dir()) / "prismq_nb")

    def initialize_settings(self) -> None:
        """Create the engine, which starts nothing before the first request."""
        assert self.serverapp is not None
        with suppress(RuntimeError):  # ~user of an unknown user: opening it reports that
            self.data_dir = str(Path(self.data_dir).expanduser().absolute())
        self._connection: ConnectionFile | None = None
        self._activity: Activity | None = None
        self._kernels: KernelWatch | None = None
        self._metrics: RunMetrics | None = None
        self._state_events: StateEvents | None = None
        self._is_started = False
        self._variables: dict[str, str | None] = {}
        self._targets = Targets(self.notify_targets, self.notify, sender=Sender.this_process())
        engine = Engine(
            Path(self.data_dir),
            default_cwd=Path(self.serverapp.root_dir),
            limits=self._limits(),
            log=self.log,
            targets=self._targets,
            lazy=True,
        )
        streams: set[Any] = set()
        turns, pools = Turns(), Pools()
        self.services = self.settings[SETTING] = Services(
            engine=engine,
            feeds=Feeds(engine, self.buffer_lines, turns),
            changes=RunChanges(engine, pools.calls, change_event, self.log),
            notices=Notices(engine, pools.calls, partial(public_page, self.serverapp), self.log),
            directory=DataDirectory(self._open, pools.calls),
            pools=pools,
            turns=turns,
            admission=Admission(self.max_streams),
            monitor=ConnectionMonitor(
                streams, turns, self.keep_alive_seconds, self.peer_timeout_seconds
            ),
            streams=streams,
            secret=lambda: self._connection.secret if self._connection else "",
            max_body_bytes=self.max_body_bytes,
            peer_timeout_seconds=self.peer_timeout_seconds,
            log=self.log,
        )

    def _limits(self) -> Limits:
        return Limits(min_free_bytes=self.min_free_bytes, max_run_bytes=self.max_run_bytes)

    def initialize_handlers(self) -> None:
        """Add the routes; Jupyter prefixes them with its base URL."""
        self.handlers.extend([*ROUTES, *PAGES])

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Export the connection file to kernels: the server's port and address are known only now.

        Jupyter must start even if the data directory cannot be used. The level patterns are
        compiled now, in steps: the first request that needs them would take 60 ms longer.
        """
        self._export(DATA_DIR_VARIABLE, self.data_dir)
        times, seen = (
            serverapp.web_app.settings["last_activity_times"],
            InputWaitLog(self.log).update,
        )
        self._activity = Activity(
            self.services.engine, self.services.pools.calls, times, self.activity_hours, seen
        )
        self._is_started = True
        try:
            self._targets.recipients(None, 0)
        except InvalidRequest as error:
            self.log.error("prismq_nb: %s", error)  # noqa: TRY400 - the message is complete
        calls = self.services.pools.calls
        self._kernels = KernelWatch(
            serverapp.kernel_manager, self.services.engine.kernels_end, calls, self.log
        )
        self._kernels.start()
        self._metrics = RunMetrics(self.services.engine, self.services.streams)
        self._metrics.register()
        self._state_events = StateEvents(serverapp.event_logger, self.services.changes, self.log)
        self._state_events.start()
        try:
            if self.services.directory.is_open:
                await asyncio.get_running_loop().run_in_executor(
                    self.services.pools.calls, self._begin
                )
            await self.services.directory.ready()
        except PrismqError as error:
            self.log.error("prismq_nb: %s", error)  # noqa: TRY400 - the message is complete
        self._activity.start()
        self.services.notices.start()
        while not warm_up():  # noqa: ASYNC110 - a step is work, not a poll
            await asyncio.sleep(0)
        freeze_heap()

    def _open(self) -> None:
        """Open the data directory.

        Raises:
            PrismqError: it cannot be used.
        """
        self.services.engine.open()
        if self._is_started:
            self._begin()

    def _begin(self) -> None:
        """Do what needs both a data directory and a listening server."""
        assert self.serverapp is not None
        try:
            limits = self._limits()._asdict()
            self._connection = ConnectionFile(Path(self.data_dir), self.serverapp, limits)
            self._export(CONNECTION_VARIABLE, str(self._connection.path))
        except OSError as error:
            self.log.warning(
                "prismq_nb: kernels cannot find this server, because its connection file cannot be"
                " written: %s",
                error,
            )
        self.services.engine.retain(Retention(self.keep_runs, self.keep_days, self.keep_bytes))

    async def stop_extension(self) -> None:
        """End all streams, which would delay the shutdown, and log how many runs go on.

        A second call does nothing.
        """
        if self.services.feeds.closing:
            return
        self.services.feeds.close()
        await self.services.notices.stop()
        if self._metrics:
            self._metrics.unregister()
        if self._state_events:
            await self._state_events.stop()
        await self.services.changes.close()
        self.services.monitor.stop()
        if self._activity:
            self._activity.stop()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _STREAMS_END_SECONDS
        # This happens once, and streams end in a few ms.
        while self.services.streams and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if self._connection:
            self._connection.remove()
        for name, value in self._variables.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._variables.clear()
        kernels: list[str] = []
        if self._kernels:  # Jupyter shuts its kernels down when the extensions have stopped
            kernels = await self._kernels.tell_all()
            self._kernels.close()
        with suppress(PrismqError):
            self._say_what_goes_on(
                await loop.run_in_executor(self.services.pools.calls, self._active_runs, kernels)
            )
        # housekeeping may be in the middle of a purge
        await loop.run_in_executor(self.services.pools.calls, self.services.engine.close)
        self.services.pools.shutdown()

    def _active_runs(self, ending: list[str]) -> list[str]:
        """Return the active runs, without the cells of the kernels that are `ending`."""
        active = self.services.engine.active()
        return [run.run_id for run in active if run.kernel_id not in ending]

    def _say_what_goes_on(self, runs: list[str]) -> None:
        if runs:
            text = (
                "prismq_nb: %d %s without the server; the next server on this data directory"
                " shows %s"
            )
            words = ("run continues", "it") if len(runs) == 1 else ("runs continue", "them")
            self.log.info(text, len(runs), *words)

    def _export(self, name: str, value: str) -> None:
        """Set a variable for the kernels that this server will start."""
        if "\0" in value:  # no environment and no file name can contain it
            return
        self._variables.setdefault(name, os.environ.get(name))
        os.environ[name] = value
