"""What is written when a run is launched: ``launch.json``, which tells readers what it is, and the orders of its supervisor.

Two things apart: the record stays on disk and holds no secret, the orders hold environment and secrets and go through a pipe.
"""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import msgspec

from prismq_nb.capture.processes.identity import DIRECTORY_VARIABLE, RUN_ID_VARIABLE
from prismq_nb.capture.processes.info import boot_identity, boot_seconds
from prismq_nb.common.base import state
from prismq_nb.engine.launch.kept_environment import keep
from prismq_nb.engine.launch.prepare import parameter_arguments
from prismq_nb.engine.launch.relaunch import on_disk
from prismq_nb.engine.launch.streams import terminal_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.common.models import LaunchSpec
    from prismq_nb.engine.files.run_directory import RunFiles
    from prismq_nb.engine.launch.prepare import Prepared
    from prismq_nb.engine.store.retention import Limits

MAX_ARGUMENTS_CHARS = 2_000
"""Longest `Run.arguments`."""
_CODE_DIR, _CODE_FILE, _ARTIFACTS_DIR = "code", "__cell__.py", "artifacts"


def launch_record(spec: LaunchSpec, prepared: Prepared) -> dict[str, Any]:
    """What ``launch.json`` keeps: enough to know and repeat the run, nothing of its environment, every secret masked."""

    def clean(value: Any) -> Any:  # text by text: JSON's escapes would hide a secret with a quote or a backslash in it
        if isinstance(value, str):
            return prepared.masker.apply_text(value)
        if isinstance(value, dict):
            return {clean(name): clean(entry) for name, entry in value.items()}
        if isinstance(value, list):
            return [clean(entry) for entry in value]
        return value if clean(str(value)) == str(value) else clean(str(value))  # a number may be a secret, too

    told = on_disk(spec, prepared.cwd)
    masked = clean(told)
    environment = keep(
        spec,
        os.environ,
        prepared.masker,
        terminal=terminal_size(spec) is not None,
        whole=masked == told,
    )
    argv = ["(code)" if argument is None else argument for argument in prepared.argv]
    return {
        "version": 1,
        "kind": prepared.kind,
        "module_id": prepared.name if prepared.kind == "module" else prepared.slug,
        "module_name": prepared.name,
        "host": os.uname().nodename,
        "boot": boot_identity(),
        "boot_seconds": boot_seconds(),
        "cwd": clean(prepared.cwd),
        "argv": clean(argv),
        "command_line": clean(shlex.join(clean(argv))),  # two arguments may be one secret
        "parameters": clean(spec.parameters),
        "args": clean(spec.args),
        "arguments": _arguments(spec, clean),
        "encoding": prepared.streams.encoding,
        "timeout": clean(spec.timeout),
        "spec": masked,
        "environment": msgspec.to_builtins(environment),
    }


def _arguments(spec: LaunchSpec, clean: Callable[[Any], Any]) -> str:
    """Return what a person knows a launch by besides its name: a text command, else its words."""
    words = clean([*spec.args, *parameter_arguments(spec.parameters)])
    if isinstance(spec.command, str):
        text = " ".join([clean(spec.command), *map(shlex.quote, words)])
    else:
        text = shlex.join([*clean((spec.command or [])[1:]), *words])
    text = str(clean(text))  # two words may be one secret, and a cut one is no secret any more
    return text if len(text) <= MAX_ARGUMENTS_CHARS else text[: MAX_ARGUMENTS_CHARS - 1] + "…"


def supervisor_orders(spec: LaunchSpec, prepared: Prepared, files: RunFiles, limits: Limits) -> dict[str, Any]:
    """What the supervisor is told, through its stdin: it holds the environment and the secrets, which stay off the disk."""
    artifacts = files.path / _ARTIFACTS_DIR
    artifacts.mkdir(mode=0o700)
    code = _code_file(spec, files)
    own = {
        RUN_ID_VARIABLE: files.run_id,
        DIRECTORY_VARIABLE: files.launch["directory"],
        "PRISMQ_DATA_DIR": str(files.path.parent.parent),
        "PRISMQ_ARTIFACTS_DIR": str(artifacts),
    }
    return {
        "run_id": files.run_id,
        "argv": [code if argument is None else argument for argument in prepared.argv],
        "cwd": prepared.cwd,
        "env": prepared.env | own,
        **prepared.streams._asdict(),
        "text_command": prepared.source.text_command,
        "notes": [prepared.masker.apply_text(note) for note in prepared.source.notes],
        "mask": prepared.secrets,
        "timeout": spec.timeout,
        **limits._asdict(),
    }


def _code_file(spec: LaunchSpec, files: RunFiles) -> str:
    if spec.code is None:
        return ""
    path = files.path / _CODE_DIR / _CODE_FILE
    path.parent.mkdir(mode=0o700)
    state.write_atomically(path, spec.code.encode("utf-8", "surrogateescape"))
    return str(path)
