"""The runs themselves: list, start, look at one, pin, stop, purge, write to its stdin."""

from __future__ import annotations

import asyncio
from functools import partial
from weakref import WeakValueDictionary

import msgspec
from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado import web

from prismq_nb.common.base.state import STATUSES
from prismq_nb.common.models import LaunchSpec, RestartRequest, Run
from prismq_nb.errors import BodyTooLarge, InvalidRequest
from prismq_nb.server.http.base import BaseHandler, decode_body

DEFAULT_RUNS = 50
MAX_RUNS = 1000
_MAX_OFFSET = 1 << 31
BODY_SECONDS = 60.0
"""How long a request's body may take to arrive."""
DRAIN_BYTES = 16 << 20
"""A body up to this size is read to its end and thrown away when it is too long: who is cut off while sending sees a broken pipe and no answer."""


_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""By run: who waits for a run that does not take input holds one thread, not all of them."""


class Input(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /api/runs/{id}/input``.

    Attributes:
        text: what the module reads; a line needs its newline. `eof`: close its stdin after that.
        secret: hold it until the terminal hides what is typed; it is never echoed.
    """

    text: str = ""
    eof: bool = False
    secret: bool = False


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``PATCH /api/runs/{id}``.

    Attributes:
        keep: pin the run, so that retention never purges it; false: no longer.
    """

    keep: bool


class _BodyHandler(BaseHandler):
    """A handler that collects its body itself, so that one which is too long is never in memory. Decorate with `stream_request_body`."""

    async def prepare(self) -> None:  # type: ignore[override] # Jupyter's own APIHandler has this signature
        """Refuses by the announced length."""
        self._chunks: list[bytes] = []
        self._received = 0
        await super().prepare()
        if (limit_time := getattr(self.request.connection, "set_body_timeout", None)) is not None:
            limit_time(BODY_SECONDS)
        headers = self.request.headers
        length = headers.get("Content-Length", "")
        longest = self.services.max_body_bytes if "Expect" in headers else max(DRAIN_BYTES, self.services.max_body_bytes)
        if length.isdecimal() and int(length) > longest:
            raise self._too_large()

    def data_received(self, chunk: bytes) -> None:
        """Takes a piece; what is over the limit is not kept."""
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
        """All of it. Raises `BodyTooLarge`, and `InvalidRequest` where it is compressed: nothing is inflated, so nothing can explode."""
        if self._received > self.services.max_body_bytes:
            raise self._too_large()
        if (coding := self.request.headers.get("Content-Encoding", "").strip()) not in ("", "identity"):
            raise InvalidRequest(f"Content-Encoding is {coding[:80]!r}: send the body as it is")
        return b"".join(self._chunks)

    def _answer_launched(self, run: Run) -> None:
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
        """Lists runs, newest first."""
        params = self.params
        limit = params.integer("limit", 1, MAX_RUNS)
        page = await self.call(
            self.engine.list,
            module_id=params.text("module_id"),
            status=params.choice("status", STATUSES),
            q=params.text("q"),
            limit=DEFAULT_RUNS if limit is None else limit,
            offset=params.integer("offset", 0, _MAX_OFFSET) or 0,
        )
        self.answer(page)

    @web.authenticated
    @authorized("execute")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Starts a run; answers when its child was spawned, or with the reason why it could not be."""
        self._answer_launched(await self.launch(self.engine.launch, decode_body(self.body, LaunchSpec)))


@web.stream_request_body
class RunHandler(_BodyHandler):
    """``/api/runs/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Tells the state of a run."""
        await self.settle(run_id)
        self.answer(self.engine.get(run_id))

    @web.authenticated
    @authorized
    async def patch(self, run_id: str) -> None:
        """Pins a run against retention, or lets it go again."""
        await self.settle(run_id)  # an unknown run is a 404 whatever the body is
        body = decode_body(self.body, Change)
        self.answer(await self.call(self.engine.keep, run_id, keep=body.keep))

    @web.authenticated
    @authorized
    async def delete(self, run_id: str) -> None:
        """Stop a run; a later request escalates. With ``purge=true`` delete one that has ended.

        With ``give_up=true`` end one whose machine is gone.
        """
        purge, give_up = self.params.flag("purge"), self.params.flag("give_up")
        if purge and give_up:
            raise InvalidRequest("purge and give_up are both true: give the run up, then purge it")
        await self.settle(run_id)
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
        """Launches an ended run again; answers with the new one."""
        await self.settle(run_id)  # an unknown run is a 404 whatever the body is
        given = decode_body(self.body, RestartRequest) if self.body else RestartRequest()
        self._answer_launched(await self.launch(partial(self.engine.restart, given=given), run_id))


class AttemptsHandler(BaseHandler):
    """``/api/runs/{id}/attempts``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Tells which attempts there are, and whether the run can be started again."""
        await self.settle(run_id)
        self.answer(await self.launch(self.engine.attempts, run_id))  # looks at files as a launch


@web.stream_request_body
class InputHandler(_BodyHandler):
    """``/api/runs/{id}/input``."""

    @web.authenticated
    @authorized("execute")  # type: ignore[untyped-decorator]
    async def post(self, run_id: str) -> None:
        """Writes to the module's stdin; says whether a secret is held until the program asks."""
        await self.settle(run_id)  # an unknown run is a 404 whatever the body is
        body = decode_body(self.body, Input)
        async with _turns.setdefault(run_id, asyncio.Lock()):
            send = partial(self.engine.send, run_id, body.text, eof=body.eof, secret=body.secret)
            held = await asyncio.get_running_loop().run_in_executor(self.services.pools.sends, send)
        self.answer({"held": True} if held else {}, 202)
