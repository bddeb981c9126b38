"""The `LaunchSpec` of a launch from here: what is left out is filled in from where the person is.

The server's interpreter, folder and environment may all be other ones than the notebook's (another
virtual environment, another folder, `%env`), so the client sends its own.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base.arguments import expanded, text, variables
from prismq_nb.client.launch.source import source
from prismq_nb.common.environment import display, inherited
from prismq_nb.common.models import LaunchSpec
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.client.base.interface import Client

__all__ = ["launch_spec"]

# Matplotlib backends that draw into a notebook's cell: in a run there is no cell, and the import of
# the backend fails there or hangs.
_CELL_BACKENDS = (
    "module://matplotlib_inline",
    "module://ipympl",
    "module://ipykernel",
    "inline",
    "ipympl",
    "nbagg",
    "notebook",
    "widget",
)


def launch_spec(
    client: Client,
    chosen: tuple[str, Any],
    *,
    python: object,
    cwd: object,
    env: object,
    **options: Any,
) -> LaunchSpec:
    """Return the spec: paths resolved, interpreter, folder and environment filled in.

    Args:
        client: of the server, whose environment is known.
        chosen: kind and value of what is run.
        python: as `launch` takes it, as are `cwd` and `env`.
        cwd: working directory.
        env: variables.
        options: the other fields of a `LaunchSpec`, checked.

    Raises:
        InvalidRequest: something has a type that cannot be used.
    """
    kind, value = chosen
    folder = Path.cwd() if cwd is None else expanded("cwd", text("cwd", cwd)).absolute()
    given: dict[str, Any] = {kind: source(kind, value, folder)}
    chosen_env = variables(env)
    inherited_env = _environment(client.env_names, terminal=bool(options.get("terminal")))
    return LaunchSpec(
        **given,
        python=_interpreter(python),
        cwd=str(folder),
        env=inherited_env | chosen_env,
        inherited_env=sorted(inherited_env.keys() - chosen_env.keys()),
        **options,
    )


def _interpreter(python: object) -> str | None:
    if python is None:
        return sys.executable or None  # empty where Python is embedded: then the server's own
    if isinstance(python, (int, float)) and not isinstance(python, bool):
        hint = f"did you mean python='python{python}'?"
        raise InvalidRequest(f"python={python!r} is a number; {hint}")
    name = text("python", python)
    if os.sep in name or name.startswith("~"):
        # not resolve(): a virtual environment's python is a link, and its place is what counts
        return str(expanded("python", name).absolute())
    return shutil.which(name) or name


def _environment(of_server: Iterable[str], *, terminal: bool) -> dict[str, str | None]:
    """Return this process's environment, which replaces the server's.

    What describes a terminal or pipes is left to the engine: it knows which of them the run has.
    """
    theirs = display(terminal=terminal)
    own = {
        name: value
        for name, value in inherited(os.environ, terminal=terminal).items()
        if name not in theirs and _encodable(name) and _encodable(value)
    }
    left = theirs.keys() | {name for name, value in os.environ.items() if not _encodable(value)}
    env: dict[str, str | None] = {name: None for name in of_server if name not in left}
    env |= own
    if env.get("MPLBACKEND", "") and str(env["MPLBACKEND"]).startswith(_CELL_BACKENDS):
        env["MPLBACKEND"] = None
    return env


def _encodable(text: str) -> bool:
    """Whether JSON can carry it; a variable with other bytes is left as the server has it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
