"""What a watched block does to its process, and the process to the block."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

import pytest
from support.scripts import Script
from support.waiting import WAIT_SECONDS

pytestmark = pytest.mark.slow  # processes

HEAD = """
import contextlib, io, json, logging, os, subprocess, sys, threading, time
import prismq_nb
from prismq_nb.errors import AlreadyWatched

def watch(name):
    return prismq_nb.watch(name, echo=False)

"""


def script(tmp_path, code: str) -> Script:
    made = Script(tmp_path, code)
    made.path.write_text(HEAD + made.path.read_text())
    return made


def test_a_fork_ends_nothing_and_may_watch_by_itself(tmp_path):
    made = script(
        tmp_path,
        """
        with watch("parent") as run:
            if os.fork() == 0:
                print("forked")
                sys.exit(7)
            assert os.waitstatus_to_exitcode(os.wait()[1]) == 7
            if os.fork() == 0:
                with watch("child"):
                    print("its own")
                print("the parent's")
                sys.stdout.flush()
                os._exit(0)
            os.wait()
            print("last")
        """,
    )
    assert made.run().stdout == b""
    assert made.streams(0)[0] == b"forked\nthe parent's\nlast\n"
    assert made.streams(1)[0] == b"its own\n"
    assert [made.ended(at)["status"] for at in (0, 1)] == ["completed", "completed"]


def test_output_is_as_before_after_the_block(tmp_path):
    made = script(
        tmp_path,
        """
        def state():
            files = [(os.fstat(fd).st_dev, os.fstat(fd).st_ino) for fd in (1, 2)]
            own = [
                sorted(set(vars(stream)) & {"write", "flush", "isatty", "fileno"})
                for stream in (sys.stdout, sys.stderr)
            ]
            return files, own, sys.stdout.line_buffering, sys.stderr.line_buffering

        class Text(io.StringIO):
            pass

        before = state()
        for _ in range(3):
            with watch("a"):
                assert sys.stdout.isatty() and sys.stdout.line_buffering
        with contextlib.suppress(ZeroDivisionError), watch("b"):
            1 / 0
        assert state() == before, (state(), before)
        with contextlib.redirect_stdout(Text()) as text:
            text.write = text.write
            kept = text.write
            with watch("c"):
                print("captured")
                assert text.isatty() and os.write(text.fileno(), b"too\\n")
            assert text.write is kept and set(vars(text)) == {"write"}
            print("after")
        assert text.getvalue() == "after\\n"
        assert state() == before
        """,
    )
    process = made.run()
    assert process.returncode == 0, process.stderr.decode()
    assert made.streams(4)[0] == b"captured\ntoo\n"


def test_threads_that_outlive_the_block_print_where_they_did(tmp_path):
    made = script(
        tmp_path,
        """
        go = threading.Event()

        def work():
            print("inside")
            ready.set()
            go.wait()
            print("outside")

        ready = threading.Event()
        with watch("a"):
            thread = threading.Thread(target=work)
            thread.start()
            ready.wait()
            child = subprocess.Popen(["sh", "-c", "read x; echo leftover"], stdin=subprocess.PIPE)
        go.set()
        thread.join()
        child.communicate(b"x\\n")
        sys.stdout.flush()
        for _ in range(500):
            if "leftover" in open(sys.argv[1]).read():
                break
            time.sleep(0.01)
        """,
    )
    with open(tmp_path / "shown", "wb") as shown:
        process = made.start(str(tmp_path / "shown"), stdout=shown)
        assert process.wait(WAIT_SECONDS) == 0
    # the child's text comes through the terminal, so nothing orders it and the thread's
    assert sorted((tmp_path / "shown").read_text().splitlines()) == ["leftover", "outside"]
    assert made.streams()[0] == b"inside\n"


def test_another_thread_may_not_watch_meanwhile(tmp_path):
    made = script(
        tmp_path,
        """
        said = []

        def other():
            try:
                with watch("other"):
                    pass
            except AlreadyWatched as error:
                said.append(str(error))

        with watch("a") as run:
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
        assert run.run_id in said[0], said
        other()
        assert len(said) == 1
        """,
    )
    process = made.run()
    assert process.returncode == 0, process.stderr.decode()
    assert len(made.directories()) == 2


def test_nested_runs_take_turns_and_the_outer_leads_to_the_inner(tmp_path):
    made = script(
        tmp_path,
        """
        with watch("a"):
            print("a1")
            with contextlib.suppress(KeyError), watch("b"):
                print("b1")
                with watch("c"):
                    print("c1", end="")
                raise KeyError("x")
            print("a2", end="")
        with contextlib.ExitStack() as stack:
            for depth in range(10):
                stack.enter_context(watch(f"deep{depth}"))
                print("at", depth)
        """,
    )
    process = made.run()
    assert (process.returncode, process.stdout) == (0, b"")
    names = [path.name for path in made.directories()]
    assert made.streams(0)[0].decode() == f"a1\n[watched as {names[1]}: b]\na2"
    out, error = made.streams(1)
    assert out.decode() == f"b1\n[watched as {names[2]}: c]\n"
    assert b"KeyError: 'x'" in error
    assert made.streams(2)[0] == b"c1"
    assert [made.ended(at)["status"] for at in range(3)] == ["completed", "failed", "completed"]
    for depth in range(10):
        assert made.streams(3 + depth)[0].splitlines()[0] == b"at %d" % depth


def test_tasks_of_asyncio_may_end_in_any_order(tmp_path):
    made = script(
        tmp_path,
        """
        import asyncio

        async def task(name, begin, end):
            await asyncio.sleep(begin)
            with watch(name):
                print(name)
                await asyncio.sleep(end)

        async def main():
            await asyncio.gather(task("first", 0, 0.2), task("second", 0.1, 0.4))

        asyncio.run(main())
        print("after")
        """,
    )
    assert made.run().stdout == b"after\n"
    assert [made.ended(at)["status"] for at in (0, 1)] == ["completed", "completed"]
    assert made.streams(1)[0] == b"second\n"


@pytest.mark.parametrize(
    "code",
    [
        "os.close(1); os.close(2)",
        "sys.stdout.close()",
        "sys.stdout = sys.stderr = io.StringIO()",
        "sys.stdout = None",
        "print('x' * 5000, end='')",
        "os.dup2(os.open(os.devnull, os.O_WRONLY), 1)",
        "os.closerange(3, 200)",
    ],
)
def test_whatever_a_block_does_to_its_streams_the_program_goes_on(tmp_path, code):
    made = script(
        tmp_path,
        f"""
        import faulthandler
        faulthandler.dump_traceback_later(30, exit=True, file=open("hang", "w"))
        with watch("a"):
            os.write(1, b"before\\n")
            {code}
        with watch("b"):
            os.write(2, b"next\\n")
        open("done", "w").close()
        os._exit(0)
        """,
    )
    made.run(cwd=tmp_path)
    assert (tmp_path / "done").exists(), (tmp_path / "hang").read_text()
    if "closerange" not in code:
        assert made.streams(0)[0].startswith(b"before\n")
        assert made.streams(1)[1] == b"next\n"


def test_descriptors_that_the_program_has_closed_are_left_alone(tmp_path):
    """It opens files of its own under the same numbers, which must stay as they are."""
    made = script(
        tmp_path,
        """
        from prismq_nb.cell import descriptors
        from prismq_nb.cell.session import session

        def reopen(fd):
            os.close(fd)
            file = os.open(f"own{fd}", os.O_RDWR | os.O_CREAT)
            assert file == fd or (os.dup2(file, fd), os.close(file))
            files.append(fd)

        files, service = [], session()._service
        with watch("first"):
            for fd in (service._wake_read, service._wake_write, descriptors._saved[0].copy):
                reopen(fd)
            print("in first")
        print("plain 1")
        with watch("second"):
            print("in second")
            reopen(service.link.fd)
        print("plain 2")
        with watch("third"):
            print("in third")
            highest = max(int(name) for name in os.listdir("/proc/self/fd"))
            os.closerange(3, 4096)
            for fd in range(3, highest + 1):
                files.append(os.open(f"all{fd}", os.O_RDWR | os.O_CREAT))
            print("later")
        print("plain 3")
        with watch("fourth"):
            print("in fourth")
        print("plain 4")
        own = [path for path in os.listdir(".") if path.startswith(("all", "own"))]
        assert not any(map(os.path.getsize, own)), own
        """,
    )
    with (tmp_path / "shown").open("ab") as shown:
        process = made.start(cwd=tmp_path, stdout=shown, stderr=subprocess.PIPE)
        error = process.communicate(timeout=WAIT_SECONDS)[1].decode()
    assert process.returncode == 0, error
    shown = (tmp_path / "shown").read_text()
    assert [line for line in shown.splitlines() if line.startswith("plain")] == [
        f"plain {number}" for number in range(1, 5)
    ]
    assert "no longer watched: the program has closed what connects its supervisor" in shown + error
    assert (made.ended(0)["status"], made.streams(0)[0]) == ("completed", b"in first\n")
    assert b"in second" in made.streams(1)[0] + shown.encode()
    assert b"in third\n" in made.streams(2)[0] + shown.encode()
    assert b"later\n" in made.streams(2)[0] + shown.encode()
    assert (made.ended(3)["status"], made.streams(3)[0]) == ("completed", b"in fourth\n")


CLOSED = [
    some for count in (1, 2, 3) for some in itertools.combinations(("<&-", ">&-", "2>&-"), count)
]


@pytest.mark.parametrize("closed", CLOSED, ids=" ".join)
def test_a_process_without_standard_streams_is_watched(tmp_path, closed):
    made = script(
        tmp_path,
        """
        def is_open(fd):
            with contextlib.suppress(OSError):
                return bool(os.fstat(fd))
            return False

        before = [is_open(fd) for fd in (0, 1, 2)]
        for _ in range(2):
            with watch("a"):
                os.write(1, b"raw\\n")
                subprocess.run(["sh", "-c", "echo child >&2"])
        after = [is_open(fd) for fd in (0, 1, 2)]
        with open("said", "w") as file:
            json.dump([before, after], file)
        """,
    )
    made._prefix = ["sh", "-c", f'exec "$0" "$@" {" ".join(closed)}']
    made.run(cwd=tmp_path)
    before, after = json.loads((tmp_path / "said").read_text())
    assert before == after
    for at in (0, 1):
        assert made.ended(at)["status"] == "completed"
        assert made.streams(at) == (b"raw\n", b"child\n")


def test_pytest_runs_inside(tmp_path):
    (tmp_path / "test_one.py").write_text("def test_one(capfd):\n    print('hidden')\n")
    made = script(
        tmp_path,
        """
        import pytest
        with watch("a"):
            print("code", int(pytest.main(["-q", "-p", "no:xdist", "test_one.py"])))
        print("after")
        """,
    )
    process = made.run(cwd=tmp_path)
    assert process.stdout == b"after\n", process.stderr.decode()
    out = made.streams()[0]
    assert b"1 passed" in out
    assert b"code 0" in out
    assert b"hidden" not in out


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_a_hundred_blocks_leak_nothing(tmp_path):
    made = script(
        tmp_path,
        """
        def held(pid):
            return len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task"))

        def supervisor(run):
            path = os.path.join(os.environ["PRISMQ_DATA_DIR"], "runs", run.run_id, "run.json")
            return json.load(open(path))["supervisor_pid"]

        def settled(pid):
            deadline = time.monotonic() + 120
            while held(pid)[0] > 12 and time.monotonic() < deadline:
                time.sleep(0.1)
            return held(pid)[0] <= 12

        found = []
        for count in range(120):
            with watch("a") as run:
                print(count)
            if count in (10, 119):
                pid = supervisor(run)
                found.append([held(os.getpid()), settled(pid), pid])
        assert found[0] == found[1] and found[0][1], (found, held(pid))
        children = open(f"/proc/self/task/{os.getpid()}/children").read()
        assert not children, children
        """,
    )
    process = made.run()
    assert process.returncode == 0, process.stderr.decode()
    assert [made.streams(at)[0] for at in (0, 60, 119)] == [b"0\n", b"60\n", b"119\n"]
