"""Real tools at work: their output is not an error, and shows their progress."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from support.examples.example import PROGRAMS, PYTHON, Example, Seen
from support.examples.levels import no_errors, progress
from support.package_index import WHEEL
from support.package_index import wheel as wheel_of

SIZE = 40_000


def repository(folder: Path) -> None:
    """A repository with some thousand objects, in `origin`."""
    origin = folder / "origin"
    origin.mkdir()
    for number in range(2000):
        (origin / f"{number}.txt").write_text(f"{number}\n" * 20)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(origin)]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*git, *command], check=True)


C_FILES = 30


def c_project(folder: Path) -> None:
    """A project of CMake with many small files."""
    names = [f"f{number}.c" for number in range(C_FILES)]
    for name in names:
        (folder / name).write_text(f"int {name[:-2]}(void) {{ return 1; }}\n")
    names.append("main.c")
    (folder / "main.c").write_text("int main(void) { return 0; }\n")
    target = f"add_executable(a {' '.join(names)})"
    lines = ["cmake_minimum_required(VERSION 3.10)", "project(a C)", target, ""]
    (folder / "CMakeLists.txt").write_text("\n".join(lines))


def crate(folder: Path) -> None:
    """A package of Rust with a warning."""
    (folder / "Cargo.toml").write_text(
        '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n',
    )
    (folder / "src").mkdir()
    (folder / "src" / "main.rs").write_text('fn main() { let unused = 1; println!("hello"); }\n')


def built_with_a_warning(seen: Seen) -> None:
    seen.ended()
    seen.no_errors()
    assert seen.levels_of("unused variable") == {"WARNING"}
    assert seen.levels_of("Finished") == {"INFO"}
    assert "hello" in seen.texts


def node_package(folder: Path) -> None:
    """A package of Node that needs another one, beside it."""
    for name in ("a", "b"):
        (folder / name).mkdir()
        needs = ', "dependencies": {"b": "file:../b"}' if name == "a" else ""
        (folder / name / "package.json").write_text(
            f'{{"name": "{name}", "version": "1.0.0"{needs}}}',
        )


def wheel(folder: Path) -> None:
    """A wheel with nothing in it."""
    (folder / WHEEL).write_bytes(wheel_of())


def big_file(folder: Path) -> None:
    (folder / "from").mkdir()
    for number in range(40):
        (folder / "from" / str(number)).write_bytes(os.urandom(1 << 18))


def rsync_done(seen: Seen) -> None:
    seen.ended()
    seen.no_errors()
    assert seen.progress or not seen.terminal  # into a pipe, it prints everything at its end


def pytest_ran(seen: Seen) -> None:
    seen.ended("failed", 1)
    assert seen.levels_of("E       AssertionError") == {"ERROR"}
    assert seen.progress, "no progress seen"
    assert ("\x1b[32m" in "".join(line.message for line in seen.lines)) == seen.terminal


PYTEST = {
    "module": "pytest",
    "args": [
        "-v",
        "--noconftest",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
        "-c",
        "/dev/null",
        str(PROGRAMS / "checked.py"),
    ],
    "env": {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
}

EXAMPLES = [
    Example(
        "git clone --progress",
        {"command": ["git", "clone", "--progress", "--no-local", "origin", "copy"]},
        progress(),
        ("git",),
        repository,
        outside=True,
    ),
    Example(
        "cmake, ninja",
        {"command": "cmake -G Ninja . && ninja -j1"},
        progress(),
        ("cmake", "ninja", "cc"),
        c_project,
        outside=True,
    ),
    Example(
        "cmake, make",
        {"command": "cmake -G 'Unix Makefiles' . && make"},
        progress(),
        ("cmake", "make", "cc"),
        c_project,
        outside=True,
    ),
    Example(
        "cargo run",
        {"command": ["cargo", "run", "--offline"]},
        built_with_a_warning,
        ("cargo",),
        crate,
        outside=True,
    ),
    Example(
        "npm install",
        {"command": ["npm", "install", "--no-audit", "--no-fund", "--offline", "--prefix", "a"]},
        no_errors("added 1 package"),
        ("npm",),
        node_package,
        outside=True,
    ),
    Example(
        "pip install",
        {
            "command": [
                PYTHON,
                "-m",
                "pip",
                "install",
                "--no-deps",
                "--no-index",
                "--target",
                "to",
                WHEEL,
            ]
        },
        no_errors("Successfully installed heavy-1.0"),
        (),
        wheel,
        outside=True,
    ),
    Example(
        "apt-get, simulated",
        {"command": ["apt-get", "--simulate", "install", "coreutils"]},
        no_errors("Reading package lists"),
        ("apt-get",),
        outside=True,
    ),
    Example(
        "rsync --info=progress2",
        {"command": ["rsync", "-a", "--bwlimit=20m", "--info=progress2", "from/", "to"]},
        rsync_done,
        ("rsync",),
        big_file,
    ),
    Example(
        "R's start-up messages",
        {
            "command": [
                "Rscript",
                "-e",
                "library(stats4); message('Loading required package: a'); cat('done\\n')",
            ]
        },
        no_errors("done"),
        ("Rscript",),
    ),
    Example("pytest -v", PYTEST, pytest_ran, outside=True),
]
