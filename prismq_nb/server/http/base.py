"""What all handlers share: authentication, checked parameters, and errors as JSON."""

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

from prismq_nb.common.base.plain_text import shorten
from prismq_nb.engine.health.repair_queue import WAIT_SECONDS
from prismq_nb.errors import InvalidRequest, PrismqError, RunNotFound, RunUnreadable, TooManyStreams
from prismq_nb.server.http.identity import KernelIdentity, RequestAuthorizer
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
"""The resource that an `Authorizer` is asked about. Its actions are ``read`` (GET), ``write``
(PATCH, DELETE) and ``execute`` (starting runs, and input)."""

MESSAGE_CHARS = 2000
"""Longest error message; it repeats what was sent, which may be a megabyte."""
T = TypeVar("T")
W = TypeVar("W")


class BaseHandler(APIHandler):
    """A handler below ``/api/runs``.

    An unknown user gets 403 for every method, whatever the server's defaults are.
    """

    auth_resource = AUTH_RESOURCE

    @property
    def services(self) -> Services:
        """What requests are answered with."""
        return cast("Services", self.settings[SETTING])

    @property
    def log(self) -> Logger:
        """The extension's log, not the server's, so each line names its origin."""
        return self.services.log

    @property
    def engine(self) -> Engine:
        """All runs."""
        return self.services.engine

    @property
    def feeds(self) -> Feeds:
        """The live ends of the watched runs."""
        return self.services.feeds

    @cached_property
    def params(self) -> Params:
        """The query parameters, checked on access."""
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
    def _request_authorizer(self) -> RequestAuthorizer:
        return RequestAuthorizer(super().authorizer, kernel=self.is_kernel)

    @property
    def authorizer(self) -> Authorizer:
        """Jupyter's own, which may read what a kernel's user does not have."""
        return cast("Authorizer", self._request_authorizer)

    def check_xsrf_cookie(self) -> None:
        """Skip the check for the secret; all others get the server's check.

        Here, and not only in the identity: JupyterHub replaces Jupyter's method by one that does
        not ask the identity provider (`HubOAuth._patch_xsrf`, 4.1 and newer).
        """
        if not self.is_kernel:
            super().check_xsrf_cookie()

    # Jupyter's own APIHandler has this signature.
    async def prepare(self) -> None:  # type: ignore[override]
        """Authenticate first, so that no answer tells a stranger what exists."""
        await super().prepare()
        if not self._finished and self.current_user is None and self.request.method != "OPTIONS":
            raise web.HTTPError(403)
        if not self._finished and self.request.method != "OPTIONS":
            await self.services.directory.ready()

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Decode path parts that are not UTF-8 to ids that no run has: a 404, not a 400."""
        if name is None:
            return value.decode("utf-8", "replace")
        return super().decode_argument(value, name)

    def compute_etag(self) -> str | None:
        """Return None: hashing an answer of 8 MiB would block the event loop, for little use."""
        return None

    def update_api_activity(self) -> None:
        """Ignore errors of Jupyter's method.

        It reads an argument; one that is not UTF-8 would raise out of `finish`, and the request
        would never be answered.
        """
        with suppress(web.HTTPError):
            super().update_api_activity()

    async def call(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a call of the engine that may take more than a few ms in a thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self.services.pools.calls, lambda: work(*args, **kwargs)
        )

    async def await_repair(self, run_id: str) -> None:
        """Read a run's files and await its repair, up to 5 s, without blocking the event loop.

        After that, questions about the run are answered from memory.

        Raises:
            RunNotFound: there is no such run.
        """
        start_repair = self.engine.start_repair
        repair = (
            start_repair(run_id)
            if self.engine.is_known(run_id)
            else await self.call(start_repair, run_id)
        )
        if repair is not None:
            await asyncio.wait({asyncio.wrap_future(repair)}, timeout=WAIT_SECONDS)

    async def launch(self, start: Callable[[W], T], what: W) -> T:
        """Start a run, or check whether it could be, in one of the few threads for that."""
        return await asyncio.get_running_loop().run_in_executor(
            self.services.pools.launches, start, what
        )

    async def turn(self, *, bulk: bool = False) -> None:
        """Wait for a turn to use the event loop for about 1 ms; `bulk`: nobody watches it live."""
        await self.services.turns.next(bulk=bulk)

    async def compute(
        self,
        work: Callable[..., T],
        *args: Any,
        reader: JournalReader | None = None,
    ) -> T:
        """Run some ms of computing in the few threads for that, taking turns with others.

        Args:
            work: the function to call.
            args: its arguments.
            reader: the reader that it uses; its files may be closed between two calls.
        """
        async with self.services.pools.computing:
            with nullcontext() if reader is None else self.services.readers.using(reader):
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self.services.pools.computations, work, *args)

    def answer(self, value: Any, status: int = 200) -> None:
        """Finish the request with JSON."""
        self.set_status(status)
        self.finish(msgspec.json.encode(value))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Send an error with the status of its class."""
        error = self._raised(kwargs)
        super().send_error(
            error.status if isinstance(error, PrismqError) else status_code, **kwargs
        )

    def _raised(self, kwargs: dict[str, Any]) -> BaseException | None:
        """Return why a request failed; an unreadable file is not a server error."""
        error: BaseException | None = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, OSError) and not isinstance(error, PrismqError) and error.filename:
            try:
                self.engine.open()
            except PrismqError as lost:
                return lost
            return RunUnreadable(f"a file of the run cannot be read: {error.strerror}")
        return error

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write an error as JSON; of an unforeseen one, say only that it happened."""
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
        body = {"message": shorten(message, MESSAGE_CHARS), "reason": reason}
        if isinstance(error, PrismqError):
            more = {"parameter": error.parameter, "detail": error.detail}
            body |= {
                name: shorten(text, MESSAGE_CHARS)
                for name, text in more.items()
                if text is not None
            }
        self.finish(msgspec.json.encode(body))

    def _refusal(self, message: str) -> tuple[str, str]:
        """Return message and reason of a 403: not signed in, or not allowed."""
        if self._request_authorizer.denied:
            return message, "NotAuthorized"
        if self.current_user is None:
            return "not signed in: sign in again, or send a valid token", "NotAllowed"
        return message, "NotAllowed"

    def log_exception(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Log mistakes of clients for debugging only.

        Unlike tornado's, a log line has no query: a token may be in it.
        """
        if isinstance(error, (PrismqError, web.HTTPError)):
            self.log.debug("%s %s: %s", self.request.method, self.request.path, error)
        else:
            self.log.error(
                "%s %s failed",
                self.request.method,
                self.request.path,
                exc_info=(kind, error, trace),  # type: ignore[arg-type]
            )


class UnknownPathHandler(BaseHandler):
    """A path below ``/api/runs`` that is not a route: 404 as JSON."""

    # Jupyter's own APIHandler has this signature.
    async def prepare(self) -> None:  # type: ignore[override]
        """Answer every method."""
        await super().prepare()
        raise RunNotFound(f"there is no route {self.request.path!r}; see api/runs/openapi.yaml")


def methods(handler: type[web.RequestHandler]) -> list[str]:
    """Return the methods that a handler implements."""
    # the method that tornado marks them with
    missing = web.RequestHandler._unimplemented_method  # noqa: SLF001
    return [
        method
        for method in handler.SUPPORTED_METHODS
        if getattr(handler, method.lower()) is not missing
    ]


def decode_body(body: bytes, kind: type[T]) -> T:
    """Decode a request's body.

    Raises:
        InvalidRequest: it is empty, not JSON, or of another form; the message has the path to the
            mistake.
    """
    if not body.strip():
        raise InvalidRequest("the body is empty; send a JSON object")
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
