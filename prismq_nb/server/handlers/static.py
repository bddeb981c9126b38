"""``GET /prismq/static/{name}``: the built front end, for cells, the lab extension and the page.

Separate from the page, because a cell's widget fetches it too. It has this server's version,
whatever the version of the kernel that shows a run.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.server.http.base import BaseHandler
from prismq_nb.server.http.etags import is_unchanged

FOLDER = Path(__file__).parents[2] / "static"
SCRIPT, STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
FILES = {"viewer.js": SCRIPT, "viewer.css": STYLE, "runs.js": SCRIPT, "page.js": SCRIPT}
"""Files that are served, with their types; no other name becomes a path."""


class StaticHandler(BaseHandler):
    """``/prismq/static/{name}``."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Send a file. A browser revalidates it every time, and gets 304 if it is unchanged.

        RFC 9110, section 13.1.2.
        """
        if name not in FILES:
            raise web.HTTPError(404, f"the front end has no file {name!r}")
        try:
            # well under a megabyte, and nearly always in the system's cache
            content = (FOLDER / name).read_bytes()
        except FileNotFoundError:
            raise web.HTTPError(
                404,
                f"the front end is not built: {name} is missing; run `pip install -e .` in the"
                " checkout",
            ) from None
        etag = f'"{sha256(content).hexdigest()[:32]}"'
        self.set_header("ETag", etag)
        self.set_header("Cache-Control", "private, no-cache")
        if is_unchanged(self.request.headers.get("If-None-Match", ""), etag):
            self.set_status(304)
            self.finish(set_content_type=FILES[name])
            return
        self.finish(content, set_content_type=FILES[name])
