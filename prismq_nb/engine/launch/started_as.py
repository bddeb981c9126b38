"""How a run was started, for people: what ``launch.json`` says, bounded, and a line for a shell.

Secrets are masked in ``launch.json`` already; a line for a shell is given only where nothing of it
was masked, or it would start something else.
"""

from __future__ import annotations

import pwd
import re
import shlex
from typing import TYPE_CHECKING, Any

import msgspec

from prismq_nb.capture.masking.masker import MASK
from prismq_nb.common.models import Launch

if TYPE_CHECKING:
    from pathlib import Path

    from prismq_nb.engine.files.run_directory import RunFiles

MAX_COMMAND_CHARS = 100_000
"""Longest command that is given whole."""
MAX_PARAMETERS_BYTES = 100_000
"""Longest parameters that are given, as JSON; longer ones are left out."""
_CODE = "'(code)'"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "'": "\\'", "\\": "\\\\"}


def started_as(files: RunFiles) -> Launch:
    """Return how a run was started; what a damaged ``launch.json`` does not say is left out."""
    launch = files.launch
    kind, argv = launch.get("kind"), launch.get("argv") or []
    command = launch.get("command_line", "")
    parameters = launch.get("parameters", {})
    is_long = len(command) > MAX_COMMAND_CHARS
    is_much = len(msgspec.json.encode(parameters)) > MAX_PARAMETERS_BYTES
    return Launch(
        run_id=files.run_id,
        kind=kind,
        command=command[:MAX_COMMAND_CHARS].replace(_CODE, "(code)", 1),
        shell=None if is_long else _shell_line(launch),
        parameters={} if is_much else parameters,
        abridged=is_long or is_much,
        cwd=launch.get("cwd"),
        interpreter=argv[0] if argv and kind != "command" else None,
        host=launch.get("host"),
        user=_owner(files.path),
        timeout=_seconds(launch.get("timeout")),
        masked=_is_masked(launch),
        variables=_variables(launch),
    )


def quoted(argument: str) -> str:
    r"""Return an argument as a shell takes it, on one line.

    Control characters are escaped as bash, zsh and ksh read them (``$'\n'``): a line that is
    pasted into a terminal must not end there, nor act on it.
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
    """Return a line that starts the same again; None where too little is known for it."""
    argv, cwd = launch.get("argv"), launch.get("cwd")
    command = launch.get("command_line", "")
    # Values apart may be one secret together, so of a masked launch the joined command counts.
    if not argv or not cwd or launch.get("kind") == "code" or MASK.decode() in f"{command}{cwd}":
        return None
    is_masked = _is_masked(launch)
    if is_masked and _CONTROL.search(command):
        return None
    line = command if is_masked else " ".join(map(quoted, argv))
    return f"cd {quoted(cwd)} && {line}"


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
        number = path.stat().st_uid
    except OSError:
        return None
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
