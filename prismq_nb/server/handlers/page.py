"""Pages in the whole window: ``GET /prismq``, all runs, and ``GET /prismq/runs/{id}``, one run.

A page is static except for the run's name: the view in it uses the same API as every other client.
So its Content-Security-Policy (CSP level 3) can be strict: everything comes from this
server, and the page has no inline script or style.
"""

from __future__ import annotations

import asyncio
from html import escape
from typing import TYPE_CHECKING, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from prismq_nb.common.base.plain_text import shorten
from prismq_nb.errors import DataDirectoryUnusable, RunNotFound, StorageFull
from prismq_nb.server.http.base import AUTH_RESOURCE
from prismq_nb.server.http.services import SETTING

if TYPE_CHECKING:
    from prismq_nb.common.models import RunInfo
    from prismq_nb.engine.engine import Engine
    from prismq_nb.server.http.services import Services

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src"
    " 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
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
_SCRIPT = """<script src="{base}prismq/static/{name}" defer></script>
"""
_NO_SCRIPT = (
    '<noscript>The viewer needs JavaScript. <a href="{base}api/runs/{run}/logs/download">Download'
    " the log</a></noscript>"
)
_NAVIGATION = """<nav class="prismq-page-nav" aria-label="Runs">
<a href="{base}prismq">All runs</a>
{others}</nav>
"""
_OTHER = """<a rel="{rel}" href="{base}prismq/runs/{run}" title="{title}">{text}</a>
"""
_NO_SCRIPT_ALL = (
    '<noscript>The list of runs needs JavaScript. <a href="{base}api/runs">Show the newest runs as'
    " JSON</a></noscript>"
)
_NO_RUN = """<main class="prismq-page-message">
<h1>Run not found</h1>
<p>This server has no run <code>{run}</code>.
It was purged, or it belongs to another server or data directory.</p>
<p><a href="{base}">Back to Jupyter</a></p>
</main>"""
_NO_DIRECTORY = """<main class="prismq-page-message">
<h1>The runs cannot be read</h1>
<p>{error}</p>
<p><a href="{base}">Back to Jupyter</a></p>
</main>"""
_SHOWN_ID_CHARS = 100


class _PageHandler(JupyterHandler):
    """A user who is not signed in is redirected to the login page, as on Jupyter's other pages."""

    auth_resource = AUTH_RESOURCE

    @property
    def content_security_policy(self) -> str:
        """Our policy, even if the administrator has set another one for Jupyter's pages."""
        return POLICY

    def begin(self) -> str:
        """Set the headers of a page; return the base URL as HTML."""
        _ = self.xsrf_token  # sets the cookie that the page's requests repeat as a header
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        # a link in a log must not reveal the page's address
        self.set_header("Referrer-Policy", "same-origin")
        return escape(self.base_url)


class AllRunsPageHandler(_PageHandler):
    """``/prismq``: all runs.

    It reads no run, so it is sent even if the data directory cannot be read, and says so then.
    """

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Send the page; the query (`status`, `q`, `sort`, `group`) is for its script."""
        base = self.begin()
        scripts = _scripts(base, "runs.js", "page.js")
        self.finish(_page("Runs", base, _NO_SCRIPT_ALL.format(base=base), scripts))


class RunPageHandler(_PageHandler):
    """``/prismq/runs/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Send the page; 404, as a page, if there is no such run."""
        services = cast("Services", self.settings[SETTING])
        base = self.begin()
        try:
            await services.directory.ready()
            run, others = await asyncio.get_running_loop().run_in_executor(
                services.pools.calls, _with_others, services.engine, run_id
            )
        except RunNotFound:
            self.set_status(404)
            body = _NO_RUN.format(run=escape(shorten(run_id, _SHOWN_ID_CHARS)), base=base)
            self.finish(_page("Run not found", base, body))
        except (DataDirectoryUnusable, StorageFull) as error:
            self.set_status(error.status)
            body = _NO_DIRECTORY.format(error=escape(str(error)), base=base)
            self.finish(_page("The runs cannot be read", base, body))
        else:
            attributes = f' data-run="{escape(run_id)}" data-name="{escape(run.module_name)}"'
            body = _navigation(base, run.module_name, *others)
            body += _NO_SCRIPT.format(base=base, run=escape(run_id))
            title = escape(f"{run.module_name} · {run.status}")
            self.finish(
                _page(title, base, body, _scripts(base, "viewer.js", "page.js"), attributes)
            )

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Decode path parts that are not UTF-8 to ids that no run has: a 404, not a 400."""
        return (
            value.decode("utf-8", "replace")
            if name is None
            else super().decode_argument(value, name)
        )


def _with_others(engine: Engine, run_id: str) -> tuple[RunInfo, tuple[str | None, str | None]]:
    """Return a run, and the ids of the previous and the next run of the same module.

    Raises:
        RunNotFound: there is no such run.
        DataDirectoryUnusable: the data directory cannot be read.
    """
    run = engine.get(run_id)
    if run.module_key is None:
        return run, (None, None)
    older = engine.list(module_key=run.module_key, before=run.created_at, limit=1)
    newer = engine.list(module_key=run.module_key, since=run.created_at, sort="created_at", limit=1)
    previous, following = (page.runs[0].run_id if page.runs else None for page in (older, newer))
    return run, (previous, following)


def _navigation(base: str, name: str, previous: str | None, following: str | None) -> str:
    """Return the links to other runs, as HTML."""
    others = "".join(
        _OTHER.format(
            rel=rel, base=base, run=run, text=text, title=escape(f"{text} of {shorten(name, 60)}")
        )
        for rel, text, run in (
            ("prev", "Previous run", previous),
            ("next", "Next run", following),
        )
        if run is not None
    )
    return _NAVIGATION.format(base=base, others=others)


def _scripts(base: str, *names: str) -> str:
    return "".join(_SCRIPT.format(base=base, name=name) for name in names)


def _page(title: str, base: str, body: str, scripts: str = "", attributes: str = "") -> str:
    """Return the page; all arguments are HTML."""
    return _PAGE.format(title=title, base=base, scripts=scripts, attributes=attributes, body=body)
