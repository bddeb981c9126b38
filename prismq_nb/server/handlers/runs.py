"""The runs: list, start, inspect, pin, stop and purge them, and write to their stdin."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, cast
from weakref import WeakValueDictionary

import msgspec
from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado import web

from prismq_nb.common.models import LaunchRequest, RestartRequest, RunInfo
from prismq_nb.engine.launch.notify_targets import refuse_addresses
from prismq_nb.errors import BodyTooLarge, InvalidRequest
from prismq_nb.server.http.base import BaseHandler, decode_body
from prismq_nb.server.http.contents import kernel_path
from prismq_nb.server.http.launch_request import launch_spec

if TYPE_CHECKING:
    from prismq_nb.common.run_query import RunQuery

DEFAULT_RUNS = 50
MAX_RUNS = 1000
_MAX_OFFSET = 1 << 31
_LIST_TEXTS = (
    *("q", "module_id", "module_key", "notebook", "status", "since", "before"),
    *("changed_since", "sort"),
)
"""Parameters of a list that are texts; the engine checks them."""
BODY_SECONDS = 60.0
"""Maximum time for a request body to arrive."""
DRAIN_BYTES = 16 << 20
"""A body that is too long is read up to this size and discarded: a client that is cut off while
it sends sees a broken pipe instead of an answer."""


_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""By run: a sender to a run that does not read its input holds one thread, not all of them."""


class Input(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /api/runs/{id}/input``.

    Attributes:
        text: what the module reads; a line needs its newline.
        eof: close its stdin afterwards.
        secret: hold the text until the terminal hides what is typed; it is never echoed.
    """

    text: str = ""
    eof: bool = False
    secret: bool = False


class RunPatch(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``PATCH /api/runs/{id}``.

    Attributes:
        keep: pin the run, so that retention never purges it; false: release it.
    """

    keep: bool


class _BodyHandler(BaseHandler):
    """A handler that collects its body itself, so that a long one is never in memory.

    Decorate with `stream_request_body`.
    """

    # Jupyter's own APIHandler has this signature.
    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse a body by its announced length."""
        self._chunks: list[bytes] = []
        self._received = 0
        await super().prepare()
        if (limit_time := getattr(self.request.connection, "set_body_timeout", None)) is not None:
            limit_time(BODY_SECONDS)
        headers = self.request.headers
        length = headers.get("Content-Length", "")
        longest = (
            self.services.max_body_bytes
            if "Expect" in headers
            else max(DRAIN_BYTES, self.services.max_body_bytes)
        )
        if length.isdecimal() and int(length) > longest:
            raise self._too_large()

    def data_received(self, chunk: bytes) -> None:
        """Take a chunk; nothing beyond the limit is kept."""
        self._received += len(chunk)
        if self._received <= self.services.max_body_bytes:
            self._chunks.append(chunk)
            return
        self._chunks.clear()
        if self._received > max(DRAIN_BYTES, self.services.max_body_bytes) and not self._finished:
            error = self._too_large()
            self.send_error(error.status, exc_info=(type(error), error, None))

    @property
    def body(self) -> bytes:
        """The whole body.

        Raises:
            BodyTooLarge: it is longer than `max_body_bytes`.
            InvalidRequest: it is compressed. Nothing is decompressed, so there are no zip bombs.
        """
        if self._received > self.services.max_body_bytes:
            raise self._too_large()
        if (coding := self.request.headers.get("Content-Encoding", "").strip()) not in (
            "",
            "identity",
        ):
            raise InvalidRequest(
                f"Content-Encoding={coding[:80]!r} is not supported; send the body as it is"
            )
        return b"".join(self._chunks)

    def _answer_launched(self, run: RunInfo) -> None:
        if run.notify:
            self.services.notices.wake()
        self.set_header("Location", url_path_join(self.base_url, "api/runs", run.run_id))
        self.answer(run, 202)

    def _too_large(self) -> BodyTooLarge:
        most = f"{self.services.max_body_bytes:,} bytes (PrismQApp.max_body_bytes)"
        return BodyTooLarge(f"the body is longer than {most}")


@web.stream_request_body
class RunsHandler(_BodyHandler):
    """``/api/runs``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Send a list of runs, newest first unless `sort` says otherwise."""
        query = cast("RunQuery", {name: self.params.text(name) for name in _LIST_TEXTS})
        limit = self.params.integer("limit", 1, MAX_RUNS)
        query["limit"] = DEFAULT_RUNS if limit is None else limit
        query["offset"] = self.params.integer("offset", 0, _MAX_OFFSET) or 0
        if notebook := query["notebook"]:
            query["notebook"] = self._kernel_path(notebook)
        self.answer(await self.call(self.engine.list, **query))

    @web.authenticated
    @authorized("execute")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Start a run; answer when its child was started, or with the reason why it was not."""
        request = decode_body(self.body, LaunchRequest)
        if not self.is_kernel:
            refuse_addresses(request.notify)
        if request.origin is not None and request.origin.notebook:
            request.origin.notebook = self._kernel_path(request.origin.notebook)
        spec = await launch_spec(request, self.settings, self.call)
        self._answer_launched(await self.launch(self.engine.launch, spec))

    def _kernel_path(self, notebook: str) -> str:
        return kernel_path(notebook, self.settings.get("contents_manager"))


@web.stream_request_body
class RunHandler(_BodyHandler):
    """``/api/runs/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Send the state of a run."""
        await self.await_repair(run_id)
        self.answer(self.engine.get(run_id))

    @web.authenticated
    @authorized
    async def patch(self, run_id: str) -> None:
        """Pin a run against retention, or release it."""
        await self.await_repair(run_id)  # an unknown run is a 404 whatever the body is
        body = decode_body(self.body, RunPatch)
        self.answer(await self.call(self.engine.keep, run_id, keep=body.keep))

    @web.authenticated
    @authorized
    async def delete(self, run_id: str) -> None:
        """Stop a run; a later request escalates. With ``purge=true`` delete an ended run.

        With ``give_up=true`` end a run whose machine is gone.
        """
        purge, give_up = self.params.flag("purge"), self.params.flag("give_up")
        if purge and give_up:
            raise InvalidRequest(
                "purge and give_up cannot be combined; give the run up, then purge it",
                parameter="purge",
            )
        await self.await_repair(run_id)
        if give_up:
            self.answer(await self.call(self.engine.give_up, run_id))
        elif purge:
            await self.call(self.engine.purge, run_id)
            self.set_status(204)
            self.finish()
        else:
            self.answer(await self.call(self.engine.stop, run_id), 202)


@web.stream_request_body
class RestartHandler(_BodyHandler):
    """``/api/runs/{id}/restart``."""

    @web.authenticated
    @authorized("execute")  # type: ignore[untyped-decorator]
    async def post(self, run_id: str) -> None:
        """Launch an ended run again; answer with the new run."""
        await self.await_repair(run_id)  # an unknown run is a 404 whatever the body is
        given = decode_body(self.body, RestartRequest) if self.body else RestartRequest()
        self._answer_launched(await self.launch(partial(self.engine.restart, given=given), run_id))


class AttemptsHandler(BaseHandler):
    """``/api/runs/{id}/attempts``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Send the attempts of a launch, and whether it can be restarted."""
        await self.await_repair(run_id)
        self.answer(
            await self.launch(self.engine.attempts, run_id)
        )  # checks files as a launch does


@web.stream_request_body
class InputHandler(_BodyHandler):
    """``/api/runs/{id}/input``."""

    @web.authenticated
    @authorized("execute")  # type: ignore[untyped-decorator]
    async def post(self, run_id: str) -> None:
        """Write to the module's stdin; say whether a secret is held until the program asks."""
        await self.await_repair(run_id)  # an unknown run is a 404 whatever the body is
        body = decode_body(self.body, Input)
        async with _turns.setdefault(run_id, asyncio.Lock()):
            send = partial(self.engine.send, run_id, body.text, eof=body.eof, secret=body.secret)
            held = await asyncio.get_running_loop().run_in_executor(self.services.pools.sends, send)
        self.answer({"held": True} if held else {}, 202)
