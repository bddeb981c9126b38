"""Unfinished lines: what is shown and kept of them, and how little that costs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import this_thread
from support.random_cases import examples
from support.runs import until

from prismq_nb.capture.masking.masker import MASK, Masker
from prismq_nb.capture.pipes.splitter import Splitter
from prismq_nb.capture.pipes.unfinished_files import UnfinishedFiles
from prismq_nb.capture.pipes.unfinished_line import UnfinishedLine, visible
from prismq_nb.common.base import state
from prismq_nb.common.base.terminal.text import message, pending_message
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.part import MAX_VISIBLE_BYTES, read_part, read_unfinished

NOBODY = Masker([])
SECOND = state.MICROSECONDS
SIGNS = b"\r", b"\x1b[A", b"\x1b[2K", b"\x1b[32m", b"a", b" 50%|", "█".encode(), b"\xff", b" "
PIECES = st.sampled_from(SIGNS)
LONG = b"x" * (MAX_VISIBLE_BYTES - 3)
WIDE, GREEN = "é".encode(), b"\x1b[32m"


class Printer:
    """A module's stream, which reaches a splitter as a supervisor reads it."""

    def __init__(self, stream: int = 0) -> None:
        read, self._write = os.pipe()
        os.set_blocking(read, False)
        self.splitter = Splitter(read, stream, lambda data: bytes(data).count(b"\n"))

    def print(self, text: bytes) -> None:
        for start in range(0, len(text), 1 << 15):
            os.write(self._write, text[start : start + (1 << 15)])
            for _ in self.splitter.records(self.splitter.read()):
                pass

    def close(self) -> None:
        os.close(self._write)
        self.splitter.close()


@pytest.fixture
def printer() -> Iterator[Printer]:
    made = Printer()
    yield made
    made.close()


@settings(max_examples=examples(300))
@given(st.lists(PIECES, max_size=40).map(b"".join))
@example(b"\r\r\r")
@example(b"a\r\r")
@example(b"\x1b[31mERROR: disk failed\r\x1b[0m")
@example(b"\x1b[31m1%\r2%\r\x1b[K3%")
def test_the_shown_text_looks_like_the_whole_text(text: bytes):
    assert once(pending_message(text)) == once(pending_message(visible(text)))


def once(text: str) -> str:
    """A colour that is set repeatedly looks as if it were set once."""
    return re.sub("(\x1b\\[32m)+", "\x1b[32m", text.strip("\r"))


@pytest.mark.parametrize(
    ("expected", "text"),
    {
        "a prompt": (b"name? ", b"name? "),
        "a bar": (b"  2%|##", b"  1%|#\r  2%|##"),
        "a bar and its return": (b"  2%|##\r", b"\r  1%|#\r  2%|##\r"),
        "dots": (b"." * MAX_VISIBLE_BYTES, b"." * 50_000),
        "characters are whole": (WIDE * (MAX_VISIBLE_BYTES // 2 - 1) + b"x", WIDE * 5_000 + b"x"),
        "colours are whole": (LONG, b"!" + GREEN * 9 + LONG),
    }.values(),
    ids=str,
)
def test_the_shown_part_of_unfinished_text(expected: bytes, text: bytes):
    assert expected == visible(text)


def test_the_newest_frames_of_each_row_of_bars_are_shown():
    frame = b"\x1b[2A\r\x1b[Kone %4d\x1b[B\r\x1b[Ktwo %4d\x1b[B"
    text = b"".join(frame % (i, i) for i in range(5_000))
    shown = visible(text)
    assert len(shown) <= MAX_VISIBLE_BYTES
    assert shown.startswith(b"\r")
    assert b"one 4999" in shown
    assert b"two 4999" in shown


def test_the_text_behind_a_spinner_stays_however_long_it_turns(tmp_path, printer):
    line = UnfinishedLine(tmp_path, printer.splitter, NOBODY)
    printer.print(b"Installing ... |")
    for i in range(5_000):
        printer.print(b"\b" + b"/-\\|"[i % 4 : i % 4 + 1])
        if i % 7 == 0:
            line.take()
    printer.print(b"\b\b\b\bdone")
    line.take()
    assert line.shown().replace(b"\b", b"") == b"Installing .done"


@settings(max_examples=examples(100), deadline=None)
@given(texts=st.lists(st.lists(PIECES, max_size=30).map(b"".join), max_size=8), data=st.data())
def test_the_whole_line_is_kept(texts, data, tmp_path_factory):
    folder, printer = tmp_path_factory.mktemp("run"), Printer()
    line, printed = UnfinishedLine(folder, printer.splitter, NOBODY), b""
    try:
        for text in texts:
            printer.print(text)
            printed += text
            line.take()
            if data.draw(st.booleans()):
                line.keep(7)
        line.keep(7)
        unfinished = printed[printed.rfind(b"\n") + 1 :]
        found, _ = read_unfinished(folder)
        assert found == ((7, unfinished) if unfinished else None)
    finally:
        printer.close()


SECRETS = ["abcabcab", "cababcx", "hunter2-hunter2", "xxxxxxx"]


@settings(max_examples=examples(500))
@given(
    text=st.lists(st.sampled_from([*SECRETS, "abc", "ab", "x", "hunter2-", "-"]), max_size=12),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
@example(text=["ab", "cababcx"], cuts=[4])
@pytest.mark.slow
def test_masking_in_pieces_equals_masking_the_whole(text, cuts):
    masker, whole = Masker(SECRETS), "".join(text).encode()
    done, rest = b"", b""
    for start, end in pairwise(sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})):
        rest += whole[start:end]
        safe = masker.safe_end(rest)
        done += masker.apply(rest[:safe])
        rest = rest[safe:]
        assert not any(secret.encode() in done for secret in SECRETS)
    assert masker.apply(whole) == done + masker.apply(rest)


def test_no_part_of_a_secret_is_shown_or_kept_whatever_its_pieces(tmp_path, printer):
    secret = b"s3cr3t-token"
    line = UnfinishedLine(tmp_path, printer.splitter, Masker([secret.decode()]))
    for number in range(40):
        for byte in b"%d " % number + secret + b"\r":
            printer.print(bytes([byte]))
            line.take()
            line.keep(0)
            on_disk = (tmp_path / fmt.UNFINISHED[0]).read_bytes() if line._is_kept else b""
            assert b"s3cr" not in on_disk + line.shown()
    found, _ = read_unfinished(tmp_path)
    assert found is not None
    assert found.text == b"".join(b"%d %b\r" % (number, MASK) for number in range(40))


def test_a_full_disk_loses_nothing_that_can_be_written_later(tmp_path, printer, monkeypatch):
    line, write = UnfinishedLine(tmp_path, printer.splitter, NOBODY), os.write
    printer.print(b"one ")
    line.take()
    line.keep(0)
    printer.print(b"two three ")
    line.take()
    short = lambda fd, data: write(fd, b"".join(data)[:3])  # noqa: E731
    this_thread.replace(monkeypatch, os, "writev", short)
    line.keep(0)
    assert line.is_behind
    monkeypatch.undo()
    line.keep(0)
    assert read_unfinished(tmp_path)[0] == (0, b"one two three ")
    assert not line.is_behind


def test_a_long_line_is_written_only_if_it_is_still_there_at_the_next_check(tmp_path, printer):
    """A flood of long lines is not copied: each check meets another line."""
    line = UnfinishedLine(tmp_path, printer.splitter, NOBODY)
    printer.print(b"a line\n" + b"x" * 100_000)
    assert (line.take(), line.is_deferred) == (b"", True)
    assert (len(line.take()), line.is_deferred) == (100_000, False)
    printer.print(b"y")
    assert line.take() == b"y"


def test_a_long_line_is_written_although_nothing_follows_it(tmp_path, printer):
    parts = UnfinishedFiles(tmp_path, [printer.splitter], NOBODY)
    printer.print(b"a line\n" + b"x" * 100_000)
    parts.plan(0)
    while parts.due is not None:
        list(parts.write(parts.due, 0, storing=True))
    assert read_unfinished(tmp_path)[0] == (0, b"x" * 100_000)


BAR = "\r 50%|█████     | {0}/100000 [00:01<00:01, 30.1it/s]"
COLOURED = "\r" + "".join(f"\x1b[38;5;{16 + i}m█" for i in range(25)) + "\x1b[0m {0}"
SHAPES = {
    "a bar": BAR,
    "a bar without anything else": "\r{0}",
    "bars in rows": f"\x1b[2A{BAR}\x1b[B{BAR}\x1b[B",
    "many rows": "\x1b[8A" + "\r\x1b[2Kpart {0}: ━━━━━━━━━ 10.5/16.6 MB\x1b[B" * 8,
    "bars and lines": BAR + "\nline {0}\n",
    "coloured blocks": COLOURED,
    "dots": ".",
    "NULs": "\0" * 40,
    "a spinner": "\b/\b-",
    "blanks": "   \r",
    "a long line": "x" * 400,
    "a prompt for each line": "y\nGo on? [y/N] ",
}


@pytest.mark.parametrize("begun_rate", [(0, 1), (0, 10), (0, 50), (900_000, 10), (900_000, 50)])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.slow
def test_unfinished_lines_cause_few_writes(shape, begun_rate, tmp_path, printer, monkeypatch):
    """Simulate half a minute of output, written whenever the supervisor would."""
    begun, rate = begun_rate
    written: list[int] = []
    write, pwrite = os.write, os.pwrite

    def counting(fd: int, data: bytes) -> int:
        written.append(len(data))
        return write(fd, data)

    def counting_at(fd: int, data: bytes, at: int) -> int:
        written.append(len(data))
        return pwrite(fd, data, at)

    def count(on: bool) -> None:
        monkeypatch.undo()
        if on:
            this_thread.replace(monkeypatch, os, "write", counting)
            this_thread.replace(monkeypatch, os, "pwrite", counting_at)

    printer.print(b"x" * begun)
    parts, printed, log_end = UnfinishedFiles(tmp_path, [printer.splitter], NOBODY), 0, 0
    clock, seconds = SECOND, 30
    list(parts.write(0, 0, storing=True))
    for i in range(seconds * rate):
        text = shape.format(i).encode()
        count(on=False)
        printer.print(text)
        count(on=True)
        printed += len(text)
        log_end = printer.splitter.line_start
        parts.plan(clock)
        until_next = clock + SECOND // rate
        while (due := parts.due) is not None and due < until_next:
            clock = max(clock, due)
            list(parts.write(clock, log_end, storing=True))
        clock = until_next
    beyond = sum(written) - begun - printed
    assert beyond / seconds < 25_000, "besides what the module prints itself"
    list(parts.write(clock + SECOND, log_end, storing=True))
    found, _ = read_unfinished(tmp_path)
    held = bytes(printer.splitter.pending())
    assert (b"" if found is None else found.text) == held, "lags by more than a second"


TQDM = """
import sys, time, os
say = lambda text: (sys.stderr.write(text), sys.stderr.flush())
folder = os.path.join(os.environ["PRISMQ_DATA_DIR"], "runs", os.environ["PRISMQ_RUN_ID"])
def shown(text):
    while True:
        try:
            if text in open(folder + "/output.part", "rb").read(): return
        except FileNotFoundError: pass
        time.sleep(0.005)
bar = "\\r{0:3d}%|##########          | {0}/100 [00:01<00:01, 30.1it/s]"
for i in range(10_000): say(bar.format(i % 50))
say(bar.format(50))
shown(b"| 50/100")
input()
for i in range(51, 81):
    say(bar.format(i))
    shown(b"| %d/100" % i)
input()
say(bar.format(100) + "\\n")
"""


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="there is no /proc")
@pytest.mark.slow
def test_a_supervisor_writes_only_what_changed(data_dir):
    """30 redraws behind half a MB of unfinished text, which each used to cost that half MB
    again.
    """
    engine = Engine(data_dir)
    try:
        run_id = engine.launch(LaunchSpec(code=TQDM, env={"PRISMQ_DATA_DIR": str(data_dir)})).run_id
        folder = data_dir / "runs" / run_id

        def shows(count: int) -> bool:
            part = read_part(os.fspath(folder / fmt.PART))
            return part is not None and b"| %d/100" % count in part.texts[1]

        def kept() -> bytes:
            found = read_unfinished(folder)[1]
            return b"" if found is None else found.text

        def wchar() -> int:
            pid = state.read_json(folder / fmt.STATE)["supervisor_pid"]
            fields = Path(f"/proc/{pid}/io").read_text().split()
            return int(fields[fields.index("wchar:") + 1])

        until(lambda: shows(50) and kept().endswith(b"| 50/100 [00:01<00:01, 30.1it/s]"))
        before, size = wchar(), len(kept())
        assert size > 500_000
        engine.send(run_id, "\n")
        until(lambda: shows(80) and kept().endswith(b"| 80/100 [00:01<00:01, 30.1it/s]"))
        assert wchar() - before < size / 10
        engine.send(run_id, "\n")
        until(lambda: engine.get(run_id).status in state.ENDED)
        assert engine.get(run_id).status == "completed"
        with engine.reader(run_id) as reader:
            (span,) = reader.spans(0, 10)
        assert span.data.startswith(kept())
        assert span.data.count(b"\r") == 10_032
        assert not list(folder.glob("*.part"))
    finally:
        engine.close()


def test_the_header_of_the_kept_text_names_the_start_of_the_line(tmp_path, printer):
    line = UnfinishedLine(tmp_path, printer.splitter, NOBODY)
    for end, text in ((5, b"one"), (9, b" more\ntwo"), (12, b" and more")):
        printer.print(text)
        line.take()
        line.keep(end)
    head, text = (tmp_path / fmt.UNFINISHED[0]).read_bytes().split(b"\n")
    assert (json.loads(head), text) == ({"end": 9}, b"two and more")


def test_no_secret_drawn_into_a_line_is_shown_or_kept(tmp_path, printer):
    line = UnfinishedLine(tmp_path, printer.splitter, Masker(["s3cr3t-token"]))
    for byte in b"key s3cx\br3t\x1b[C\x1b[D-token and more":
        printer.print(bytes([byte]))
        line.take()
        line.keep(0)
        found = read_unfinished(tmp_path)[0] if line._is_kept else None
        for text in (line.shown(), found.text if found else b""):
            assert "s3cr3t-t" not in message(text)
    assert message(line.shown()) == "key ****** and more"
