"""Read ``launch.json`` and ``run.json`` field by field: what is whole counts, the rest is named.

People, full disks and programs damage these files. A field of a wrong type is left out, so nobody
behind this module meets one; a file that is no JSON object gives no fields at all. Fields that are
not known here pass unchecked: a later version may have written them.
"""

from __future__ import annotations

import json
import os
from typing import Annotated, Any, NamedTuple, TypedDict

import msgspec

from prismq_nb.common.base.regular_files import read_with_status
from prismq_nb.common.models import BackgroundProcess

MAX_STATE_BYTES = 256 << 10
"""Longest ``run.json`` that is read; what a supervisor writes has a few kB."""
MAX_LAUNCH_BYTES = 16 << 20
"""Longest ``launch.json`` that is read, and written: it holds a script's text and parameters."""
MAX_NESTED = 50_000
"""Most arrays and objects in a field: more take over 10 ms to build, with the GIL held."""

MAX_ATTEMPT = 1_000_000
"""Highest number of an attempt; more are counted as this one."""

_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
_Code = Annotated[int, msgspec.Meta(gt=-(1 << 53), lt=1 << 53)] | None
_Version = Annotated[int, msgspec.Meta(ge=0, lt=1_000_000)]
_Finite = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
_Amount = int | float | None
_Counts = Annotated[list[_Count], msgspec.Meta(min_length=5, max_length=5)]
_Size = Annotated[int, msgspec.Meta(ge=1, lt=1 << 16)]
_Background = Annotated[list[BackgroundProcess], msgspec.Meta(max_length=20)]
_PARAMETERS = dict[str, Any]
_FORMS: dict[str, Any] = {
    "version": _Version,
    "run_id": str,
    "module_id": str,
    "module_name": str,
    "host": str,
    "boot": str,
    "boot_seconds": _Finite,
    "directory": str,
    "kind": str,
    "argv": list[str],
    "cwd": str,
    "command_line": str,
    "parameters": _PARAMETERS,
    "arguments": str,
    "spec": dict[str, Any],
    "environment": dict[str, Any] | None,
    "restart_of": str,
    "first_attempt": str,
    "attempt": Annotated[int, msgspec.Meta(ge=1, le=MAX_ATTEMPT)],
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
    "records": _Counts,
    "terminal": tuple[_Size, _Size] | None,
    "takes_input": bool,
    "waiting_for_input": bool,
    "hides_input": bool,
    "output_open": bool,
    "lines_at_end": _Count,
    "background": _Background,
    "encoding": str,
    "notes": Annotated[list[str], msgspec.Meta(max_length=20)],
}
_Whole = TypedDict("_Whole", _FORMS, total=False)  # type: ignore[misc] # a table, not a literal
_any = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_BAD = (ValueError, RecursionError, OverflowError)  # of msgspec, json and the codecs


Identity = tuple[int, int, int, int]


class Fields(NamedTuple):
    """What a file says.

    Attributes:
        values: its fields that are whole.
        problem: what is wrong with the file, in words; None if nothing is.
        whole: the file is a JSON object, whatever its fields are.
        seen: which file it was, see `identity`; None where there is none, or it cannot be read.
        missing: there is no such file.
    """

    values: dict[str, Any]
    problem: str | None
    whole: bool
    seen: Identity | None = None
    missing: bool = False


def identity(status: os.stat_result) -> Identity:
    """What differs after a file was written or replaced, also by a tool that sets its time back."""
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size


def read(path: str, limit: int) -> Fields:
    """Read a file of at most `limit` bytes. Raises nothing."""
    name = path.rpartition("/")[2]
    try:
        data, status = read_with_status(path, limit)
    except FileNotFoundError:
        return Fields({}, f"{name} is missing", whole=False, missing=True)
    except OSError as error:
        text = str(error) if error.filename is None else f"{name} cannot be read: {error.strerror}"
        return Fields({}, text, whole=False)
    found = decode(data, name)
    return Fields(found.values, found.problem, found.whole, identity(status))


def decode(data: bytes, name: str) -> Fields:
    """Take a file's content apart; `name` is what the problem calls it."""
    try:
        values = _checked(data, _Whole)
    except _BAD:
        return _field_by_field(data, name)
    return Fields(values, None, whole=True)


def _field_by_field(data: bytes, name: str) -> Fields:
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
            values[field] = _checked(bytes(text), _FORMS.get(field, Any))
        except _BAD:
            bad.append(field[:40])
    problem = f"{name} is damaged: {', '.join(sorted(bad)[:8])}" if bad else None
    return Fields(values, problem, whole=True)


def _checked(data: bytes, form: Any) -> Any:
    """Decode JSON that has this form. Raises one of `_BAD` where it has not, or is too nested."""
    if data.count(b"[") + data.count(b"{") > MAX_NESTED:
        raise ValueError("nested too deeply")
    value = _any.decode(data)
    msgspec.convert(value, form)
    parameters = value.get("parameters") if form is _Whole else form is _PARAMETERS and value
    if parameters:
        _encode(parameters)  # they are sent on as they are: no integer may be too big
    return value


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
