"""Numbers over all runs and of the machine, for monitoring."""

from __future__ import annotations

import shutil
from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

import psutil

from prismq_nb.common.base import state
from prismq_nb.common.system_models import (
    ModuleStatistics,
    RunStatistics,
    SystemStatistics,
    SystemUsage,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from prismq_nb.engine.store.index_entry import IndexEntry


def module_keys(entries: Collection[IndexEntry]) -> set[str]:
    """Return the different `module_key` of some runs."""
    return {entry.module_key for entry in entries if entry.module_key is not None}


def statistics(entries: Collection[IndexEntry], data_dir: Path) -> SystemStatistics:
    """Return numbers of runs, and of the machine.

    Raises:
        OSError: the data directory cannot be used.
    """
    counts = Counter(map(attrgetter("status"), entries))
    completed, failed = counts[state.COMPLETED], counts[state.FAILED]
    active = [entry for entry in entries if entry.status not in state.ENDED]
    modules, busy = len(module_keys(entries)), len(module_keys(active))
    return SystemStatistics(
        runs=RunStatistics(
            total=len(entries),
            successful=completed,
            failed=failed,
            success_rate=completed / (completed + failed) if completed or failed else None,
            cancelled=counts[state.CANCELLED],
            active=len(active),
        ),
        modules=ModuleStatistics(total=modules, active=busy, idle=modules - busy),
        system=SystemUsage(
            cpu_percent=psutil.cpu_percent(),
            memory_percent=psutil.virtual_memory().percent,
            disk_free_gb=shutil.disk_usage(data_dir).free / 1e9,
        ),
    )
