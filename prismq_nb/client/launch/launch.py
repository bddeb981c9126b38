"""`launch`: start a run from Python.

Without ``from __future__ import annotations``, so that ``launch?`` shows types, not their source.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta

from prismq_nb.client.base.arguments import (
    bool_option,
    count_option,
    mask_values,
    merge_parameters,
    notify_entries,
    positional_arguments,
    string_option,
)
from prismq_nb.client.base.durations import to_seconds
from prismq_nb.client.discovery import current
from prismq_nb.client.launch.request import launch_request
from prismq_nb.client.launch.source import single_source
from prismq_nb.client.launch.terminal import stream_options
from prismq_nb.client.run.run import Run

_UTF8 = "utf-8"


def launch(
    script: str | os.PathLike[str] | None = None,
    *arguments: object,
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
    kernel: str | None = None,
    notebook: str | os.PathLike[str] | None = None,
    launcher: str = "local",
    notify: str | Sequence[str] | None = None,
    notify_lines: int = 0,
    pty: bool | None = None,
    color: bool | None = None,
    unbuffered: bool | None = None,
    **keywords: object,
) -> Run:
    """Start a program in the background and return its run; in a notebook, the run shows its log.

    >>> launch("train.py", epochs=2)  # python train.py --epochs=2
    >>> launch("train.py", "--epochs", "2", name="short", timeout="2h")
    >>> launch(module="package.tool", args=["input.csv"])  # python -m package.tool input.csv
    >>> launch(command="make -j4 | tee make.log")  # run by bash
    >>> launch(code="print(1 + 1)", env={"SEED": 7})

    Pass exactly one of `script`, `module`, `command` and `code`. The run uses this interpreter,
    working directory and environment. It continues when the kernel, the browser or the Jupyter
    server ends.

    Args:
        script: path of a Python script, relative to `cwd`; ``~`` is expanded. Other files run
            according to their first line (``#!``), their suffix (``.sh``, ``.R``, ``.js``, ``.jl``,
            ``.pl``, ...) or as executables.
        *arguments: command-line arguments, passed as they are, before `args`.
        module: dotted name, run as with ``python -m``.
        command: a list of words runs as it is, without a shell. A string is run by bash with
            ``pipefail`` (a pipeline fails if any part of it fails), or by ``/bin/sh`` if there is
            no bash.
        code: Python source code.
        notebook: path of a notebook; not supported yet.
        args: command-line arguments, passed as they are, before the parameters. Numbers and paths
            become text.
        parameters: each item becomes ``--name=value``, with the name as given. True becomes
            ``--name``; False and None are left out; a list repeats the option.
        name: name of the run; by default derived from what is run.
        cwd: working directory; by default this process's.
        env: environment variables to set in addition to this process's own: strings, numbers or
            paths; None removes a variable. Jupyter's own tokens are never passed on.
        timeout: stop the run after this time: seconds, a `timedelta`, or a string such as
            ``"90s"``, ``"5m"`` or ``"1h30m"``; None: no limit.
        terminal: True, or a size as (columns, rows), runs the program in a terminal, with colours,
            progress bars, prompts and line buffering, at a tenth of the speed of pipes. False uses
            pipes, with plain output. By default True in an interactive session (Jupyter, IPython),
            otherwise False. If the system has no terminal left, True is an error; the default falls
            back to pipes.
        stdin: with pipes, keep standard input open for `Run.send`. Python sources always have it
            open; other programs otherwise read the end of the file at once.
        merge: send stderr to the terminal or pipe of stdout, so that lines are in their exact
            order; all of them are ``stdout``.
        encoding: encoding of the output: any text encoding that Python knows.
        mask: values to keep out of the log, or names of variables that hold them: at most 100, each
            line of 6 bytes or more. They are also masked inside colours, JSON, percent-encoding and
            base64; see the README for what is not covered.
        python: interpreter; by default this one (``sys.executable``).
        kernel: instead of `python`, the name of a Jupyter kernel for Python, such as ``"python3"``,
            whose interpreter and environment the run uses.
        launcher: where the run is started; only ``"local"`` so far.
        notify: whom the Jupyter server sends a notice when the run ends: names of targets, which
            the server's configuration or ``notify.json`` maps to apprise addresses. In a notebook,
            an address (``"mailto://..."``) works too; it is kept in the server's memory only. By
            default those of `PrismQApp.notify`; an empty list notifies nobody.
        notify_lines: how many of the newest lines of the log the notice has, 0 to 100; without
            them it has the name, the status, the duration and a link.
        pty: deprecated; use ``terminal=True, merge=True``.
        color: deprecated, without effect; use ``terminal=True``, or ask the program through `env`.
        unbuffered: deprecated; Python prints whole lines at once anyway. False makes Python collect
            its output in blocks when it has pipes.
        **keywords: more parameters, with underscores as dashes: ``max_results=50`` becomes
            ``--max-results=50``. A keyword that looks like a misspelt option gives a warning.

    Returns:
        The run, as soon as its process exists (about 0.1 s).

    Raises:
        InvalidRequest: a value is invalid; the message names the value and the remedy.
        LaunchFailed: the operating system refused to start the program.
        StorageFull: there is no room for another run.
        DataDirectoryUnusable: the data directory cannot be created or written.
        NotAllowed: the Jupyter server requires a login, or does not permit launches.
        ServerUnreachable: the Jupyter server does not respond.
    """
    chosen = single_source(
        keywords, script=script, module=module, command=command, notebook=notebook, code=code
    )
    merge = bool_option("merge", merge)
    deprecated = {"pty": pty, "color": color, "unbuffered": unbuffered}
    spec_options = stream_options(terminal, merge=merge, **deprecated)
    if encoding not in (None, _UTF8):
        spec_options["encoding"] = string_option("encoding", encoding)
    client = current()
    request = launch_request(
        client,
        chosen,
        parameters=merge_parameters(parameters, keywords),
        args=positional_arguments(arguments, args),
        name=None if name is None else string_option("name", name),
        python=python,
        kernel=None if kernel is None else string_option("kernel", kernel),
        cwd=cwd,
        env=env,
        stdin=bool_option("stdin", stdin),
        mask=mask_values(mask),
        timeout=to_seconds("timeout", timeout),
        launcher=string_option("launcher", launcher),
        notify=notify_entries(notify),
        notify_lines=count_option("notify_lines", notify_lines),
        **spec_options,
    )
    return Run(client, client.launch(request))
