"""The wire form of a run's CPU and memory over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.base.state import MICROSECONDS, iso
from prismq_nb.common.log_models import UsageHistory
from prismq_nb.journal.layout import usage

if TYPE_CHECKING:
    from prismq_nb.engine.files.run_directory import RunFiles


def usage_history(files: RunFiles) -> UsageHistory:
    """Return all samples in a run's directory."""
    started = files.started
    samples = usage.read(files.path) if started is not None else []
    return UsageHistory(
        run_id=files.run_id,
        begin=None if started is None else iso(started),
        seconds=[(sample.time - (started or 0)) / MICROSECONDS for sample in samples],
        cpu_percent=[round(sample.cpu_percent, 1) for sample in samples],
        memory_bytes=[sample.memory_bytes for sample in samples],
        peak_cpu_percent=max((round(sample.cpu_percent, 1) for sample in samples), default=None),
        peak_memory_bytes=max((sample.memory_bytes for sample in samples), default=None),
    )
