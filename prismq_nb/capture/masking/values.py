"""Check the values that a run wants masked. Standard library only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.capture.masking.masker import (
    MAX_LINES,
    MAX_VALUE_BYTES,
    MAX_VALUES,
    MIN_SECRET_BYTES,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class InvalidMask(ValueError):
    """A value cannot be masked; the message holds none of them."""


def secret_values(mask: Sequence[str], environ: Mapping[str, str | None]) -> list[str]:
    """Return the values to mask.

    Args:
        mask: values, or names of variables.
        environ: those variables.

    Raises:
        InvalidMask: a value cannot be masked.
    """
    if len(mask) > MAX_VALUES:
        raise InvalidMask(f"mask has {len(mask):,} entries; use at most {MAX_VALUES}")
    secrets: list[str] = []
    for number, entry in enumerate(mask):
        value = environ.get(entry)
        what = f"mask[{number}]" if value is None else f"mask[{number}], the variable {entry!r},"
        secret = entry if value is None else value
        _check_secret(what, secret)
        secrets.append(secret)
    lines = sum(len(secret.splitlines()) for secret in secrets)
    if lines > MAX_LINES:
        raise InvalidMask(
            f"mask has values of {lines:,} lines together; use at most {MAX_LINES:,}",
        )
    return secrets


def _check_secret(what: str, secret: str) -> None:
    try:
        value = secret.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        where = f"{what} has a lone surrogate at index {error.start}"
        raise InvalidMask(f"{where}; use text that UTF-8 can encode") from None
    if len(value.strip()) < MIN_SECRET_BYTES:
        short = f"{what} has a value of fewer than {MIN_SECRET_BYTES} characters"
        raise InvalidMask(f"{short}, which would mask unrelated text everywhere; remove it")
    if len(value) > MAX_VALUE_BYTES:
        long = f"{what} has a value of {len(value):,} bytes"
        raise InvalidMask(f"{long}; at most {MAX_VALUE_BYTES:,} can be masked")
    for number, line in enumerate(value.splitlines(), 1):
        if 0 < len(line.strip()) < MIN_SECRET_BYTES:
            raise InvalidMask(
                f"line {number} of {what} has fewer than {MIN_SECRET_BYTES} characters; each line "
                "of a value is masked by itself, and this one would mask unrelated text everywhere;"
                " pass the other lines one by one, as in "
                f"[line for line in value.splitlines() if len(line) >= {MIN_SECRET_BYTES}]",
            )
