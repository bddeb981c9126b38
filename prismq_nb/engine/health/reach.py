"""What can be asked of a run that has not ended, and what is said where nothing can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.base import state
from prismq_nb.engine.health import liveness, repair
from prismq_nb.engine.health.liveness import Life
from prismq_nb.errors import PrismqError, RunActive, RunEnded, RunUnreachable

if TYPE_CHECKING:
    from prismq_nb.engine.files.run_directory import RunFiles


def silence(files: RunFiles) -> str:
    """Say what is known of a run on another machine."""
    heard = liveness.last_heard(files)
    since = f"; it was last heard from at {state.iso(heard)}" if heard else ""
    return f"it was started on {liveness.host_of(files)!r}, which cannot be reached from here{since}"


def check(files: RunFiles) -> None:
    """Raise `RunUnreachable` for a run on another machine."""
    if liveness.is_elsewhere(files):
        remedy = "Wait for it, stop it there, or give it up if that machine is gone"
        raise RunUnreachable(f"{files.run_id} is unreachable: {silence(files)}. {remedy}")


def unheard(files: RunFiles) -> PrismqError:
    """Return why nobody listens at a run's control FIFO."""
    if liveness.look(files) is Life.DEAD:
        return RunEnded(f"{files.run_id} has ended: its supervisor is gone")
    return RunUnreachable(
        f"{files.run_id} cannot be controlled at the moment, because its control file was removed "
        "or replaced; it creates a new one within 10 s: try again then"
    )


def give_up(files: RunFiles) -> None:
    """End a run on another machine, as failed; see `Engine.give_up`."""
    if files.status in state.ENDED:
        raise RunEnded(f"{files.run_id} has ended: it is {files.status}")
    if not liveness.is_elsewhere(files):
        raise RunActive(f"{files.run_id} is {files.status} on this machine: stop it instead")
    if not repair.give_up(files):
        host = liveness.host_of(files)
        raise RunActive(f"{files.run_id} still holds its lock, so it is running: stop it on {host!r}")
