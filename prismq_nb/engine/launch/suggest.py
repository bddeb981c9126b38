"""Guess what was meant by a source, a folder or an interpreter that does not exist.

Reads names in folders, at most `MAX_NAMES` of each, and only after a launch was refused. Every
function returns an empty text if it has no guess.
"""

from __future__ import annotations

import ast
import functools
import itertools
import os
import re
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from prismq_nb.common.spelling import closest

MAX_NAMES = 2000
MAX_FOLDERS = 50
_PYTHON = re.compile(r"(?:\S*/)?python[0-9.]*\Z")
_URL = re.compile(r"[a-z]{2,8}:/")


_Hint = Callable[..., str]


def _or_nothing(hint: _Hint) -> _Hint:
    """Make a hint empty if a name is too long to be searched, or a folder cannot be read."""

    @functools.wraps(hint)
    def safe(*args: object) -> str:
        try:
            return hint(*args)
        except OSError:
            return ""

    return safe


@_or_nothing
def for_script(given: str, cwd: Path, args: Sequence[str], env: Mapping[str, str]) -> str:
    """Return the end of a sentence about a script that does not exist.

    Args:
        given: its path as given, relative to `cwd` or absolute.
        cwd: the run's working directory.
        args: the arguments of the launch.
        env: the run's environment, whose PATH is searched.
    """
    if _URL.match(given):
        return ": download it first"
    words = _words(given)
    if "\n" in given or (_is_code(given) and not (cwd / words[0]).exists()):
        return "; did you mean code=...?"
    meant = _line(words, cwd, env) if len(words) > 1 else _word(given, words, cwd, args, env)
    return f"; did you mean {meant}?" if meant else ""


def _words(text: str) -> list[str]:
    """Return the words of a command line without prefixes such as ``!``, ``nohup``, ``time``."""
    try:
        words = shlex.split(text)
    except ValueError:  # an unclosed quote
        words = text.split()
    words = [word for word in words if word != "&"]
    while len(words) > 1 and words[0].lstrip("!") in ("", "nohup", "%run", "time", "sudo"):
        words = words[1:]
    return [words[0].lstrip("!"), *words[1:]] if words else [text]


def _line(words: list[str], cwd: Path, env: Mapping[str, str]) -> str:
    """Return the keywords of `launch` for what looks like a command line."""
    first, rest = words[0], words[1:]
    if _PYTHON.match(first) and rest:
        while len(rest) > 1 and rest[0] == "-u":  # output is line-buffered anyway
            rest = rest[1:]
        if rest[0] == "-m" and rest[1:]:
            return _call("module", rest[1], rest[2:])
        if rest[0].startswith("-"):
            return f"command={shlex.join(words)!r}"
        return _call("script", rest[0], rest[1:])
    if first == "-m":
        return _call("module", rest[0], rest[1:])
    if first.endswith(".py") or (cwd / first).is_file():
        return _call("script", first, rest)
    return f"command={shlex.join(words)!r}" if _on_path(first, env) else ""


def _word(
    given: str,
    words: list[str],
    cwd: Path,
    args: Sequence[str],
    env: Mapping[str, str],
) -> str:
    """Return a match for one word: a file beside it or below, a module, a program."""
    path = cwd / given
    if _PYTHON.match(words[0]) and args:
        return _line([*words, *args], cwd, env)
    if found := closest(path.name, _names(path.parent)):
        return repr(os.path.join(os.path.dirname(given), found))
    for folder in itertools.islice(_names(cwd, folders=True), MAX_FOLDERS):
        if (cwd / folder / given).is_file():
            return repr(os.path.join(folder, given))
    if _module_exists(given, cwd):
        return f"module={given!r}"
    if "/" not in given and _on_path(given, env):
        return f"command={[given, *args]!r}"
    return ""


@_or_nothing
def for_module(module: str, cwd: Path) -> str:
    """Return the end of a sentence about a module whose name is invalid."""
    words = _words(module)
    if _PYTHON.match(words[0]) and len(words) > 1:
        words = words[1:]
    if words[0] == "-m" and len(words) > 1:
        words = words[1:]
    name = words[0]
    if (cwd / name).is_file() or name.endswith(".py"):
        return f"; did you mean {_call('script', name, words[1:])}?"
    if words != [module]:
        return f"; did you mean {_call('module', name, words[1:])}?"
    dotted = name.strip("./").replace("/", ".").replace("-", "_")
    return f"; did you mean module={dotted!r}?" if dotted.replace(".", "").isidentifier() else ""


@_or_nothing
def for_directory(path: Path) -> str:
    """Return the end of a sentence about a folder that does not exist."""
    if path.is_file():
        return f", but a file; did you mean {str(path.parent)!r}?"
    found = closest(path.name, _names(path.parent, folders=True))
    return f"; did you mean {str(path.parent / found)!r}?" if found else ""


@_or_nothing
def for_python(name: str, cwd: Path, env: Mapping[str, str]) -> str:
    """Return the end of a sentence about an interpreter that does not exist."""
    inside = cwd / name / "bin" / "python"
    if inside.is_file():
        return f", but a virtual environment; did you mean {str(inside)!r}?"
    if re.fullmatch(r"[0-9.]+", name) and _on_path(f"python{name}", env):
        return f"; did you mean 'python{name}'?"
    found = closest(name, (each for each in _programs(env) if _PYTHON.match(each)))
    return f"; did you mean {found!r}?" if found else ""


@_or_nothing
def for_command(program: str, env: Mapping[str, str]) -> str:
    """Return the end of a sentence about a program that does not exist."""
    words = _words(program)
    if len(words) > 1 and _on_path(words[0], env):
        return f"; did you mean command={program!r}?"
    found = closest(program, _programs(env), 0.75)
    return f"; did you mean {found!r}?" if found else ""


def _call(kind: str, value: str, args: list[str]) -> str:
    return f"{kind}={value!r}" + (f", args={args!r}" if args else "")


def _is_code(text: str) -> bool:
    """Return whether a text is Python that calls, assigns or imports something."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(each, (ast.Call, ast.Assign, ast.Import)) for each in ast.walk(tree))


def _module_exists(name: str, cwd: Path) -> bool:
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        return False
    path = cwd.joinpath(*parts)
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _on_path(program: str, env: Mapping[str, str]) -> bool:
    return shutil.which(program, path=env.get("PATH", os.defpath)) is not None


def _programs(env: Mapping[str, str]) -> list[str]:
    folders = env.get("PATH", os.defpath).split(os.pathsep)[:MAX_FOLDERS]
    return [name for folder in folders if folder for name in _names(Path(folder))]


def _names(folder: Path, *, folders: bool = False) -> list[str]:
    """Return the first `MAX_NAMES` names in a folder, without hidden ones."""
    try:
        with os.scandir(folder) as entries:
            some = itertools.islice(entries, MAX_NAMES)
            shown = (entry for entry in some if not entry.name.startswith("."))
            return sorted(entry.name for entry in shown if not folders or entry.is_dir())
    except OSError:
        return []
