"""``%%watch`` and ``%watch on`` in a real kernel."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

import pytest
from support.jupyter_process import until
from support.kernel import Kernel, python_with, running

from prismq_nb.errors import PrismqError

pytestmark = pytest.mark.slow  # a kernel


@pytest.fixture(scope="module", params=["", "ipykernel<7"], ids=["ipykernel", "ipykernel-6"])
def python(request, tmp_path_factory) -> str:
    """The interpreter of the kernels: ours, or one with the major version before."""
    if not request.param:
        return sys.executable
    return python_with(tmp_path_factory.mktemp("six"), request.param)


@pytest.fixture(scope="module")
def kernel(python, tmp_path_factory):
    with running(tmp_path_factory.mktemp("cells"), python) as kernel:
        assert kernel.run("import prismq_nb").status == "ok"
        yield kernel


def test_a_watched_cell_keeps_everything_that_is_printed(kernel: Kernel):
    shown = kernel.run(
        "%%watch --name first\n"
        "import logging, os, subprocess, sys, warnings, ctypes\n"
        "print('printed'); print('error', file=sys.stderr)\n"
        "logging.getLogger().warning('logged')\n"
        "subprocess.run(['echo', 'child'])\n"
        "os.system('echo shell >&2')\n"
        "ctypes.CDLL(None).puts(b'from C')\n"
        "print(sys.stdout.isatty(), os.get_terminal_size(sys.stdout.fileno()).columns)\n"
    )
    (run_id,) = shown.runs
    run = kernel.ended(run_id)
    assert (run.module_name, run.status, run.exit_code) == ("first", "completed", 0)
    expected = ["printed", "error", "logged", "child", "shell", "from C", "True 100"]
    log = "\n".join(kernel.log(run_id))
    assert [text for text in expected if text not in log] == []
    assert shown.streams == {"stdout": "", "stderr": ""}
    assert kernel.run("print('after')").streams["stdout"] == "after\n"


def test_what_python_and_others_print_is_in_order(kernel: Kernel):
    shown = kernel.run(
        "%%watch\nimport os, sys\n"
        "print('whole', 1); os.system('echo child')\n"
        "print('no newline', end=''); os.system('echo , child')\n"
        "sys.stdout.write('flushed'); sys.stdout.flush(); os.system('echo , child')\n"
        "sys.stdout.write('forked')\n"
        "if os.fork() == 0: os.write(1, b', child\\n'); os._exit(0)\n"
        "os.wait()\n"
        "sys.stdout.write('the end')"
    )
    (run_id,) = shown.runs
    kernel.ended(run_id)
    assert kernel.log(run_id)[:5] == [
        "whole 1",
        "child",
        "no newline, child",
        "flushed, child",
        "forked, child",
    ]
    assert kernel.log(run_id)[5].startswith("the end")  # and the result


def test_a_failed_cell_has_its_traceback_in_cell_and_log(kernel: Kernel):
    shown = kernel.run("%%watch\nprint('before')\n\n1/0")
    (run_id,) = shown.runs
    assert shown.error == "ZeroDivisionError: division by zero"
    run = kernel.ended(run_id)
    assert (run.status, run.exit_code) == ("failed", 1)
    assert run.error_message == "ZeroDivisionError: division by zero"
    log = "\n".join(kernel.log(run_id))
    assert "line 4" in log  # of the cell as it was typed
    assert log.startswith("before\n")


def test_what_is_displayed_stays_in_the_cell_and_has_a_row(kernel: Kernel):
    shown = kernel.run(
        "%%watch\nfrom IPython.display import HTML, display\n"
        "print('one'); display(HTML('<b>bold</b>')); print('two')\n{'answer': 42}"
    )
    (run_id,) = shown.runs
    kinds = [set(data) for data in shown.shown if run_id not in str(data)]
    assert kinds == [{"text/html", "text/plain"}, {"text/plain"}]
    kernel.ended(run_id)
    assert kernel.log(run_id) == [
        "one",
        "[displayed: HTML]",
        "two",
        "[result] {'answer': 42}",
    ]
    got = kernel.run(f"prismq_nb.get({run_id!r}).result()")
    assert got.shown[0]["text/plain"] == "{'answer': 42}"


@pytest.mark.parametrize("magics", ["%%time\n%%watch", "%%watch\n%%time", "%%watch -n both\n\n"])
def test_other_magics_go_together_with_it(kernel: Kernel, magics: str):
    (run_id,) = kernel.run(f"{magics}\nprint('timed')").runs
    assert kernel.ended(run_id).status == "completed"
    assert kernel.log(run_id)[0] == "timed"


def test_a_shell_cell_can_be_watched(kernel: Kernel):
    (run_id,) = kernel.run("%%watch\n%%bash\necho from bash").runs
    kernel.ended(run_id)
    assert kernel.log(run_id) == ["from bash"]


def test_asynchronous_code(kernel: Kernel):
    (run_id,) = kernel.run(
        "%%watch\nimport asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')"
    ).runs
    assert kernel.ended(run_id).status == "completed"
    assert kernel.log(run_id) == ["awaited"]


def test_a_mistake_in_the_options_is_told_and_nothing_runs(kernel: Kernel):
    shown = kernel.run("%%watch --nmae x\nprint('ran')")
    assert shown.status == "error"
    assert "--nmae" in shown.streams["stderr"]
    assert "ran" not in shown.streams["stdout"]
    assert kernel.run("%watch no").status == "error"
    assert kernel.run("%watch on --after never").status == "error"


def test_a_block_in_a_cell(kernel: Kernel):
    shown = kernel.run(
        "print('before')\nwith prismq_nb.watch('block') as run:\n    print('inside')\n"
        "print('after', run.wait(120))"
    )
    (run_id,) = shown.runs
    assert shown.streams["stdout"] == "before\nafter completed\n"
    assert kernel.log(run_id) == ["inside"]


def test_an_inner_run_leaves_a_row_in_the_outer_one(kernel: Kernel):
    shown = kernel.run(
        "%%watch --name outer\nprint('one')\nwith prismq_nb.watch('inner'):\n    print('two')\n"
        "print('three')"
    )
    outer, inner = shown.runs
    kernel.ended(outer)
    assert kernel.log(outer) == ["one", f"[watched as {inner}: inner]", "three"]
    assert kernel.log(inner) == ["two"]


class TestWatchOn:
    """``%watch on``: cells that run long or print much."""

    @pytest.fixture(autouse=True)
    def _off(self, kernel: Kernel):
        yield
        kernel.run("%watch off")

    def test_a_quick_cell_is_as_it_was(self, kernel: Kernel):
        kernel.run("%watch on --after 30")
        before = len(kernel.runs())
        shown = kernel.run("import os, sys\nprint('quick'); os.system('echo child')\n'result'")
        # the child's output comes through another pipe, as it always did
        child = kernel.run("pass").streams["stdout"]
        assert "quick\n" in shown.streams["stdout"]
        assert "child\n" in shown.streams["stdout"] + child
        assert [data["text/plain"] for data in shown.shown] == ["0", "'result'"][1:]
        assert len(kernel.runs()) == before

    def test_what_a_quick_cell_prints_comes_before_its_result(self, kernel: Kernel):
        kernel.run("%watch on --after 30")
        for _ in range(10):
            *printed, last = kernel.run("print('quick'); 10").order
            assert (set(printed), last) == ({"stream"}, "execute_result")

    def test_a_slow_cell_is_watched_and_keeps_what_it_had_printed(self, kernel: Kernel):
        kernel.run("%watch on --after 0.2")
        shown = kernel.run(
            "import time\nprint('early', flush=True)\n"
            "while not prismq_nb.runs(status='running'):\n    time.sleep(0.02)\n"
            "print('late')"
        )
        (run_id,) = shown.runs
        assert kernel.ended(run_id).status == "completed"
        assert kernel.log(run_id) == ["early", "late"]
        assert shown.streams["stdout"] == "early\n"

    def test_a_cell_that_prints_much_is_watched_at_once(self, kernel: Kernel):
        kernel.run("%watch on --after 300")
        shown = kernel.run("for number in range(3000): print('line', number)")
        (run_id,) = shown.runs
        kernel.ended(run_id)
        assert kernel.log(run_id) == [f"line {number}" for number in range(3000)]
        # what was in the cell already stays there; the rest is in the log only
        assert 1000 <= shown.streams["stdout"].count("\n") <= 1002

    @pytest.mark.parametrize("within", ["this thread", "another thread"])
    def test_a_block_in_a_slow_cell_is_a_run_of_its_own(self, kernel: Kernel, within: str):
        kernel.run("%watch on --after 0.05")
        call = {"this thread": "block()", "another thread": "run_in_thread(block)"}[within]
        shown = kernel.run(
            "import threading, time\n"
            "def run_in_thread(function):\n"
            "    thread = threading.Thread(target=function)\n"
            "    thread.start(); thread.join()\n"
            "def block():\n"
            "    with prismq_nb.watch('block'):\n"
            "        print('inside'); time.sleep(0.3)\n"
            f"print('before'); {call}; print('after')\n"
            "while len(prismq_nb.runs(status='running')) < 1: time.sleep(0.02)\n"
            "print('late')"
        )
        block, cell = shown.runs
        assert kernel.ended(cell).status == kernel.ended(block).status == "completed"
        assert kernel.log(block) == ["inside"]
        assert kernel.log(cell) == ["before", "after", "late"]
        assert shown.streams == {"stdout": "before\nafter\n", "stderr": ""}

    def test_a_cell_is_followed_again_after_a_block(self, kernel: Kernel):
        kernel.run("%watch on --after 300")
        shown = kernel.run(
            "with prismq_nb.watch('block', echo=True):\n"
            "    for number in range(3000): print('block', number)\n"
            "for number in range(3000): print('line', number)"
        )
        block, cell = shown.runs
        kernel.ended(cell)
        assert kernel.log(block) == [f"block {number}" for number in range(3000)]
        assert kernel.log(cell) == [f"line {number}" for number in range(3000)]

    def test_many_cells_after_each_other(self, kernel: Kernel):
        kernel.run("%watch on --after 300")
        for number in range(20):
            assert kernel.run(f"print({number})").streams["stdout"] == f"{number}\n"

    def test_a_failing_slow_cell(self, kernel: Kernel):
        kernel.run("%watch on --after 0")
        shown = kernel.run("print('x'); raise ValueError('bad')")
        (run_id,) = shown.runs
        assert kernel.ended(run_id).error_message == "ValueError: bad"
        assert shown.error == "ValueError: bad"


@pytest.mark.parametrize("on", ["", "%watch on --after 300"], ids=["off", "on"])
def test_a_watched_thread_outlives_its_cell(kernel: Kernel, on: str):
    """IPython replaces `write` of the stream objects during each cell, and puts it back."""
    kernel.run("import sys, threading")
    kernel.run(on or "pass")
    shown = kernel.run(
        "go, begun = threading.Event(), threading.Event()\n"
        "def work():\n"
        "    with prismq_nb.watch('thread'):\n"
        "        print('in its cell'); begun.set(); go.wait(); print('later')\n"
        "thread = threading.Thread(target=work)\n"
        "thread.start(); begun.wait();"
    )
    (run_id,) = shown.runs
    kernel.run("print('meanwhile')")
    assert kernel.run("go.set(); thread.join(); print('plain')").streams["stdout"] == "plain\n"
    assert kernel.ended(run_id).status == "completed"
    assert kernel.log(run_id) == ["in its cell", "meanwhile", "later"]
    kernel.run("%watch off")
    found = kernel.run(
        "import inspect\n"
        "write = sys.stdout.write\n"
        "if inspect.isfunction(write):\n"
        "    write = inspect.getclosurevars(write).nonlocals['original_write']\n"
        "print(write.__self__ is sys.stdout)"
    )
    assert found.streams["stdout"] == "True\n"


def test_a_stop_interrupts_the_cell_and_the_kernel_lives(kernel: Kernel):
    kernel.run("kept = 'alive'")
    before = len(kernel.runs())
    kernel.start("%%watch --name stopped\nimport time\nprint('begun')\ntime.sleep(1000)")
    until(lambda: len(kernel.runs()) > before, "the run")
    run_id = kernel.runs()[-1].run_id
    until(lambda: kernel.log(run_id), "its first line")
    kernel.engine.stop(run_id)
    run = kernel.ended(run_id)
    assert (run.status, run.end_reason, run.exit_code) == ("cancelled", "stopped", None)
    # requests that come right after an error are aborted
    until(lambda: kernel.run("pass").status == "ok", "the kernel")
    assert kernel.run("print(kept)").streams["stdout"] == "alive\n"


@pytest.mark.parametrize("code", ["time.sleep(1000)", "import asyncio\nawait asyncio.sleep(1000)"])
def test_many_stops_in_a_row_are_one_interrupt(kernel: Kernel, code: str):
    before = len(kernel.runs())
    kernel.start(f"%%watch --name many\nimport time\nprint('begun')\n{code}")
    until(lambda: len(kernel.runs()) > before, "the run")
    run_id = kernel.runs()[-1].run_id
    until(lambda: kernel.log(run_id), "its first line")
    for _ in range(8):
        with suppress(PrismqError):  # it has ended meanwhile
            kernel.engine.stop(run_id)
    assert kernel.ended(run_id).status == "cancelled"
    until(lambda: kernel.run("pass").status == "ok", "the kernel")
    assert kernel.run("print('here')").streams["stdout"] == "here\n"


def test_a_run_ends_although_ipython_does_not_say_that_its_cell_has(kernel: Kernel):
    """A second interrupt may hit it between the cell and that."""
    before = len(kernel.runs())
    kernel.start(  # there will be no reply
        "%%watch --name unseen\nprint('x')\ntrigger = get_ipython().events.trigger\n"
        "def broken(*arguments, **keywords):\n"
        "    get_ipython().events.trigger = trigger\n"
        "    raise KeyboardInterrupt\n"
        "get_ipython().events.trigger = broken\n"
    )
    until(lambda: len(kernel.runs()) > before, "the run")
    assert kernel.ended(kernel.runs()[-1].run_id).status == "cancelled"
    until(lambda: kernel.run("pass").status == "ok", "the kernel")
    assert kernel.run("print('here')").streams["stdout"] == "here\n"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_kernel_that_dies_leaves_every_line(tmp_path, python, number: signal.Signals):
    with running(tmp_path, python) as kernel:
        kernel.run("import prismq_nb, sys")
        # afterwards nothing can be printed to it: that is the program's wish
        (run_id,) = kernel.run("%%watch\nprint('a'); sys.stderr.close(); print('b')").runs
        assert kernel.ended(run_id).status == "completed"
        assert kernel.log(run_id) == ["a", "b"]
        kernel.start(
            "%%watch\nimport os, time\nfor n in range(1000): print('line', n)\n"
            f"os.kill(os.getpid(), {int(number)})"
        )
        until(lambda: len(kernel.runs()) > 1, "the run")
        run = kernel.ended(kernel.runs()[-1].run_id)
        assert (run.status, run.exit_code, run.end_reason) == ("failed", -number, "signal")
        assert number.name in run.error_message
        assert kernel.log(run.run_id) == [f"line {n}" for n in range(1000)]
