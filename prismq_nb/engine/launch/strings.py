"""Texts that become arguments and variables of a process."""

from __future__ import annotations

from prismq_nb.errors import InvalidRequest


def no_nul(field: str, value: str) -> str:
    """Return `value`. Raises `InvalidRequest`, naming `field`, where it has a NUL character."""
    if "\0" in value:
        raise InvalidRequest(f"{field} contains a NUL character, which no command line can carry")
    return value


def strings(field: str, values: list[str]) -> list[str]:
    """Return `values`, each checked by `no_nul`."""
    return [no_nul(f"{field}[{number}]", value) for number, value in enumerate(values)]
