"""From the call of ``launch()`` to the first log event in an SSE client, under a real Jupyter
server.

    python tests/benchmarks/latency.py [--rounds 30] [--json FILE]

The peer in the same run is the minimum: ``subprocess.Popen`` of the same script with a pipe, up to
its first line.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from common import arguments, median, percentile, report, workspace
from support.jupyter_process import JupyterProcess

CODE = "print('first line', flush=True)\n"


def by_pipe(script: Path) -> float:
    """Seconds to the first line through a bare pipe."""
    begin = time.perf_counter()
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"first line\n"
        return time.perf_counter() - begin


def by_prismq(script: Path) -> tuple[float, float]:
    """Seconds until `launch` returned, and until the first line came out of the stream."""
    import prismq_nb

    begin = time.perf_counter()
    run = prismq_nb.launch(script)
    launched = time.perf_counter() - begin
    line = next(iter(run.follow()))
    assert line.message == "first line"
    first = time.perf_counter() - begin
    run.wait()
    return launched, first


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, rounds=30)
    with workspace() as folder:
        script = folder / "first.py"
        script.write_text(CODE)
        server = JupyterProcess.start(folder / "home")
        try:
            os.environ["PRISMQ_CONNECTION_FILE"] = str(server.connection_file)
            by_prismq(script)
            rounds = [(by_pipe(script), *by_prismq(script)) for _ in range(options.rounds)]
        finally:
            server.stop()
    rows = []
    for name, values in (
        ("bare pipe", [r[0] for r in rounds]),
        ("launch() returns", [r[1] for r in rounds]),
        ("first line by SSE", [r[2] for r in rounds]),
    ):
        rows.append(
            {
                "what": name,
                "median ms": median(values) * 1e3,
                "p90 ms": percentile(values, 90) * 1e3,
                "of pipe": median(values) / median([r[0] for r in rounds]),
            }
        )
    report("from launch() to the first line", rows, options.json)


if __name__ == "__main__":
    main()
