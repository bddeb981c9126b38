"""The owner of a file."""

from __future__ import annotations

import pwd


def user_name(uid: int) -> str | None:
    """Return the name of a user; None: the system does not know it, see getpwuid(3)."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
