"""What is printed in a watched block, by whatever means, is in its run, each stream by itself."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.scripts import Script
from support.waiting import WAIT_SECONDS

pytestmark = pytest.mark.slow  # processes

WAYS = {
    "print": ("print('it')", b"it\n", b""),
    "print to stderr": ("print('it', file=sys.stderr)", b"", b"it\n"),
    "descriptor": ("os.write(1, b'it\\n'); os.write(2, b'it\\n')", b"it\n", b"it\n"),
    "bytes": ("sys.stdout.buffer.write(bytes(range(256))); sys.stdout.flush()", None, b""),
    "an older handler": ("log.warning('it')", b"", b"it\n"),
    "logging": ("logging.basicConfig(); logging.error('it')", b"", b"ERROR:root:it\n"),
    "C": ("C.puts(b'it')", b"it\n", b""),
    "C without newline": ("C.printf(b'it')", b"it", b""),
    "subprocess": ("subprocess.run(['sh', '-c', 'echo it; echo it >&2'])", b"it\n", b"it\n"),
    "system": ("os.system('echo it')", b"it\n", b""),
    "fork": ("child = FORK.Process(target=print, args=('it',)); child.start(); child.join()",
             b"it\n", b""),
    "pool": ("FORK.Pool(1).map(print, ['it'])", b"it\n", b""),
    "thread": ("t = threading.Thread(target=print, args=('it',)); t.start(); t.join()",
               b"it\n", b""),
    "a lone surrogate": ("sys.stderr.write('\\udcff it\\n')", b"", b"\\udcff it\n"),
    "input": ("print(input('name? '))", b"name? ann\n", b""),
}  # fmt: skip
HEAD = """
    import ctypes, faulthandler, logging, multiprocessing, os, subprocess, sys, threading
    import prismq_nb

    C = ctypes.CDLL(None)
    FORK = multiprocessing.get_context("fork")
    log = logging.getLogger("older")
    log.addHandler(logging.StreamHandler())
    log.propagate = False
    os.write(1, b"")
    for code in sys.argv[1:]:
        with prismq_nb.watch("all", echo=False):
            exec(code)
        print("after")
"""


def test_all_is_captured(tmp_path):
    script = Script(tmp_path, HEAD)
    (tmp_path / "input").write_bytes(b"ann\n")
    with (tmp_path / "input").open("rb") as stdin:
        process = script.run(*(code for code, _, _ in WAYS.values()), stdin=stdin)
    after = b"after\n" * len(WAYS)
    assert (process.returncode, process.stdout) == (0, after), process.stderr.decode()
    expected = {
        way: (bytes(range(256)) if out is None else out, error)
        for way, (_, out, error) in WAYS.items()
    }
    assert expected == {way: script.streams(at) for at, way in enumerate(WAYS)}


def test_the_dump_of_a_crash_is_captured(tmp_path):
    script = Script(
        tmp_path,
        """
        import faulthandler
        import prismq_nb
        faulthandler.enable()
        with prismq_nb.watch("crash", echo=False):
            faulthandler._sigsegv()
        """,
    )
    script.run()
    assert script.ended()["exit_code"] == -11
    assert b"Fatal Python error: Segmentation fault" in script.streams()[1]


def test_a_flood_of_both_streams_is_whole(tmp_path, whole):
    lines = 1_000_000 if whole else 100_000
    script = Script(
        tmp_path,
        f"""
        import sys
        import prismq_nb
        with prismq_nb.watch("flood", echo=False):
            for number in range({lines}):
                print(number, file=sys.stderr if number % 3 == 0 else sys.stdout)
        """,
    )
    script.run()
    out, error = script.streams()
    numbers = range(lines)
    assert error.split() == [b"%d" % number for number in numbers if number % 3 == 0]
    assert out.split() == [b"%d" % number for number in numbers if number % 3]


def test_a_line_without_end_is_whole(tmp_path, whole):
    size = 100_000_000 if whole else 10_000_000
    script = Script(
        tmp_path,
        f"""
        import prismq_nb
        with prismq_nb.watch("long", echo=False):
            print("x" * {size})
        """,
    )
    script.run()
    out = script.streams()[0]
    assert len(out.replace(b"\n", b"")) == size
    assert set(out) == {ord("x"), ord("\n")}


SLOW = """
import os, time
read = 0
while data := os.read(0, 4096):
    os.write(1, data)
    read += len(data)
    if read < 200_000:
        time.sleep(0.01)
"""


@pytest.mark.parametrize("mask", ["", "secret"])
def test_what_is_shown_besides_is_whole_and_in_order_for_a_slow_reader(tmp_path, mask):
    script = Script(
        tmp_path,
        """
        import sys
        import prismq_nb
        with prismq_nb.watch("echo", mask=sys.argv[1:]):
            for number in range(80_000):
                print("line", number, "secret")
        print("after")
        """,
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", SLOW], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process = script.start(*([mask] if mask else []), stdout=reader.stdin)
    assert reader.stdin is not None
    reader.stdin.close()
    assert reader.stdout is not None
    with reader:
        shown = reader.stdout.read()
    assert process.wait(WAIT_SECONDS) == 0
    word = b"******" if mask else b"secret"
    assert shown.splitlines() == [b"line %d %s" % (n, word) for n in range(80_000)] + [b"after"]
    assert script.streams()[0] == shown.removesuffix(b"after\n")


def test_a_reader_that_leaves_does_not_end_the_run(tmp_path):
    script = Script(
        tmp_path,
        """
        import os
        import prismq_nb
        with prismq_nb.watch("echo"):
            for number in range(50_000):
                print("line", number)
        os._exit(0)
        """,
    )
    process = script.start(stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"line 0\n"
    process.stdout.close()
    assert process.wait(WAIT_SECONDS) == 0
    assert script.ended()["lines"] == 50_000
