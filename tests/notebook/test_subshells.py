"""Watched cells in a kernel with subshells (ipykernel 7): several cells run at the same time."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.jupyter_process import until
from support.kernel import running
from support.shells import Shells

pytestmark = pytest.mark.slow  # a kernel

WAIT = "while not os.path.exists('{go}'): time.sleep(0.01)\n"
SPEAK = (
    "print('printed'); print('error', file=sys.stderr); os.write(1, b'raw {name}\\n')\n"
    "print(sys.stdout.isatty())\n'result'"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("subshells")


@pytest.fixture(scope="module")
def shells(home):
    with running(home) as kernel:
        assert kernel.run("import asyncio, os, sys, threading, time, prismq_nb").status == "ok"
        yield Shells(kernel)


@pytest.fixture
def pair(shells, request) -> tuple[str | None, str | None]:
    """The shell that is watched, and another one."""
    first, second = shells.create(), shells.create()
    return {"main": (None, first), "sub": (first, None), "subs": (first, second)}[request.param]


@pytest.mark.parametrize("pair", ["main", "sub", "subs"], indirect=True)
def test_each_shell_has_its_own_output_and_one_is_watched(shells, pair, home, request):
    watched, other = pair
    go = home / request.node.name
    cell, run_id = shells.watch(watched, f"print('begin')\n{WAIT.format(go=go)}print('end')")
    said = shells.run(other, SPEAK.format(name=go.name))
    assert said.streams == {"stdout": "printed\nFalse\n", "stderr": "error\n"}
    assert [data["text/plain"] for data in said.shown] == ["'result'"]
    refused = f"the process is being watched by another thread, as {run_id}; wait"
    magic = shells.run(other, "%%watch\nprint('unwatched')")
    assert (magic.runs, magic.streams["stdout"]) == ([], "unwatched\n")
    assert f"this cell is not watched: {refused}" in magic.streams["stderr"]
    block = shells.run(other, "with prismq_nb.watch('block'):\n    print('never')")
    assert block.error.startswith(f"AlreadyWatched: {refused}")
    go.touch()
    assert shells.finish(cell).streams == {"stdout": "", "stderr": ""}
    assert shells.kernel.ended(run_id).status == "completed"
    # descriptors belong to the process
    assert shells.kernel.log(run_id) == ["begin", f"raw {go.name}", "end"]
    assert shells.run(other, "print('plain')").streams["stdout"] == "plain\n"


ENDLESS = {
    "code": "while True: time.sleep(0.01)",
    "await": "await asyncio.sleep(1000)",
    "both": "while True:\n    time.sleep(0.001)\n    await asyncio.sleep(0.001)",
}


@pytest.mark.parametrize("code", ENDLESS.values(), ids=ENDLESS)
@pytest.mark.parametrize("pair", ["main", "sub"], indirect=True)
def test_a_stop_interrupts_the_watched_shell_only(shells, pair, home, request, code):
    watched, other = pair
    go = home / request.node.name
    busy = shells.start(other, f"{WAIT.format(go=go)}print('unharmed')")
    cell, run_id = shells.watch(watched, f"print('begin')\n{code}")
    shells.kernel.engine.stop(run_id)
    run = shells.kernel.ended(run_id)
    assert (run.status, run.end_reason) == ("cancelled", "stopped")
    assert shells.finish(cell).error
    go.touch()
    assert shells.finish(busy).streams["stdout"] == "unharmed\n"
    assert shells.run(watched, "print('alive')").streams["stdout"] == "alive\n"


def test_a_cell_that_may_be_watched_any_moment_keeps_others_from_it(shells, home, request):
    sub, go = shells.create(), home / request.node.name
    shells.run(None, "%watch on --after 300")
    cell = shells.start(None, f"print('begin', flush=True)\n{WAIT.format(go=go)}print('end')")
    until(lambda: shells.so_far(cell).streams["stdout"], "its output")
    block = shells.run(sub, "with prismq_nb.watch('block'):\n    print('never')")
    assert block.error.startswith("AlreadyWatched: the output of the process is being followed")
    magic = shells.run(sub, "%%watch\nprint('unwatched')")
    assert (magic.runs, magic.streams["stdout"]) == ([], "unwatched\n")
    go.touch()
    done = shells.finish(cell)
    assert (done.runs, done.streams["stdout"]) == ([], "begin\nend\n")
    shells.run(None, "%watch off")
    assert len(shells.run(sub, "%%watch\nprint('watched')").runs) == 1
