"""Which source a launch names, checked: a path, a module, a command, code.

Whether a file is there is for the engine to say, which may be on another machine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from prismq_nb.client.base.arguments import expanded, word
from prismq_nb.common.spelling import closest
from prismq_nb.errors import InvalidRequest

__all__ = ["only_source", "source"]

_SHOWN_CHARS = 80  # of a mistake, in its one-line message
_RUNNABLE = ("script", "module", "command", "code")
_ALIASES = {
    "cmd": "command", "shell": "command", "bash": "command", "argv": "command",
    "file": "script", "filename": "script", "path": "script", "program": "script",
    "mod": "module", "package": "module", "source": "code", "text": "code", "src": "code",
}  # fmt: skip


def only_source(sources: Mapping[str, Any], keywords: Mapping[str, object]) -> tuple[str, Any]:
    """Return the kind and the value of the one source that is given.

    Args:
        sources: the five, None where they were left out.
        keywords: unknown keywords of the launch, one of which may have been meant for a source.

    Raises:
        InvalidRequest: none is given, or several.
    """
    given = {kind: value for kind, value in sources.items() if value is not None}
    if not given:
        hint = ""
        for name, value in keywords.items():
            if kind := _ALIASES.get(name) or closest(name, _RUNNABLE):
                hint = f"; did you mean {kind}={_short(value)}?"
                break
        others = "one of module='package.tool', command='make -j4' and code='print(1)'"
        raise InvalidRequest(f"launch needs something to run: launch('train.py'), or {others}{hint}")
    if len(given) > 1:
        both = " and ".join(f"{kind}={_short(value)}" for kind, value in given.items())
        dashed = str(given.get("script", "")).startswith("-")
        hint = "; did you mean args=[...] for its arguments?" if dashed else ": leave one out"
        raise InvalidRequest(f"launch runs one thing, and got {both}{hint}")
    return next(iter(given.items()))


def source(kind: str, value: object, folder: Path) -> str | list[str]:
    """Return a source as a `LaunchSpec` has it; relative paths are taken from `folder`.

    Raises:
        InvalidRequest: it has a type that cannot be used.
    """
    if kind in ("script", "notebook") and isinstance(value, (str, os.PathLike)):
        path = os.fspath(value)
        if isinstance(path, str):
            return str(folder / expanded(kind, path)) if path.strip() else path
    elif kind == "command" and isinstance(value, (list, tuple)):
        return [word("command", each) for each in value]
    elif kind == "code" and isinstance(value, str) and _is_file_name(value):
        hint = f"did you mean script={value!r}?"
        raise InvalidRequest(f"code={value!r} is the name of a file; {hint}")
    elif isinstance(value, str):
        return value
    raise InvalidRequest(f"{kind} is {_described(value)}{_remedy(kind, value)}")


def _is_file_name(code: str) -> bool:
    return code.endswith(".py") and not set(code) & set(" \n()='\"")


def _remedy(kind: str, value: object) -> str:
    """Return the end of the sentence about a source of the wrong type."""
    if isinstance(value, ModuleType):
        return f"; did you mean module={value.__name__!r}?"
    if isinstance(value, (type, FunctionType)) and (name := value.__name__).isidentifier():
        meant = f"code=inspect.getsource({name}) + '\\n{name}()'"
        return f", which another process cannot call: put it into a file; did you mean {meant}?"
    if callable(value):
        return ", which another process cannot call: put what calls it into a file"
    if hasattr(value, "run_id"):
        return "; did you mean run.restart()?"
    if meant := _meant(kind, value):
        return f"; did you mean {meant}?"
    return f": give {_WANTED.get(kind, 'a path')}"


_WANTED = {
    "script": "the path of a file",
    "module": "a dotted name such as 'package.tool'",
    "command": "a string for the shell, or a list of words",
    "code": "Python source as a string",
}


def _meant(kind: str, value: object) -> str:
    """Return the keyword that takes a value as it is; empty where none does."""
    if isinstance(value, os.PathLike):
        path = repr(os.fspath(value))
        return {"module": f"script={path}", "command": f"command=[{path}]"}.get(kind, "")
    if not isinstance(value, (list, tuple)) or not value:
        return ""
    if kind == "code":
        return "code='\\n'.join(...)"
    if kind == "script" and str(value[0]).endswith(".py"):
        rest = f", args={_short(list(value[1:]))}" if value[1:] else ""
        return f"script={str(value[0])!r}{rest}"
    return f"command={_short(list(value))}" if kind == "script" else ""


def _described(value: object) -> str:
    """Return a value with its type: the function train; the list ['a']; the int 3."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, ModuleType):
        return f"the module {value.__name__}"
    if callable(value) and hasattr(value, "__name__"):
        return f"the function {value.__name__}"
    return f"the {type(value).__name__} {_short(value)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
