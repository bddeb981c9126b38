"""Overwritten lines: bars, spinners, sequences of every kind; and encodings."""

from __future__ import annotations

from support.examples.example import Example, Seen, script


def shows(*expected: str, level: str = "INFO", stream: str | None = None):
    """Whether it shows exactly these lines, all of that level."""

    def check(seen: Seen) -> None:
        seen.ended()
        assert list(expected) == seen.texts, seen.texts
        assert {level} == {line.level for line in seen.lines}, seen.lines

    return check


def printed(data: str, encoding: str = "utf-8") -> list[str]:
    """A command that writes text to stdout, unchanged."""
    return script(f"import os; os.write(1, {data.encode(encoding)!r})")


SPINNER = """
const frames = ["-", "\\\\", "|", "/"];
let turn = 0;
const timer = setInterval(() => {
  process.stdout.write(`\\x1b[2K\\x1b[1G${frames[turn % 4]} installing`);
  if (++turn === 30) { clearInterval(timer); process.stdout.write("\\x1b[2K\\x1b[1Gdone\\n"); }
}, 10);
"""
KERAS = """
import sys, time
for step in range(1, 31):
    bar = f"{step}/30 [{'=' * step}{'.' * (30 - step)}] - loss: {1 / step:.4f}"
    sys.stdout.write("\\b" * len(bar) + bar)
    sys.stdout.flush()
    time.sleep(0.03)
sys.stdout.write("\\n")
"""
KERAS_BAR = f"30/30 [{'=' * 30}] - loss: {1 / 30:.4f}"


def keras_bar(seen: Seen) -> None:
    shows(KERAS_BAR)(seen)
    assert seen.progress, "no progress seen"


NPM = r"""
import sys
clear, text = "\x1b[1G\x1b[0K", "idealTree: sill fetch manifest"
frames = "".join(f"{clear}{spin} {text} {n}" for n, spin in enumerate("⠙⠹⠸⠼⠴⠦⠧⠇" * 4))
sys.stdout.write(frames + clear + "\nadded 3 packages in 1s\n")
"""
DOCKER = r"""
import sys
for done in range(4):
    up = "\x1b[1A" * 3 if done else ""
    rows = [f" => [{n + 1}/3] RUN step {n}" + (" DONE" if n < done else "") for n in range(3)]
    sys.stdout.write(up + "".join(f"\x1b[0G\x1b[2K{row}\n" for row in rows))
"""


def last_frame_of_docker(seen: Seen) -> None:
    seen.ended()
    assert seen.texts[-3:] == [f" => [{n + 1}/3] RUN step {n} DONE" for n in range(3)], seen.texts


def all_found(seen: Seen) -> None:
    seen.ended()
    assert [text for text in seen.texts if "\x00" in text or "�" in text] == []
    assert seen.run is not None
    assert list(seen.run.search("größe")) == [0]


LONG_LINK = "https://example.org/" + "a" * 3000
ERROR = "FEHLER"
SHOWS = {
    "a colour is reset behind \\r": (
        "\x1b[31mERROR: disk failed\r\x1b[0m\n",
        ["ERROR: disk failed"],
        "ERROR",
    ),
    "DCS before a record": ("\x1bPq;payload\x1b\\ERROR: x\n", ["ERROR: x"], "ERROR"),
    "APC, PM, SOS before one": (
        "\x1b_a\x1b\\\x1b^b\x1b\\\x1bXc\x1b\\ERROR: x\n",
        ["ERROR: x"],
        "ERROR",
    ),
    "8-bit CSI": ("\x9b31mERROR: x\x9b0m\n", ["ERROR: x"], "ERROR"),
    "a long OSC 8 link": (
        f"\x1b]8;;{LONG_LINK}\x1b\\the page\x1b]8;;\x1b\\\n",
        ["the page"],
        "INFO",
    ),
    "columns by ESC[nG, ESC[nC": ("a\x1b[10Gb\x1b[3Cc\n", ["a        b   c"], "INFO"),
    "saved and restored cursor": ("\x1b7 10%\x1b8 20%\x1b8done\n", ["done"], "INFO"),
    "\\r\\n": ("one\r\ntwo\r\n", ["one", "two"], "INFO"),
    "blanks before a record": ("\r" + " " * 60 + "\rWARNING: slow\n", ["WARNING: slow"], "WARNING"),
    "an error behind a redraw": ("working\x1b[2K\x1b[1GERROR: x\n", ["ERROR: x"], "ERROR"),
}


def drawing(name: str, raw: str, texts: list[str], level: str) -> Example:
    """A program that prints sequences."""
    return Example(name, {"command": printed(raw)}, shows(*texts, level=level))


def encoded(name: str) -> Example:
    """A program that prints an error in an encoding."""
    text = {"gbk": "错误: 没有文件\nERROR: 磁盘\n", "shift_jis": "エラー\nERROR: ディスク\n"}.get(
        name,
        "Größe: 5\nERROR: Größe\n",
    )

    def check(seen: Seen) -> None:
        seen.ended()
        assert text.splitlines() == seen.texts, seen.texts
        assert [line.level for line in seen.lines] == ["INFO", "ERROR"]
        assert seen.run is not None
        assert list(seen.run.search(seen.texts[1])) == [1]

    return Example(
        f"a program in {name}",
        {"command": printed(text, name), "encoding": name},
        check,
    )


EXAMPLES = [
    Example("a Node spinner", {"command": ["node", "-e", SPINNER]}, shows("done"), ("node",)),
    Example("Keras' bar of backspaces", {"code": KERAS}, keras_bar),
    Example("frames of npm", {"command": script(NPM)}, shows("", "added 3 packages in 1s")),
    Example("frames of docker build", {"command": script(DOCKER)}, last_frame_of_docker),
    *(drawing(name, *case) for name, case in SHOWS.items()),
    *map(encoded, ("latin-1", "gbk", "shift_jis", "utf-16")),
    Example("NFD text, found by NFC", {"command": printed("Größe\n")}, all_found),
]
