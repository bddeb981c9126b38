"""Say how a run was started, for people: the content of ``launch.json``, and a line for a shell.

Secrets are masked in ``launch.json`` already. A line for a shell is given only if no part of it was
masked: it would start something else.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import msgspec

from prismq_nb.capture.masking.masker import MASK
from prismq_nb.common.base import state
from prismq_nb.common.models import Launch
from prismq_nb.engine.files.owner import user_name

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.files.run_directory import RunFiles

MAX_COMMAND_CHARS = 100_000
"""Longest command that is given whole."""
MAX_CODE_CHARS = 100_000
"""Longest source of a cell that is given whole."""
MAX_PARAMETERS_BYTES = 100_000
"""Longest parameters that are given, as JSON; longer ones are left out."""
_CODE = "'(code)'"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "'": "\\'", "\\": "\\\\"}


def launch_info(files: RunFiles) -> Launch:
    """Return how a run was started, as far as its ``launch.json`` is undamaged."""
    launch = files.launch
    kind, argv = launch.get("kind"), launch.get("argv") or []
    command = launch.get("command_line", "")
    parameters = launch.get("parameters", {})
    code = launch.get("code") if files.is_cell else None
    is_long_code = code is not None and len(code) > MAX_CODE_CHARS
    is_long = len(command) > MAX_COMMAND_CHARS
    is_much = len(msgspec.json.encode(parameters)) > MAX_PARAMETERS_BYTES
    return Launch(
        run_id=files.run_id,
        kind=state.CELL if files.is_cell else kind,
        command=command[:MAX_COMMAND_CHARS].replace(_CODE, "(code)", 1),
        code=None if code is None else code[:MAX_CODE_CHARS],
        shell=None if is_long or files.is_cell else _shell_line(launch),
        parameters={} if is_much else parameters,
        abridged=is_long or is_much or is_long_code,
        cwd=launch.get("cwd"),
        interpreter=argv[0] if argv and kind != "command" else None,
        host=launch.get("host"),
        user=_owner(files.path),
        timeout=_seconds(launch.get("timeout")),
        masked=MASK.decode() in (code or "") if files.is_cell else _is_masked(launch),
        variables=_variables(launch),
    )


def shell_quoted(argument: str) -> str:
    r"""Return an argument quoted for a shell, on one line.

    Control characters are escaped as bash, zsh and ksh read them (``$'\n'``). A line that is pasted
    into a terminal must not end early, nor control the terminal.
    """
    if not _CONTROL.search(argument):
        return shlex.quote(argument)
    return f"$'{''.join(_escaped(character) for character in argument)}'"


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if not _CONTROL.match(character):
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


def _shell_line(launch: dict[str, Any]) -> str | None:
    """Return a line that starts the same program again; None if too little is known."""
    argv, cwd = launch.get("argv"), launch.get("cwd")
    command = launch.get("command_line", "")
    # Two values together may be a secret, so a masked launch gives the command masked as a whole.
    if not argv or not cwd or launch.get("kind") == "code" or MASK.decode() in f"{command}{cwd}":
        return None
    is_masked = _is_masked(launch)
    if is_masked and _CONTROL.search(command):
        return None
    line = command if is_masked else " ".join(map(shell_quoted, argv))
    return f"cd {shell_quoted(cwd)} && {line}"


def _is_masked(launch: dict[str, Any]) -> bool:
    """Return whether values were masked, or may have been."""
    kept = launch.get("environment")
    return not kept or bool(kept.get("mask") or kept.get("masks"))


def _variables(launch: dict[str, Any]) -> list[str]:
    names = (launch.get("environment") or {}).get("chosen", [])
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _seconds(timeout: object) -> float | None:
    return float(timeout) if isinstance(timeout, (int, float)) else None


def _owner(path: Path) -> str | None:
    """Return the name of the user who started a run."""
    try:
        uid = path.stat().st_uid
    except OSError:
        return None
    return user_name(uid) or str(uid)
