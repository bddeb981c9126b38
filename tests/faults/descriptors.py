"""Launch with fewer descriptors left than a launch needs, one more each time, until one is enough.

Run by `test_odd_output.py`.

Print ``refused`` or ``up`` for each; fail if a launch was neither, or left something open.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.runs import ended, output, until

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.errors import LaunchFailed

MOST_LEFT = 40


def attempt(engine: Engine, left: int) -> str:
    """One launch with so many descriptors left."""
    before = engine.list().total
    opened = set(os.listdir("/proc/self/fd"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, opened)) + left, hard))
    try:
        run_id = engine.launch(LaunchSpec(code="print('up')")).run_id
    except LaunchFailed as error:
        run_id = None
        reason = str(error)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if run_id is None:
        assert "Too many open files" in reason, reason
        assert engine.list().total == before
    else:
        assert output(engine, ended(engine, run_id).run_id)[0] == b"up\n"
    until(lambda: set(os.listdir("/proc/self/fd")) <= opened, what="descriptors given back")
    return "up" if run_id else "refused"


def main() -> None:
    """All of them, with one engine, and without earlier open files: the numbers below the limit are
    to be free.
    """
    os.closerange(3, 1024)
    engine = Engine(Path(sys.argv[1]))
    ended(engine, engine.launch(LaunchSpec(code="pass")).run_id)  # whatever is opened once and kept
    for left in range(1, MOST_LEFT):
        what = attempt(engine, left)
        print(what, flush=True)
        if what == "up":
            break
    engine.close()


if __name__ == "__main__":
    main()
