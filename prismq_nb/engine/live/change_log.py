"""The newest changes of the list of runs, in memory, for subscribers with cursors.

Of each run only its last change is kept, so a subscriber that comes back gets what each run is now,
once, and a run that changes all the time displaces no other. Pure.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.engine.read.export import one_line_json

if TYPE_CHECKING:
    from prismq_nb.common.models import RunInfo

MAX_CHANGES = 10_000
"""Runs whose last change is kept."""
MAX_BYTES = 32 << 20
"""Memory for changes; a change takes about 1.5 kB."""
_POSITION = re.compile(r"([0-9a-f]{8})-([0-9]{1,15})", re.ASCII)

Encode = Callable[[str, str, bytes], bytes]
"""Encode a change for the wire, from position, name (``run`` or ``removed``) and JSON."""


class Change(NamedTuple):
    """The last change of a run.

    Attributes:
        number: its place among all changes, from 1.
        content: hash of its JSON.
        data: its encoded form, which all subscribers share.
    """

    number: int
    content: int
    data: bytes


class ChangeLog:
    """The last change of each run, oldest first.

    Attributes:
        epoch: 8 hexadecimal digits; another in each process, so positions of another are unknown.
        last: number of the newest change; 0: there was none.
        first: a subscriber that knows all changes up to this number can resume.
    """

    def __init__(self, encode: Encode) -> None:
        """Begin with no change; `encode` is called once for each change."""
        self.epoch = secrets.token_hex(4)
        self.first = self.last = 0
        self._encode = encode
        self._changes: OrderedDict[str, Change] = OrderedDict()
        self._bytes = 0

    @property
    def position(self) -> str:
        """The position behind the newest change."""
        return f"{self.epoch}-{self.last}"

    def number(self, position: str) -> int | None:
        """Return the number in a position; None: it is of another process, or too old."""
        found = _POSITION.fullmatch(position)
        if found is None or found[1] != self.epoch:
            return None
        number = int(found[2])
        return number if self.first <= number <= self.last else None

    def add(self, run_id: str, run: RunInfo | None) -> bool:
        """Add what a run is now; None: it was removed. Do nothing if its last change says so.

        Returns:
            Whether it was added.
        """
        name = "removed" if run is None else "run"
        body = one_line_json({"run_id": run_id} if run is None else run)
        before = self._changes.get(run_id)
        if before is not None and before.content == hash(body):
            return False
        self.last += 1
        data = self._encode(self.position, name, body)
        self._changes[run_id] = Change(self.last, hash(body), data)
        self._changes.move_to_end(run_id)
        self._bytes += len(data) - (0 if before is None else len(before.data))
        while len(self._changes) > MAX_CHANGES or self._bytes > MAX_BYTES:
            _, oldest = self._changes.popitem(last=False)
            self.first = oldest.number
            self._bytes -= len(oldest.data)
        return True

    def after(self, number: int, max_bytes: int) -> tuple[bytes, int] | None:
        """Return the encoded changes after one, oldest first, and the number of the last of them.

        Args:
            number: of the last change that the subscriber knows.
            max_bytes: about how much to return at most; at least one change.

        Returns:
            None: changes in between are not kept any more.
        """
        if number < self.first:
            return None
        found: list[Change] = []
        for change in reversed(self._changes.values()):
            if change.number <= number:
                break
            found.append(change)
        parts: list[bytes] = []
        for change in reversed(found):
            parts.append(change.data)
            number = change.number
            max_bytes -= len(change.data)
            if max_bytes <= 0:
                break
        return b"".join(parts), number
