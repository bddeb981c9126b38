"""From what was asked for to what will be executed: checks a `LaunchSpec` and makes its argument vector, environment and names.

Everything that can be known before a process exists is checked here, so that a mistake is an `InvalidRequest` that names the value and the remedy,
and not a run that fails a second later. Starts nothing, writes nothing.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from prismq_nb.capture.mask import MAX_LINES, MAX_VALUE_BYTES, MAX_VALUES, SHORTEST, Masker
from prismq_nb.environment import scrub
from prismq_nb.errors import InvalidRequest
from prismq_nb.models import LaunchSpec

SOURCES = ("script", "module", "command", "notebook", "code")
NAME_LENGTH = 40
_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*\Z")
_OPTION = re.compile(r"[^\s=\-][^\s=]*\Z")
_COLOR = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "PY_COLORS": "1", "TERM": "xterm-256color"}


class Prepared(NamedTuple):
    """A checked launch.

    Attributes:
        kind: which of `SOURCES`.
        name: what people call it, masked.
        slug: the part of the run id that comes of it, ``[A-Za-z0-9_-]{1,40}``.
        argv: argument vector; the file of `code` stands as None until the run has a directory.
        env: the child's whole environment but what depends on the run's id.
        secrets: values to mask.
        masker: what masks them.
    """

    kind: str
    name: str
    slug: str
    argv: list[str | None]
    cwd: str
    env: dict[str, str]
    secrets: list[str]
    masker: Masker


def prepare(spec: LaunchSpec, default_cwd: Path, environ: Mapping[str, str] = os.environ) -> Prepared:
    """Checks a launch.

    Args:
        spec: what was asked for.
        default_cwd: working directory where `spec` names none.
        environ: the engine's own environment, which the child's is laid over.

    Raises:
        InvalidRequest: it names the value and what to do.
    """
    secrets = _secrets(spec, environ)
    masker = Masker(secrets)
    try:
        return _prepare(spec, default_cwd, environ, secrets, masker)
    except InvalidRequest as error:  # it names values, which may be secret ones
        raise InvalidRequest(masker.apply_text(str(error))) from None


def _prepare(spec: LaunchSpec, default_cwd: Path, environ: Mapping[str, str], secrets: list[str], masker: Masker) -> Prepared:
    kind = _only_source(spec)
    cwd = _directory(spec.cwd, default_cwd)
    env = _environment(spec, kind, cwd, environ)
    head = _head(spec, kind, cwd, env)
    argv: list[str | None] = [*head, *_strings("args", spec.args), *parameter_arguments(spec.parameters)]
    if spec.timeout is not None and not (math.isfinite(spec.timeout) and spec.timeout > 0):
        raise InvalidRequest(f"timeout is {spec.timeout!r}: give seconds above 0, or leave it out for no timeout")
    if spec.launcher != "local":
        raise InvalidRequest(f"launcher is {spec.launcher!r}: only 'local' is available")
    name = masker.apply_text(spec.name) if spec.name is not None else _default_name(spec, kind, masker)
    if spec.code is not None and masker.apply_text(spec.code) != spec.code:
        raise InvalidRequest("code contains a value that mask names, and code is kept in a file: hand the value over by env and read os.environ")
    return Prepared(kind, name, slug(name), argv, str(cwd), env, secrets, masker)


def _default_name(spec: LaunchSpec, kind: str, masker: Masker) -> str:
    """What a run is called after its source, masked before a part of a secret is taken for a name."""
    if kind == "script":
        return Path(masker.apply_text(str(spec.script))).stem
    if kind == "module":
        return masker.apply_text(str(spec.module))
    if kind == "command":
        command = spec.command or []
        first = command.split()[0] if isinstance(command, str) else command[0]
        whole = masker.apply_text(command if isinstance(command, str) else first)
        return Path(whole.split()[0] if isinstance(command, str) else whole).name if whole else first
    return "code"


def slug(name: str) -> str:
    """The part of a run id that a name becomes: other characters than ``[A-Za-z0-9_-]`` turn into ``-``, at most 40 of them."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:NAME_LENGTH] or "run"


def parameter_arguments(parameters: Mapping[str, Any]) -> list[str]:
    """``--name=value`` for each parameter; True is ``--name``, False and None are left out, a list repeats the option."""
    arguments: list[str] = []
    for name, value in parameters.items():
        if not _OPTION.match(name):
            raise InvalidRequest(f"parameters has the name {name!r}: a name is one word without '=' and leading '-', as in {{\"max-results\": 50}}")
        for item in value if isinstance(value, list) else [value]:
            if item is True:
                arguments.append(f"--{name}")
            elif item is not None and item is not False:
                if isinstance(item, (dict, list)):
                    raise InvalidRequest(
                        f"parameters[{name!r}] is {item!r}: only text, numbers, booleans and flat lists can be passed on a command line"
                    )
                arguments.append(_no_nul(f"parameters[{name!r}]", f"--{name}={item}"))
    return arguments


def _only_source(spec: LaunchSpec) -> str:
    given = [source for source in SOURCES if getattr(spec, source) is not None]
    if len(given) != 1:
        what = f"got {' and '.join(given)}" if given else "got none of them"
        raise InvalidRequest(f"give exactly one of {', '.join(SOURCES)}: {what}")
    kind = given[0]
    value = getattr(spec, kind)
    if not value or (isinstance(value, str) and not value.strip()):
        raise InvalidRequest(f"{kind} is empty: name what to run")
    if kind == "notebook":
        raise InvalidRequest(
            f"notebook is {value!r}: notebooks cannot be run yet; export it with 'jupyter nbconvert --to script' and run that script"
        )
    return kind


def _directory(cwd: str | None, default: Path) -> Path:
    path = Path(cwd) if cwd is not None else default
    if not path.is_absolute():
        raise InvalidRequest(f"cwd is {cwd!r}: give an absolute path")
    try:
        if not path.is_dir():
            raise InvalidRequest(f"cwd is {str(path)!r}: there is no such directory")
    except OSError as error:
        raise InvalidRequest(f"cwd is {str(path)!r}: {error.strerror}") from None
    return path


def _head(spec: LaunchSpec, kind: str, cwd: Path, env: Mapping[str, str]) -> list[str | None]:
    """The argument vector before its arguments."""
    if kind == "command":
        return _command(spec, cwd, env)
    python = _python(spec.python, cwd, env)
    if kind == "script":
        return [python, str(_script(str(spec.script), cwd))]
    if kind == "module":
        module = str(spec.module)
        if not _MODULE.match(module):
            raise InvalidRequest(f"module is {module!r}: give a dotted module name as in 'package.module', or use script for a file")
        return [python, "-m", module]
    return [python, None]


def _script(script: str, cwd: Path) -> Path:
    try:
        path = cwd / Path(_no_nul("script", script)).expanduser()
        if path.is_dir():
            raise InvalidRequest(f"script is {str(path)!r}: that is a directory; name a Python file in it, or use module for a package")
        if not path.exists():
            raise InvalidRequest(f"script is {str(path)!r}: there is no such file; relative paths are taken from {str(cwd)!r}")
        if not path.is_file() or not os.access(path, os.R_OK):
            raise InvalidRequest(f"script is {str(path)!r}: it cannot be read as a file")
    except OSError as error:
        raise InvalidRequest(f"script is {script!r}: {error.strerror}") from None
    except RuntimeError as error:  # ~somebody who is not there
        raise InvalidRequest(f"script is {script!r}: {error}") from None
    return path


def _python(python: str | None, cwd: Path, env: Mapping[str, str]) -> str:
    if python is None:
        return sys.executable
    found = shutil.which(_no_nul("python", str(cwd / python) if "/" in python else python), path=env.get("PATH"))
    if found is None:
        raise InvalidRequest(f"python is {python!r}: there is no such executable")
    return found


def _command(spec: LaunchSpec, cwd: Path, env: Mapping[str, str]) -> list[str | None]:
    command = spec.command
    if isinstance(command, str):
        return ["/bin/sh", "-c", _no_nul("command", command), "sh"]
    argv = _strings("command", command or [])
    program = argv[0]
    if not program:
        raise InvalidRequest("command[0] is empty: name a program")
    path = shutil.which(str(cwd / program) if "/" in program else program, path=env.get("PATH", os.defpath))
    if path is None:
        raise InvalidRequest(
            f"command[0] is {program!r}: there is no such executable on the PATH; pass one text instead of a list for a shell command"
        )
    return [*argv]


def _environment(spec: LaunchSpec, kind: str, cwd: Path, environ: Mapping[str, str]) -> dict[str, str]:
    env = scrub(environ)
    for name, value in spec.env.items():
        if not name or "=" in name or "\0" in name:
            raise InvalidRequest(f"env has the name {name!r}: a name is not empty and has no '='")
        if value is None:
            env.pop(name, None)
        else:
            env[name] = _no_nul(f"env[{name!r}]", value)
    env.pop("PRISMQ_CONNECTION_FILE", None)
    if spec.unbuffered:
        env["PYTHONUNBUFFERED"] = "1"
    if spec.color and "NO_COLOR" not in env:
        env |= _COLOR
    if kind == "code":  # as in a cell: the working directory is importable, though the file is elsewhere
        env["PYTHONPATH"] = os.pathsep.join([str(cwd), *filter(None, [env.get("PYTHONPATH")])])
    return env


def _secrets(spec: LaunchSpec, environ: Mapping[str, str]) -> list[str]:
    """The values to mask. Raises `InvalidRequest`, which names none of them."""
    if len(spec.mask) > MAX_VALUES:
        raise InvalidRequest(f"mask has {len(spec.mask)} entries: give at most {MAX_VALUES}")
    env = {**environ, **spec.env}
    secrets: list[str] = []
    for number, entry in enumerate(spec.mask):
        value = env.get(entry)
        what = f"mask[{number}]" if value is None else f"mask[{number}], the variable {entry!r},"
        secret = entry if value is None else value
        _check_secret(what, secret)
        secrets.append(secret)
    lines = sum(len(secret.splitlines()) for secret in secrets)
    if lines > MAX_LINES:
        raise InvalidRequest(f"mask has values of {lines} lines together: give at most {MAX_LINES}")
    return secrets


def _check_secret(what: str, secret: str) -> None:
    try:
        value = secret.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"{what} has half of a character at {error.start}: give text that UTF-8 can carry") from None
    if len(value.strip()) < SHORTEST:
        raise InvalidRequest(f"{what} has a value of fewer than {SHORTEST} characters, which would mask innocent text everywhere; leave it out")
    if len(value) > MAX_VALUE_BYTES:
        raise InvalidRequest(f"{what} has a value of {len(value)} bytes: at most {MAX_VALUE_BYTES} can be masked")
    for number, line in enumerate(value.splitlines(), 1):
        if 0 < len(line.strip()) < SHORTEST:
            raise InvalidRequest(
                f"{what} has a line, number {number}, of fewer than {SHORTEST} characters: each line of a value is masked by itself, and "
                "this one would mask innocent text everywhere; give the other lines one by one, as in [line for line in value.splitlines() "
                f"if len(line) >= {SHORTEST}]"
            )


def _strings(field: str, values: list[str]) -> list[str]:
    return [_no_nul(f"{field}[{number}]", value) for number, value in enumerate(values)]


def _no_nul(field: str, value: str) -> str:
    if "\0" in value:
        raise InvalidRequest(f"{field} contains a NUL character, which no command line can carry")
    return value
