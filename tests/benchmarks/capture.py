"""How fast output is captured, against ``cat > file`` in the same run.

    python tests/benchmarks/capture.py [--lines 3000000] [--pairs 9] [--json FILE]

Each pair runs the same producer (100-byte lines, as fast as it can) once into ``cat > file`` and once as a run; the ratio of a pair is what
counts, as the machine may be shared. Capture here is the whole thing: timestamps, index, journal, exit status. The time is the run's own, from
exec to its end.
"""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from common import arguments, median, producer, report, timed, workspace
from support.runs import ended, until

from prismq_nb.engine.engine import Engine
from prismq_nb.models import LaunchSpec


def cat(folder: Path, command: list[str]) -> float:
    """Seconds of ``command | cat > file``."""
    path = folder / "cat.out"
    seconds = timed(lambda: subprocess.run(f"{shlex.join(command)} | cat > {shlex.quote(str(path))}", shell=True, check=True))
    path.unlink()
    return seconds


def capture(engine: Engine, command: list[str], lines: int) -> tuple[float, float]:
    """Seconds of the run, and from its end until all levels were known."""
    run = ended(engine, engine.launch(LaunchSpec(command=command)).run_id)
    assert run.lines == lines, run
    levels = timed(lambda: until(lambda: engine.get(run.run_id).levels["complete"], seconds=600))
    engine.purge(run.run_id)
    assert run.duration_seconds is not None
    return run.duration_seconds, levels


def main() -> None:
    """Measures and reports."""
    options = arguments(__doc__, lines=3_000_000, pairs=9)
    command = producer(options.lines)
    with workspace() as folder:
        engine = Engine(folder / "data")
        capture(engine, command, options.lines)  # warms caches
        pairs = [(cat(folder, command), *capture(engine, command, options.lines)) for _ in range(options.pairs)]
        engine.close()
    millions = options.lines / 1e6
    rows = [
        {"what": "cat > file", "M lines/s": millions / median([c for c, _, _ in pairs]), "of cat": 1.0},
        {"what": "prismq_nb", "M lines/s": millions / median([p for _, p, _ in pairs]), "of cat": median([c / p for c, p, _ in pairs])},
        {"what": "  levels complete after the end, s", "M lines/s": median([s for _, _, s in pairs]), "of cat": 0.0},
    ]
    report("capture of 100-byte lines", rows, options.json)


if __name__ == "__main__":
    main()
