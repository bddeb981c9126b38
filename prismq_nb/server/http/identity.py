"""Authenticate kernels, by the connection file's secret, and authorise them as the server decides.

Imports nothing of JupyterHub, which is recognised by its identity provider.
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
"""After a failure the hub is not asked for this long: a hanging hub must not slow every request."""


@dataclass
class HubUser(User):
    """A kernel below JupyterHub, which acts for the owner of the server.

    Attributes:
        hub_user: the hub's model of the owner, which the hub's authorizers read.
    """

    hub_user: dict[str, Any] = field(default_factory=dict)


class KernelIdentity:
    """The identity provider of a request that carries the secret: its user is a kernel."""

    def __init__(self, provider: IdentityProvider) -> None:
        """Delegate everything else to `provider`."""
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

    # Jupyter's signature
    def is_token_authenticated(self, handler: RequestHandler) -> bool:  # noqa: ARG002
        """Return True: a browser cannot be made to send this header, so it needs no XSRF token."""
        return True

    # Jupyter's signature
    def should_check_origin(self, handler: RequestHandler) -> bool:  # noqa: ARG002
        """Return False, for the same reason."""
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)


class RequestAuthorizer:
    """The server's authorizer, for one request.

    Attributes:
        denied: the authorizer knows the user and refused the action.
    """

    def __init__(self, authorizer: Authorizer, *, kernel: bool) -> None:
        """Delegate to `authorizer`; with `kernel`, turn its errors into refusals."""
        self._authorizer = authorizer
        self._kernel = kernel
        self.denied = False

    async def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        """Return the authorizer's decision.

        Raises:
            HTTPError: 403: it cannot judge a kernel, because it reads fields that only users of its
                own identity provider have.
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
class _HubAnswer:
    model: dict[str, Any]
    again_at: float = 0.0


_owners: WeakKeyDictionary[Any, _HubAnswer] = WeakKeyDictionary()


async def _owner_of(hub: Any) -> dict[str, Any]:
    """Return the hub's model of the server's owner.

    It is what the hub says about the server's own API token, which every kernel could use as well,
    so the secret grants nothing that the token does not. While the hub does not answer: the last
    answer, or else the owner's name with the scopes that access to this server needs.
    """
    answer = _owners.setdefault(hub, _HubAnswer(_owner_by_environment(hub)))
    if time.monotonic() < answer.again_at:
        return answer.model
    try:  # jupyterhub caches answers for five minutes
        model = await asyncio.wait_for(hub.user_for_token(hub.api_token, sync=False), HUB_SECONDS)
    except Exception as error:  # noqa: BLE001 - a launch must not depend on the hub
        logging.getLogger(__name__).warning(
            "JupyterHub did not say who owns this server: %s", error
        )
        model = None
    if model:
        answer.model = model
    else:
        answer.again_at = time.monotonic() + HUB_AGAIN_SECONDS
    return answer.model


def _owner_by_environment(hub: Any) -> dict[str, Any]:
    name = os.environ.get("JUPYTERHUB_USER") or KERNEL_USER
    scopes = sorted(hub.access_scopes)
    return {"kind": "user", "name": name, "admin": False, "groups": [], "scopes": scopes}
