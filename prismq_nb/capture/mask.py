"""Replaces secrets in output before it reaches disk. Pure; standard library only.

A record holds whole lines, so a secret that the module wrote in two pieces is whole again here. Unfinished text is cut before whatever might be
the beginning of a secret, and so is a line that must be split for its length. A secret of several lines is masked line by line.
"""

from __future__ import annotations

MASK = b"******"
SHORTEST = 6
"""Bytes; a shorter value would mask innocent text everywhere, and guessing it is easy anyway."""


class Masker:
    """Replaces each of a set of secrets by `MASK`, longest first, so that one within another leaves no rest behind."""

    def __init__(self, secrets: list[str]) -> None:
        """Pieces shorter than `SHORTEST` bytes are left out; the engine has refused values that are shorter as a whole."""
        pieces = {line.strip() for secret in secrets for line in secret.encode("utf-8", "surrogateescape").splitlines()}
        self._secrets = sorted((piece for piece in pieces if len(piece) >= SHORTEST), key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._secrets)

    def apply(self, data: bytes) -> bytes:
        """`data` with every secret replaced."""
        for secret in self._secrets:
            if secret in data:
                data = data.replace(secret, MASK)
        return data

    def apply_text(self, text: str) -> str:
        """`apply` for text."""
        return self.apply(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")

    def safe_end(self, data: bytes) -> int:
        """Length of the longest beginning of `data` that does not end in the beginning of a secret."""
        cut = len(data)
        for secret in self._secrets:
            for length in range(min(len(secret) - 1, len(data)), 0, -1):
                if data.endswith(secret[:length]):
                    cut = min(cut, len(data) - length)
                    break
        return cut
