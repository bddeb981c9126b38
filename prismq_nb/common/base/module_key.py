"""`module_key`: what a run is a run of. Runs with the same key are runs of the same thing.

A key is a kind, a colon, and what identifies it: the real path of a script, a dotted name and a
working directory, the first words of a command and a working directory, a hash of a notebook and a
cell. Pure. Standard library only: kernels import it.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import shlex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

MAX_KEY_CHARS = 400
"""Longest key; a longer one is cut and gets a hash of the whole at its end."""
MAX_WORDS = 3
"""Words of a command that identify it: `docker compose up`, `python train.py`."""
_MAX_TEXT_CHARS = 1000
_HASH_CHARS = 16
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_OPERATOR = re.compile(r"[|&;<>()]+\Z")


def of_script(path: str) -> str:
    """Return the key of a script by its real path."""
    return f"script:{path}"


def of_module(name: str, cwd: str) -> str:
    """Return the key of a module that runs in a working directory."""
    return f"module:{name}@{cwd}"


def of_command(command: Sequence[str] | str, cwd: str) -> str | None:
    """Return the key of a command that runs in a working directory; None: it has no words.

    Its first words, without options: `make -j4 test` is ``make test``, and `python -u train.py
    --epochs 2` is ``python train.py``.
    """
    words = _words(command) if isinstance(command, str) else [*command]
    program, rest = words[:1], words[1:]
    rest = [*itertools.dropwhile(_is_option, rest)]
    rest = [*itertools.takewhile(lambda word: not _is_option(word), rest)]
    first = " ".join([*program, *rest][:MAX_WORDS])
    return f"command:{first}@{cwd}" if first else None


def of_code(notebook: str | None, cell_id: str | None) -> str | None:
    """Return the key of code that a cell launches; None: the cell is unknown."""
    return _of_cell("code", notebook, cell_id)


def of_cell(notebook: str | None, cell_id: str | None) -> str | None:
    """Return the key of a watched cell; None: the cell is unknown."""
    return _of_cell("cell", notebook, cell_id)


def stored(launch: dict[str, Any]) -> str | None:
    """Return the key in a ``launch.json``, or what an earlier version would have written there.

    No path is resolved then, because the file may be old, and the place far away.
    """
    key = launch["module_key"] if "module_key" in launch else _derived(launch)
    return None if key is None else bounded(key)


def _derived(launch: dict[str, Any]) -> str | None:
    kind, spec, cwd = launch.get("kind"), launch.get("spec") or {}, launch.get("cwd", "")
    if kind == "cell":
        return of_cell(launch.get("notebook"), launch.get("cell_id"))
    value = spec.get(kind) if isinstance(kind, str) else None
    if kind == "command" and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return of_command(value, cwd)
    if not isinstance(value, str):
        return None
    if kind == "script":
        return of_script(os.path.normpath(os.path.join(cwd, os.path.expanduser(value))))
    if kind == "module":
        return of_module(value, cwd)
    return of_command(value, cwd) if kind == "command" else None


def bounded(key: str) -> str:
    """Return a key of at most `MAX_KEY_CHARS`, in text that UTF-8 can encode."""
    key = key.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if len(key) <= MAX_KEY_CHARS:
        return key
    return f"{key[: MAX_KEY_CHARS - _HASH_CHARS - 1]}#{_hashed(key)}"


def _of_cell(kind: str, notebook: str | None, cell_id: str | None) -> str | None:
    return f"{kind}:{_hashed(chr(0).join((notebook, cell_id)))}" if notebook and cell_id else None


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_HASH_CHARS]


def _words(command: str) -> list[str]:
    """Return the words of a shell's first command, without assignments and ``cd`` before it."""
    text = command.strip()[:_MAX_TEXT_CHARS].partition("\n")[0]
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = [*lexer]
    except ValueError:  # an open quote
        words = text.split()
    commands = [
        [*itertools.dropwhile(_ASSIGNMENT.match, group)]
        for is_operator, group in itertools.groupby(words, lambda word: bool(_OPERATOR.match(word)))
        if not is_operator
    ]
    own = [words for words in commands if words and words[0] != "cd"]
    return next(iter(own or commands), [])


def _is_option(word: str) -> bool:
    return word.startswith("-")
