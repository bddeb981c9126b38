"""Processes that a module leaves behind: their output is stored, and a stop ends them."""

from __future__ import annotations

from prismq_nb import Run
from support.examples.example import Example, Seen

LATER = 32
SERVER = f"""
import subprocess, sys
code = '''
import os, time
while not os.path.exists("go"): time.sleep(0.01)
for number in range({LATER}): print("later", number, flush=True)
while not os.path.exists("end"): time.sleep(0.01)
'''
subprocess.Popen([sys.executable, "-c", code])
print("started")
"""


def server_goes_on(run: Run, seen: Seen) -> None:
    seen.wait(lambda: run.refresh().status != "running", what="the module's end")
    seen.during = {
        "status": run.status,
        "open": run.output_open,
        "names": [each.name for each in run.background],
        "lines": run.lines,
    }
    (seen.folder / "go").touch()
    seen.wait(lambda: run.refresh().lines > LATER, what="the later lines")
    (seen.folder / "end").touch()


def later_lines_are_there(seen: Seen) -> None:
    seen.ended()
    assert (seen.during["status"], seen.during["open"]) == ("completed", True), seen.during
    assert seen.during["names"], seen.during
    assert seen.texts == ["started", *(f"later {number}" for number in range(LATER))]


def stop_the_server(run: Run, seen: Seen) -> None:
    seen.wait(lambda: run.refresh().output_open, what="the module's end")
    run.stop()


def server_was_stopped(seen: Seen) -> None:
    seen.ended()
    assert seen.texts[0] == "started"
    assert seen.texts[-1] == "KeyboardInterrupt", seen.texts


EXAMPLES = [
    Example("background server", {"code": SERVER}, later_lines_are_there, meanwhile=server_goes_on),
    Example(
        "background server, stopped",
        {"code": SERVER},
        server_was_stopped,
        meanwhile=stop_the_server,
    ),
]
