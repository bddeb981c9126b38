"""What this process knows of what it is: a notebook, another run, or Python elsewhere."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from prismq_nb.client.base.notice import in_kernel, ipython_shell
from prismq_nb.common.models import LaunchOrigin

_RUN_ID = re.compile(r"run_\d{8}_\d{6}_[A-Za-z0-9_-]{1,40}_[0-9a-f]{6}\Z", re.ASCII)
_MAX_NOTEBOOK_CHARS, _MAX_CELL_ID_CHARS = 4096, 200


def this_origin() -> LaunchOrigin:
    """Return the origin of what this process launches now; what is odd is left out.

    The program of a run has the run's id in its environment. So has a kernel that a Jupyter server
    started which is a run itself; but there a notebook comes first.
    """
    notebook = notebook_path()
    around = _run_around()
    if in_kernel() and (notebook is not None or around is None):
        return LaunchOrigin(
            kind="notebook", notebook=notebook, cell_id=cell_id(), run_id=_watched_cell()
        )
    run_id = _watched_cell() or around
    return LaunchOrigin(kind="terminal" if run_id is None else "run", run_id=run_id)


def notebook_path() -> str | None:
    """Return the path of the notebook of this kernel, as of the kernel's start.

    The server gives a folder where a client has named no file.
    """
    path = _fitting(os.environ.get("JPY_SESSION_NAME"), _MAX_NOTEBOOK_CHARS)
    return None if path is None or path.endswith("/") else path


def cell_id() -> str | None:
    """Return the id of the cell that runs, which JupyterLab and Notebook 7 send with its source."""
    try:
        found = ipython_shell().parent_header["metadata"]["cellId"]
    except (AttributeError, KeyError, TypeError):
        return None
    return _fitting(found, _MAX_CELL_ID_CHARS)


def _run_around() -> str | None:
    """Return the run whose program this process belongs to."""
    run_id = os.environ.get("PRISMQ_RUN_ID", "")
    return run_id if _RUN_ID.match(run_id) else None


def _watched_cell() -> str | None:
    """Return the run of the cell, or the block, that is being watched in this process."""
    module: Any = sys.modules.get("prismq_nb.cell.session")
    cell = None if module is None else module.session().current
    return None if cell is None else cell.run_id or None


def _fitting(text: object, longest: int) -> str | None:
    """Return a text that a launch can carry; None: it is none."""
    if not isinstance(text, str) or not 0 < len(text) <= longest or "\0" in text:
        return None
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
