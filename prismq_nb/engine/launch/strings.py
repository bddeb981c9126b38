"""Check texts that become arguments and variables of a process."""

from __future__ import annotations

from prismq_nb.errors import InvalidRequest


def no_nul(field: str, value: str) -> str:
    """Return `value`.

    Raises:
        InvalidRequest: it contains a NUL character; the message names `field`.
    """
    if "\0" in value:
        raise InvalidRequest(
            f"{field} contains a NUL character, which no command line can carry", parameter=field
        )
    return value


def strings(field: str, values: list[str]) -> list[str]:
    """Return `values`.

    Raises:
        InvalidRequest: one contains a NUL character; the message names it by `field` and index.
    """
    return [no_nul(f"{field}[{number}]", value) for number, value in enumerate(values)]
