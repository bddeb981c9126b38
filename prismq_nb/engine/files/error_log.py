"""Log the errors of background threads, which go on, as one line each in the server's log."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]
LOGGER = logging.getLogger("prismq_nb")
"""Used where there is no server with a log of its own."""
_REMEMBERED = 1000


class ErrorLog:
    """A log of errors by subject that does not repeat itself."""

    def __init__(self, log: Log | None = None) -> None:
        """Log to `log`, the server's log; default: `LOGGER`."""
        self._log = log or LOGGER
        self._logged: dict[str, str] = {}

    @contextmanager
    def guard(self, subject: str) -> Iterator[None]:
        """Catch and log errors of the ``with`` body, the same error of a subject only once."""
        try:
            yield
        except FileNotFoundError:
            return  # it was removed meanwhile
        except Exception as error:  # noqa: BLE001 - the thread must go on, whatever it is
            self._warn(subject, error)
        else:
            self._logged.pop(subject, None)

    def _warn(self, subject: str, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        if self._logged.get(subject) == text:
            return
        if len(self._logged) >= _REMEMBERED:
            self._logged.clear()
        self._logged[subject] = text
        self._log.warning(
            "prismq_nb: %s: %s",
            subject,
            text,
            exc_info=None if isinstance(error, OSError) else error,
        )
