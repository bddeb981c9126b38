"""Unfinished lines on disk: what a stream printed after its last newline. Standard library only.

There are two forms. What readers show is small and changes often; what recovery needs is large and
only grows:

    output.part   The visible part of both streams' unfinished lines, a few kB, for readers.
                  Overwritten in place up to 10 times a second. First line: JSON ``{"end",
                  "stdout", "stderr", "crc"}``: the log's end when it was written, the size of each
                  text that follows, and the CRC-32 of all. The checksum reveals a read in the
                  middle of a write.
    stdout.part   The whole unfinished line of one stream, for recovery; likewise ``stderr.part``.
                  Appended to at most once a second, so it costs what the module prints and no
                  more. First line: JSON ``{"end"}``: the log's end when the line began.

A text is stale once its stream has stored something after `end`. Earlier versions of this package
wrote ``output.part`` only, without ``crc``: the whole text of both streams, replaced by rename.
Readers and recovery still accept that form. Neither form is ever synced.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, TypeGuard

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.journal.layout import format as fmt

MAX_VISIBLE_BYTES: Final = 4096
"""Size of one stream's text in ``output.part``: a few frames of each of several progress bars."""

_MAX_HEAD: Final = 256
_MAX_TEXT: Final = fmt.MAX_LINE_BYTES + (1 << 20)
"""No stream has more unfinished text: a longer line is split."""


class Part(NamedTuple):
    """The content of ``output.part``.

    Attributes:
        end: the log's end when it was written, in bytes.
        texts: of stdout and stderr.
        visible_only: the texts are only what can be seen; otherwise whole lines (the older form).
    """

    end: int
    texts: tuple[bytes, bytes]
    visible_only: bool


class Unfinished(NamedTuple):
    """The unfinished line of one stream; `end` is the log's end when it began, in bytes."""

    end: int
    text: bytes


def pack_part(end: int, stdout: bytes, stderr: bytes) -> bytes:
    """Return the content of ``output.part``."""
    head = {"end": end, "stdout": len(stdout), "stderr": len(stderr)}
    head["crc"] = _checksum(end, stdout, stderr)
    return json.dumps(head).encode() + b"\n" + stdout + stderr


def _checksum(end: int, stdout: bytes, stderr: bytes) -> int:
    sizes = f"{end} {len(stdout)} {len(stderr)}".encode()
    return zlib.crc32(stderr, zlib.crc32(stdout, zlib.crc32(sizes)))


def unfinished_head(end: int) -> bytes:
    """Return the first line of ``stdout.part`` or ``stderr.part``."""
    return json.dumps({"end": end}).encode() + b"\n"


def write_part(path: str, data: bytes) -> None:
    """Overwrite ``output.part`` in place: one disk write per writeback instead of one per call.

    Raises:
        OSError: the file cannot be written.
    """
    with _opened(path, os.O_WRONLY | os.O_CREAT) as fd:
        os.pwrite(fd, data, 0)
        if os.fstat(fd).st_size > len(data):
            os.ftruncate(fd, len(data))


def read_part(path: str) -> Part | None:
    """Read ``output.part``: a few kB at most, the end of each text, whatever its form and size.

    Returns:
        None if there is no such file, or its content is damaged or half written.
    """
    with contextlib.suppress(OSError), _opened(path, os.O_RDONLY) as fd:
        data = os.pread(fd, _MAX_HEAD + 2 * MAX_VISIBLE_BYTES, 0)
        head, newline, texts = data.partition(b"\n")
        fields = _head(head) if newline else None
        if fields is None:
            return None
        end, out, err, crc = (fields.get(name) for name in ("end", "stdout", "stderr", "crc"))
        if not (_is_size(end) and _is_size(out, _MAX_TEXT) and _is_size(err, _MAX_TEXT)):
            return None
        if crc is None:  # the older form, which was only ever replaced as a whole
            start = len(head) + 1
            if os.fstat(fd).st_size != start + out + err:
                return None
            return Part(end, (_end(fd, start, out), _end(fd, start + out, err)), visible_only=False)
        stdout, stderr = texts[:out], texts[out : out + err]
        if _checksum(end, stdout, stderr) == crc:
            return Part(end, (stdout, stderr), visible_only=True)
    return None


def read_unfinished(folder: str | os.PathLike[str]) -> tuple[Unfinished | None, Unfinished | None]:
    """Read the whole unfinished lines of both streams, for recovery; up to 2 MiB of each.

    Returns:
        For each stream its line; None if it has none or its file is damaged.
    """
    found = [_read_whole(os.path.join(folder, name)) for name in fmt.UNFINISHED]
    if (
        found == [None, None]
        and (old := _read_older_form(os.path.join(folder, fmt.PART))) is not None
    ):
        return old
    return found[0], found[1]


def remove(folder: str | os.PathLike[str]) -> None:
    """Remove all files of unfinished lines, as far as possible."""
    for name in (fmt.PART, *fmt.UNFINISHED):
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, name))


def _read_whole(path: str) -> Unfinished | None:
    with contextlib.suppress(OSError), _opened(path, os.O_RDONLY) as fd:
        data = _read(fd, _MAX_HEAD + _MAX_TEXT)
        head, newline, text = data.partition(b"\n")
        fields = _head(head) if newline else None
        if fields is not None and text and _is_size(end := fields.get("end")):
            return Unfinished(end, text)
    return None


def _read_older_form(path: str) -> tuple[Unfinished | None, Unfinished | None] | None:
    """Read the older form of ``output.part``; None if the file has another form or is damaged."""
    part = read_part(path)
    if part is None or part.visible_only:
        return None
    with contextlib.suppress(OSError), _opened(path, os.O_RDONLY) as fd:
        head, _, texts = _read(fd, _MAX_HEAD + 2 * _MAX_TEXT).partition(b"\n")
        out = (_head(head) or {})["stdout"]
        return Unfinished(part.end, texts[:out]), Unfinished(part.end, texts[out:])
    return None


def _head(line: bytes) -> dict[str, Any] | None:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _is_size(value: Any, most: int = 1 << 62) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= most


def _end(fd: int, start: int, size: int) -> bytes:
    """Return the end of `size` bytes at offset `start`, `MAX_VISIBLE_BYTES` at most."""
    kept = min(size, MAX_VISIBLE_BYTES)
    return os.pread(fd, kept, start + size - kept)


def _read(fd: int, size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0 and (piece := os.read(fd, size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


@contextlib.contextmanager
def _opened(path: str, flags: int) -> Iterator[int]:
    fd = open_regular(path, flags)
    try:
        yield fd
    finally:
        os.close(fd)
