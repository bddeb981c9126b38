"""The supervisor's entry point: ``python -I -S boot.py PACKAGE_PARENT RUN_DIR LOCK_FD READY_FD``.

Isolated mode (``-I``) keeps the user's working directory and PYTHONPATH away from our imports (a user's ``select.py`` must not be ours), ``-S``
spares the 10 ms and the side effects of ``site``. So the package is found by the path that the engine names, put last: the standard library wins.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys


def main(run_dir: str, lock_fd: int, ready_fd: int) -> None:
    """Run a supervisor's whole life. Its orders come as JSON on stdin: they may hold secrets.

    Args:
        run_dir: the run directory. It becomes the working directory, which follows when it is
            moved and shows others which directory this supervisor belongs to (`hold.py`).
        lock_fd: its lock, held already; kept open until the process ends.
        ready_fd: where one line of JSON says ``{"ok": true}``, or ``{"error", "errno", "name"}``; then it is closed.
    """
    gc.disable()  # what is imported stays: looking for garbage in it takes 2 ms
    from prismq_nb.capture.processes.orphans import outlive  # noqa: PLC0415 - as below
    from prismq_nb.capture.supervisor import Supervisor  # noqa: PLC0415 - found only now that the path is set

    gc.freeze()
    gc.enable()

    os.set_inheritable(lock_fd, False)
    os.set_inheritable(ready_fd, False)
    with open(0, "rb", closefd=False) as stdin:
        spec = json.loads(stdin.read())
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    os.chdir(run_dir)
    supervisor = Supervisor(".", spec, lock_fd)
    try:
        supervisor.start()
    except OSError as error:
        _say(ready_fd, {"error": error.strerror or str(error), "errno": error.errno, "name": error.filename})
        return
    _say(ready_fd, {"ok": True})
    supervisor.run()
    outlive()


def _say(ready_fd: int, value: dict[str, object]) -> None:
    with contextlib.suppress(BrokenPipeError):  # the engine died while it waited; the run goes on
        os.write(ready_fd, json.dumps(value).encode() + b"\n")
    os.close(ready_fd)


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
