"""What is stored of a watched cell besides its output: ``launch.json``, and where it goes."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from prismq_nb.capture.processes.identity import RUN_ID_VARIABLE
from prismq_nb.capture.processes.info import boot_identity, boot_seconds
from prismq_nb.capture.run_directory import slug
from prismq_nb.common.base import module_key
from prismq_nb.common.base.state import CELL, read_json

LIMITS = ("min_free_bytes", "max_run_bytes")
MAX_CODE_CHARS = 1_000_000
"""Longest source of a cell that is stored."""


class Description(NamedTuple):
    """A cell, for people.

    Attributes:
        name: display name.
        code: its source; None: unknown.
        kernel_id: id of the kernel; None: the process is not a kernel.
        notebook: path of the notebook, as the server names it; None: unknown.
        cell_id: id of the cell in its notebook; None: unknown.
    """

    name: str
    code: str | None = None
    kernel_id: str | None = None
    notebook: str | None = None
    cell_id: str | None = None


def launch_record(
    described: Description, mask: list[str], outer: str | None = None
) -> dict[str, Any]:
    """Return the content of ``launch.json``, secrets masked.

    Args:
        described: the cell.
        mask: secrets.
        outer: id of the run of the watched cell around it.
    """

    def clean(text: str | None) -> str | None:
        if not mask or text is None:
            return text
        from prismq_nb.capture.masking.masker import Masker  # noqa: PLC0415 - for secrets only

        return Masker(mask).apply_text(text)

    name = clean(described.name) or "cell"
    code, notebook = clean(described.code), clean(described.notebook)
    return {
        "version": 1,
        "kind": CELL,
        "module_id": slug(name),
        "module_name": name,
        "module_key": module_key.of_cell(notebook, described.cell_id),
        "origin": _origin(described, notebook, outer),
        "host": os.uname().nodename,
        "boot": boot_identity(),
        "boot_seconds": boot_seconds(),
        "cwd": clean(_working_directory()),
        "argv": [],
        "command_line": "",
        "parameters": {},
        "args": [],
        "arguments": "",
        "encoding": "utf-8",
        "timeout": None,
        "kernel_id": described.kernel_id,
        "notebook": notebook,
        "cell_id": described.cell_id,
        "code": code[:MAX_CODE_CHARS] if code else None,
    }


def _origin(
    described: Description, notebook: str | None, outer: str | None
) -> dict[str, str | None]:
    """Return what started the run of a cell, as the fields of `Origin`."""
    around = outer or os.environ.get(RUN_ID_VARIABLE)
    is_kernel = described.kernel_id is not None or notebook is not None
    kind = "notebook" if is_kernel else "run" if around is not None else "terminal"
    run_id = outer if is_kernel else around
    return {"kind": kind, "notebook": notebook, "cell_id": described.cell_id, "run_id": run_id}


class Storage(NamedTuple):
    """Where runs are stored.

    Attributes:
        runs_dir: directory of the runs that this process's server knows.
        limits: what one run may store, as arguments of `StoragePolicy`; empty: the defaults.
    """

    runs_dir: str
    limits: dict[str, int]


def storage() -> Storage:
    """Return where runs are stored; the directory is created if missing.

    Raises:
        OSError: it cannot be created.
    """
    connection = os.environ.get("PRISMQ_CONNECTION_FILE")
    content = (read_json(connection) or {}) if connection else {}
    data_dir, limits = content.get("data_dir"), content.get("limits")
    if not isinstance(data_dir, str) or not data_dir:
        from prismq_nb.common.data_dir import default_data_dir  # noqa: PLC0415 - without a server only

        data_dir = str(default_data_dir())
    for path in (data_dir, runs := os.path.join(data_dir, "runs")):
        os.makedirs(path, mode=0o700, exist_ok=True)
    known = limits if isinstance(limits, dict) else {}
    return Storage(runs, {name: known[name] for name in LIMITS if _is_size(known.get(name))})


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _working_directory() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None
