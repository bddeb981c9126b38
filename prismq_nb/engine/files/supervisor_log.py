"""``supervisor.log``: what a supervisor itself prints; empty if all went well."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from prismq_nb.common.base.regular_files import read_end
from prismq_nb.journal.layout import format as fmt

if TYPE_CHECKING:
    from pathlib import Path

FILE = fmt.SUPERVISOR_LOG
_END_BYTES = 4096


def last_line(run_dir: Path) -> str:
    """Return the last line of a run's supervisor log; empty if there is none."""
    with contextlib.suppress(OSError):
        text = read_end(run_dir / FILE, _END_BYTES).decode(errors="replace")
        if lines := text.strip().splitlines():
            return lines[-1]
    return ""
