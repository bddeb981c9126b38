"""Identify kernels: a request with the connection file's secret, and what the server lets it do.

Imports nothing of JupyterHub, which is recognised by the identity provider that it brings.
"""

from __future__ import annotations

import asyncio
import hmac
import inspect
import logging
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from jupyter_server.auth.identity import User
from tornado.web import HTTPError

if TYPE_CHECKING:
    from jupyter_server.auth import Authorizer, IdentityProvider
    from tornado.web import RequestHandler

SCHEME = "prismq"
"""``Authorization: prismq <secret>``."""
KERNEL_USER = "prismq-kernel"
KERNEL_NAME = "Kernel (prismq)"

HUB_SECONDS = 5.0
"""Longest wait for the hub's answer. A kernel waits 30 s for ours."""
HUB_AGAIN_SECONDS = 60.0
"""After a failure, do not ask the hub for so long: a hub that hangs must not slow each request down."""


@dataclass
class HubUser(User):
    """A kernel below JupyterHub: it acts for the owner of the server.

    Attributes:
        hub_user: the hub's model of the owner, which the hub's authorizers read.
    """

    hub_user: dict[str, Any] = field(default_factory=dict)


class KernelIdentity:
    """The server's identity provider for a request that carries the secret: a known user."""

    def __init__(self, provider: IdentityProvider) -> None:
        """Delegate everything that is not about the user to `provider`."""
        self._provider = provider

    @staticmethod
    def claims(authorization: str, secret: str) -> bool:
        """Return whether an ``Authorization`` header carries the secret, in constant time."""
        scheme, _, value = authorization.partition(" ")
        given = value.strip().encode("utf-8", "replace")
        return scheme.lower() == SCHEME and hmac.compare_digest(given, secret.encode())

    async def get_user(self, handler: RequestHandler) -> User:  # noqa: ARG002 - Jupyter's signature
        """Return the user that stands for all kernels of this server."""
        hub = getattr(self._provider, "hub_auth", None)
        if hub is None:
            return User(username=KERNEL_USER, name="Kernel", display_name=KERNEL_NAME)
        model = await _owner_of(hub)
        return HubUser(username=str(model["name"]), display_name=KERNEL_NAME, hub_user=model)

    def is_token_authenticated(self, handler: RequestHandler) -> bool:  # noqa: ARG002 - Jupyter's signature
        """Return True: a browser cannot be made to send this header, so it needs no XSRF token."""
        return True

    def should_check_origin(self, handler: RequestHandler) -> bool:  # noqa: ARG002 - Jupyter's signature
        """Return False, for the same reason."""
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)


class Decisions:
    """The server's authorizer, for one request of ours.

    Attributes:
        denied: the authorizer knows the user and refused what was asked.
    """

    def __init__(self, authorizer: Authorizer, *, kernel: bool) -> None:
        """Delegate to `authorizer`; with `kernel`, turn what it raises into a refusal."""
        self._authorizer = authorizer
        self._kernel = kernel
        self.denied = False

    async def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        """Return the authorizer's decision.

        Raises:
            HTTPError: 403: it cannot judge a kernel, because it reads what only the users of
                its own identity provider have.
        """
        try:
            decision = self._authorizer.is_authorized(handler, user, action, resource)
            allowed = bool(await decision if inspect.isawaitable(decision) else decision)
        except HTTPError:
            raise
        except Exception as error:
            if not self._kernel:
                raise
            self.denied = True
            message = _unjudged(self._authorizer, error)
            handler.log.warning("prismq_nb: %s", message)
            raise HTTPError(403, "%s", message) from error
        self.denied = not allowed
        return allowed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._authorizer, name)


def _unjudged(authorizer: Authorizer, error: Exception) -> str:
    name = type(authorizer).__name__
    return (
        f"the server's authorizer {name} cannot judge a kernel ({type(error).__name__}: {error}); "
        f"let {name} allow the user {KERNEL_USER!r}, or a user without that field"
    )


@dataclass
class _Asked:
    model: dict[str, Any]
    again_at: float = 0.0


_owners: WeakKeyDictionary[Any, _Asked] = WeakKeyDictionary()


async def _owner_of(hub: Any) -> dict[str, Any]:
    """Return the hub's model of the server's owner.

    It is what the hub says about the server's own API token, which every kernel could use as well,
    so the secret opens nothing that the token does not. While the hub does not answer: the last
    answer, else the owner's name with the scopes that access to this server takes.
    """
    asked = _owners.setdefault(hub, _Asked(_owner_by_environment(hub)))
    if time.monotonic() < asked.again_at:
        return asked.model
    try:  # answers are cached by the hub's own code, for five minutes
        model = await asyncio.wait_for(hub.user_for_token(hub.api_token, sync=False), HUB_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever happens there, a launch needs no hub
        logging.getLogger(__name__).warning("JupyterHub did not say who owns this server: %s", error)
        model = None
    if model:
        asked.model = model
    else:
        asked.again_at = time.monotonic() + HUB_AGAIN_SECONDS
    return asked.model


def _owner_by_environment(hub: Any) -> dict[str, Any]:
    name = os.environ.get("JUPYTERHUB_USER") or KERNEL_USER
    scopes = sorted(hub.access_scopes)
    return {"kind": "user", "name": name, "admin": False, "groups": [], "scopes": scopes}
