"""Make a run's environment: the engine's own, what the launch says, and what its streams need."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from prismq_nb.common.environment import LINE_BUFFERING, display, inherited
from prismq_nb.engine.launch.strings import no_nul
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prismq_nb.common.models import LaunchSpec

_LINE_BUFFERING = str(Path(__file__).parent / LINE_BUFFERING)


def run_environment(
    spec: LaunchSpec,
    environ: Mapping[str, str],
    *,
    terminal: bool,
    cwd: str,
) -> dict[str, str]:
    """Return the environment of a run, without what depends on its id.

    Args:
        spec: the launch; its `env` has precedence.
        environ: the engine's environment.
        terminal: the run has terminals.
        cwd: its working directory.

    Raises:
        InvalidRequest: `env` has a name or a value that no environment can hold.
    """
    env = inherited(environ, terminal=terminal) | display(terminal=terminal)
    for name, value in spec.env.items():
        if not name or "=" in name or "\0" in name:
            raise InvalidRequest(
                f"env has the name {name!r}: a name is not empty and has no '='", parameter="env"
            )
        if value is None:
            env.pop(name, None)
        else:
            env[name] = no_nul(f"env[{name!r}]", value)
    env.pop("PRISMQ_CONNECTION_FILE", None)
    if spec.code is not None:  # as in a cell, which can import modules beside the notebook
        _prepend(env, cwd)
    if not terminal and spec.unbuffered is not False:
        _prepend(env, _LINE_BUFFERING)
    return env


def _prepend(env: dict[str, str], folder: str) -> None:
    """Put `folder` first in PYTHONPATH."""
    env["PYTHONPATH"] = os.pathsep.join([folder, *filter(None, [env.get("PYTHONPATH")])])
