"""What IPython knows of a cell: its source, its id, its kernel and its notebook."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import Any

from prismq_nb.cell.describe import Description
from prismq_nb.client.launch.origin import cell_id, notebook_path

_KERNEL_FILE = "kernel-"


def describe(shell: Any, name: str | None, info: Any = None) -> Description:
    """Describe a cell.

    Args:
        shell: of IPython.
        name: display name; None: that of the notebook, with the number of the cell's execution.
        info: IPython's `ExecutionInfo` of a cell that is about to run; None: it runs.
    """
    notebook = notebook_path()
    sources = shell.user_ns.get("In")
    sources = sources if isinstance(sources, list) and sources else [""]
    number = len(sources) - (info is None)  # it gets its place among them when it runs
    return Description(
        name=name or f"{PurePath(notebook).stem if notebook else 'cell'} [{number}]",
        code=sources[-1] if info is None else info.raw_cell,
        kernel_id=_kernel_id(),
        notebook=notebook,
        cell_id=getattr(info, "cell_id", None) or cell_id(),
    )


def _kernel_id() -> str | None:
    """Return the id of this kernel, which is in the name of its connection file."""
    application = sys.modules.get("ipykernel.kernelapp")
    if application is None or not application.IPKernelApp.initialized():
        return None
    stem = PurePath(application.IPKernelApp.instance().connection_file).stem
    return stem.removeprefix(_KERNEL_FILE) if stem.startswith(_KERNEL_FILE) else None
