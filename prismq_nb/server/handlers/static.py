"""``GET /prismq/static/{name}``: the built front end, for cells, the lab extension and the page.

Apart from the page, because a cell's widget fetches it too. It is of this server's version, whatever the version of the kernel that shows a run.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.server.http.base import BaseHandler

FOLDER = Path(__file__).parents[2] / "static"
SCRIPT, STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
FILES = {"viewer.js": SCRIPT, "viewer.css": STYLE, "page.js": SCRIPT}
"""What is served, and as what; no other name becomes a path."""


class StaticHandler(BaseHandler):
    """``/prismq/static/{name}``."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Sends a file; a browser that has it asks again each time, and gets 304 while it is the same (RFC 9110, 13.1.2)."""
        if name not in FILES:
            raise web.HTTPError(404, f"there is no file {name!r} in the front end")
        try:
            content = (FOLDER / name).read_bytes()  # well under a megabyte, and nearly always in the system's cache
        except FileNotFoundError:
            raise web.HTTPError(404, f"the front end is not built: there is no {name}; `pip install -e .` in the checkout builds it") from None
        etag = f'"{sha256(content).hexdigest()[:32]}"'
        self.set_header("ETag", etag)
        self.set_header("Cache-Control", "private, no-cache")
        if etag in (tag.strip().removeprefix("W/") for tag in self.request.headers.get("If-None-Match", "").split(",")):
            self.set_status(304)
            self.finish(set_content_type=FILES[name])
            return
        self.finish(content, set_content_type=FILES[name])
