"""What all our handlers share: who is asking, checked parameters, and errors as JSON. No route lives here."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from jupyter_server.base.handlers import APIHandler
from tornado import web

from prismq_nb.engine.health.repairs import WAIT_SECONDS
from prismq_nb.errors import InvalidRequest, PrismqError, RunNotFound, RunUnreadable, TooManyStreams
from prismq_nb.server.http.identity import Decisions, KernelIdentity
from prismq_nb.server.http.params import Params
from prismq_nb.server.http.services import SETTING

if TYPE_CHECKING:
    from logging import Logger
    from types import TracebackType

    from jupyter_server.auth import Authorizer, IdentityProvider

    from prismq_nb.engine.engine import Engine
    from prismq_nb.engine.live.feeds import Feeds
    from prismq_nb.journal.reader import JournalReader
    from prismq_nb.server.http.services import Services

AUTH_RESOURCE = "prismq"
"""What an `Authorizer` is asked about; its actions are ``read`` (GET), ``write`` (DELETE) and ``execute`` (starting runs, and input)."""

MESSAGE_CHARS = 2000
"""Longest message of an error: it repeats what was sent, which may be a megabyte."""
T = TypeVar("T")
W = TypeVar("W")


class BaseHandler(APIHandler):
    """A handler below ``/api/runs``. Whoever is not known gets 403, whatever the method and whatever the server's defaults."""

    auth_resource = AUTH_RESOURCE

    @property
    def services(self) -> Services:
        """What requests are answered with."""
        return cast("Services", self.settings[SETTING])

    @property
    def log(self) -> Logger:
        """The extension's, not the server's: it says whose line it is."""
        return self.services.log

    @property
    def engine(self) -> Engine:
        """All runs."""
        return self.services.engine

    @property
    def feeds(self) -> Feeds:
        """The live ends of those that are watched."""
        return self.services.feeds

    @cached_property
    def params(self) -> Params:
        """The query, checked when asked for."""
        return Params(self.request.query_arguments)

    @cached_property
    def _identity(self) -> IdentityProvider:
        provider = super().identity_provider
        secret = self.services.secret()
        if secret and KernelIdentity.claims(self.request.headers.get("Authorization", ""), secret):
            return cast("IdentityProvider", KernelIdentity(provider))
        return provider

    @property
    def identity_provider(self) -> IdentityProvider:
        """Jupyter's own, unless the request carries the connection file's secret."""
        return self._identity

    @property
    def is_kernel(self) -> bool:
        """Whether the request carries the connection file's secret."""
        return isinstance(self._identity, KernelIdentity)

    @cached_property
    def _decisions(self) -> Decisions:
        return Decisions(super().authorizer, kernel=self.is_kernel)

    @property
    def authorizer(self) -> Authorizer:
        """Jupyter's own, which may read what a kernel's user does not have."""
        return cast("Authorizer", self._decisions)

    def check_xsrf_cookie(self) -> None:
        """Waive the check for the secret; for all others it is what the server has.

        Here, and not only in the identity: JupyterHub replaces Jupyter's method by one that does
        not ask the identity provider (`HubOAuth._patch_xsrf`, 4.1 and newer).
        """
        if not self.is_kernel:
            super().check_xsrf_cookie()

    async def prepare(self) -> None:  # type: ignore[override] # Jupyter's own APIHandler has this signature
        """Authenticates before anything else, so that no answer tells a stranger what there is."""
        await super().prepare()
        if not self._finished and self.current_user is None and self.request.method != "OPTIONS":
            raise web.HTTPError(403)
        if not self._finished and self.request.method != "OPTIONS":
            await self.services.directory.ready()

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Path parts that are no UTF-8 become ids that no run has, which is a 404 and not a 400."""
        if name is None:
            return value.decode("utf-8", "replace")
        return super().decode_argument(value, name)

    def compute_etag(self) -> str | None:
        """None: hashing an answer of 8 MiB would hold up the event loop for a thing that nobody asked for."""
        return None

    def update_api_activity(self) -> None:
        """Jupyter's, which reads an argument: one that is no UTF-8 would raise out of `finish`, and leave the request without an answer for ever."""
        with suppress(web.HTTPError):
            super().update_api_activity()

    async def call(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Runs a call of the engine that may take more than a few ms in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.services.pools.calls, lambda: work(*args, **kwargs))

    async def settle(self, run_id: str) -> None:
        """Read a run's files and await its repair, a few seconds at most, off the event loop.

        What is asked about the run after that is answered from memory.

        Raises:
            RunNotFound: there is no such run.
        """
        begin = self.engine.begin
        repair = begin(run_id) if self.engine.is_known(run_id) else await self.call(begin, run_id)
        if repair is not None:
            await asyncio.wait({asyncio.wrap_future(repair)}, timeout=WAIT_SECONDS)

    async def launch(self, start: Callable[[W], T], what: W) -> T:
        """Start a run, or look whether one could be, in one of the few threads that are for it."""
        return await asyncio.get_running_loop().run_in_executor(self.services.pools.launches, start, what)

    async def turn(self, *, bulk: bool = False) -> None:
        """Wait for a turn to use the event loop for about 1 ms; `bulk`: nobody looks at it live."""
        await self.services.turns.next(bulk=bulk)

    async def compute(
        self,
        work: Callable[..., T],
        *args: Any,
        reader: JournalReader | None = None,
    ) -> T:
        """Run some ms of computing in the few threads that are for it, by turns with others.

        Args:
            work: what to call.
            args: its arguments.
            reader: what it reads with; its files may be closed between two calls.
        """
        async with self.services.pools.computing:
            with nullcontext() if reader is None else self.services.readers.using(reader):
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self.services.pools.computations, work, *args)

    def answer(self, value: Any, status: int = 200) -> None:
        """Finishes the request with JSON."""
        self.set_status(status)
        self.finish(msgspec.json.encode(value))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Gives our own errors the status that each one knows."""
        error = self._raised(kwargs)
        super().send_error(error.status if isinstance(error, PrismqError) else status_code, **kwargs)

    def _raised(self, kwargs: dict[str, Any]) -> BaseException | None:
        """Why a request failed; a file that cannot be read is not the server's fault."""
        error: BaseException | None = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, OSError) and not isinstance(error, PrismqError) and error.filename:
            try:
                self.engine.open()
            except PrismqError as lost:
                return lost
            return RunUnreadable(f"a file of the run cannot be read: {error.strerror}")
        return error

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """``{message, reason}``; of what we did not foresee only that it happened."""
        error = self._raised(kwargs)
        message, reason = _phrase(status_code), _phrase(status_code).replace(" ", "")
        if isinstance(error, PrismqError):
            message, reason = str(error), type(error).__name__
        elif isinstance(error, web.HTTPError):
            message = _said(error) or message
            if status_code == HTTPStatus.FORBIDDEN:
                message, reason = self._refusal(message)
        elif status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            message = "the server failed on this request; its log says more"
        if isinstance(error, TooManyStreams):
            self.set_header("Retry-After", str(math.ceil(error.retry_after)))  # RFC 6585, section 4
        if status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(methods(type(self))))  # RFC 9110, 15.5.6
        if len(message) > MESSAGE_CHARS:
            message = message[: MESSAGE_CHARS - 1] + "…"
        self.finish(msgspec.json.encode({"message": message, "reason": reason}))

    def _refusal(self, message: str) -> tuple[str, str]:
        """Return message and reason of a 403, which tell a missing login from a refusal."""
        if self._decisions.denied:
            return message, "NotAuthorized"
        if self.current_user is None:
            return "not signed in: sign in again, or send a valid token", "NotAllowed"
        return message, "NotAllowed"

    def log_exception(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """What a client did wrong is no matter for the server's log. Unlike tornado's, it has no query: a token may be in it."""
        if isinstance(error, (PrismqError, web.HTTPError)):
            self.log.debug("%s %s: %s", self.request.method, self.request.path, error)
        else:
            self.log.error("%s %s failed", self.request.method, self.request.path, exc_info=(kind, error, trace))  # type: ignore[arg-type]


class UnknownPathHandler(BaseHandler):
    """Whatever is below ``/api/runs`` and is no route: 404 as JSON."""

    async def prepare(self) -> None:  # type: ignore[override] # Jupyter's own APIHandler has this signature
        """Answers every method."""
        await super().prepare()
        raise RunNotFound(f"there is nothing at {self.request.path}")


def methods(handler: type[web.RequestHandler]) -> list[str]:
    """The methods that a handler answers."""
    missing = web.RequestHandler._unimplemented_method  # noqa: SLF001 - what tornado itself marks them with
    return [method for method in handler.SUPPORTED_METHODS if getattr(handler, method.lower()) is not missing]


def decode_body(body: bytes, kind: type[T]) -> T:
    """A request's body as what it should be.

    Raises:
        InvalidRequest: empty, no JSON, or of another form; the text has the path to what is wrong.
    """
    if not body.strip():
        raise InvalidRequest("the body is empty: send a JSON object")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"the body is not valid: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise InvalidRequest("the body is nested too deeply") from None


def _said(error: web.HTTPError) -> str:
    """Return the text of an error, which may be a format with arguments."""
    return (error.log_message or "") % error.args  # without arguments, tornado doubled each `%`


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
