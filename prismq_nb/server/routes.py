"""The tables of URLs, below the server's base URL: the API, and what is for a browser.

The API's last takes whatever is below ``/api/runs`` and is no route, so all errors there are JSON.
"""

from __future__ import annotations

from prismq_nb.server.handlers.download import DownloadHandler
from prismq_nb.server.handlers.launched import LaunchHandler
from prismq_nb.server.handlers.logs import FramesHandler, LogsHandler
from prismq_nb.server.handlers.openapi import OpenApiHandler
from prismq_nb.server.handlers.page import RunPageHandler
from prismq_nb.server.handlers.page_stream import BatchStreamHandler
from prismq_nb.server.handlers.runs import AttemptsHandler, InputHandler, RestartHandler, RunHandler, RunsHandler
from prismq_nb.server.handlers.saved import SavedHandler
from prismq_nb.server.handlers.search import LogSearchHandler
from prismq_nb.server.handlers.static import StaticHandler
from prismq_nb.server.handlers.stream import LogStreamHandler
from prismq_nb.server.handlers.timeline import TimelineHandler, UsageHandler
from prismq_nb.server.http.base import UnknownPathHandler

_RUN = r"/api/runs/([^/]+)"

ROUTES = [
    (r"/api/runs/?", RunsHandler),
    (r"/api/runs/stream", BatchStreamHandler),
    (r"/api/runs/openapi\.yaml", OpenApiHandler),
    (_RUN, RunHandler),
    (_RUN + r"/input", InputHandler),
    (_RUN + r"/restart", RestartHandler),
    (_RUN + r"/attempts", AttemptsHandler),
    (_RUN + r"/logs", LogsHandler),
    (_RUN + r"/logs/stream", LogStreamHandler),
    (_RUN + r"/logs/frames", FramesHandler),
    (_RUN + r"/logs/search", LogSearchHandler),
    (_RUN + r"/logs/timeline", TimelineHandler),
    (_RUN + r"/logs/download", DownloadHandler),
    (_RUN + r"/usage", UsageHandler),
    (_RUN + r"/saved", SavedHandler),
    (_RUN + r"/launch", LaunchHandler),
    (r"/api/runs/.*", UnknownPathHandler),
]

PAGES = [
    (r"/prismq/static/([^/]+)", StaticHandler),
    (r"/prismq/runs/([^/]+)", RunPageHandler),
]
