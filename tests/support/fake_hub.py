"""As much of JupyterHub as its single-user server uses: who a token belongs to."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from support.waiting import WAIT_SECONDS

OWNER = "ann"
PREFIX = f"/user/{OWNER}/"
ACCESS = f"access:servers!server={OWNER}/"
API_TOKEN = "token-of-the-server"
BROWSER_TOKEN = "token-of-a-browser"


def model(name: str = OWNER, **more: object) -> dict[str, Any]:
    """A user as the hub describes one."""
    user = {"kind": "user", "name": name, "admin": False, "groups": ["team"], "scopes": [ACCESS]}
    return user | more


class FakeHub:
    """A hub that responds in its own thread.

    Attributes:
        users: the user of each token.
        down: every request is answered with 503.
        asked: the tokens that it was asked about.
    """

    def __init__(self) -> None:
        self.users = {API_TOKEN: model(), BROWSER_TOKEN: model()}
        self.down = False
        self.asked: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(
            WAIT_SECONDS
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub/api"

    def environment(self, port: int) -> dict[str, str]:
        """The environment from the hub's spawner for a server that listens at `port`."""
        return {
            "JUPYTERHUB_ACTIVITY_URL": f"{self.url}/users/{OWNER}/activity",
            "JUPYTERHUB_ALLOW_TOKEN_IN_URL": "1",
            "JUPYTERHUB_API_TOKEN": API_TOKEN,
            "JUPYTERHUB_API_URL": self.url,
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_CLIENT_ID": f"jupyterhub-user-{OWNER}",
            "JUPYTERHUB_OAUTH_ACCESS_SCOPES": f'["{ACCESS}"]',
            "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{PREFIX}oauth_callback",
            "JUPYTERHUB_OAUTH_SCOPES": f'["{ACCESS}"]',
            "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}{PREFIX}",
            "JUPYTERHUB_USER": OWNER,
        }

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(WAIT_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_SECONDS)
        self._loop.close()

    async def _listen(self) -> int:
        sock, port = bind_unused_port()
        self._server = HTTPServer(web.Application([(r"/hub/api(/.*)?", _Handler, {"hub": self})]))
        self._server.add_socket(sock)
        return int(port)

    async def _stop(self) -> None:
        self._server.stop()
        await self._server.close_all_connections()


class _Handler(web.RequestHandler):
    def initialize(self, hub: FakeHub) -> None:
        self.hub = hub

    def get(self, path: str | None) -> None:
        if self.hub.down:
            raise web.HTTPError(503)
        token = self.request.headers.get("Authorization", "").partition(" ")[2]
        if path != "/user":
            self.finish({"version": "6.1.1"})
        elif token in self.hub.users:
            self.hub.asked.append(token)
            self.finish(self.hub.users[token])
        else:
            raise web.HTTPError(403)

    def post(self, path: str | None) -> None:
        del path
        self.set_status(200)
