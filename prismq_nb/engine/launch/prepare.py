"""From what was asked for to what will be executed: checks a `LaunchSpec` and makes its argument vector, environment and names.

Everything that can be known before a process exists is checked here, so that a mistake is an `InvalidRequest` that names the value and the remedy,
and not a run that fails a second later. Starts nothing, writes nothing.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from prismq_nb.capture.masking.masker import Masker
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.launch import suggest
from prismq_nb.engine.launch.masking import secret_values
from prismq_nb.engine.launch.run_environment import run_environment
from prismq_nb.engine.launch.source import Source, source, without_nohup
from prismq_nb.engine.launch.streams import Streams, streams, terminal_size
from prismq_nb.engine.launch.strings import no_nul, strings
from prismq_nb.errors import InvalidRequest

SOURCES = ("script", "module", "command", "notebook", "code")
NAME_LENGTH = 40
_OPTION = re.compile(r"[^\s=\-][^\s=]*\Z")


class Prepared(NamedTuple):
    """A checked launch.

    Attributes:
        kind: which of `SOURCES`.
        name: what people call it, masked.
        slug: the part of the run id that comes of it, ``[A-Za-z0-9_-]{1,40}``.
        argv: argument vector; the file of `code` stands as None until the run has a directory.
        env: the child's whole environment but what depends on the run's id.
        source: how the supervisor treats what it runs, and notes for people.
        streams: what it connects it to.
        secrets: values to mask.
        masker: what masks them.
    """

    kind: str
    name: str
    slug: str
    argv: list[str | None]
    cwd: str
    env: dict[str, str]
    source: Source
    streams: Streams
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
    secrets = secret_values(spec, environ)
    masker = Masker(secrets)
    try:
        return _prepare(spec, default_cwd, environ, secrets, masker)
    except InvalidRequest as error:  # it names values, which may be secret ones
        raise InvalidRequest(masker.apply_text(str(error))) from None


def _prepare(spec: LaunchSpec, default_cwd: Path, environ: Mapping[str, str], secrets: list[str], masker: Masker) -> Prepared:
    kind = _only_source(spec)
    cwd = _directory(spec.cwd, default_cwd)
    env = run_environment(spec, environ, terminal=terminal_size(spec) is not None, cwd=str(cwd))
    what = source(spec, kind, cwd, env)
    arguments = *strings("args", spec.args), *parameter_arguments(spec.parameters)
    argv: list[str | None] = [*what.argv, *arguments]
    if spec.timeout is not None and not (math.isfinite(spec.timeout) and spec.timeout > 0):
        raise InvalidRequest(f"timeout is {spec.timeout!r}: give seconds above 0, or leave it out for no timeout")
    if spec.launcher != "local":
        raise InvalidRequest(f"launcher is {spec.launcher!r}: only 'local' is available")
    name = masker.apply_text(spec.name) if spec.name is not None else _default_name(spec, kind, masker)
    if spec.code is not None and masker.apply_text(spec.code) != spec.code:
        raise InvalidRequest("code contains a value that mask names, and code is kept in a file: hand the value over by env and read os.environ")
    found = streams(spec, reads_input=what.reads_input)
    return Prepared(kind, name, slug(name), argv, str(cwd), env, what, found, secrets, masker)


def _default_name(spec: LaunchSpec, kind: str, masker: Masker) -> str:
    """What a run is called after its source, masked before a part of a secret is taken for a name."""
    if kind == "script":
        return Path(masker.apply_text(str(spec.script))).stem
    if kind == "module":
        return masker.apply_text(str(spec.module))
    if kind == "command":
        command = without_nohup(spec.command or [])
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
            raise InvalidRequest(f"parameters has the name {name!r}: a name is one word without '=' or a leading '-', as in {{\"max-results\": 50}}")
        for item in value if isinstance(value, list) else [value]:
            if item is True:
                arguments.append(f"--{name}")
            elif item is not None and item is not False:
                if isinstance(item, (dict, list)):
                    raise InvalidRequest(
                        f"parameters[{name!r}] is {item!r}: only text, numbers, booleans and flat lists can be passed on a command line"
                    )
                arguments.append(no_nul(f"parameters[{name!r}]", f"--{name}={item}"))
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
            hint = suggest.for_directory(path)
            raise InvalidRequest(f"cwd is {str(path)!r}: there is no such directory{hint}")
    except OSError as error:
        raise InvalidRequest(f"cwd is {str(path)!r}: {error.strerror}") from None
    return path
