"""Read ``launch.json`` and ``run.json`` field by field: what is whole counts, the rest is named.

People, full disks and programs damage these files. A field of a wrong type is left out, so nobody
behind this module meets one; a file that is no JSON object gives no fields at all. Fields that are
not known here pass unchecked: a later version may have written them.
"""

from __future__ import annotations

import json
import os
from typing import Annotated, Any, NamedTuple

import msgspec

from prismq_nb.journal.regular import read_bounded

MAX_STATE_BYTES = 256 << 10
"""Longest ``run.json`` that is read; what a supervisor writes has a few kB."""
MAX_LAUNCH_BYTES = 16 << 20
"""Longest ``launch.json`` that is read, and written: it holds a script's text and parameters."""
MAX_NESTED = 50_000
"""Most arrays and objects in a field: more take over 10 ms to build, with the GIL held."""

_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
_Code = Annotated[int, msgspec.Meta(gt=-(1 << 53), lt=1 << 53)] | None
_Finite = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
_Amount = int | float | None
_Counts = Annotated[list[_Count], msgspec.Meta(min_length=5, max_length=5)]
_FORMS: dict[str, Any] = {
    "version": int,
    "run_id": str,
    "module_id": str,
    "module_name": str,
    "host": str,
    "boot": str,
    "boot_seconds": _Finite,
    "directory": str,
    "parameters": dict[str, Any],
    "spec": msgspec.Raw,  # seldom wanted, and may be long: `recipes.py` decodes it
    "masked": bool,
    "environment_given": bool,
    "status": str,
    "stopping": bool,
    "created": _Count,
    "started": _Count,
    "completed": _Count,
    "heartbeat": _Count,
    "exit_code": _Code,
    "error_message": str | None,
    "lines": _Count,
    "bytes": _Count,
    "levels": _Counts,
    "levels_done": _Count,
    "progress": tuple[_Finite | None, _Amount, _Amount],
    "input_waiting": _Count,
    "cpu_percent": _Finite,
    "memory_bytes": _Count,
}
_decoders = {name: msgspec.json.Decoder(form) for name, form in _FORMS.items()}
_any = msgspec.json.Decoder()
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_BAD = (ValueError, RecursionError)  # of msgspec, json and the codecs


class Fields(NamedTuple):
    """What a file says.

    Attributes:
        values: its fields that are whole.
        problem: what is wrong with the file, in words; None if nothing is.
        whole: the file is a JSON object, whatever its fields are.
    """

    values: dict[str, Any]
    problem: str | None
    whole: bool


def read(path: str, limit: int) -> Fields:
    """Read a file of at most `limit` bytes. Raises nothing."""
    name = os.path.basename(path)
    try:
        data = read_bounded(path, limit)
    except FileNotFoundError:
        return Fields({}, f"{name} is missing", whole=False)
    except OSError as error:
        text = str(error) if error.filename is None else f"{name} cannot be read: {error.strerror}"
        return Fields({}, text, whole=False)
    return decode(data, name)


def decode(data: bytes, name: str) -> Fields:
    """Take a file's content apart; `name` is what the problem calls it."""
    try:
        raw = _object.decode(_text(data))
    except _BAD as error:
        raw_or_none = _second_try(data)
        if raw_or_none is None:
            return Fields({}, f"{name} is damaged: {_reason(data, error)}", whole=False)
        raw = raw_or_none
    values: dict[str, Any] = {}
    bad: list[str] = []
    for field, text in raw.items():
        try:
            values[field] = _value(field, text)
        except _BAD:
            bad.append(field[:40])
    problem = f"{name} is damaged: {', '.join(sorted(bad)[:8])}" if bad else None
    return Fields(values, problem, whole=True)


def _value(field: str, text: msgspec.Raw) -> Any:
    if field == "spec":
        return msgspec.Raw(bytes(text))  # a copy, which does not keep the whole file in memory
    content = bytes(text)
    if content.count(b"[") + content.count(b"{") > MAX_NESTED:
        raise ValueError(field)
    return _decoders.get(field, _any).decode(content)


def _text(data: bytes) -> bytes:
    """The same in UTF-8: a launch may have had arguments that are not."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").encode()
    return data


def _second_try(data: bytes) -> dict[str, msgspec.Raw] | None:
    """What Python writes and JSON does not have: NaN and Infinity."""
    if len(data) > MAX_STATE_BYTES:
        return None
    try:
        value = json.loads(data.decode("utf-8", "replace"))
        return _object.decode(msgspec.json.encode(value)) if isinstance(value, dict) else None
    except _BAD:
        return None


def _reason(data: bytes, error: Exception) -> str:
    if not data.strip(b" \t\r\n\0"):
        return "it is empty"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return "it is not a JSON object"
