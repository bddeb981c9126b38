"""Check the source of a launch: a path, a module, a command or code.

The engine checks whether files exist, because it may be on another machine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from prismq_nb.client.base.arguments import expand_user, to_text
from prismq_nb.common.spelling import closest
from prismq_nb.errors import InvalidRequest

_MAX_VALUE_CHARS = 80  # of an invalid value, in its one-line message
_RUNNABLE = ("script", "module", "command", "code")
_ALIASES = {
    "cmd": "command", "shell": "command", "bash": "command", "argv": "command",
    "file": "script", "filename": "script", "path": "script", "program": "script",
    "mod": "module", "package": "module", "source": "code", "text": "code", "src": "code",
}  # fmt: skip


def single_source(keywords: Mapping[str, object], **sources: Any) -> tuple[str, Any]:
    """Return the kind and the value of the one source that is given.

    Args:
        keywords: unknown keywords of the launch; one may be a misspelt source.
        sources: all five by kind; None for those that are not given.

    Raises:
        InvalidRequest: no source is given, or several.
    """
    given = {kind: value for kind, value in sources.items() if value is not None}
    if not given:
        hint = ""
        for name, value in keywords.items():
            if kind := _ALIASES.get(name) or closest(name, _RUNNABLE):
                hint = f"; did you mean {kind}={_short(value)}?"
                break
        others = "module='package.tool', command='make -j4' or code='print(1)'"
        raise InvalidRequest(
            f"launch() needs something to run: a script such as 'train.py', {others}{hint}"
        )
    if len(given) > 1:
        both = " and ".join(f"{kind}={_short(value)}" for kind, value in given.items())
        dashed = str(given.get("script", "")).startswith("-")
        hint = "; did you mean args=[...] for its arguments?" if dashed else "; remove one"
        raise InvalidRequest(f"launch() runs one thing, but got {both}{hint}")
    return next(iter(given.items()))


def checked_source(kind: str, value: object, folder: Path) -> str | list[str]:
    """Return a source for a `LaunchSpec`; paths are relative to `folder`.

    Raises:
        InvalidRequest: the source has the wrong type.
    """
    if kind in ("script", "notebook") and isinstance(value, (str, os.PathLike)):
        path = os.fspath(value)
        if isinstance(path, str):
            return str(folder / expand_user(kind, path)) if path.strip() else path
    elif kind == "command" and isinstance(value, (list, tuple)):
        return [to_text("command", each) for each in value]
    elif kind == "code" and isinstance(value, str) and _is_file_name(value):
        hint = f"did you mean script={value!r}?"
        raise InvalidRequest(f"code={value!r} is a file name; {hint}", parameter="code")
    elif isinstance(value, str):
        return value
    raise InvalidRequest(f"{kind} is {_described(value)}{_remedy(kind, value)}", parameter=kind)


def _is_file_name(code: str) -> bool:
    return code.endswith(".py") and not set(code) & set(" \n()='\"")


def _remedy(kind: str, value: object) -> str:
    """Return the end of the message about a source of the wrong type."""
    if isinstance(value, ModuleType):
        return f"; did you mean module={value.__name__!r}?"
    if isinstance(value, (type, FunctionType)) and (name := value.__name__).isidentifier():
        meant = f"code=inspect.getsource({name}) + '\\n{name}()'"
        return f", which another process cannot call; put it in a file, or use {meant}"
    if callable(value):
        return ", which another process cannot call; put the code that calls it in a file"
    if hasattr(value, "run_id"):
        return "; did you mean run.restart()?"
    if meant := _meant(kind, value):
        return f"; did you mean {meant}?"
    return f"; pass {_WANTED.get(kind, 'a path')}"


_WANTED = {
    "script": "the path of a file",
    "module": "a dotted name such as 'package.tool'",
    "command": "a string for the shell, or a list of words",
    "code": "Python source as a string",
}


def _meant(kind: str, value: object) -> str:
    """Return the keyword that accepts the value; empty if there is none."""
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
    """Describe a value: ``the function train``, ``the list ['a']``, ``the int 3``."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, ModuleType):
        return f"the module {value.__name__}"
    if callable(value) and hasattr(value, "__name__"):
        return f"the function {value.__name__}"
    return f"the {type(value).__name__} {_short(value)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_VALUE_CHARS else f"{text[:_MAX_VALUE_CHARS]}…"
