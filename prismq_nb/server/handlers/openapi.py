"""``GET /api/runs/openapi.yaml``: the OpenAPI document of all routes.

The document is the file beside this one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado import web

from prismq_nb.server.http.base import BaseHandler

DOCUMENT = Path(__file__).with_name("openapi.yaml")
CONTENT_TYPE = "application/yaml"
"""RFC 9512."""


class OpenApiHandler(BaseHandler):
    """``/api/runs/openapi.yaml``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Send the document."""
        self.finish(_document(), set_content_type=CONTENT_TYPE)


@cache
def _document() -> bytes:
    return DOCUMENT.read_bytes()
