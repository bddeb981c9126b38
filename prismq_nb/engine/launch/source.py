"""Find what a launch runs: the argument vector before its arguments, and how to treat it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.engine.launch import suggest
from prismq_nb.engine.launch.script_kind import script_kind
from prismq_nb.engine.launch.strings import no_nul, strings
from prismq_nb.engine.read.filters import quoted
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prismq_nb.common.models import LaunchSpec

_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*\Z")
_NOHUP = re.compile(r"\s*(?:/\S*/)?nohup\s+(?:--\s+)?(?=[^\s-])")
_NEEDLESS = "a run outlives notebook and server without it"
_WHY_NOT_NOHUP = f"{_NEEDLESS}, and nohup would send its output to nohup.out"
_NOHUP_NOTE = f"nohup was left out of the command: {_WHY_NOT_NOHUP}."


class Source(NamedTuple):
    """What to run.

    Attributes:
        argv: argument vector; None stands for the file of `code`, until the run has a directory.
        reads_input: it is Python, whose `input()` should work.
        text_command: a shell runs it that fails if any part of a pipeline fails.
        notes: what people should know about how it was launched.
    """

    argv: list[str | None]
    reads_input: bool = False
    text_command: bool = False
    notes: tuple[str, ...] = ()


def source(spec: LaunchSpec, kind: str, cwd: Path, env: Mapping[str, str]) -> Source:
    """Return what a launch runs.

    Args:
        spec: the launch.
        kind: which of its sources is given.
        cwd: its working directory, to which paths are relative.
        env: its environment, whose PATH is searched.

    Raises:
        InvalidRequest: it cannot be run; the message says what to do.
    """
    if kind == "command":
        command = without_nohup(spec.command or [])
        made = _text(command, env) if isinstance(command, str) else _words(command, cwd, env)
        return made if command == spec.command else made._replace(notes=(_NOHUP_NOTE,))
    if kind == "script":
        path = _script(spec, cwd, env)
        try:
            found = script_kind(path, env)
        except OSError as error:
            raise InvalidRequest(
                f"script is {str(path)!r}: {error.strerror}", parameter="script"
            ) from None
        if not found.is_python:
            return Source([*found.argv])
        return Source([_python(spec.python, cwd, env), str(path)], reads_input=True)
    python = _python(spec.python, cwd, env)
    if kind == "module":
        module = str(spec.module)
        if not _MODULE.match(module) or _is_file(module, cwd):
            hint = suggest.for_module(module, cwd) or "; use one such as 'package.module'"
            raise InvalidRequest(
                f"module is {module!r}, which is not a dotted name{hint}", parameter="module"
            )
        return Source([python, "-m", module], reads_input=True)
    return Source([python, None], reads_input=True)


def without_nohup(command: list[str] | str) -> list[str] | str:
    """Return a command without a leading nohup(1)."""
    if isinstance(command, str):
        return _NOHUP.sub("", command, count=1) if _NOHUP.match(command) else command
    rest = command[2:] if command[1:2] == ["--"] else command[1:]
    if os.path.basename(command[0]) == "nohup" and rest and not rest[0].startswith("-"):
        return rest
    return command


def _text(command: str, env: Mapping[str, str]) -> Source:
    """Return a text command as a shell runs it; in bash a pipeline fails if a part of it does."""
    no_nul("command", command)
    bash = shutil.which("bash", path=env.get("PATH", os.defpath))
    if bash is None:
        return Source(["/bin/sh", "-c", command, "sh"])
    return Source([bash, "-o", "pipefail", "-c", command, "bash"], text_command=True)


def _words(command: list[str], cwd: Path, env: Mapping[str, str]) -> Source:
    argv = strings("command", command)
    program = argv[0]
    if not program:
        raise InvalidRequest("command[0] is empty; it must name a program", parameter="command")
    name = str(cwd / program) if "/" in program else program
    path = shutil.which(name, path=env.get("PATH", os.defpath))
    if path is None:
        hint = suggest.for_command(program, env) or "; a shell command is one string, not a list"
        missing = f"command[0] is {program!r}: there is no such executable on the PATH"
        raise InvalidRequest(f"{missing}{hint}", parameter="command")
    return Source([*argv])


def _is_file(module: str, cwd: Path) -> bool:
    """Return whether a dotted name is a file, as ``train.py``: a module named `py` is unlikely."""
    inside = cwd.joinpath(*module.split(".")).with_suffix(".py")
    return module.endswith(".py") and not inside.exists()


def _script(spec: LaunchSpec, cwd: Path, env: Mapping[str, str]) -> Path:
    script = str(spec.script)
    try:
        path = cwd / Path(no_nul("script", script)).expanduser()
        if path.is_dir():
            remedy = "name a Python file in it, or use module for a package"
            raise InvalidRequest(
                f"script is {str(path)!r}: that is a directory; {remedy}", parameter="script"
            )
        if not path.exists():
            raise _no_script(path, cwd, spec.args, env)
        if not path.is_file() or not os.access(path, os.R_OK):
            raise InvalidRequest(
                f"script is {str(path)!r}: it cannot be read as a file", parameter="script"
            )
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise _no_script(Path(script), cwd, spec.args, env) from None
        raise InvalidRequest(
            f"script is {script!r}: {error.strerror}", parameter="script"
        ) from None
    except RuntimeError as error:  # ~user of an unknown user
        raise InvalidRequest(f"script is {script!r}: {error}", parameter="script") from None
    return path


def _no_script(path: Path, cwd: Path, args: list[str], env: Mapping[str, str]) -> InvalidRequest:
    given, where = str(path), ""
    if path.is_relative_to(cwd):
        given, where = str(path.relative_to(cwd)), f" in {str(cwd)!r}"
    hint = suggest.for_script(given, cwd, args, env)
    return InvalidRequest(
        f"script is {quoted(given)}: there is no such file{where}{hint}", parameter="script"
    )


def _python(python: str | None, cwd: Path, env: Mapping[str, str]) -> str:
    if python is None:
        return sys.executable
    name = no_nul("python", str(cwd / python) if "/" in python else python)
    found = shutil.which(name, path=env.get("PATH"))
    if found is None:
        hint = suggest.for_python(python, cwd, env)
        raise InvalidRequest(
            f"python is {python!r}: there is no such executable{hint}", parameter="python"
        )
    return found
