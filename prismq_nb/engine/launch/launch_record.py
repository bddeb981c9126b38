"""``launch.json``, which stays on disk: how a run was launched, every secret masked."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import msgspec

from prismq_nb.capture.processes.info import boot_identity, boot_seconds
from prismq_nb.common.base.plain_text import shorten
from prismq_nb.engine.files.notice_state import NoticePlan
from prismq_nb.engine.launch.origin import key_of
from prismq_nb.engine.launch.prepare import parameter_arguments
from prismq_nb.engine.launch.restart_plan import on_disk
from prismq_nb.engine.launch.stored_environment import stored_environment
from prismq_nb.engine.launch.streams import terminal_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.common.models import LaunchSpec
    from prismq_nb.engine.files.notice_state import Sender
    from prismq_nb.engine.launch.notify_targets import Recipients
    from prismq_nb.engine.launch.prepare import Prepared

MAX_ARGUMENTS_CHARS = 2_000
"""Longest `Run.arguments`."""


def launch_record(
    spec: LaunchSpec, prepared: Prepared, sender: Sender | None = None
) -> dict[str, Any]:
    """Return the content of ``launch.json``: enough to identify and repeat the run, no secrets.

    Args:
        spec: the launch.
        prepared: the same, checked.
        sender: identifies this process if it sends notices, see `notice_state.Sender`.
    """
    mask = prepared.masker.apply_text

    # Text by text: JSON's escapes would hide a secret that has a quote or a backslash in it.
    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return mask(value)
        if isinstance(value, dict):
            return {clean(name): clean(entry) for name, entry in value.items()}
        if isinstance(value, list):
            return [clean(entry) for entry in value]
        # a number may be a secret, too
        return value if clean(str(value)) == str(value) else clean(str(value))

    unmasked = on_disk(spec, prepared.cwd)
    masked = clean(unmasked)
    environment = stored_environment(
        spec,
        os.environ,
        prepared.masker,
        terminal=terminal_size(spec) is not None,
        whole=masked == unmasked,
    )
    argv = ["(code)" if argument is None else argument for argument in prepared.argv]
    return {
        "version": 1,
        "kind": prepared.kind,
        "module_id": prepared.name if prepared.kind == "module" else prepared.slug,
        "module_name": prepared.name,
        "module_key": key_of(spec, prepared.kind, prepared.cwd, prepared.origin, mask),
        "origin": clean(msgspec.to_builtins(prepared.origin)),
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
        **_notify(prepared.recipients, sender),
        "spec": masked,
        "environment": msgspec.to_builtins(environment),
    }


def _notify(recipients: Recipients, sender: Sender | None) -> dict[str, Any]:
    """Return who is notified; addresses are only counted."""
    names, addresses, lines = recipients
    if not names and not addresses:
        return {}
    plan = NoticePlan(list(names), len(addresses), lines, sender)
    return {"notify": msgspec.to_builtins(plan)}


def _arguments(spec: LaunchSpec, clean: Callable[[Any], Any]) -> str:
    """Return the arguments by which people tell launches apart: a text command is whole."""
    words = clean([*spec.args, *parameter_arguments(spec.parameters)])
    if isinstance(spec.command, str):
        text = " ".join([clean(spec.command), *map(shlex.quote, words)])
    else:
        text = shlex.join([*clean((spec.command or [])[1:]), *words])
    text = str(clean(text))  # two words may form a secret, and a cut secret is not recognised
    return shorten(text, MAX_ARGUMENTS_CHARS)
