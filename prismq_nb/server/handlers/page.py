"""``GET /prismq/runs/{id}``: the viewer of one run on a page of its own, full-window.

The page is static but for the run's name: the viewer in it asks the same API as every other client. So its Content-Security-Policy can be strict:
nothing is loaded, asked or framed but by this server, and no script or style stands in the page itself.
"""

from __future__ import annotations

import asyncio
from html import escape
from typing import TYPE_CHECKING, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from prismq_nb.errors import DataDirectoryUnusable, RunNotFound, StorageFull
from prismq_nb.server.http.base import AUTH_RESOURCE
from prismq_nb.server.http.services import SETTING

if TYPE_CHECKING:
    from prismq_nb.server.http.services import Services

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="{base}static/favicon.ico">
<link rel="stylesheet" href="{base}prismq/static/viewer.css">
{scripts}</head>
<body class="prismq-page" data-base-url="{base}"{attributes}>
{body}
</body>
</html>
"""
# Classic scripts: a module is fetched in a mode that JupyterHub refuses without an XSRF header.
_SCRIPTS = """<script src="{base}prismq/static/viewer.js" defer></script>
<script src="{base}prismq/static/page.js" defer></script>
"""
_NO_SCRIPT = '<noscript>The viewer needs JavaScript. <a href="{base}api/runs/{run}/logs/download">Download the log</a></noscript>'
_NO_RUN = """<main class="prismq-page-message">
<h1>Run not found</h1>
<p>This server has no run <code>{run}</code>. It was purged, or it belongs to another server or data directory.</p>
<p><a href="{base}">Back to Jupyter</a></p>
</main>"""
_NO_DIRECTORY = """<main class="prismq-page-message">
<h1>The runs cannot be read</h1>
<p>{error}</p>
<p><a href="{base}">Back to Jupyter</a></p>
</main>"""
_SHOWN_ID_CHARS = 100


class RunPageHandler(JupyterHandler):
    """``/prismq/runs/{id}``. Whoever is not known is sent to the login page, as on Jupyter's other pages."""

    auth_resource = AUTH_RESOURCE

    @property
    def content_security_policy(self) -> str:
        """Ours also where the administrator has set another for Jupyter's pages, which need inline scripts."""
        return POLICY

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Sends the page; 404, as a page, where there is no such run."""
        services = cast("Services", self.settings[SETTING])
        base = escape(self.base_url)
        _ = self.xsrf_token  # sets the cookie that the page's requests repeat as a header
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")  # a link in a log must not tell others where it was
        try:
            await services.directory.ready()
            run = await asyncio.get_running_loop().run_in_executor(services.pools.calls, services.engine.get, run_id)
        except RunNotFound:
            self.set_status(404)
            shown = run_id if len(run_id) <= _SHOWN_ID_CHARS else run_id[:_SHOWN_ID_CHARS] + "…"
            body = _NO_RUN.format(run=escape(shown), base=base)
            self.finish(_PAGE.format(title="Run not found", base=base, scripts="", attributes="", body=body))
            return
        except (DataDirectoryUnusable, StorageFull) as error:
            self.set_status(error.status)
            body = _NO_DIRECTORY.format(error=escape(str(error)), base=base)
            self.finish(_PAGE.format(title="The runs cannot be read", base=base, scripts="", attributes="", body=body))
            return
        title = escape(f"{run.module_name} · {run.status}")
        attributes = f' data-run="{escape(run_id)}" data-name="{escape(run.module_name)}"'
        body = _NO_SCRIPT.format(base=base, run=escape(run_id))
        self.finish(_PAGE.format(title=title, base=base, scripts=_SCRIPTS.format(base=base), attributes=attributes, body=body))

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Path parts that are no UTF-8 become ids that no run has, which is a 404 and not a 400."""
        return value.decode("utf-8", "replace") if name is None else super().decode_argument(value, name)
