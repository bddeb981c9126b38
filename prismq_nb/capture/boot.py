"""The entry point of a supervisor.

``python -I -S boot.py PACKAGE_PARENT RUN_DIR LOCK_FD READY_FD``.

Isolated mode (``-I``) keeps the user's working directory and PYTHONPATH away from our imports (a
user's ``select.py`` must not be imported here). ``-S`` saves the 10 ms and the side effects of
``site``. So the package is found by the path that the engine passes, which comes last: the standard
library takes precedence.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys


def main(run_dir: str, lock_fd: int, ready_fd: int) -> None:
    """Run a supervisor until its run has ended.

    It reads JSON from stdin, because that may hold secrets.

    Args:
        run_dir: the run directory. It becomes the working directory, which follows when the
            directory is moved, and shows others which directory this supervisor belongs to
            (`run_lock.py`).
        lock_fd: the run's lock, already held; kept open until the process ends.
        ready_fd: one line of JSON is written there, ``{"ok": true}`` or ``{"error", "errno",
            "name"}``; then it is closed.
    """
    gc.disable()  # imported modules stay: collecting garbage among them takes 2 ms
    # These can be imported only now that the path is set
    from prismq_nb.capture.processes.orphans import wait_for_descendants  # noqa: PLC0415
    from prismq_nb.capture.supervisor import Supervisor  # noqa: PLC0415

    gc.freeze()
    gc.enable()

    os.set_inheritable(lock_fd, False)
    os.set_inheritable(ready_fd, False)
    with open(0, "rb", closefd=False) as stdin:
        try:
            spec = json.loads(stdin.read())
        except ValueError:  # the engine was killed while it sent this, so the run never started
            return
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    os.chdir(run_dir)
    supervisor = Supervisor(".", spec, lock_fd)
    try:
        supervisor.start()
    except OSError as error:
        _say(
            ready_fd,
            {"error": error.strerror or str(error), "errno": error.errno, "name": error.filename},
        )
        return
    _say(ready_fd, {"ok": True})
    supervisor.run()
    wait_for_descendants()


def _say(ready_fd: int, value: dict[str, object]) -> None:
    with contextlib.suppress(BrokenPipeError):  # the engine died while it waited; the run continues
        os.write(ready_fd, json.dumps(value).encode() + b"\n")
    os.close(ready_fd)


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
