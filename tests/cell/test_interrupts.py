"""Interrupts: a person's Ctrl-C at any moment, and a stop that must reach one cell only."""

from __future__ import annotations

import pytest
from support.scripts import Script

pytestmark = pytest.mark.slow  # processes

ANY_MOMENT = """
    import os, random, signal, sys, time
    import prismq_nb
    from prismq_nb.cell.session import session

    random.seed(sys.argv[1])
    with prismq_nb.watch("warm", echo=False):
        pass

    def state():
        files = [(os.fstat(fd).st_dev, os.fstat(fd).st_ino) for fd in (1, 2)]
        own = set(vars(sys.stdout)) & {"write", "flush", "isatty", "fileno"}
        return (
            files, own, sys.stdout.line_buffering, signal.getsignal(signal.SIGINT),
            session().current, session().is_idle,
        )

    before = state()
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    interrupted = 0
    for count in range(int(sys.argv[2])):
        try:
            signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 0.02))
            with prismq_nb.watch("a", echo=False):
                print("line")
            time.sleep(5)
        except KeyboardInterrupt:
            interrupted += 1
        assert state() == before, (count, state(), before)
    assert interrupted == int(sys.argv[2])
"""


def test_an_interrupt_at_any_moment_leaves_no_half_of_a_change(tmp_path, seed, whole):
    script = Script(tmp_path, ANY_MOMENT)
    process = script.run(seed, "500" if whole else "60")
    assert process.returncode == 0, process.stderr.decode()
    for at, _ in enumerate(script.directories()):
        state = script.ended(at)
        if at and state["status"] == "completed":
            assert script.streams(at)[0] == b"line\n"
        else:
            assert state["status"] in ("completed", "cancelled")


STOPPED = """
    import os, random, sys, threading, time
    import prismq_nb
    from prismq_nb.capture.base import control

    random.seed(sys.argv[1])
    runs = os.path.join(os.environ["PRISMQ_DATA_DIR"], "runs")

    def stop(run_id, delay):
        time.sleep(delay)
        try:
            control.send(os.path.join(runs, run_id), control.stop_line())
        except (control.NobodyListens, FileNotFoundError):
            pass  # it had ended

    def work(seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pass

    with prismq_nb.watch("warm", echo=False):
        pass
    for count in range(int(sys.argv[2])):
        try:
            with prismq_nb.watch("stopped", echo=False) as run:
                delay = random.uniform(0.004, 0.012)
                threading.Thread(target=stop, args=(run.run_id, delay)).start()
                work(0.01)
        except KeyboardInterrupt:
            pass
        with prismq_nb.watch("next", echo=False) as run:
            work(0.01)
    print("all")
"""


def test_a_stop_at_the_end_of_a_cell_never_interrupts_the_next(tmp_path, seed, whole):
    script = Script(tmp_path, STOPPED)
    process = script.run(seed, "300" if whole else "40")
    assert process.stdout == b"all\n", process.stderr.decode()


WAITS = {
    "sleep": "time.sleep(100)",
    "child": "subprocess.run(['sleep', '100'])",
    "system": "sys.exit(os.system('sleep 100') and 130)",
    "thread": "threading.Event().wait(100)",
    "asyncio": "asyncio.run(asyncio.sleep(100))",
    "print": "[print(1) for _ in iter(int, 1)]",
}


@pytest.mark.parametrize("code", WAITS.values(), ids=WAITS)
def test_a_stop_ends_what_a_cell_waits_for_and_spares_older_children(tmp_path, code):
    script = Script(
        tmp_path,
        f"""
        import asyncio, os, subprocess, sys, threading, time
        import prismq_nb
        from prismq_nb.capture.base import control

        runs = os.path.join(os.environ["PRISMQ_DATA_DIR"], "runs")
        older = ["sh", "-c", "trap 'echo hit' INT; echo ready; read x"]
        with prismq_nb.watch("earlier", echo=False):
            child = subprocess.Popen(older, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            child.stdout.readline()

        def stop(run_id):
            time.sleep(0.5)
            control.send(os.path.join(runs, run_id), control.stop_line())

        began = time.monotonic()
        try:
            with prismq_nb.watch("waits", echo=False) as run:
                threading.Thread(target=stop, args=(run.run_id,)).start()
                {code}
        except (KeyboardInterrupt, SystemExit):
            pass
        assert time.monotonic() - began < 20
        assert child.communicate(b"x")[0] == b""
        """,
    )
    process = script.run()
    assert process.returncode == 0, process.stderr.decode()
    state = script.ended(1)
    assert state["status"] == ("failed" if "system" in code else "cancelled")
