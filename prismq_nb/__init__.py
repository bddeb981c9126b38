"""Start something that runs for minutes or days from a notebook, and watch its log live in the cell.

    >>> import prismq_nb
    >>> run = prismq_nb.launch("collect.py", max_results=50)
    >>> run  # in a notebook: the log, live, coloured, searchable

The package root is imported by the Jupyter server, by kernels, and by each supervisor, so it only holds lazy names (PEP 562): importing it takes less
than 3 ms and pulls in neither tornado nor ipywidgets nor requests. Nothing may be imported here at module level.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["LogViewer", "Run", "connection", "errors", "get", "launch", "runs"]

TYPE_CHECKING = False
if TYPE_CHECKING:  # not `typing.TYPE_CHECKING`: `typing` costs 4 ms to import; type checkers know this spelling as well
    from typing import Any

    from prismq_nb import errors
    from prismq_nb.client.api import connection, get, runs
    from prismq_nb.client.launch.launch import launch
    from prismq_nb.client.run.run import Run
    from prismq_nb.notebook.viewer import LogViewer

# public name -> the module that defines it
_HOMES = {
    "LogViewer": "prismq_nb.notebook.viewer",
    "Run": "prismq_nb.client.run.run",
    "connection": "prismq_nb.client.api",
    "get": "prismq_nb.client.api",
    "launch": "prismq_nb.client.launch.launch",
    "runs": "prismq_nb.client.api",
}
# for the package itself: layers below the notebook's reach it by these names
_HOOKS = {
    "_runs_bundle": ("prismq_nb.notebook.runs", "bundle"),
    "_show": ("prismq_nb.notebook.display", "show"),
}


def __getattr__(name: str) -> Any:
    """Import what `name` stands for at its first use; after that it is an ordinary attribute."""
    from importlib import import_module  # noqa: PLC0415 - see above

    if name == "errors":
        return import_module("prismq_nb.errors")
    if name not in _HOMES and name not in _HOOKS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, attribute = _HOOKS.get(name) or (_HOMES[name], name)
    value = getattr(import_module(home), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Where the Jupyter server finds the extension; called by ``jupyter server extension`` and at server start."""
    from prismq_nb.server.app import PrismQApp  # noqa: PLC0415 - a kernel must not load the server

    return [{"module": "prismq_nb", "app": PrismQApp}]
