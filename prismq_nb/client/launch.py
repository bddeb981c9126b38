"""Starting a run from Python: what a person leaves out is filled in from where they are.

The server's interpreter, folder and environment may all be other ones than the notebook's (another virtual environment, another folder, `%env`), so
the client sends its own. Apart from run.py because it is about building one `LaunchSpec`; it makes no request but that one.
"""

from __future__ import annotations

import numbers
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prismq_nb.client.discovery import current
from prismq_nb.client.run import Run
from prismq_nb.client.terminal import streams
from prismq_nb.environment import display, inherited
from prismq_nb.errors import InvalidRequest
from prismq_nb.models import LaunchSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.client.interface import Client

__all__ = ["build_spec", "launch"]

_UTF8 = "utf-8"
PathOrText = str | os.PathLike[str]

# Matplotlib backends that draw into a notebook's cell: in a run there is no cell, and the import of the backend fails there or hangs.
_CELL_BACKENDS = ("module://matplotlib_inline", "module://ipympl", "module://ipykernel", "inline", "ipympl", "nbagg", "notebook", "widget")


def launch(
    script: PathOrText | None = None,
    *,
    module: str | None = None,
    command: Sequence[PathOrText] | str | None = None,
    notebook: PathOrText | None = None,
    code: str | None = None,
    args: Sequence[object] = (),
    parameters: Mapping[str, object] | None = None,
    name: str | None = None,
    python: PathOrText | None = None,
    cwd: PathOrText | None = None,
    env: Mapping[str, object] | None = None,
    terminal: bool | tuple[int, int] | None = None,
    stdin: bool = False,
    encoding: str = _UTF8,
    merge: bool = False,
    mask: str | Sequence[str] = (),
    timeout: float | None = None,
    launcher: str = "local",
    pty: bool | None = None,
    color: bool | None = None,
    unbuffered: bool | None = None,
    **keywords: object,
) -> Run:
    """Start something in the background and return its handle; in a notebook, the handle shows the log, live.

    Give exactly one of `script`, `module`, `command`, `notebook`, `code`. The run has this interpreter, this working directory and this environment;
    it goes on when the kernel, the browser or the Jupyter server ends.

    Args:
        script: path of a Python script; a relative one is taken from `cwd`, ``~`` is the home
            directory. Other files are run as their first line (``#!``), their suffix (``.sh``,
            ``.R``, ``.js``, ``.jl``, ``.pl``, ...) or their being an executable says.
        module: dotted name, run as with ``python -m``.
        command: a list of words is run as it is, without a shell; a text is run by bash, where a
            pipeline fails if any part of it does (``pipefail``), or by ``/bin/sh`` without bash.
        notebook: path of a notebook, resolved as `script` is.
        code: Python source text.
        args: arguments as they are, before the parameters; numbers and paths become text.
        parameters: each becomes ``--name=value``, the name as it is given here. True gives ``--name``; False and None give nothing; a list repeats
            the option.
        name: what the run is called; by default after what is run.
        python: interpreter; by default this one (``sys.executable``).
        cwd: working directory; by default this one.
        env: variables over this process's own; None removes one. Jupyter's own tokens are never passed on.
        terminal: True, or its size as (columns, rows): the program runs as in a terminal, with
            colours, bars, line buffering and prompts, at a tenth of the speed of pipes. False:
            pipes, with plain output. By default True where a person sits in front (Jupyter,
            IPython), False elsewhere. With True the launch fails where there is no terminal to be
            had; by default the run then has pipes.
        stdin: with pipes, keep standard input open for `run.send`. It is open for Python sources
            anyway; other programs find its end at once.
        encoding: of the output, where it is not UTF-8: any name that Python knows.
        merge: give stderr the terminal or pipe of stdout: one exact order, all of it ``stdout``.
        mask: values, or names of variables, that must not reach the log: at most 100, each line of 6
            bytes or more. Masked as they are, with colours inside, JSON-escaped, percent-encoded, and
            in base64 of the value alone; the README says what is not covered.
        timeout: seconds after which the run is stopped; None: never.
        launcher: where it runs.
        pty: deprecated: say ``terminal=True, merge=True``.
        color: deprecated and without effect: say ``terminal=True``, or ask the program by `env`.
        unbuffered: deprecated: Python's lines come at once in both ways. False still has a Python
            with pipes collect its output.
        **keywords: more parameters, with dashes for underscores: ``max_results=50`` becomes ``--max-results=50``.

    Raises:
        InvalidRequest: something in what was given cannot be used; the text says what.
        LaunchFailed: the operating system refused to start it.
        StorageFull: there is no room for another run.
        DataDirectoryUnusable: the data directory cannot be made or written.
        ServerUnreachable: the Jupyter server does not answer.

    Example:
        >>> run = prismq_nb.launch("collect.py", max_results=50)
        >>> run.wait()
        'completed'
    """
    client = current()
    stream_options = streams(terminal, merge=merge, pty=pty, color=color, unbuffered=unbuffered)
    spec = build_spec(
        client,
        {"script": script, "module": module, "command": command, "notebook": notebook, "code": code},
        parameters=_parameters(parameters or {}, keywords),
        args=_arguments(args),
        name=name,
        python=python,
        cwd=cwd,
        env=env or {},
        stdin=stdin,
        **({} if encoding == _UTF8 else {"encoding": encoding}),
        **stream_options,
        mask=[mask] if isinstance(mask, str) else list(mask),
        timeout=None if timeout is None else float(timeout),
        launcher=launcher,
    )
    return Run(client, client.launch(spec))


def build_spec(
    client: Client, sources: Mapping[str, Any], *, python: PathOrText | None, cwd: PathOrText | None, env: Mapping[str, object], **options: Any
) -> LaunchSpec:
    """The spec of a launch from here: paths resolved, interpreter, folder and environment filled in. The engine checks that there is one source.

    Raises:
        InvalidRequest: something has a type that cannot be used.
    """
    folder = Path.cwd() if cwd is None else Path(cwd).expanduser().absolute()
    given: dict[str, Any] = {kind: _source(kind, value, folder) for kind, value in sources.items() if value is not None}
    return LaunchSpec(
        **given,
        python=_interpreter(python),
        cwd=str(folder),
        env=_environment(env, client.env_names, terminal=bool(options.get("terminal"))),
        **options,
    )


def _source(kind: str, value: object, folder: Path) -> str | list[str]:
    if kind in ("script", "notebook") and isinstance(value, (str, os.PathLike)):
        return str(folder / Path(value).expanduser())
    if kind == "command" and not isinstance(value, (str, os.PathLike)) and isinstance(value, Sequence):
        return [_word("command", word) for word in value]
    if isinstance(value, str):
        return value
    raise InvalidRequest(f"{kind} is a {type(value).__name__}, {value!r}; give a text{' or a list of texts' if kind == 'command' else ''}.")


def _interpreter(python: PathOrText | None) -> str | None:
    if python is None:
        return sys.executable or None  # empty where Python is embedded: then the server's own
    text = os.fspath(python)
    if os.sep in text or text.startswith("~"):
        return str(Path(text).expanduser().absolute())  # not resolve(): a virtual environment's python is a link, and its place is what it is about
    return shutil.which(text) or text


def _environment(
    explicit: Mapping[str, object],
    of_server: Iterable[str],
    *,
    terminal: bool,
) -> dict[str, str | None]:
    """Return this process's environment, which replaces the server's, with `explicit` over it.

    What describes a terminal or pipes is left to the engine: it knows which of them the run has.
    """
    theirs = display(terminal=terminal)
    own = {
        name: value
        for name, value in inherited(os.environ, terminal=terminal).items()
        if name not in theirs and _encodable(name) and _encodable(value)
    }
    left = theirs.keys() | {name for name, value in os.environ.items() if not _encodable(value)}
    env: dict[str, str | None] = {name: None for name in of_server if name not in left}
    env |= own
    if env.get("MPLBACKEND", "") and str(env["MPLBACKEND"]).startswith(_CELL_BACKENDS):
        env["MPLBACKEND"] = None
    return env | {name: None if value is None else _word(f"env[{name!r}]", value) for name, value in explicit.items()}


def _encodable(text: str) -> bool:
    """Whether JSON can carry it. Bytes that are no UTF-8 cannot; such a variable is left as the server has it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _parameters(exact: Mapping[str, object], keywords: Mapping[str, object]) -> dict[str, Any]:
    dashed = {name.replace("_", "-"): value for name, value in keywords.items()}
    twice = sorted(dashed.keys() & exact.keys())
    if twice:
        raise InvalidRequest(f"The parameter {twice[0]!r} is given both in `parameters` and as a keyword.")
    return {name: _plain(name, value) for name, value in {**exact, **dashed}.items()}


def _arguments(args: Sequence[object]) -> list[str]:
    if isinstance(args, (str, bytes)) or not isinstance(args, Sequence):
        raise InvalidRequest(f"args is {args!r}; give a list with one entry for each argument, such as ['--verbose', 'data.csv'].")
    return [_word("args", arg) for arg in args]


def _word(place: str, value: object) -> str:
    """An argument or a variable's value as text; what has no obvious text is refused rather than guessed."""
    if isinstance(value, (str, os.PathLike)):
        text = os.fspath(value)
        if isinstance(text, str):
            return text
    if not isinstance(value, bool) and isinstance(value, numbers.Number):
        return str(value)
    raise InvalidRequest(f"{place} has {value!r}, a {type(value).__name__}; give a text, a number or a path.")


def _plain(name: str, value: object) -> Any:
    """A parameter's value as JSON can carry it: NumPy's numbers and paths become plain, sequences keep their order."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, os.PathLike):
        return _word(f"The parameter {name!r}", value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(name, item) for item in value]
    item = getattr(value, "item", None)  # a NumPy scalar
    if callable(item) and getattr(value, "ndim", None) == 0:
        return _plain(name, item())
    if hasattr(value, "isoformat"):  # date, datetime, time, pandas.Timestamp
        return value.isoformat()
    raise InvalidRequest(f"The parameter {name!r} is a {type(value).__name__}, {value!r}; give a text, number, path or date, or a list of them.")
