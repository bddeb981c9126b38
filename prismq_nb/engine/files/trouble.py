"""What background threads meet: they go on, and the server's log has one line about each."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]
LOGGER = logging.getLogger("prismq_nb")
"""Where there is no server whose log could take it."""
_REMEMBERED = 1000


class TroubleLog:
    """Troubles by what they are about; the same one again is not worth a second line."""

    def __init__(self, log: Log | None = None) -> None:
        """Nothing was met yet; `log`: the server's."""
        self._log = log or LOGGER
        self._said: dict[str, str] = {}

    @contextmanager
    def about(self, subject: str) -> Iterator[None]:
        """Let the ``with`` body fail: say so once, until it has succeeded or fails otherwise."""
        try:
            yield
        except FileNotFoundError:
            return  # somebody else removed it meanwhile
        except Exception as error:  # noqa: BLE001 - the thread must go on, whatever it is
            self._say(subject, error)
        else:
            self._said.pop(subject, None)

    def _say(self, subject: str, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        if self._said.get(subject) == text:
            return
        if len(self._said) >= _REMEMBERED:
            self._said.clear()
        self._said[subject] = text
        self._log.warning(
            "prismq_nb: %s: %s",
            subject,
            text,
            exc_info=None if isinstance(error, OSError) else error,
        )
