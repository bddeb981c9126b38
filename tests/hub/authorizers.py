"""Authorizers like those that administrators of a hub write; a server under test imports them."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth import Authorizer


class ByGroup(Authorizer):
    """Read the hub's model of the user."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        del handler, action, resource
        return user.hub_user["name"] == "ann" and "team" in user.hub_user["groups"]


class ByRank(Authorizer):
    """Read a field that only users of its own identity provider have."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        del handler, action, resource
        return user.rank > 3


class Nobody(Authorizer):
    """Refuse everything."""

    async def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        del handler, user, action, resource
        return False


class Chosen(Authorizer):
    """Select one by what the request names, so that one server has all of them."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> Any:
        kind = {"group": ByGroup, "rank": ByRank, "nobody": Nobody}[
            handler.request.headers["X-Kind"]
        ]
        return kind(parent=self).is_authorized(handler, user, action, resource)
