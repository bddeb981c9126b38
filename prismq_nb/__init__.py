"""Launch long-running programs from a notebook, or watch its cells: their logs live in the cell.

    >>> import prismq_nb
    >>> run = prismq_nb.launch("collect.py", max_results=50)
    >>> run  # in a notebook: the log, live, coloured, searchable

    >>> with prismq_nb.watch("training") as run:  # code of this process; %%watch: a whole cell
    ...     train(model, data)

The Jupyter server, kernels and each supervisor import the package root, so it resolves its names
lazily (PEP 562): the import takes less than 3 ms and loads no tornado, ipywidgets or requests.
Nothing may be imported here at module level.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["LogViewer", "Run", "connection", "errors", "get", "launch", "runs", "search", "watch"]

TYPE_CHECKING = False
# not `typing.TYPE_CHECKING`, because importing `typing` takes 4 ms; type checkers know both
if TYPE_CHECKING:
    from typing import Any

    from prismq_nb import errors
    from prismq_nb.client.api import connection, get, runs
    from prismq_nb.client.launch.launch import launch
    from prismq_nb.client.run.run import Run
    from prismq_nb.client.search import search
    from prismq_nb.client.watch import watch
    from prismq_nb.notebook.viewer import LogViewer

# public name -> the module that defines it
_MODULES = {
    "LogViewer": "prismq_nb.notebook.viewer",
    "Run": "prismq_nb.client.run.run",
    "connection": "prismq_nb.client.api",
    "get": "prismq_nb.client.api",
    "launch": "prismq_nb.client.launch.launch",
    "runs": "prismq_nb.client.api",
    "search": "prismq_nb.client.search",
    "watch": "prismq_nb.client.watch",
}
# private names through which `client` reaches `notebook`, a layer above it
_HOOKS = {
    "_runs_bundle": ("prismq_nb.notebook.runs", "mime_bundle"),
    "_show": ("prismq_nb.notebook.display", "show"),
    "_cell_began": ("prismq_nb.notebook.cells.shown", "began"),
    "_cell_ended": ("prismq_nb.notebook.cells.shown", "ended"),
    "_cell_result": ("prismq_nb.notebook.cells.shown", "result"),
    "_describe_cell": ("prismq_nb.notebook.cells.shown", "describe"),
    "_shows_runs": ("prismq_nb.notebook.front_end", "shows_runs"),
}


def __getattr__(name: str) -> Any:
    """Import `name` on first use; afterwards it is an ordinary attribute."""
    from importlib import import_module  # noqa: PLC0415 - each supervisor imports this module

    if name == "errors":
        return import_module("prismq_nb.errors")
    if name not in _MODULES and name not in _HOOKS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOOKS.get(name) or (_MODULES[name], name)
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Return the server extensions of this package; Jupyter Server calls this by name."""
    from prismq_nb.server.app import PrismQApp  # noqa: PLC0415 - a kernel must not load the server

    return [{"module": "prismq_nb", "app": PrismQApp}]


def load_ipython_extension(shell: Any) -> None:
    """Offer ``%watch`` and ``%%watch``: ``%load_ext prismq_nb``, or any import in IPython."""
    from prismq_nb.notebook.cells import register  # noqa: PLC0415 - in IPython only

    register(shell)


def _register() -> None:
    """Offer the magics if this is IPython, which has been imported then."""
    from sys import modules  # noqa: PLC0415 - nothing may be imported at module level

    ask = getattr(modules.get("IPython"), "get_ipython", None)
    shell = None if ask is None else ask()
    if shell is not None:
        load_ipython_extension(shell)


_register()
