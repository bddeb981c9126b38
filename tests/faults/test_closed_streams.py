"""Programs whose standard streams are closed launch runs as others do."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

STREAMS = ("<&-", ">&-", "2>&-")
CLOSED = [some for count in (1, 2, 3) for some in itertools.combinations(STREAMS, count)]
# It prints nothing, because it cannot: its findings are in a file.
PROGRAM = """
import os, sys
import prismq_nb
child = "import os, sys; print(os.readlink(f'/proc/{os.getppid()}/cwd')); input(); print('bye')"
run = prismq_nb.launch(code=child)
while not run.lines: pass
folder = run.logs()[0].message
own = [fd for fd in (0, 1, 2) if folder in os.path.realpath(f"/proc/self/fd/{fd}")]
pid = __import__("json").load(open(folder + "/run.json"))["supervisor_pid"]
held = {fd: os.path.realpath(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
low = [path for fd, path in held.items() if int(fd) < 3 and not path.endswith(("null", ".log"))]
run.send("\\n")
with open(sys.argv[1], "w") as file:
    print(run.wait(), run.exit_code, run.error_message, own, low, run.logs()[-1].message, file=file)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
@pytest.mark.parametrize("streams", CLOSED, ids=" ".join)
def test_a_program_without_standard_streams_launches_and_reads(tmp_path, streams):
    (tmp_path / "one.py").write_text(PROGRAM)
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = f'exec "$0" one.py said {" ".join(streams)}'
    subprocess.run(["/bin/sh", "-c", command, sys.executable], cwd=tmp_path, env=env, check=True)
    assert (tmp_path / "said").read_text() == "completed 0 None [] [] bye\n"
