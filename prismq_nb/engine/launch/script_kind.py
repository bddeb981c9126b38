"""Find out how to run a file, by its name and its first bytes.

A `.py` file is always Python. For any other file its `#!` line counts first, then its magic number,
then its suffix. The rest is Python unless it is obviously something else: a data file must not
become a completed run that did nothing. Reads a few kB; executes nothing.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD_BYTES = 8192
"""Bytes read of a file. Python parses them in at most 5 ms, during which other threads wait."""
_PYTHON = frozenset({".py", ".pyw", ".pyc", ".pyz", ".pyzw"})
_INTERPRETERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ".sh": (("bash", "sh"), ()),
    ".bash": (("bash",), ()),
    ".zsh": (("zsh",), ()),
    ".ksh": (("ksh",), ()),
    ".fish": (("fish",), ()),
    ".r": (("Rscript",), ()),
    ".js": (("node",), ()),
    ".mjs": (("node",), ()),
    ".cjs": (("node",), ()),
    ".jl": (("julia",), ()),
    ".pl": (("perl",), ()),
    ".rb": (("ruby",), ()),
    ".lua": (("lua",), ()),
    ".php": (("php",), ()),
    ".tcl": (("tclsh",), ()),
    ".awk": (("awk",), ("-f",)),
    ".jar": (("java",), ("-jar",)),
}
"""By suffix: interpreters, of which the first one found is used, and their options."""
_COMPILED = ".c .h .cc .cpp .cxx .hpp .cu .f .f90 .go .rs .java .kt .cs .swift .ts .tsx"
_DATA = (
    ".csv .tsv .json .jsonl .ndjson .yaml .yml .toml .ini .cfg .env .xml .html .htm .css .md .rst"
    " .log .sql .parquet .pkl .npy .npz .h5 .gz .bz2 .xz .zst .tar .tgz .png .jpg .jpeg .gif .webp"
    " .svg .pdf .xlsx .docx"
)
_MACH_O = ("feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe", "cafebabf")
_PROGRAMS = (b"\x7fELF", *(bytes.fromhex(magic) for magic in _MACH_O))
_ZIP = b"PK\x03\x04"
_SHEBANG = re.compile(rb"#![ \t]*([^ \t\r\n\0]+)[ \t]*([^\r\n\0]*)")
_PYTHON_NAME = re.compile(r"(python|pypy)[\d.]*[a-z]?\Z")


class ScriptKind(NamedTuple):
    """How to run a file.

    Attributes:
        is_python: by the launch's Python interpreter; `argv` is then empty.
        argv: the argument vector up to the file, inclusive.
    """

    is_python: bool
    argv: list[str]


def script_kind(path: Path, env: Mapping[str, str]) -> ScriptKind:
    """Return how to run a file.

    Args:
        path: a regular file that can be read.
        env: the run's environment; interpreters are searched on its PATH.

    Raises:
        InvalidRequest: the file is not a program, or its interpreter is not installed; the message
            says what works.
        OSError: it cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".ipynb":
        raise InvalidRequest(
            f"script is {str(path)!r}, a notebook, which Python cannot run; export it with "
            f"'jupyter nbconvert --to script {shlex.quote(str(path))}' and launch that script",
            parameter="script",
        )
    if suffix in _PYTHON:
        return _PYTHON_KIND
    head, whole = _head(path)
    if head.startswith(_PROGRAMS):
        return _native(path)
    if shebang := _SHEBANG.match(head):
        return _by_shebang(path, shebang, env)
    if suffix in _INTERPRETERS:
        return _by_suffix(path, suffix, env)
    if head.startswith(_ZIP) and suffix in ("", ".zip"):
        return _PYTHON_KIND  # a zipapp; Python reports a missing __main__.py
    return _unmarked(path, suffix, head, whole=whole)


_PYTHON_KIND = ScriptKind(is_python=True, argv=[])


def _head(path: Path) -> tuple[bytes, bool]:
    """Return the first bytes of a file, and whether they are all of it."""
    fd = open_regular(os.path.realpath(path))
    try:
        data = os.pread(fd, HEAD_BYTES + 1, 0)
    finally:
        os.close(fd)
    return data[:HEAD_BYTES], len(data) <= HEAD_BYTES


def _native(path: Path) -> ScriptKind:
    if not os.access(path, os.X_OK):
        raise InvalidRequest(
            f"script is {str(path)!r}, a compiled program that is not executable, or a library; "
            f"if it is a program, run 'chmod +x {shlex.quote(str(path))}' first",
            parameter="script",
        )
    return ScriptKind(is_python=False, argv=[str(path)])


def _by_shebang(path: Path, shebang: re.Match[bytes], env: Mapping[str, str]) -> ScriptKind:
    """Return how a file's ``#!`` line says to run it, as execve(2) does, whatever its mode."""
    program, rest = (os.fsdecode(part).strip() for part in shebang.groups())
    name = os.path.basename(program)
    if name == "env":
        name = _after_env(rest)
        if name and not _PYTHON_NAME.match(name):
            _find(path, (name,), env)
    if _PYTHON_NAME.match(name):
        return _PYTHON_KIND
    if not os.access(program, os.X_OK):
        program = _find(path, (os.path.basename(program),), env)
    return ScriptKind(is_python=False, argv=[program, *filter(None, [rest]), str(path)])


def _after_env(rest: str) -> str:
    """Return the name of the program that env(1) starts; empty if that is not obvious."""
    for word in rest.removeprefix("-S").split():
        if not word.startswith("-") and "=" not in word:
            return os.path.basename(word)
    return ""


def _by_suffix(path: Path, suffix: str, env: Mapping[str, str]) -> ScriptKind:
    names, options = _INTERPRETERS[suffix]
    return ScriptKind(is_python=False, argv=[_find(path, names, env), *options, str(path)])


def _find(path: Path, names: tuple[str, ...], env: Mapping[str, str]) -> str:
    """Return the first of some programs that is on the run's PATH."""
    for name in names:
        if found := shutil.which(name, path=env.get("PATH", os.defpath)):
            return found
    raise InvalidRequest(
        f"script is {str(path)!r}: it needs {names[0]}, which is not on the PATH; install it, or "
        f"give its path: command=['/path/to/{names[0]}', {str(path)!r}]",
        parameter="script",
    )


def _unmarked(path: Path, suffix: str, head: bytes, *, whole: bool) -> ScriptKind:
    """Return how to run a file that has no mark and no known suffix."""
    if suffix in _COMPILED.split():
        what = f"script is {str(path)!r}, source code that must be compiled"
        remedy = "launch the compiled program, or a command that compiles and runs it"
        raise InvalidRequest(f"{what}; {remedy}: command='...'", parameter="script")
    if suffix in _DATA.split() or b"\0" in head:
        raise _no_program(path, "which is data, not a program")
    shell = not suffix and os.access(path, os.X_OK)  # as shells do with a file without a `#!` line
    try:
        tree = ast.parse(head if whole else _statements(head))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if shell:
            return ScriptKind(is_python=False, argv=["/bin/sh", str(path)])
        if whole:
            raise _no_program(path, f"which is not Python ({error})") from None
        return _PYTHON_KIND  # the part that was read may end anywhere
    if not _does_something(tree):
        raise _no_program(path, "which contains nothing that Python could run")
    return _PYTHON_KIND


def _no_program(path: Path, why: str) -> InvalidRequest:
    remedy = f"launch the program that reads it: command=['PROGRAM', {str(path)!r}]"
    return InvalidRequest(f"script is {str(path)!r}, {why}; {remedy}", parameter="script")


def _statements(head: bytes) -> bytes:
    """Return the beginning of a file up to the last line that is not indented."""
    lines = head.splitlines(keepends=True)[:-1]
    while len(lines) > 1 and not lines[-1][:1].isalpha():
        lines.pop()
    return b"".join(lines[:-1])


def _does_something(tree: ast.Module) -> bool:
    """Return whether a program does more than name values, as data and settings seem to do."""
    if any(not isinstance(each, (ast.Expr, ast.Assign, ast.AnnAssign)) for each in tree.body):
        return True
    return any(isinstance(each, (ast.Call, ast.Await)) for each in ast.walk(tree))
