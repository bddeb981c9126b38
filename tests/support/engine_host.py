"""An engine in its own process, which a test can kill.

It launches as told and reads its runs all the time, like a server.

Run as ``python engine_host.py DATA_DIR``: each line of its stdin is a launch (JSON), each line of
its stdout the id of the run or ``! error``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from support.waiting import WAIT_SECONDS

LOOK_SECONDS = 0.02


class EngineHost:
    """The process, from outside."""

    def __init__(self, data_dir: Path, *prefix: str) -> None:
        """Start it; `prefix` is a command that starts it, such as ``nohup``."""
        tests = Path(__file__).parents[1]
        env = {**os.environ, "PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}
        self.process = subprocess.Popen(
            [*prefix, sys.executable, __file__, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()  # it is up

    def ask(self, **spec: object) -> None:
        """Begin a launch; `answer` waits for it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(spec).encode() + b"\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        """The id of the requested run; empty if the process died before it said."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline().decode().strip()
        assert not said.startswith("!"), said
        return said

    def launch(self, **spec: object) -> str:
        """Start a run, and return its id."""
        self.ask(**spec)
        return self.answer()

    def kill(self) -> None:
        """Send SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Close its stdin, which ends it cleanly."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(WAIT_SECONDS)
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:  # it did not read the last request any more
                    continue


def main(data_dir: str) -> None:
    """The process, from inside."""
    from prismq_nb.common.models import LaunchSpec
    from prismq_nb.engine.engine import Engine
    from prismq_nb.errors import PrismqError

    engine = Engine(Path(data_dir))

    def look() -> None:
        while True:
            engine.list(limit=10)
            time.sleep(LOOK_SECONDS)

    threading.Thread(target=look, daemon=True).start()
    print("up", flush=True)
    for line in sys.stdin:
        try:
            print(engine.launch(LaunchSpec(**json.loads(line))).run_id, flush=True)
        except PrismqError as error:
            print("!", error, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
