"""What a run inherits: its streams, its environment, and what kind of file it is."""

from __future__ import annotations

import re
from pathlib import Path

from prismq_nb import Run
from support.examples.example import PROGRAMS, Example, Seen

C_LINES, WORKERS, WORKER_LINES = 50, 8, 150


def file_is_clean(seen: Seen) -> None:
    seen.ended()
    assert (seen.folder / "o.txt").read_text() == "{ a: 1 }\n"
    assert ("\x1b[33m" in seen.lines[0].message) == seen.terminal


def as_outside(seen: Seen) -> None:
    seen.ended()
    assert seen.texts[-1] == "escape codes: False"


CAPTURES = f"""
import os, subprocess, sys
env = os.environ | {{"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}}
options = ["-v", "--noconftest", "-p", "no:cacheprovider", "-c", "/dev/null"]
command = [sys.executable, "-m", "pytest", *options, {str(PROGRAMS / "checked.py")!r}]
found = subprocess.run(command, capture_output=True, text=True, env=env).stdout
assert "1 skipped" in found, found
print("escape codes:", "\\x1b" in found)
"""


def needle(folder: Path) -> None:
    (folder / "hay.txt").write_text("a needle\n")


def needle_found(seen: Seen) -> None:
    seen.ended()
    shown = " ".join(seen.texts)
    assert "hay.txt" in shown, shown
    assert "a needle" in shown, shown


def compiled(source: str, suffix: str, *compiler: str):
    """Compile a program of that source text to `program`."""

    def prepare(folder: Path) -> None:
        import subprocess

        (folder / f"a.{suffix}").write_text(source)
        subprocess.run([*compiler, "-o", "program", f"a.{suffix}"], cwd=folder, check=True)

    return prepare


CRASHES_IN_C = f"""
#include <stdio.h>
int main(void) {{
    for (int i = 1; i <= {C_LINES}; i++) printf("line %d\\n", i);
    *(volatile int *)0 = 1;
    return 0;
}}
"""
CRASHES_IN_FORTRAN = f"""
program a
  integer :: i
  do i = 1, {C_LINES}
    print '(a,i0)', 'line ', i
  end do
  call abort()
end program
"""


def lines_before_the_crash(seen: Seen) -> None:
    seen.ended("failed", None)
    assert seen.run is not None
    assert seen.run.exit_code in (-11, -6), seen.run.exit_code
    if seen.terminal:  # with pipes they are lost, as in a shell, which the documentation says
        shown = [text for text in seen.texts if text.startswith("line ")]
        assert shown == [f"line {n}" for n in range(1, C_LINES + 1)]


AWK = """
BEGIN {
    print "first"
    while ((getline line < "go") <= 0) { close("go"); system("sleep 0.05") }
    print "last"
}
"""


def first_line_is_live(run: Run, seen: Seen) -> None:
    if seen.terminal:  # with pipes it comes in blocks, which the documentation says
        seen.wait(
            lambda: [line.message for line in run.logs()] == ["first"],
            what="a line of a running awk",
        )
    (seen.folder / "go").write_text("go\n")


def two_lines(seen: Seen) -> None:
    seen.ended()
    assert seen.texts == ["first", "last"]


MANY_WORKERS = f"""
import subprocess, sys
code = '''
import sys, time
for i in range({WORKER_LINES}):
    print("worker", sys.argv[1], "says", i, "x" * 40)
    time.sleep(0.0005)
'''
workers = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range({WORKERS})]
for worker in workers:
    worker.wait()
"""


def no_line_is_torn(seen: Seen) -> None:
    seen.ended()
    torn = [text for text in seen.texts if not re.fullmatch(r"worker \d says \d+ x{40}", text)]
    assert (len(torn), len(seen.texts)) == (0, WORKERS * WORKER_LINES), torn[:3]


TABLE = """
from rich.console import Console
from rich.table import Table
table = Table("name", "what it does")
table.add_row("collector", "x" * 66 + " end")
Console().print(table)
"""


def table_is_whole(seen: Seen) -> None:
    seen.ended()
    is_whole = any(text.count("x") == 66 and " end" in text for text in seen.texts)
    assert is_whole == seen.terminal, seen.texts
    assert max(map(len, seen.texts)) <= (100 if seen.terminal else 80)


def makefile(folder: Path) -> None:
    (folder / "Makefile").write_text("all:\n\t@echo building\n\t@false\n")


def make_failed(seen: Seen) -> None:
    seen.ended("failed", 2)
    assert (seen.folder / "log").read_text().startswith("building\n")


def had_enough(seen: Seen) -> None:
    seen.ended()
    assert seen.texts == ["y"]
    assert seen.run is not None
    assert seen.run.notes, "a note says what 141 means"


def says(*expected: str):
    """Whether it completed and printed exactly this."""

    def check(seen: Seen) -> None:
        seen.ended()
        assert list(expected) == seen.texts, seen.texts

    return check


def a_file(name: str, text: str, mode: int = 0o644):
    def prepare(folder: Path) -> None:
        (folder / name).write_text(text)
        (folder / name).chmod(mode)

    return prepare


def refused(*words: str):
    def check(seen: Seen) -> None:
        assert seen.run is None, f"it ran: {seen.texts}"
        assert [word for word in words if word not in seen.refused] == [], seen.refused

    return check


def nohup_is_left_out(seen: Seen) -> None:
    seen.ended()
    assert seen.texts == ["hi"]
    assert not (seen.folder / "nohup.out").exists()
    assert seen.run is not None
    assert "nohup was left out" in seen.run.notes[0]


def repository(folder: Path) -> None:
    import subprocess

    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder)]
    subprocess.run([*git, "init", "-q"], check=True)
    for number in range(3):
        subprocess.run(
            [*git, "commit", "-q", "--allow-empty", "-m", f"commit {number}"],
            check=True,
        )


def no_pager(seen: Seen) -> None:
    seen.ended()
    assert [text[-8:] for text in seen.texts] == ["commit 2", "commit 1", "commit 0"]


EXAMPLES = [
    Example(
        "node -p > o.txt",
        {"command": "node -p '({a: 1})' > o.txt; node -p '({a: 1})'"},
        file_is_clean,
        ("node",),
        outside=True,
    ),
    Example("a script captures pytest", {"code": CAPTURES}, as_outside),
    Example(
        "rg without a path",
        {"command": ["rg", "--no-config", "needle"]},
        needle_found,
        ("rg",),
        needle,
    ),
    Example(
        "C program segfaults",
        {"command": ["./program"]},
        lines_before_the_crash,
        ("cc",),
        compiled(CRASHES_IN_C, "c", "cc"),
    ),
    Example(
        "Fortran program aborts",
        {"command": ["./program"]},
        lines_before_the_crash,
        ("gfortran",),
        compiled(CRASHES_IN_FORTRAN, "f90", "gfortran"),
    ),
    Example(
        "awk prints and goes on",
        {"command": ["awk", AWK]},
        two_lines,
        ("awk",),
        meanwhile=first_line_is_live,
    ),
    Example("8 workers, 1,200 lines", {"code": MANY_WORKERS}, no_line_is_torn, outside=True),
    Example("rich table, 90 columns", {"code": TABLE}, table_is_whole),
    Example("make | tee log", {"command": "make | tee log"}, make_failed, ("make",), makefile),
    Example("yes | head -1", {"command": "yes | head -1"}, had_enough, outside=True),
    Example(
        "job.sh",
        {"script": "job.sh"},
        says("shell"),
        prepare=a_file("job.sh", "echo shell\n"),
    ),
    Example(
        "a.R",
        {"script": "a.R"},
        says("R 2"),
        ("Rscript",),
        a_file("a.R", 'cat("R", 1 + 1, "\\n", sep = c(" ", ""))\n'),
    ),
    Example(
        "a.js",
        {"script": "a.js"},
        says("js 2"),
        ("node",),
        a_file("a.js", "console.log('js', 1 + 1)\n"),
    ),
    Example(
        "an ELF file",
        {"script": "program"},
        says("compiled"),
        ("cc",),
        compiled('#include <stdio.h>\nint main(void) { puts("compiled"); return 0; }\n', "c", "cc"),
    ),
    Example(
        "a file with #!",
        {"script": "job"},
        says("perl 2"),
        ("perl",),
        a_file("job", "#!/usr/bin/env perl\nprint 'perl ', 1 + 1, qq(\\n);\n"),
    ),
    Example(
        "a.ipynb",
        {"script": "a.ipynb"},
        refused("a.ipynb", "jupyter nbconvert"),
        prepare=a_file("a.ipynb", "{}"),
    ),
    Example(
        "a.csv",
        {"script": "a.csv"},
        refused("a.csv", "data"),
        prepare=a_file("a.csv", "a,b\n1,2\n"),
    ),
    Example("nohup", {"command": "nohup echo hi"}, nohup_is_left_out, outside=True),
    Example("git log", {"command": ["git", "log", "--oneline"]}, no_pager, ("git",), repository),
]
