"""Read ``launch.json`` and ``run.json`` field by field: a damaged field costs only itself.

People, full disks and programs damage these files. A field of the wrong type is left out, so no
caller ever sees one. A file that is not a JSON object has no fields. Unknown fields pass unchecked,
because a later version may have written them.
"""

from __future__ import annotations

import json
import os
from typing import Annotated, Any, NamedTuple, TypedDict

import msgspec

from prismq_nb.common.base.regular_files import read_with_status
from prismq_nb.common.models import BackgroundProcess

MAX_STATE_BYTES = 256 << 10
"""Longest ``run.json`` that is read; supervisors write a few kB."""
MAX_NESTED = 50_000
"""Maximum number of arrays and objects in a field. More take over 10 ms to build, with the GIL
held."""

MAX_ATTEMPT = 1_000_000
"""Highest attempt number; later attempts get the same number."""

_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
_Code = Annotated[int, msgspec.Meta(gt=-(1 << 53), lt=1 << 53)] | None
_Version = Annotated[int, msgspec.Meta(ge=0, lt=1_000_000)]
_Finite = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
_Amount = int | float | None
_Counts = Annotated[list[_Count], msgspec.Meta(min_length=5, max_length=5)]
_Size = Annotated[int, msgspec.Meta(ge=1, lt=1 << 16)]
_Id = Annotated[str, msgspec.Meta(max_length=200)] | None
_Name = Annotated[str, msgspec.Meta(max_length=200)]
_Path = Annotated[str, msgspec.Meta(max_length=4096)] | None


class _Origin(msgspec.Struct):
    kind: _Id = None
    notebook: _Path = None
    cell_id: _Id = None
    run_id: _Id = None


class _Notify(msgspec.Struct):
    targets: Annotated[list[_Name], msgspec.Meta(max_length=20)] = []
    addresses: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0
    lines: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    sender: dict[str, Any] | None = None


_Background = Annotated[list[BackgroundProcess], msgspec.Meta(max_length=20)]
_PARAMETERS = dict[str, Any]
_FORMS: dict[str, Any] = {
    "version": _Version,
    "run_id": str,
    "module_id": str,
    "module_name": str,
    "module_key": str | None,
    "origin": _Origin,
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
    "end_reason": str,
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
    "kernel_id": _Id,
    "cell_id": _Id,
    "notebook": _Path,
    "code": str | None,
    "notify": _Notify,
    "notes": Annotated[list[str], msgspec.Meta(max_length=20)],
}
_Whole = TypedDict("_Whole", _FORMS, total=False)  # type: ignore[misc] # a table, not a literal
_any = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
# of msgspec, whose errors are ValueErrors only since 0.21, json and the codecs
_BAD = (msgspec.MsgspecError, ValueError, RecursionError, OverflowError)


FileIdentity = tuple[int, int, int, int]


class Fields(NamedTuple):
    """The fields of one file.

    Attributes:
        values: the valid fields.
        problem: what is wrong with the file; None: nothing.
        whole: the file is a JSON object, whatever its fields are.
        seen: identity of the file that was read, see `file_identity`; None: missing or unreadable.
        missing: there is no such file.
    """

    values: dict[str, Any]
    problem: str | None
    whole: bool
    seen: FileIdentity | None = None
    missing: bool = False


def file_identity(status: os.stat_result) -> FileIdentity:
    """Return a value that changes with every write or replacement, even if the mtime is not."""
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size


def read(path: str, limit: int) -> Fields:
    """Read a file of at most `limit` bytes. Never raises; `Fields.problem` says what went wrong."""
    name = path.rpartition("/")[2]
    try:
        data, status = read_with_status(path, limit)
    except FileNotFoundError:
        return Fields({}, f"{name} is missing", whole=False, missing=True)
    except OSError as error:
        text = str(error) if error.filename is None else f"{name} cannot be read: {error.strerror}"
        return Fields({}, text, whole=False)
    found = decode(data, name)
    return Fields(found.values, found.problem, found.whole, file_identity(status))


def decode(data: bytes, name: str) -> Fields:
    """Decode a file's content; `name` is the file's name in `Fields.problem`."""
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
    """Decode JSON of a given form. Raises one of `_BAD` for another form or deep nesting."""
    if data.count(b"[") + data.count(b"{") > MAX_NESTED:
        raise ValueError("nested too deeply")
    value = _any.decode(data)
    msgspec.convert(value, form)
    parameters = value.get("parameters") if form is _Whole else form is _PARAMETERS and value
    if parameters:
        _encode(parameters)  # they are sent as they are: an integer must not be too large
    return value


def _text(data: bytes) -> bytes:
    """Return data as UTF-8; arguments of a launch may have been in another encoding."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").encode()
    return data


def _second_try(data: bytes) -> dict[str, msgspec.Raw] | None:
    """Decode NaN and Infinity, which Python writes and JSON does not have."""
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
