"""Build the `LaunchRequest` of a launch from this process.

The interpreter, working directory and environment of the server may differ from the notebook's
(another virtual environment, another folder, `%env`), so the client sends its own.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base.arguments import env_variables, expand_user, string_option
from prismq_nb.client.launch.origin import this_origin
from prismq_nb.client.launch.source import checked_source
from prismq_nb.common.environment import display, inherited
from prismq_nb.common.models import LaunchRequest
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.client.base.interface import Client

# Matplotlib backends that draw into a cell. A run has no cell, so importing them there fails or
# hangs.
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


def launch_request(
    client: Client,
    chosen: tuple[str, Any],
    *,
    python: object,
    kernel: str | None,
    cwd: object,
    env: object,
    **options: Any,
) -> LaunchRequest:
    """Return the request, with resolved paths and this process's interpreter and environment.

    Args:
        client: the client of the server, which knows the names in the server's environment.
        chosen: kind and value of the source.
        python: the interpreter, as `launch` takes it.
        kernel: name of the kernel that gives the interpreter; None: `python` does.
        cwd: the working directory, as `launch` takes it.
        env: the environment variables, as `launch` takes them.
        options: the other fields of the `LaunchRequest`, already checked.

    Raises:
        InvalidRequest: a value has the wrong type.
    """
    kind, value = chosen
    folder = Path.cwd() if cwd is None else expand_user("cwd", string_option("cwd", cwd)).absolute()
    given: dict[str, Any] = {kind: checked_source(kind, value, folder)}
    chosen_env = env_variables(env)
    inherited_env = _environment(client.env_names, terminal=bool(options.get("terminal")))
    return LaunchRequest(
        **given,
        python=None if python is None and kernel is not None else _interpreter(python),
        kernel=kernel,
        cwd=str(folder),
        env=inherited_env | chosen_env,
        inherited_env=sorted(inherited_env.keys() - chosen_env.keys()),
        origin=this_origin(),
        **options,
    )


def _interpreter(python: object) -> str | None:
    if python is None:
        return sys.executable or None  # empty if Python is embedded; the server then uses its own
    if isinstance(python, (int, float)) and not isinstance(python, bool):
        hint = f"did you mean python='python{python}'?"
        raise InvalidRequest(f"python={python!r} is a number; {hint}", parameter="python")
    name = string_option("python", python)
    if os.sep in name or name.startswith("~"):
        # not resolve(), because the python of a virtual environment is a symbolic link
        return str(expand_user("python", name).absolute())
    return shutil.which(name) or name


def _environment(server_names: Iterable[str], *, terminal: bool) -> dict[str, str | None]:
    """Return this process's environment, which replaces the server's.

    Variables that describe the terminal are left to the engine, which knows whether there is one.
    """
    display_names = display(terminal=terminal)
    own = {
        name: value
        for name, value in inherited(os.environ, terminal=terminal).items()
        if name not in display_names and _encodable(name) and _encodable(value)
    }
    left = display_names.keys() | {
        name for name, value in os.environ.items() if not _encodable(value)
    }
    env: dict[str, str | None] = {name: None for name in server_names if name not in left}
    env |= own
    if env.get("MPLBACKEND", "") and str(env["MPLBACKEND"]).startswith(_CELL_BACKENDS):
        env["MPLBACKEND"] = None
    return env


def _encodable(text: str) -> bool:
    """Return whether JSON can carry a text; other variables keep the server's value."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
