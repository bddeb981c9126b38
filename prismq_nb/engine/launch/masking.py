"""The values that a launch wants masked, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.capture.masking.masker import MAX_LINES, MAX_VALUE_BYTES, MAX_VALUES, SHORTEST
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prismq_nb.common.models import LaunchSpec


def secret_values(spec: LaunchSpec, environ: Mapping[str, str]) -> list[str]:
    """Return the values to mask. Raises `InvalidRequest`, whose text holds none of them."""
    if len(spec.mask) > MAX_VALUES:
        raise InvalidRequest(f"mask has {len(spec.mask):,} entries: give at most {MAX_VALUES}")
    env = {**environ, **spec.env}
    secrets: list[str] = []
    for number, entry in enumerate(spec.mask):
        value = env.get(entry)
        what = f"mask[{number}]" if value is None else f"mask[{number}], the variable {entry!r},"
        secret = entry if value is None else value
        _check_secret(what, secret)
        secrets.append(secret)
    lines = sum(len(secret.splitlines()) for secret in secrets)
    if lines > MAX_LINES:
        raise InvalidRequest(f"mask has values of {lines:,} lines together: give at most {MAX_LINES:,}")
    return secrets


def _check_secret(what: str, secret: str) -> None:
    try:
        value = secret.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        where = f"{what} has a lone surrogate at index {error.start}"
        raise InvalidRequest(f"{where}: give text that UTF-8 can encode") from None
    if len(value.strip()) < SHORTEST:
        short = f"{what} has a value of fewer than {SHORTEST} characters"
        raise InvalidRequest(f"{short}, which would mask unrelated text everywhere; leave it out")
    if len(value) > MAX_VALUE_BYTES:
        long = f"{what} has a value of {len(value):,} bytes"
        raise InvalidRequest(f"{long}: at most {MAX_VALUE_BYTES:,} can be masked")
    for number, line in enumerate(value.splitlines(), 1):
        if 0 < len(line.strip()) < SHORTEST:
            raise InvalidRequest(
                f"{what} has a line, number {number}, of fewer than {SHORTEST} characters: each "
                "line of a value is masked by itself, and this one would mask unrelated text "
                "everywhere; give the other lines one by one, as in "
                f"[line for line in value.splitlines() if len(line) >= {SHORTEST}]"
            )
