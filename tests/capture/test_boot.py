"""The entry point of the supervisor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import prismq_nb
from prismq_nb.capture import boot


@pytest.mark.parametrize("sent", [b"", b'{"run_id": "run_1", "argv": ['], ids=["nothing", "half"])
def test_it_ends_silently_if_its_engine_was_killed_before_it_had_sent_all(tmp_path, sent):
    """What it prints would be taken for the reason why it failed."""
    heard, ready = os.pipe()
    lock = os.open(tmp_path, os.O_RDONLY)
    package_parent = str(Path(prismq_nb.__file__).parent.parent)
    command = [sys.executable, "-I", "-S", boot.__file__, package_parent]
    done = subprocess.run(
        [*command, str(tmp_path), str(lock), str(ready)],
        input=sent,
        pass_fds=(lock, ready),
        capture_output=True,
        check=False,
    )
    os.close(ready)
    assert (0, b"", b"", b"") == (done.returncode, done.stdout, done.stderr, os.read(heard, 100))
    os.close(heard)
    os.close(lock)
