"""A process that dies while it is watched: its run says how, and has every line."""

from __future__ import annotations

import time

import pytest
from support.scripts import Script

DIES = """
    import faulthandler, os, signal, sys, time
    import prismq_nb

    if sys.argv[2] == "later":
        with prismq_nb.watch("earlier"):
            pass
    with prismq_nb.watch("dies", echo=False):
        for number in range(2000):
            print("line", number)
            print("error", number, file=sys.stderr)
        if sys.argv[2] == "later":
            time.sleep(0.3)
        os.write(1, b"unfinished")
        exec(sys.argv[1])
"""
DEATHS = {
    "kill": ("os.kill(os.getpid(), signal.SIGKILL)", -9, "signal"),
    "term": ("os.kill(os.getpid(), signal.SIGTERM)", -15, "signal"),
    "crash": ("os.kill(os.getpid(), signal.SIGSEGV)", -11, "signal"),
    "abort": ("os.abort()", -6, "signal"),
    "exit 3": ("os._exit(3)", 3, "exit"),
    "exit 0": ("os._exit(0)", 0, "exit"),
}


@pytest.mark.parametrize("when", ["first", "later"])
@pytest.mark.parametrize(("code", "exit_code", "reason"), DEATHS.values(), ids=DEATHS)
def test_a_process_that_dies_leaves_every_line_and_how_it_died(
    tmp_path, code, exit_code, reason, when
):
    script = Script(tmp_path, DIES)
    at = 1 if when == "later" else 0
    script.run(code, when)
    died = time.monotonic()
    state = script.ended(at)
    took_s = time.monotonic() - died
    assert (state["status"], state["exit_code"], state["end_reason"]) == (
        "failed", exit_code, reason,
    )  # fmt: skip
    assert took_s < 8  # the rest is for a busy machine
    out, error = script.streams(at)
    assert out == b"".join(b"line %d\n" % number for number in range(2000)) + b"unfinished"
    assert error == b"".join(b"error %d\n" % number for number in range(2000))
    assert script.info(at).status == "failed"


ENDS = {
    "sys.exit(4)": ("failed", 4, "exit code 4"),
    "sys.exit()": ("completed", 0, None),
    "sys.exit('no data')": ("failed", 1, "exit code 1: no data"),
    "raise ValueError('bad')": ("failed", 1, "ValueError: bad"),
    "raise KeyboardInterrupt": ("cancelled", None, None),
}


@pytest.mark.parametrize(("code", "expected"), ENDS.items(), ids=ENDS)
def test_a_script_that_ends_inside_the_block_ends_its_run(tmp_path, code, expected):
    script = Script(tmp_path, DIES)
    process = script.run(code, "first")
    assert process.returncode != 0 or expected[0] == "completed"
    state = script.ended()
    assert (state["status"], state["exit_code"], state["error_message"]) == expected
    assert state["end_reason"] == ("stopped" if expected[0] == "cancelled" else "exit")
    assert (b"Traceback" in script.log()) == (code.startswith("raise ValueError"))
