"""How a log shows each program of `support.examples`, with pipes and with terminals.

    python tests/benchmarks/programs.py [--tree CHECKOUT] [--limit 15] [--at_once 3] [--json FILE]

Each is launched by the Python client, as from a kernel, against a real Jupyter server. `verdict` is
"ok", what is wrong, or "skipped" where the machine lacks a program. `--tree` is another checkout,
such as one of an earlier version ("before"), whose server and client are used; there is no other
peer: what a terminal shows is the limit, and stands in the checks. A program that does not end is
stopped after `--limit` seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from common import report, workspace

SKIPPED = "skipped"
LEVELS = ("WARNING", "ERROR", "CRITICAL")


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tree", type=Path, help="a checkout of another version")
    parser.add_argument("--limit", type=float, default=15, help="seconds; default: 15")
    parser.add_argument("--at_once", type=int, default=3, help="programs at a time; default: 3")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--only", default="", help="a text that the names have in them")
    return parser.parse_args()


def matching(examples: Sequence[Any], text: str) -> list[Any]:
    """The programs whose names have `text` in them; exit if there are none."""
    chosen = [example for example in examples if text in example.name]
    if not chosen:
        names = ", ".join(example.name for example in examples)
        sys.exit(f"--only={text!r} is in no program's name; the programs are: {names}")
    return chosen


def environment(url: str, token: str) -> None:
    """Make this process launch like a kernel of the server."""
    from support.examples import KERNEL

    for name in ("NO_COLOR", "PYTHONUNBUFFERED", "PRISMQ_CONNECTION_FILE", "JPY_PARENT_PID"):
        os.environ.pop(name, None)
    os.environ |= KERNEL | {"PRISMQ_URL": url, "PRISMQ_TOKEN": token}


def row(example: Any, terminal: bool, folder: Path, limit: float) -> dict[str, Any]:
    """Test one program."""
    from support.examples import Seen

    seen = Seen(folder, terminal, limit=limit)
    missing = example.missing()
    wrong = "" if missing else example.try_out(seen)
    record = seen.run.info if seen.run is not None else None
    records = getattr(record, "records", None) or {}
    verdict = f"{SKIPPED}: no {', '.join(missing)}" if missing else " ".join(wrong.split())[:90]
    return {
        "program": example.name,
        "mode": "terminal" if terminal else "pipes",
        "status": record.status if record is not None else "refused" if seen.refused else "-",
        "exit": "-" if record is None or record.exit_code is None else str(record.exit_code),
        "lines": record.lines if record is not None else 0,
        "records W/E/C": "/".join(str(records.get(level, "?")) for level in LEVELS),
        "progress": f"{seen.progress[-1]:g}%" if seen.progress else "-",
        "s": round(seen.seconds, 1),
        "verdict": verdict or "ok",
    }


def main() -> None:
    """Test all and report; the exit code is 1 if one failed."""
    given = options()
    if given.tree is not None:
        sys.path.insert(0, str(given.tree.resolve()))
    from support import jupyter_process
    from support.examples import EXAMPLES

    if given.tree is not None:  # its server, too: ``python -m`` searches the folder first
        os.chdir(given.tree)
        jupyter_process.SHADOW = given.tree.resolve() / "tests" / "support" / "shadow"
    chosen = matching(EXAMPLES, given.only)
    with workspace() as folder:
        os.environ.pop("PYTHONUNBUFFERED", None)  # variables of the server are passed on to runs
        server = jupyter_process.JupyterProcess.start(folder / "server")
        try:
            environment(server.url, server.token)
            jobs = [(example, mode) for example in chosen for mode in example.modes]
            places = [folder / str(number) for number in range(len(jobs))]
            for place in places:
                place.mkdir()
            with ThreadPoolExecutor(given.at_once) as pool:
                found = pool.map(lambda job, place: row(*job, place, given.limit), jobs, places)
                rows = list(found)
        finally:
            server.end_runs()
            server.stop()
    report("programs as a log shows them", rows, given.json)
    tried = [each for each in rows if not each["verdict"].startswith(SKIPPED)]
    good = sum(each["verdict"] == "ok" for each in tried)
    print(f"\n{good} of {len(tried)} as they must be seen, {len(rows) - len(tried)} skipped")
    sys.exit(good < len(tried))


if __name__ == "__main__":
    main()
