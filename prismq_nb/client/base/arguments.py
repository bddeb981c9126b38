"""Arguments, parameters, variables and options of a launch, as text or refused in one sentence."""

from __future__ import annotations

import numbers
import os
import shlex
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prismq_nb.common.spelling import closest
from prismq_nb.errors import InvalidRequest

__all__ = ["arguments", "expanded", "flag", "masked", "parameters_of", "text", "variables", "word"]

_NAMES_OF = {
    "params": "parameters", "param": "parameters", "kwargs": "parameters", "options": "parameters",
    "hparams": "parameters", "environ": "env", "environment": "env", "env_vars": "env",
    "vars": "env",
}  # fmt: skip
_OPTIONS = (
    "parameters", "command", "notebook", "script", "module", "python", "terminal", "stdin",
    "encoding", "merge", "timeout", "launcher",
)  # fmt: skip
_MISTYPED = 0.83
"""Above the likeness of ``model`` and ``module``, below that of ``timout`` and ``timeout``."""


def parameters_of(exact: object, keywords: Mapping[str, object]) -> dict[str, Any]:
    """Return what becomes ``--name=value``.

    Args:
        exact: a mapping, with the names as they are; None: none.
        keywords: those of the launch that are no options; underscores become dashes.

    Raises:
        InvalidRequest: `exact` is not a mapping, a value has no text, or is given twice.
    """
    if exact is None:
        exact = {}
    if not isinstance(exact, Mapping):
        hint = f"; did you mean args={exact!r}?" if isinstance(exact, (list, tuple)) else ""
        example = "give one such as {'epochs': 2}"
        raise InvalidRequest(f"parameters={exact!r} is not a dict: {example}{hint}")
    for name in exact:
        if not isinstance(name, str):
            raise InvalidRequest(f"parameters has the name {name!r}: names are strings")
    for name, value in keywords.items():
        _warn_of_misspelling(name, value)
    dashed = {name.replace("_", "-"): value for name, value in keywords.items()}
    twice = sorted(dashed.keys() & exact.keys())
    if twice:
        both = "is given both in `parameters` and as a keyword."
        raise InvalidRequest(f"The parameter {twice[0]!r} {both}")
    return {name: _plain(name, value) for name, value in {**exact, **dashed}.items()}


def _warn_of_misspelling(name: str, value: object) -> None:
    """Unknown keywords are arguments of the script; one that is almost an option may be none."""
    meant = closest(name, _OPTIONS, _MISTYPED)
    if meant is None or meant.startswith(name) or name.startswith(meant):  # modules, time
        return
    argument = f"--{name.replace('_', '-')}={value}"
    passed = f"{name}={value!r} is passed on as the argument {argument}"
    warnings.warn(f"{passed}; did you mean {meant}={value!r}?", stacklevel=4)


def arguments(words: Sequence[object], args: object) -> list[str]:
    """Return the arguments: the positional ones of the launch, then those of `args`.

    Raises:
        InvalidRequest: `args` is not a list, or something in it has no obvious text.
    """
    for each in words:
        if isinstance(each, Mapping):
            hint = f"did you mean parameters={dict(each)!r}?"
            raise InvalidRequest(f"the argument {each!r} is a dict; {hint}")
        if isinstance(each, (list, tuple)):
            hint = f"did you mean args={list(each)!r}?"
            raise InvalidRequest(f"the argument {each!r} is a list; {hint}")
    if args is None:
        args = ()
    if isinstance(args, str):
        raise InvalidRequest(f"args={args!r} is one string; did you mean args={_split(args)!r}?")
    if isinstance(args, Mapping):
        raise InvalidRequest(f"args={args!r} is a dict; did you mean parameters={dict(args)!r}?")
    if isinstance(args, bytes) or not isinstance(args, Sequence):
        example = "give one entry for each argument, as in ['--verbose', 'data.csv']"
        raise InvalidRequest(f"args={args!r} is not a list: {example}")
    return [word("args", each) for each in (*words, *args)]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # an open quote
        return text.split()


def variables(env: object) -> dict[str, str | None]:
    """Return the variables of `env` as text; None removes one.

    Raises:
        InvalidRequest: it is not a mapping, or a value has no obvious text.
    """
    if env is None:
        return {}
    if not isinstance(env, Mapping):  # its values may be secret: they are not shown
        kind = type(env).__name__
        raise InvalidRequest(f"env is a {kind}, not a dict: give one such as {{'SEED': 1}}")
    found: dict[str, str | None] = {}
    for name, value in env.items():
        if not isinstance(name, str):
            raise InvalidRequest(f"env has the name {name!r}: names are strings")
        if isinstance(value, bool):
            meant = f"did you mean {str(int(value))!r} or {str(value)!r}?"
            why = "programs disagree on what counts as true"
            raise InvalidRequest(f"env[{name!r}]={value}: {why}; {meant}")
        found[name] = None if value is None else word(f"env[{name!r}]", value)
    return found


def masked(mask: object) -> list[str]:
    """Return the values and names of variables to mask. Raises `InvalidRequest`, naming none."""
    if mask is None:
        return []
    entries = [mask] if isinstance(mask, str) else mask
    if isinstance(entries, (list, tuple, set, frozenset)):
        values = [each for each in entries if isinstance(each, str)]
        if len(values) == len(entries):
            return values
    example = "give values or names of variables, as in ['API_KEY']"
    raise InvalidRequest(f"mask is not a list of strings: {example}")


def text(name: str, value: object) -> str:
    """Return an option that is a text or a path. Raises `InvalidRequest`."""
    if isinstance(value, (str, os.PathLike)):
        found = os.fspath(value)
        if isinstance(found, str):
            return found
    raise InvalidRequest(f"{name}={value!r} is not a string; did you mean {name}={str(value)!r}?")


def flag(name: str, value: object) -> bool:
    """Return an option that is True or False. Raises `InvalidRequest`."""
    if isinstance(value, bool) or value is None:
        return bool(value)
    is_input = name == "stdin" and isinstance(value, str)
    hint = f"; did you mean run.send({value!r})?" if is_input else ""
    raise InvalidRequest(f"{name}={value!r}: give True or False{hint}")


def expanded(name: str, path: str) -> Path:
    """Return a path without ``~``. Raises `InvalidRequest` where there is no such home directory."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InvalidRequest(f"{name}={path!r}: there is no home directory of that name") from None


def word(place: str, value: object) -> str:
    """Return an argument or a variable's value as text; one without an obvious text is refused."""
    if isinstance(value, (str, os.PathLike)):
        found = os.fspath(value)
        if isinstance(found, str):
            return found
    if not isinstance(value, bool) and isinstance(value, numbers.Number):
        return str(value)
    kind = type(value).__name__
    raise InvalidRequest(f"{place} has {value!r}, a {kind}: give a string, a number or a path")


def _plain(name: str, value: object) -> Any:
    """Return a parameter's value as JSON can carry it: NumPy's numbers and paths become plain."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, os.PathLike):
        return word(f"The parameter {name!r}", value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(name, item) for item in value]
    item = getattr(value, "item", None)  # a NumPy scalar
    if callable(item) and getattr(value, "ndim", None) == 0:
        return _plain(name, item())
    if hasattr(value, "isoformat"):  # date, datetime, time, pandas.Timestamp
        return value.isoformat()
    kind = type(value).__name__
    raise InvalidRequest(f"The parameter {name!r} is a {kind}, {value!r}{_remedy(name, value)}")


def _remedy(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        meant = _NAMES_OF.get(name) or closest(name, ("parameters", "env"))
        if meant:
            return f"; did you mean {meant}={dict(value)!r}?"
        return f"; an argument is a string: did you mean {name}=json.dumps(...)?"
    return ": give a string, number, path or date, or a list of them"
