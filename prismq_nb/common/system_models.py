"""The wire forms of ``GET /api/health`` and ``GET /api/system/stats``."""

from __future__ import annotations

import msgspec


class Health(msgspec.Struct, kw_only=True):
    """Answer of ``GET /api/health``.

    Attributes:
        status: ``healthy``; a server that cannot use its data directory answers 507 instead.
        version: of prismq_nb.
        uptime_seconds: since the extension was loaded.
        active_runs: runs of this machine that have not ended, or whose output is still open.
        total_modules: different `module_key` among all runs.
        contents_files: what the file browser shows are files, so a launch may name one by its
            `contents_path`.
    """

    status: str = "healthy"
    version: str
    uptime_seconds: float
    active_runs: int
    total_modules: int
    contents_files: bool = False


class RunStatistics(msgspec.Struct, kw_only=True):
    """Numbers of runs.

    Attributes:
        total: all runs that have not been deleted.
        successful: those that completed.
        success_rate: of those that completed or failed, the share that completed, 0 to 1; None:
            there are none.
        active: queued or running.
    """

    total: int
    successful: int
    failed: int
    success_rate: float | None
    cancelled: int
    active: int


class ModuleStatistics(msgspec.Struct, kw_only=True):
    """Numbers of different `module_key`: all, those with an active run, and the others."""

    total: int
    active: int
    idle: int


class SystemUsage(msgspec.Struct, kw_only=True):
    """The machine of the server.

    Attributes:
        cpu_percent: of all processors together, since the last request; 0 to 100.
        memory_percent: used memory, 0 to 100.
        disk_free_gb: free space on the disk of the data directory, 10^9 bytes.
    """

    cpu_percent: float
    memory_percent: float
    disk_free_gb: float


class SystemStatistics(msgspec.Struct, kw_only=True):
    """Answer of ``GET /api/system/stats``."""

    runs: RunStatistics
    modules: ModuleStatistics
    system: SystemUsage
