"""The default data directory of clients without a server, and of watched cells."""

from __future__ import annotations

import os
from pathlib import Path


def default_data_dir() -> Path:
    """Return ``$PRISMQ_DATA_DIR`` or ``prismq_nb`` in Jupyter's data directory, as the server."""
    named = os.environ.get("PRISMQ_DATA_DIR")
    if named:
        return expand_path(named)
    from jupyter_core.paths import jupyter_data_dir  # noqa: PLC0415 - only if it is needed

    return Path(jupyter_data_dir(), "prismq_nb")


def expand_path(text: str) -> Path:
    """Return an absolute path; ``~`` of an unknown user is left as it is."""
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        return Path(text)
