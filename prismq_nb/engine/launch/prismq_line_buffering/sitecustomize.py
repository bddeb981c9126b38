# mypy: ignore-errors
# ruff: noqa: INP001 - on the path of other programs, never a package
"""Line-buffer what Python prints into pipes: a line is seen at once, and written in one piece.

The directory stands first in the ``PYTHONPATH`` of a run that has pipes, so that every Python
below it imports this file at its start, whatever started it. ``PYTHONUNBUFFERED`` would do so as
well, but makes one write of each argument of a `print`, and lines of several processes mix.

Any Python 3 may run it (2.7 leaves it without effect). It takes itself out of `sys.path` and
`sys.modules`, then gives way to the `sitecustomize` that would have been found without it; the
ImportError that is raised where there is none is what `site` expects. `os` and `stat` were imported
by `site` before.
"""

import os
import stat
import sys


def _line_buffer():
    for stream in (sys.stdout, sys.stderr):
        try:
            if stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode):
                stream.reconfigure(line_buffering=True)
        except Exception:  # noqa: BLE001, S110 - never in the way of a program
            pass


def _step_aside():
    here = os.path.dirname(__file__)
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)
    sys.modules.pop("sitecustomize", None)


_line_buffer()
_step_aside()

import sitecustomize  # noqa: E402, F401 - the next one on the path
