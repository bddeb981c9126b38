"""The routes below the server's base URL: the API, and pages for browsers.

The API's last route takes every other path below ``/api/runs``, so all errors there are JSON.
"""

from __future__ import annotations

from prismq_nb.server.handlers.download import DownloadHandler
from prismq_nb.server.handlers.events import RunEventsHandler
from prismq_nb.server.handlers.launch import LaunchHandler
from prismq_nb.server.handlers.logs import FramesHandler, LogsHandler
from prismq_nb.server.handlers.openapi import OpenApiHandler
from prismq_nb.server.handlers.page import AllRunsPageHandler, RunPageHandler
from prismq_nb.server.handlers.page_stream import PageStreamHandler
from prismq_nb.server.handlers.runs import (
    AttemptsHandler,
    InputHandler,
    RestartHandler,
    RunHandler,
    RunsHandler,
)
from prismq_nb.server.handlers.runs_search import RunsSearchHandler
from prismq_nb.server.handlers.saved import SavedHandler
from prismq_nb.server.handlers.search import LogSearchHandler
from prismq_nb.server.handlers.static import StaticHandler
from prismq_nb.server.handlers.stream import LogStreamHandler
from prismq_nb.server.handlers.system import HealthHandler, SystemHandler
from prismq_nb.server.handlers.timeline import TimelineHandler, UsageHandler
from prismq_nb.server.http.base import UnknownPathHandler

_RUN = r"/api/runs/([^/]+)"

ROUTES = [
    (r"/api/health", HealthHandler),
    (r"/api/system/stats", SystemHandler),
    (r"/api/runs/?", RunsHandler),
    (r"/api/runs/stream", PageStreamHandler),
    (r"/api/runs/events", RunEventsHandler),
    (r"/api/runs/search", RunsSearchHandler),
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
    (r"/prismq/?", AllRunsPageHandler),
    (r"/prismq/static/([^/]+)", StaticHandler),
    (r"/prismq/runs/([^/]+)", RunPageHandler),
]
