"""Errors about runs that cannot be reached: on another machine, or without a listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.base import state
from prismq_nb.engine.health import liveness, repair
from prismq_nb.engine.health.liveness import Life
from prismq_nb.errors import PrismqError, RunActive, RunEnded, RunUnreachable

if TYPE_CHECKING:
    from prismq_nb.engine.files.run_directory import RunFiles


def unreachable_message(files: RunFiles) -> str:
    """Return what is known of a run on another machine."""
    host, since = liveness.host_of(files), liveness.last_heard_words(files)
    return f"it was started on {host!r}, which cannot be reached from here{since}"


def check_active(files: RunFiles) -> None:
    """Check that a run has not ended, by its state.

    Raises:
        RunEnded: it has.
    """
    if files.status in state.ENDED:
        raise RunEnded(f"{files.run_id} has ended: its status is {files.status}")


def check_reachable(files: RunFiles) -> None:
    """Check that a run is not on another machine.

    Raises:
        RunUnreachable: it is.
    """
    if liveness.is_elsewhere(files):
        remedy = "Wait for it, stop it there, or give it up if that machine is gone"
        raise RunUnreachable(
            f"{files.run_id} is unreachable: {unreachable_message(files)}. {remedy}"
        )


def no_listener_error(files: RunFiles) -> PrismqError:
    """Return the error for a run whose control FIFO has no reader."""
    if liveness.probe(files) is Life.DEAD:
        return RunEnded(f"{files.run_id} has ended: its supervisor is gone")
    return RunUnreachable(
        f"{files.run_id} cannot be controlled at the moment, because its control file was removed "
        "or replaced; it creates a new one within 10 s: try again then"
    )


def give_up(files: RunFiles) -> None:
    """Mark a run on another machine as failed; see `Engine.give_up`.

    Raises:
        RunEnded: it has ended.
        RunActive: it runs on this machine, or its lock is held.
    """
    check_active(files)
    if not liveness.is_elsewhere(files):
        raise RunActive(f"{files.run_id} is {files.status} on this machine: stop it instead")
    if not repair.give_up(files):
        host = liveness.host_of(files)
        raise RunActive(
            f"{files.run_id} still holds its lock, so it is running: stop it on {host!r}"
        )
