"""The supervisor of watched cells is killed, stopped or asked to end: the cell goes on."""

from __future__ import annotations

import signal
import time
from collections import Counter

import pytest
from support.scripts import Script

CODE = """
    import json, os, signal, sys, time
    import prismq_nb
    from pathlib import Path

    with prismq_nb.watch("earlier", echo=False) as run:
        pass
    runs = Path(os.environ["PRISMQ_DATA_DIR"], "runs")

    def supervisor(run):
        while not (runs / run.run_id / "run.json").exists():
            time.sleep(0.01)
        return json.loads((runs / run.run_id / "run.json").read_text())["supervisor_pid"]

    pid, number, when = supervisor(run), int(sys.argv[1]), sys.argv[2]
    variable = []
    if when == "between":
        os.kill(pid, number)
        time.sleep(0.5 if number != signal.SIGSTOP else 0)
    began = time.monotonic()
    with prismq_nb.watch("first", echo=False) as run:
        for count in range(100):
            print("early", count)
        if when in ("during", "at the end"):
            supervisor(run)
            os.kill(pid, number)
        if when != "at the end":
            for count in range(20_000):
                print("late", count)
        variable.append(1)
    print("took", time.monotonic() - began, file=sys.stderr)
    print("after", variable)
    with prismq_nb.watch("second", echo=False) as run:
        print("second")
    if number == signal.SIGSTOP:
        os.kill(pid, signal.SIGCONT)
    print("other", supervisor(run) != pid, file=sys.stderr)
"""


@pytest.mark.parametrize("when", ["during", "at the end"])
@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP], ids=lambda number: number.name
)
def test_a_cell_goes_on_without_its_supervisor(tmp_path, number, when):
    script = Script(tmp_path, CODE)
    process = script.run(str(int(number)), when)
    assert process.returncode == 0
    out, error = process.stdout.decode(), process.stderr.decode()
    assert "no longer watched: its supervisor has" in error
    assert "other True" in error
    assert "after [1]\n" in out
    took_s = float(error.split("took ")[1].split()[0])
    assert took_s < (5 if number != signal.SIGSTOP else 15)
    if when == "during":
        assert "late 19999" in out.splitlines()
    if number == signal.SIGKILL:
        assert script.info(1).end_reason == "supervisor_lost"
    else:
        first = script.ended(1)
        if when == "during":
            assert first["end_reason"] == {15: "shutdown", 19: "supervisor_lost"}[number]
        elif number == signal.SIGSTOP:  # it was told how the cell ended
            assert (first["status"], first["error_message"]) == ("completed", None)
        else:
            assert first["end_reason"] in ("exit", "shutdown")
        stored = script.streams(1)[0]
        shown = out.encode().partition(b"after")[0]
        if when == "during" and number == signal.SIGTERM:
            # Each byte is in one of both. What was still in the terminal comes into the cell beside
            # what the program prints there by then, so their order is not defined.
            assert Counter((stored + shown).split()) == Counter(
                word
                for name, count in ((b"early", 100), (b"late", 20_000))
                for line in range(count)
                for word in (name, b"%d" % line)
            )
    assert script.ended(2)["status"] == "completed"
    assert script.streams(2)[0] == b"second\n"


def test_a_supervisor_that_ended_between_two_cells_is_replaced(tmp_path):
    script = Script(tmp_path, CODE)
    process = script.run("9", "between")
    assert b"no longer watched" not in process.stderr
    assert script.ended(1)["status"] == "completed"
    assert script.streams(1)[0].splitlines()[-1] == b"late 19999"


def test_c_code_that_waits_to_print_is_helped(tmp_path):
    script = Script(
        tmp_path,
        """
        import ctypes, json, os, signal, sys, time
        import prismq_nb
        from pathlib import Path

        c = ctypes.CDLL(None)
        with prismq_nb.watch("c", echo=False) as run:
            state = Path(os.environ["PRISMQ_DATA_DIR"], "runs", run.run_id, "run.json")
            while not state.exists():
                time.sleep(0.01)
            pid = json.loads(state.read_text())["supervisor_pid"]
            os.kill(pid, signal.SIGSTOP)
            for number in range(20_000):
                c.printf(b"from C %d\\n", number)
        print("alive")
        c.fflush(None)
        os.kill(pid, signal.SIGKILL)
        """,
    )
    began = time.monotonic()
    process = script.run()
    assert time.monotonic() - began < 20
    assert process.stdout.splitlines()[-1] == b"alive"
    assert b"from C 19999" in process.stdout


def test_what_cannot_be_stored_is_shown(tmp_path):
    script = Script(
        tmp_path,
        """
        import os, shutil, time
        import prismq_nb

        data_dir = os.environ["PRISMQ_DATA_DIR"]
        runs = os.path.join(data_dir, "runs")

        def remove(run):  # in one step: something is written to it meanwhile
            os.rename(os.path.join(runs, run.run_id), data_dir + run.run_id)

        with prismq_nb.watch("outer", echo=False) as outer:
            print("stored")
            with prismq_nb.watch("inner", echo=False) as inner:
                remove(outer)
                time.sleep(2.5)
                print("in inner")
            print("outer again")
        print("after")
        with prismq_nb.watch("next", echo=False) as run:
            remove(run)
            time.sleep(2.5)
            print("shown")
        shutil.rmtree(runs)
        os.rename(data_dir, data_dir + "2")
        open(data_dir, "w").close()
        with prismq_nb.watch("none", echo=False) as run:
            print("no directory", run.status)
        """,
    )
    process = script.run()
    assert process.returncode == 0
    assert process.stdout.decode().splitlines() == [
        "outer again",
        "after",
        "shown",
        "no directory failed",
    ]
    error = process.stderr.decode()
    assert error.count("was removed or replaced") == 2, error
    assert "this cell is not watched: its log cannot be created" in error
