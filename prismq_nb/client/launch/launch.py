"""Starting a run from Python. Makes no request but the launch.

Without ``from __future__ import annotations``: ``launch?`` shows its types, not their source text.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta

from prismq_nb.client.base.arguments import arguments, flag, masked, parameters_of, text
from prismq_nb.client.base.durations import seconds
from prismq_nb.client.discovery import current
from prismq_nb.client.launch.source import only_source
from prismq_nb.client.launch.spec import launch_spec
from prismq_nb.client.launch.terminal import streams
from prismq_nb.client.run.run import Run

__all__ = ["launch"]

_UTF8 = "utf-8"


def launch(
    script: str | os.PathLike[str] | None = None,
    *words: object,
    module: str | None = None,
    command: str | Sequence[str | os.PathLike[str]] | None = None,
    code: str | None = None,
    args: Sequence[object] = (),
    parameters: Mapping[str, object] | None = None,
    name: str | None = None,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, object] | None = None,
    timeout: float | str | timedelta | None = None,
    terminal: bool | tuple[int, int] | None = None,
    stdin: bool = False,
    merge: bool = False,
    encoding: str = _UTF8,
    mask: str | Sequence[str] = (),
    python: str | os.PathLike[str] | None = None,
    notebook: str | os.PathLike[str] | None = None,
    launcher: str = "local",
    pty: bool | None = None,
    color: bool | None = None,
    unbuffered: bool | None = None,
    **keywords: object,
) -> Run:
    """Start a program in the background; in a notebook, the run that is returned shows its log live.

    >>> launch("train.py", epochs=2)  # python train.py --epochs=2
    >>> launch("train.py", "--epochs", "2", name="short", timeout="2h")
    >>> launch(module="package.tool", args=["input.csv"])  # python -m package.tool input.csv
    >>> launch(command="make -j4 | tee make.log")  # by bash
    >>> launch(code="print(1 + 1)", env={"SEED": 7})

    Give one of `script`, `module`, `command` and `code`. The run has this interpreter, this working
    directory and this environment; it continues when the kernel, the browser or the Jupyter
    server ends.

    Args:
        script: path of a Python script; a relative one is taken from `cwd`, ``~`` is the home
            directory. Other files are run as their first line (``#!``), their suffix (``.sh``,
            ``.R``, ``.js``, ``.jl``, ``.pl``, ...) or their being an executable says.
        *words: arguments as they are, before those of `args`.
        module: dotted name, run as with ``python -m``.
        command: a list of words is run as it is, without a shell; a text is run by bash, where a
            pipeline fails if any part of it does (``pipefail``), or by ``/bin/sh`` without bash.
        notebook: path of a notebook; they cannot be run yet.
        code: Python source text.
        args: arguments as they are, before the parameters; numbers and paths become text.
        parameters: each becomes ``--name=value``, the name as it is given here. True gives
            ``--name``; False and None give nothing; a list repeats the option.
        name: of the run; by default, derived from what is run.
        python: interpreter; by default, this one (``sys.executable``).
        cwd: working directory; by default, this one.
        env: variables over this process's own: texts, numbers or paths; None removes one. Jupyter's
            own tokens are never passed on.
        terminal: True, or its size as (columns, rows): the program runs as in a terminal, with
            colours, bars, line buffering and prompts, at a tenth of the speed of pipes. False:
            pipes, with plain output. By default True where a person sits in front (Jupyter,
            IPython), False elsewhere. With True the launch fails where there is no terminal to be
            had; by default the run then has pipes.
        stdin: with pipes, keep standard input open for `run.send`. It is open for Python sources
            anyway; other programs find its end at once.
        encoding: of the output, if it is not UTF-8: any text encoding that Python knows.
        merge: give stderr the terminal or pipe of stdout: one exact order, all of it ``stdout``.
        mask: values, or names of variables, that must not reach the log: at most 100, each line of 6
            bytes or more. Masked as they are, with colours inside, JSON-escaped, percent-encoded, and
            in base64 of the value alone; the README says what is not covered.
        timeout: time after which the run is stopped: seconds, a `timedelta`, or a text such as
            ``"90s"``, ``"5m"`` or ``"1h30m"``; None: never.
        launcher: where it runs.
        pty: deprecated: say ``terminal=True, merge=True``.
        color: deprecated and without effect: say ``terminal=True``, or ask the program by `env`.
        unbuffered: deprecated: Python's lines come at once in both ways. False still has a Python
            with pipes collect its output.
        **keywords: more parameters, with dashes for underscores: ``max_results=50`` becomes
            ``--max-results=50``. One that looks like a mistyped option gives a warning.

    Raises:
        InvalidRequest: something in what was given cannot be used; the text says what.
        LaunchFailed: the operating system refused to start it.
        StorageFull: there is no room for another run.
        DataDirectoryUnusable: the data directory cannot be made or written.
        ServerUnreachable: the Jupyter server does not answer.
    """
    sources = {
        "script": script,
        "module": module,
        "command": command,
        "notebook": notebook,
        "code": code,
    }
    chosen = only_source(sources, keywords)
    merge = flag("merge", merge)
    spec_options = streams(terminal, merge=merge, pty=pty, color=color, unbuffered=unbuffered)
    if encoding not in (None, _UTF8):
        spec_options["encoding"] = text("encoding", encoding)
    client = current()
    spec = launch_spec(
        client,
        chosen,
        parameters=parameters_of(parameters, keywords),
        args=arguments(words, args),
        name=None if name is None else text("name", name),
        python=python,
        cwd=cwd,
        env=env,
        stdin=flag("stdin", stdin),
        mask=masked(mask),
        timeout=seconds("timeout", timeout),
        launcher=text("launcher", launcher),
        **spec_options,
    )
    return Run(client, client.launch(spec))
