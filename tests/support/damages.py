"""Damage to a file of a run directory: its content, its type, its place."""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import usage

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = (
    *(fmt.LAUNCH, fmt.STATE, fmt.LOG, fmt.INDEX, fmt.LEVELS, fmt.GAPS, fmt.PART, usage.FILE),
    *(
        *fmt.UNFINISHED,
        fmt.CONTROL_STATE,
        fmt.LOCK,
        fmt.CONTROL,
        "keep",
        "read",
        "code",
        "artifacts",
        "supervisor.log",
    ),
    f".{fmt.STATE}.123",
)
FIELDS = (
    *("version", "run_id", "created", "module_id", "module_name", "host", "parameters", "spec"),
    *("status", "stopping", "started", "completed", "exit_code", "error_message", "lines", "bytes"),
    *("levels", "levels_done", "progress", "heartbeat", "cpu_percent", "memory_bytes", "pid"),
    *("pid_started", "boot", "boot_seconds", "directory", "input_waiting", "environment"),
    *("restart_of", "first_attempt", "attempt"),
    *("kernel_id", "notebook", "cell_id", "code"),
)


def _whole(value: str) -> bytes:
    """JSON with one value for all known fields, written as it is."""
    return b"{" + ",".join(f'"{name}": {value}' for name in FIELDS).encode() + b"}"


JSON = {
    "not JSON": b"\xff{" * 50,
    "a list": b"[1]",
    "a number": b"5",
    "null": b"null",
    "no fields": b"{}",
    "deep": b"[" * 100_000,
    "deep and closed": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"created":' * 100_000,
    "wide": b'{"parameters": {"a": [' + b"[]," * 300_000 + b"[]]}}",
    "huge integers": _whole(str(10**30)),
    "integers of 5000 digits": _whole("9" * 5000),
    "1e308": _whole("1e308"),
    "1e999": _whole("1e999"),
    "NaN": _whole("NaN"),
    "Infinity": _whole("-Infinity"),
    "negative": _whole("-1"),
    "beyond dates": _whole(str((1 << 53) - 1)),
    "lists": _whole("[1, [2]]"),
    "objects": _whole('{"a": {"b": 1}}'),
    "texts": _whole('"text"'),
    "booleans": _whole("true"),
    "nulls": _whole("null"),
    "lone surrogates": _whole(r'"\ud800"'),
    "nul": _whole(r'"\u0000"'),
    "not UTF-8": _whole('"x"').replace(b"x", b"\xff\xfe"),
    "twice": b'{"status": "completed", "status": "running", "created": 1, "created": []}',
    "half": b'{"status": "comple',
}


def change_content(path: Path, content: bytes) -> None:
    """Overwrite a file in place."""
    _remove(path)
    path.write_bytes(content)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _of_kind(make: Callable[[Path], None]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        _remove(path)
        make(path)

    return damage


def _sparse(path: Path) -> None:
    _remove(path)
    with path.open("wb") as file:
        file.truncate(10 << 30)


def _noise(path: Path) -> None:
    change_content(path, random.Random(7).randbytes(5000))


def _grown(path: Path) -> None:
    """Append a hole of 100 GB, as a crashed machine may leave it."""
    if not path.is_file():
        change_content(path, b"")
    os.truncate(path, 100 << 30)


def _zero_tail(path: Path) -> None:
    """Append 16 MB of real zeros."""
    change_content(path, (path.read_bytes() if path.is_file() else b"") + bytes(16 << 20))


def _of_bytes(byte: bytes) -> Callable[[Path], None]:
    """As long as before, of one repeated byte."""
    return lambda path: change_content(
        path, byte * (path.stat().st_size if path.is_file() else 100)
    )


def _half(path: Path) -> None:
    if path.is_file():
        os.truncate(path, path.stat().st_size // 2)
    else:
        change_content(path, b"")


def _other_run(path: Path) -> None:
    """A link to the same file of the run beside, whose name sorts first."""
    other = min(one for one in path.parent.parent.iterdir() if one != path.parent)
    path.symlink_to(other / path.name)


KINDS: dict[str, Callable[[Path], None]] = {
    "a FIFO": _of_kind(os.mkfifo),
    "a socket": _of_kind(lambda path: os.mknod(path, stat.S_IFSOCK | 0o600)),
    "a device": _of_kind(lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))),
    "a full device": _of_kind(lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 7))),
    "a directory": _of_kind(lambda path: (path / "in" / "it").mkdir(parents=True)),
    "a dangling link": _of_kind(lambda path: path.symlink_to("nowhere/at/all")),
    "a link to itself": _of_kind(lambda path: path.symlink_to(path.name)),
    "a link outside": _of_kind(lambda path: path.symlink_to("/etc/passwd")),
    "a link to another run": _of_kind(_other_run),
}
"""Other things than files. As root in a container a device may be refused: `PermissionError`."""
CONTENTS: dict[str, Callable[[Path], None]] = {
    "missing": _remove,
    "empty": lambda path: change_content(path, b""),
    "zeros": lambda path: change_content(path, bytes(4096)),
    "noise": _noise,
    "half": _half,
    "10 GB of nothing": _sparse,
    "grown to 100 GB": _grown,
    "16 MB of zeros behind it": _zero_tail,
    "newlines": _of_bytes(b"\n"),
    "one long line": _of_bytes(b"x"),
}


def damages(name: str) -> dict[str, Callable[[Path], None]]:
    """All damage to a file of this name, by what it is called."""
    found = KINDS | CONTENTS
    if name in (fmt.LAUNCH, fmt.STATE):
        for label, content in JSON.items():
            found[f"JSON: {label}"] = lambda path, content=content: change_content(path, content)
    return found


def random_damage(path: Path, choose: random.Random) -> str:
    """Do random damage to a file; return what it was."""
    kind = choose.choice(["kind", "content", "flip", "cut", "json", "json"])
    if kind in ("kind", "content"):
        label, damage = choose.choice(list((KINDS if kind == "kind" else CONTENTS).items()))
        damage(path)
        return label
    data = bytearray(path.read_bytes()) if path.is_file() else bytearray(64)
    if kind == "flip":
        for _ in range(choose.randint(1, 8)):
            if data:
                data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)
    elif kind == "cut":
        del data[choose.randint(0, len(data)) :]
    else:
        values = [10**30, -1, 1e308, [], {}, "x", None, True, [[[]]], 1 << 62, "\0", 0.5, "\u2028"]
        fields = choose.sample(FIELDS, choose.randint(1, 8))
        data = bytearray(json.dumps({name: choose.choice(values) for name in fields}).encode())
    change_content(path, bytes(data))
    return f"{kind}: {bytes(data[:200])!r}"
