"""How a list holds a run: bounded in length, and packed into a few hundred bytes."""

from __future__ import annotations

from typing import Any

import msgspec

from prismq_nb.common.base.plain_text import shorten
from prismq_nb.common.models import BackgroundProcess, Origin, RunInfo

NAME_CHARS = 200
"""Longest `module_name` and `module_id` in a list."""
MESSAGE_CHARS = 500
"""Longest `error_message` in a list."""
PARAMETERS_BYTES = 2048
"""Longest `parameters` in a list, as JSON; longer ones are left out."""
ARGUMENTS_CHARS = 200
"""Longest `arguments` in a list."""

_FIELDS = RunInfo.__struct_fields__
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode
_json = msgspec.json.Encoder()


def abridged(run: RunInfo) -> RunInfo:
    """Return the run as a list shows it; `RunInfo.abridged` says whether something is left out."""
    cut: dict[str, Any] = {
        name: shorten(value, most)
        for name, most in (
            ("module_id", NAME_CHARS),
            ("module_name", NAME_CHARS),
            ("error_message", MESSAGE_CHARS),
            ("error_detail", MESSAGE_CHARS),
            ("arguments", ARGUMENTS_CHARS),
        )
        if (value := getattr(run, name)) is not None and len(value) > most
    }
    if run.parameters and len(_json.encode(run.parameters)) > PARAMETERS_BYTES:
        cut["parameters"] = {}
    return msgspec.structs.replace(run, abridged=True, **cut) if cut else run


def pack(run: RunInfo) -> bytes:
    """Return a run as bytes, without the names of its fields."""
    return _encode(msgspec.structs.astuple(run))


def unpack(row: bytes) -> RunInfo:
    """Return the run that `pack` packed."""
    run = RunInfo(**dict(zip(_FIELDS, _decode(row), strict=True)))
    if run.background:
        run.background = msgspec.convert(run.background, list[BackgroundProcess])
    run.origin = msgspec.convert(run.origin, Origin)
    return run
