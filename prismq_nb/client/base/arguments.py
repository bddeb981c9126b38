"""Check the arguments, parameters, variables and options of a launch, and turn them into text."""

from __future__ import annotations

import numbers
import operator
import os
import shlex
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prismq_nb.common.spelling import closest
from prismq_nb.errors import InvalidRequest

_NAMES_OF = {
    "params": "parameters", "param": "parameters", "kwargs": "parameters", "options": "parameters",
    "hparams": "parameters", "environ": "env", "environment": "env", "env_vars": "env",
    "vars": "env",
}  # fmt: skip
_OPTIONS = (
    "parameters", "command", "notebook", "script", "module", "python", "terminal", "stdin",
    "encoding", "merge", "timeout", "launcher", "kernel", "notify", "notify_lines",
)  # fmt: skip
_MISTYPED = 0.83
"""Similarity of a typo: ``timout`` and ``timeout`` exceed it, ``model`` and ``module`` do not."""


def merge_parameters(exact: object, keywords: Mapping[str, object]) -> dict[str, Any]:
    """Return the parameters of a launch, each of which becomes ``--name=value``.

    Args:
        exact: the `parameters` of the launch, whose names are used as they are; None: none.
        keywords: unknown keywords of the launch, whose underscores become dashes.

    Raises:
        InvalidRequest: `exact` is not a mapping, a value has no obvious text, or a name is given
            twice.
    """
    if exact is None:
        exact = {}
    if not isinstance(exact, Mapping):
        hint = f"; did you mean args={exact!r}?" if isinstance(exact, (list, tuple)) else ""
        raise InvalidRequest(
            f"parameters={exact!r} is not a dict such as {{'epochs': 2}}{hint}",
            parameter="parameters",
        )
    for name in exact:
        if not isinstance(name, str):
            raise InvalidRequest(
                f"parameters has the key {name!r}; keys must be strings", parameter="parameters"
            )
    for name, value in keywords.items():
        _warn_of_misspelling(name, value)
    dashed = {name.replace("_", "-"): value for name, value in keywords.items()}
    twice = sorted(dashed.keys() & exact.keys())
    if twice:
        both = "is given both in parameters and as a keyword; remove one"
        raise InvalidRequest(f"the parameter {twice[0]!r} {both}", parameter="parameters")
    return {name: _plain(name, value) for name, value in {**exact, **dashed}.items()}


def _warn_of_misspelling(name: str, value: object) -> None:
    """Warn about a keyword that is passed to the program but resembles an option."""
    meant = closest(name, _OPTIONS, _MISTYPED)
    if meant is None or meant.startswith(name) or name.startswith(meant):  # modules, time
        return
    argument = f"--{name.replace('_', '-')}={value}"
    passed = f"{name}={value!r} is passed to the program as {argument}"
    warnings.warn(f"{passed}; did you mean {meant}={value!r}?", stacklevel=4)


def positional_arguments(words: Sequence[object], args: object) -> list[str]:
    """Return the command-line arguments: positional ones of the launch, then those of `args`.

    Raises:
        InvalidRequest: `args` is not a list, or an entry has no obvious text.
    """
    for each in words:
        if isinstance(each, Mapping):
            hint = f"did you mean parameters={dict(each)!r}?"
            raise InvalidRequest(f"the argument {each!r} is a dict; {hint}", parameter="args")
        if isinstance(each, (list, tuple)):
            hint = f"did you mean args={list(each)!r}?"
            raise InvalidRequest(f"the argument {each!r} is a list; {hint}", parameter="args")
    if args is None:
        args = ()
    if isinstance(args, str):
        raise InvalidRequest(
            f"args={args!r} is a single string; did you mean args={_split(args)!r}?",
            parameter="args",
        )
    if isinstance(args, Mapping):
        raise InvalidRequest(
            f"args={args!r} is a dict; did you mean parameters={dict(args)!r}?", parameter="args"
        )
    if isinstance(args, bytes) or not isinstance(args, Sequence):
        example = "pass one entry for each argument, such as ['--verbose', 'data.csv']"
        raise InvalidRequest(f"args={args!r} is not a list; {example}", parameter="args")
    return [to_text("args", each) for each in (*words, *args)]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # an open quote
        return text.split()


def env_variables(env: object) -> dict[str, str | None]:
    """Return the variables of `env` as text; None removes a variable.

    Raises:
        InvalidRequest: `env` is not a mapping, or a value has no obvious text.
    """
    if env is None:
        return {}
    if not isinstance(env, Mapping):  # the values may be secret, so the message omits them
        kind = type(env).__name__
        raise InvalidRequest(
            f"env is of type {kind}; pass a dict such as {{'SEED': 1}}", parameter="env"
        )
    found: dict[str, str | None] = {}
    for name, value in env.items():
        if not isinstance(name, str):
            raise InvalidRequest(
                f"env has the key {name!r}; names of variables must be strings", parameter="env"
            )
        if isinstance(value, bool):
            meant = f"did you mean {str(int(value))!r} or {str(value)!r}?"
            why = "is ambiguous, because programs differ in what they accept as true"
            raise InvalidRequest(f"env[{name!r}]={value} {why}; {meant}", parameter="env")
        found[name] = None if value is None else to_text(f"env[{name!r}]", value)
    return found


def mask_values(mask: object) -> list[str]:
    """Return the values and names of variables to mask.

    Raises:
        InvalidRequest: `mask` is not a list of strings; the message omits the values.
    """
    if mask is None:
        return []
    entries = [mask] if isinstance(mask, str) else mask
    if isinstance(entries, (list, tuple, set, frozenset)):
        values = [each for each in entries if isinstance(each, str)]
        if len(values) == len(entries):
            return values
    example = "pass values or names of variables, such as ['API_KEY']"
    raise InvalidRequest(f"mask is not a list of strings; {example}", parameter="mask")


def notify_entries(notify: object) -> list[str] | None:
    """Return the names and addresses to notify; None: the default of the server.

    Raises:
        InvalidRequest: `notify` is not a list of strings; the message omits them, since addresses
            are secrets.
    """
    if notify is None:
        return None
    entries = [notify] if isinstance(notify, str) else notify
    if isinstance(entries, (list, tuple, set, frozenset)):
        found = [each for each in entries if isinstance(each, str)]
        if len(found) == len(entries):
            return found
    raise InvalidRequest(
        "notify is not a name or a list of names; pass names of targets, such as ['team']",
        parameter="notify",
    )


def count_option(name: str, value: object) -> int:
    """Return an option that is a whole number.

    Raises:
        InvalidRequest: it is something else.
    """
    try:
        if not isinstance(value, bool):
            return operator.index(value)  # type: ignore[arg-type] # also NumPy's
    except TypeError:
        pass
    raise InvalidRequest(f"{name}={value!r} is not a whole number, such as 20", parameter=name)


def string_option(name: str, value: object) -> str:
    """Return an option that is a string or a path, as a string.

    Raises:
        InvalidRequest: it is neither.
    """
    if isinstance(value, (str, os.PathLike)):
        found = os.fspath(value)
        if isinstance(found, str):
            return found
    raise InvalidRequest(
        f"{name}={value!r} is not a string; did you mean {name}={str(value)!r}?", parameter=name
    )


def bool_option(name: str, value: object) -> bool:
    """Return an option that is True or False; None counts as False.

    Raises:
        InvalidRequest: it is neither.
    """
    if isinstance(value, bool) or value is None:
        return bool(value)
    is_input = name == "stdin" and isinstance(value, str)
    hint = f"; did you mean run.send({value!r})?" if is_input else ""
    raise InvalidRequest(f"{name}={value!r} is not True or False{hint}", parameter=name)


def expand_user(name: str, path: str) -> Path:
    """Expand ``~`` in a path.

    Raises:
        InvalidRequest: there is no such home directory.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InvalidRequest(
            f"{name}={path!r} has an unknown home directory; use the full path", parameter=name
        ) from None


def to_text(place: str, value: object) -> str:
    """Return an argument or the value of a variable as text.

    Raises:
        InvalidRequest: it is not a string, a number or a path.
    """
    if isinstance(value, (str, os.PathLike)):
        found = os.fspath(value)
        if isinstance(found, str):
            return found
    if not isinstance(value, bool) and isinstance(value, numbers.Number):
        return str(value)
    kind = type(value).__name__
    raise InvalidRequest(f"{place} contains {value!r} ({kind}); use a string, a number or a path")


def _plain(name: str, value: object) -> Any:
    """Return a parameter as plain JSON; NumPy scalars, paths and dates are converted."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, os.PathLike):
        return to_text(f"the parameter {name!r}", value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(name, item) for item in value]
    item = getattr(value, "item", None)  # a NumPy scalar
    if callable(item) and getattr(value, "ndim", None) == 0:
        return _plain(name, item())
    if hasattr(value, "isoformat"):  # date, datetime, time, pandas.Timestamp
        return value.isoformat()
    kind = type(value).__name__
    raise InvalidRequest(
        f"the parameter {name!r} is {value!r} ({kind}){_remedy(name, value)}",
        parameter="parameters",
    )


def _remedy(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        meant = _NAMES_OF.get(name) or closest(name, ("parameters", "env"))
        if meant:
            return f"; did you mean {meant}={dict(value)!r}?"
        return f"; arguments are text, so did you mean {name}=json.dumps(...)?"
    return "; use a string, number, path or date, or a list of them"
