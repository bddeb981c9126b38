"""How a file is run, by its first line, its magic number, its suffix and its text."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from prismq_nb.engine.launch.script_kind import HEAD_BYTES, script_kind
from prismq_nb.errors import InvalidRequest

ENV = {"PATH": os.defpath}
PYTHON = None
LONG = "x = 'a'\n" * HEAD_BYTES


@pytest.fixture
def path_of(tmp_path: Path):
    """Fake interpreters, and a function that asks `script_kind` about a file."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "Rscript", "node", "perl", "awk", "uv", "zsh"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)

    def ask(name: str, content: str | bytes, mode: int = 0o644) -> list[str] | None:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        kind = script_kind(path, {"PATH": str(folder)})
        assert kind.is_python == (not kind.argv)
        return [part.removeprefix(f"{tmp_path}/") for part in kind.argv] or PYTHON

    return ask


RUN = {
    "a Python script": ("a.py", "print(1)", PYTHON),
    "one that looks like data": ("a.py", "1,2,3", PYTHON),
    "one that is empty": ("a.py", "", PYTHON),
    "one with another first line": ("a.py", "#!/usr/bin/env -S uv run --script\nprint(1)", PYTHON),
    "Python with any name": ("a.txt", "import os\nprint(os.getcwd())", PYTHON),
    "Python without suffix": ("job", "print(1)", PYTHON),
    "Python in Latin-1": ("job", b"# coding: latin-1\nprint('\xe9')", PYTHON),
    "long Python": ("job", "import os\n" + LONG, PYTHON),
    "by its first line": ("job", "#!/usr/bin/env python3\n}}", PYTHON),
    "by a versioned one": ("job", "#! /usr/bin/python3.12 -u\nx", PYTHON),
    "shell": ("a.sh", "echo", ["bin/bash", "a.sh"]),
    "R": ("a.R", "1", ["bin/Rscript", "a.R"]),
    "JavaScript": ("a.mjs", "1", ["bin/node", "a.mjs"]),
    "awk": ("a.awk", "{print}", ["bin/awk", "-f", "a.awk"]),
    "the first line wins": ("a.sh", "#!/usr/bin/env zsh\necho", ["/usr/bin/env", "zsh", "a.sh"]),
    "an option in it": ("a", "#!/bin/sh -e\necho", ["/bin/sh", "-e", "a"]),
    "one of Windows": ("a", "#!/bin/sh\r\necho", ["/bin/sh", "a"]),
    "a split one": (
        "a",
        "#!/usr/bin/env -S uv run --script\nx",
        ["/usr/bin/env", "-S uv run --script", "a"],
    ),
    "an interpreter elsewhere": ("a", "#!/no/such/perl -w\nx", ["bin/perl", "-w", "a"]),
}


@pytest.mark.parametrize(("name", "content", "expected"), RUN.values(), ids=RUN)
def test_a_file_is_run_according_to_its_kind(path_of, name, content, expected):
    assert expected == path_of(name, content)


EXECUTABLE = {
    "a program": ("a", b"\x7fELF\x02\x01", ["a"]),
    "one of macOS": ("a", bytes.fromhex("cffaedfe07000001"), ["a"]),
    "shell without a first line": ("a", 'if true; then echo "$1"; fi', ["/bin/sh", "a"]),
    "long shell without a first line": ("a", 'echo "a" b\n' * HEAD_BYTES, ["/bin/sh", "a"]),
    "Python all the same": ("a", "print(1)", PYTHON),
}


@pytest.mark.parametrize(("name", "content", "expected"), EXECUTABLE.values(), ids=EXECUTABLE)
def test_an_executable_is_run_as_it_is(path_of, name, content, expected):
    assert expected == path_of(name, content, 0o755)


REFUSED = {
    "a notebook": ("a.ipynb", "{}", "jupyter nbconvert --to script"),
    "rows": ("a.csv", "a,b\n1,2", "which is data"),
    "rows by any name": ("a.dat", "1,2,3\n4,5,6", "which contains nothing that Python could run"),
    "many rows": ("a.dat", "1,2,3\n" * HEAD_BYTES, "which contains nothing that Python could run"),
    "JSON by any name": (
        "a",
        '{"a": [1, true, null]}',
        "which contains nothing that Python could run",
    ),
    "settings": ("a.conf", "port = 80\nhost = 'x'", "which contains nothing that Python could run"),
    "an empty file": ("a", "", "which contains nothing that Python could run"),
    "prose": ("a.txt", "Dear reader,", "which is not Python"),
    "an image": ("a.png", b"\x89PNG\r\n\x1a\n\0\0", "which is data"),
    "an image by any name": ("a.x", b"\x89PNG\r\n\x1a\n\0\0", "which is data"),
    "UTF-16": ("a", "print(1)".encode("utf-16"), "which is data"),
    "C": ("a.c", "int main() {}", "source code that must be compiled"),
    "a program without permission": ("a", b"\x7fELF", "chmod +x"),
    "no interpreter": ("a.jl", "1", "it needs julia, which is not on the PATH"),
    "none for the first line": (
        "a",
        "#!/usr/bin/env ruby3\n1",
        "it needs ruby3, which is not on the PATH",
    ),
    "deep nesting": ("a.x", "(" * 5000, "which is not Python"),
    "deep operators": ("a.x", "-" * 8000 + "1", "which is not Python"),
    "an office document": ("a.xlsx", b"PK\x03\x04\0", "which is data"),
}


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize(("name", "content", "words"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_not_a_program_is_refused_with_the_remedy(path_of, name, content, words):
    with pytest.raises(InvalidRequest) as error:
        path_of(name, content)
    assert words in str(error.value)
    assert name in str(error.value)


def test_a_zipped_application_is_python(tmp_path):
    path = tmp_path / "tool"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__main__.py", "print(1)")
    assert script_kind(path, ENV).is_python


def test_a_link_is_run_like_its_target(tmp_path):
    (tmp_path / "link").symlink_to(shutil.which("sh", path=os.defpath))
    assert [str(tmp_path / "link")] == script_kind(tmp_path / "link", ENV).argv


def test_the_running_interpreter_is_a_program_unless_it_is_a_script():
    path = Path(os.path.realpath(sys.executable))
    assert [str(path)] == script_kind(path, ENV).argv
