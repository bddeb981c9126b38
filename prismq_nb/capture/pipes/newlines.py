"""Count newlines: the only work on the path of the output that examines every byte.

For 64 KiB of lines of 100 bytes, `bytes.count` takes 20 to 35 µs (Python 3.11 compares byte by
byte) and stringzilla 4.6 µs. Reading and writing them takes 50 µs, so this decides whether a flood
is captured at the speed of the pipe. Standard library, and stringzilla if it is available.
"""

from __future__ import annotations

from collections.abc import Callable

from prismq_nb.capture.base import libraries

Count = Callable[[memoryview], int]


def counter(folders: dict[str, str]) -> Count:
    """Return a function that counts newlines; `folders` as in `libraries.load`."""
    stringzilla = libraries.load("stringzilla", folders)
    if stringzilla is None:
        return lambda data: bytes(data).count(b"\n")
    count: Callable[[memoryview, bytes], int] = stringzilla.count
    return lambda data: count(data, b"\n")
