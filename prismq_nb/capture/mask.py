"""Replaces secrets in output before it reaches disk. Pure; standard library only.

A record holds whole lines, so a secret that the module wrote in two pieces is whole again here. Unfinished text is cut before whatever might be
the beginning of a secret, and so is a line that must be split for its length. A secret of several lines is masked line by line.
"""

from __future__ import annotations

from collections.abc import Iterator

MASK = b"******"
SHORTEST = 6
"""Bytes; a shorter value would mask innocent text everywhere, and guessing it is easy anyway."""


class Masker:
    """Replaces each of a set of secrets by `MASK`; those that overlap by one, so that nothing of either is left."""

    def __init__(self, secrets: list[str]) -> None:
        """Pieces shorter than `SHORTEST` bytes are left out; the engine has refused values that are shorter as a whole."""
        pieces = {line.strip() for secret in secrets for line in secret.encode("utf-8", "surrogateescape").splitlines()}
        self._secrets = sorted((piece for piece in pieces if len(piece) >= SHORTEST), key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._secrets)

    def apply(self, data: bytes) -> bytes:
        """`data` with every secret replaced."""
        found = [secret for secret in self._secrets if secret in data]
        if not found:
            return data
        pieces: list[bytes] = []
        end = 0
        for first, last in sorted(place for secret in found for place in _places(data, secret)):
            if first >= end:
                pieces += (data[end:first], MASK)
            end = max(end, last)
        return b"".join((*pieces, data[end:]))

    def apply_last(self, data: bytes) -> bytes:
        """`apply` for text that nothing follows any more: what ends in the beginning of a secret, `SHORTEST` bytes or more of it, is masked too."""
        end = self.safe_end(data)
        return self.apply(data) if len(data) - end < SHORTEST else self.apply(data[:end]) + MASK

    def apply_text(self, text: str) -> str:
        """`apply` for text."""
        return self.apply(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")

    def safe_end(self, data: bytes) -> int:
        """Return how many of the first bytes of `data` may be masked and written without the rest.

        No secret reaches over that place, neither a whole one nor one that `data` ends in the
        beginning of. So text may be masked in pieces: ``apply(a) + apply(b) == apply(a + b)``.
        """
        cut = min((self._begun_at(data, secret) for secret in self._secrets), default=len(data))
        moved = cut < len(data)
        while moved:  # back to the beginning of whatever whole secret the cut stands in
            moved = False
            for secret in self._secrets:
                first = data.find(secret, max(0, cut - len(secret) + 1), cut + len(secret) - 1)
                if 0 <= first < cut:
                    cut, moved = first, True
        return cut

    @staticmethod
    def _begun_at(data: bytes, secret: bytes) -> int:
        """Where `data` ends in the beginning of `secret`; the length of `data` if it does not."""
        for length in range(min(len(secret) - 1, len(data)), 0, -1):
            if data.endswith(secret[:length]):
                return len(data) - length
        return len(data)


def _places(data: bytes, secret: bytes) -> Iterator[tuple[int, int]]:
    """Where it stands, also where it overlaps itself: (first byte, byte after it)."""
    at = data.find(secret)
    while at >= 0:
        yield at, at + len(secret)
        at = data.find(secret, at + 1)
