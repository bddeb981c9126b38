"""Send one notice in a process of its own, which gets the address through its stdin only."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.common.environment import scrub
from prismq_nb.engine.launch.notify_targets import INSTALL
from prismq_nb.engine.notices import send_apprise

if TYPE_CHECKING:
    from prismq_nb.engine.notices.message import Message

LIMIT_SECONDS = 60.0
"""Longest time for one attempt; a mail server that does not answer takes 15 s."""
_SAFE = re.compile(rb"HTTP [1-5]\d\d\Z")
_PROBLEMS = {
    send_apprise.INVALID: "its address is not one that apprise knows",
    send_apprise.LOCAL: "its address acts on the machine of the server, which is switched off",
    send_apprise.MISSING: f"apprise is not installed where the server runs: {INSTALL}",
}


class Outcome(NamedTuple):
    """The result of an attempt.

    Attributes:
        problem: why it failed, without the address; None: it was sent.
        again: another attempt may succeed, and cannot be a second notice.
        is_unknown: it may have arrived.
    """

    problem: str | None = None
    again: bool = False
    is_unknown: bool = False


async def send(address: str, message: Message, seconds: float = LIMIT_SECONDS) -> Outcome:
    """Send a notice; take at most `seconds`. If it is cancelled, the process is killed."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the program's folder is no place to import from
            str(send_apprise.__file__),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
            cwd="/",
            start_new_session=True,  # Ctrl+C in the server's terminal is not for it
        )
    except OSError as error:
        return Outcome(f"the sending process could not be started: {error.strerror}", again=True)
    request = json.dumps({"address": address, **message._asdict()}).encode()
    try:
        said, _ = await asyncio.wait_for(process.communicate(request), seconds)
    except TimeoutError:
        return Outcome(f"no answer within {seconds:g} s", is_unknown=True)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _outcome(process.returncode, said.strip())


def _outcome(status: int | None, said: bytes) -> Outcome:
    if status == send_apprise.SENT:
        return Outcome()
    if status in _PROBLEMS:
        return Outcome(_PROBLEMS[status])
    if status == send_apprise.UNKNOWN:
        return Outcome("the service did not answer", is_unknown=True)
    if status == send_apprise.REFUSED:
        refused = (
            f"refused: {said.decode()}" if _SAFE.match(said) else "cannot be reached, or refused"
        )
        return Outcome(f"the service {refused}", again=True)
    return Outcome(f"the sending process ended with status {status}", again=True)


def _environment() -> dict[str, str]:
    """Return the server's environment without its credentials, and without settings of apprise."""
    return {
        name: value for name, value in scrub(os.environ).items() if not name.startswith("APPRISE_")
    }
