"""How a watched cell ended, from what it raised."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.outcome import Outcome
from prismq_nb.common.base.end_reason import EXIT, STOPPED
from prismq_nb.common.base.plain_text import shorten
from prismq_nb.common.base.state import CANCELLED, COMPLETED, FAILED

if TYPE_CHECKING:
    from types import TracebackType

MAX_MESSAGE_CHARS = 2_000
MAX_TRACEBACK_CHARS = 200_000
"""Longest traceback that is stored; of a longer one both ends are."""


def outcome_of(error: BaseException | None) -> dict[str, Any]:
    """Return the fields of an `Outcome`; `error`: what the code raised."""
    return _outcome(error)._asdict()


def _outcome(error: BaseException | None) -> Outcome:
    if error is None:
        return Outcome(COMPLETED, 0, EXIT)
    if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
        return Outcome(CANCELLED, None, STOPPED)
    if isinstance(error, SystemExit):
        return _exit(error.code)
    return Outcome(FAILED, 1, EXIT, shorten(_message(error), MAX_MESSAGE_CHARS))


def _exit(code: object) -> Outcome:
    """Return the end by `sys.exit`, which takes a code or a message."""
    if code is None or code == 0:
        return Outcome(COMPLETED, 0, EXIT)
    if isinstance(code, int):
        return Outcome(FAILED, code, EXIT, f"exit code {code}")
    return Outcome(FAILED, 1, EXIT, shorten(f"exit code 1: {code}", MAX_MESSAGE_CHARS))


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the code's own error class may fail
        text = ""
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def traceback_text(error: BaseException, frames: TracebackType | None) -> str:
    """Return the traceback of an error as Python prints it.

    Args:
        error: what was raised.
        frames: the first frame of the watched code.
    """
    import traceback  # noqa: PLC0415 - for failures only

    try:
        text = "".join(traceback.format_exception(type(error), error, frames))
    except Exception:  # noqa: BLE001 - as in `_message`
        text = f"{_message(error)}\n"
    if len(text) <= MAX_TRACEBACK_CHARS:
        return text
    half = MAX_TRACEBACK_CHARS // 2
    return f"{text[:half]}\n[...]\n{text[-half:]}"
