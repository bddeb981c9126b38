"""Check a `LaunchSpec`, and make its argument vector, environment and names.

Everything that can be known before a process exists is checked here. So a mistake is an
`InvalidRequest` that names the value and the remedy, not a run that fails a second later. Starts
nothing, writes nothing.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.masking.values import InvalidMask, secret_values
from prismq_nb.capture.run_directory import slug
from prismq_nb.common.models import LaunchSpec, Origin
from prismq_nb.engine.launch import suggest
from prismq_nb.engine.launch.notify_targets import Recipients, Targets
from prismq_nb.engine.launch.origin import launch_origin
from prismq_nb.engine.launch.run_environment import run_environment
from prismq_nb.engine.launch.source import Source, source, without_nohup
from prismq_nb.engine.launch.streams import Streams, streams, terminal_size
from prismq_nb.engine.launch.strings import no_nul, strings
from prismq_nb.errors import InvalidRequest

SOURCES = ("script", "module", "command", "notebook", "code")
_OPTION = re.compile(r"[^\s=\-][^\s=]*\Z")


class Prepared(NamedTuple):
    """A checked launch.

    Attributes:
        kind: which of `SOURCES`.
        name: name for people, masked.
        slug: the name as part of the run id, ``[A-Za-z0-9_-]{1,40}``.
        argv: argument vector; None stands for the file of `code`, until the run has a directory.
        cwd: working directory.
        env: the child's environment, without what depends on the run's id.
        source: how the supervisor treats what it runs, and notes for people.
        streams: what the supervisor connects it to.
        secrets: values to mask.
        masker: masks them.
        origin: what starts it.
        recipients: who is notified when it ends.
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
    origin: Origin
    recipients: Recipients


def prepare(
    spec: LaunchSpec,
    default_cwd: Path,
    environ: Mapping[str, str] = os.environ,
    targets: Targets | None = None,
) -> Prepared:
    """Check a launch.

    Args:
        spec: the launch.
        default_cwd: working directory if `spec` names none.
        environ: the engine's environment, on which the child's is based.
        targets: whom it may notify; default: the names in ``notify.json``.

    Raises:
        InvalidRequest: a value cannot be used; the message names it and the remedy.
    """
    recipients = (targets or Targets()).recipients(spec.notify, spec.notify_lines)
    try:
        secrets = secret_values([*spec.mask, *recipients.addresses], {**environ, **spec.env})
    except InvalidMask as error:
        raise InvalidRequest(str(error), parameter="mask") from None
    masker = Masker(secrets)
    try:
        return _prepare(spec, default_cwd, environ, secrets, masker)._replace(recipients=recipients)
    except InvalidRequest as error:  # it names values, which may be secrets
        detail = masker.apply_text(error.detail) if error.detail else None
        raise InvalidRequest(
            masker.apply_text(str(error)), parameter=error.parameter, detail=detail
        ) from None


def _prepare(
    spec: LaunchSpec,
    default_cwd: Path,
    environ: Mapping[str, str],
    secrets: list[str],
    masker: Masker,
) -> Prepared:
    kind = _only_source(spec)
    cwd = _directory(spec.cwd, default_cwd)
    env = run_environment(spec, environ, terminal=terminal_size(spec) is not None, cwd=str(cwd))
    what = source(spec, kind, cwd, env)
    arguments = *strings("args", spec.args), *parameter_arguments(spec.parameters)
    argv: list[str | None] = [*what.argv, *arguments]
    if spec.timeout is not None and not (math.isfinite(spec.timeout) and spec.timeout > 0):
        raise InvalidRequest(
            f"timeout={spec.timeout!r} is not above 0 seconds; omit it for no timeout",
            parameter="timeout",
        )
    if spec.launcher != "local":
        raise InvalidRequest(
            f"launcher={spec.launcher!r} is not available; use 'local'", parameter="launcher"
        )
    name = (
        masker.apply_text(spec.name) if spec.name is not None else _default_name(spec, kind, masker)
    )
    if spec.code is not None and masker.apply_text(spec.code) != spec.code:
        raise InvalidRequest(
            "code contains a masked value, but is stored in a file; pass the value with env and"
            " read os.environ",
            parameter="code",
        )
    found = streams(spec, reads_input=what.reads_input)
    origin = launch_origin(spec.origin)
    own = kind, name, slug(name), argv, str(cwd), env
    return Prepared(*own, what, found, secrets, masker, origin, Recipients())


def _default_name(spec: LaunchSpec, kind: str, masker: Masker) -> str:
    """Return a run's name by its source, masked before part of a secret becomes a name."""
    if kind == "script":
        return Path(masker.apply_text(str(spec.script))).stem
    if kind == "module":
        return masker.apply_text(str(spec.module))
    if kind == "command":
        command = without_nohup(spec.command or [])
        first = command.split()[0] if isinstance(command, str) else command[0]
        whole = masker.apply_text(command if isinstance(command, str) else first)
        return (
            Path(whole.split()[0] if isinstance(command, str) else whole).name if whole else first
        )
    return "code"


def parameter_arguments(parameters: Mapping[str, Any]) -> list[str]:
    """Return ``--name=value`` for each parameter.

    True becomes ``--name``, False and None are left out, and a list repeats its option.

    Raises:
        InvalidRequest: a name is not an option, or a value cannot be passed on a command line.
    """
    arguments: list[str] = []
    for name, value in parameters.items():
        if not _OPTION.match(name):
            raise InvalidRequest(
                f"parameters has the key {name!r}; a key is one word without '=' or a leading '-',"
                " such as {'max-results': 50}",
                parameter="parameters",
            )
        for item in value if isinstance(value, list) else [value]:
            if item is True:
                arguments.append(f"--{name}")
            elif item is not None and item is not False:
                if isinstance(item, (dict, list)):
                    raise InvalidRequest(
                        f"parameters[{name!r}] contains {item!r}; use strings, numbers, booleans"
                        " or flat lists of them",
                        parameter="parameters",
                    )
                arguments.append(no_nul(f"parameters[{name!r}]", f"--{name}={item}"))
    return arguments


def _only_source(spec: LaunchSpec) -> str:
    given = [source for source in SOURCES if getattr(spec, source) is not None]
    if len(given) != 1:
        what = f"got {' and '.join(given)}" if given else "got none"
        raise InvalidRequest(f"use exactly one of {', '.join(SOURCES)}; {what}")
    kind = given[0]
    value = getattr(spec, kind)
    if not value or (isinstance(value, str) and not value.strip()):
        raise InvalidRequest(f"{kind} is empty; there is nothing to run", parameter=kind)
    if kind == "notebook":
        raise InvalidRequest(
            f"notebook={value!r} cannot be run yet; export it with 'jupyter nbconvert --to script'"
            " and run that script",
            parameter="notebook",
        )
    return kind


def _directory(cwd: str | None, default: Path) -> Path:
    path = Path(cwd) if cwd is not None else default
    if not path.is_absolute():
        raise InvalidRequest(f"cwd={cwd!r} is not an absolute path; use one", parameter="cwd")
    try:
        if not path.is_dir():
            hint = suggest.for_directory(path)
            raise InvalidRequest(
                f"cwd={str(path)!r}: there is no such directory{hint}", parameter="cwd"
            )
    except OSError as error:
        raise InvalidRequest(
            f"cwd={str(path)!r} cannot be used: {error.strerror}", parameter="cwd"
        ) from None
    return path
