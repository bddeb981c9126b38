"""The origin of a run, from its ``launch.json``."""

from __future__ import annotations

from typing import Any

from prismq_nb.common.base.state import CELL
from prismq_nb.common.models import ORIGINS, Origin

NOTEBOOK = "notebook"


def stored_origin(launch: dict[str, Any]) -> Origin:
    """Return what started a run. Earlier versions stored this for watched cells only."""
    if (found := launch.get("origin")) is None:
        notebook, cell_id = launch.get("notebook"), launch.get("cell_id")
        is_notebook = launch.get("kind") == CELL and (notebook or launch.get("kernel_id"))
        return Origin(kind=NOTEBOOK if is_notebook else None, notebook=notebook, cell_id=cell_id)
    kind = found.get("kind")
    return Origin(
        kind=kind if kind in ORIGINS else None,
        notebook=found.get("notebook"),
        cell_id=found.get("cell_id"),
        run_id=found.get("run_id"),
    )
