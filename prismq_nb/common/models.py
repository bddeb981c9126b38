"""The wire forms: what goes over HTTP, as msgspec Structs, the same on both sides.

Server and client share this and `errors.py`. Imports nothing of this project.
"""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = [
    "Attempts",
    "BackgroundProcess",
    "Launch",
    "LaunchSpec",
    "RestartRequest",
    "Run",
    "RunPage",
]


class LaunchSpec(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What to run and how: the body of ``POST /api/runs``. Exactly one of the five sources is given.

    Attributes:
        script: path of a Python script, or of a file that says how to run it (suffix, ``#!``,
            executable); relative paths are resolved against `cwd`.
        module: dotted name, run as ``python -m``.
        command: a list is an argument vector, run without a shell; a text is run by bash with
            ``-o pipefail``, by ``/bin/sh`` where there is no bash.
        notebook: path of a notebook.
        code: Python source text; it is written to a file in the run directory, so that tracebacks show its lines.
        args: arguments as they are, before those of `parameters`.
        parameters: each becomes ``--name=value``, the name as given. True becomes ``--name``; False and None are left out; a list repeats its option.
        name: what the run is called; default: from the source.
        python: interpreter; default: the server's own.
        cwd: working directory; default: the server's root directory.
        env: variables laid over the server's environment; None removes one.
        inherited_env: names in `env` that were not chosen for this run, but are the environment of
            whoever launches it: a notebook may give its values of them when it starts it again.
        terminal: True or a size in columns and rows: pseudo-terminals; False: pipes.
        terminal_required: the launch fails where the system has no terminal to give; False: the run
            then has pipes, and a note says so.
        stdin: with pipes, standard input stays open for input. It does so for Python sources anyway.
        encoding: of the output, by any name that Python knows.
        merge: stderr goes to the same terminal or pipe as stdout: one exact order, all of it `stdout`.
        mask: values, or names of variables in `env`, that never reach disk; at most 100, each line of
            6 bytes or more.
        timeout: seconds until the run is stopped; None: never.
        launcher: where it runs; only ``local`` yet.
        pty: deprecated: `terminal` and `merge` together.
        color: deprecated, without effect.
        unbuffered: deprecated; False: with pipes Python collects its output in blocks.
    """

    script: str | None = None
    module: str | None = None
    command: list[str] | str | None = None
    notebook: str | None = None
    code: str | None = None
    args: list[str] = []
    parameters: dict[str, Any] = {}
    name: str | None = None
    python: str | None = None
    cwd: str | None = None
    env: dict[str, str | None] = {}
    inherited_env: list[str] = []
    terminal: bool | tuple[int, int] = False
    terminal_required: bool = True
    stdin: bool = False
    encoding: str = "utf-8"
    merge: bool = False
    mask: list[str] = []
    timeout: float | None = None
    launcher: str = "local"
    pty: bool = False
    color: bool | None = None
    unbuffered: bool | None = None


class BackgroundProcess(msgspec.Struct):
    """A process that a module left behind when it ended; `name` is its program's."""

    pid: int
    name: str


class Run(msgspec.Struct, kw_only=True):
    """One execution of a module, as the API shows it. Times are ISO 8601 UTC with microseconds and ``Z``.

    Attributes:
        status: ``queued``, ``running``, ``completed``, ``failed`` or ``cancelled``.
        stopping: a stop was asked for and the run has not ended yet.
        duration_seconds: since the start, until now or the end; None before the start.
        exit_code: negative: minus the signal; None: not ended, or unknown.
        progress_percent: 0 to 100; None when the output shows none.
        lines: lines stored; `bytes`: bytes of output stored.
        levels: lines per level name, and ``complete``: whether all lines were looked at.
        kept: pinned: retention never purges it.
        unreachable: it was started on another machine, which cannot be asked from here whether it
            goes on; `status` is the last that it wrote.
        host: name of the machine that it was started on.
        abridged: a list shortened the name, the arguments or the message, or left the parameters
            out, because they are long; the run by itself has them whole.
        records: records per level name, and ``complete``: a traceback is one record of many lines.
        terminal: columns and rows of its pseudo-terminals; None: it has pipes.
        takes_input: its standard input is open: what is sent can be read.
        waiting_for_input: it waits for a line from its standard input.
        hides_input: it turned the echo of its terminal off, as for a password.
        output_open: the module has ended, and processes that it left behind still hold its output.
        lines_at_end: lines when the module ended; None: it goes on, or nobody noted it.
        background: those processes, at most 20.
        encoding: encoding of its output, by Python's name.
        notes: what a person should know about the run besides an error, one sentence each.
        arguments: what its program was given, as one would type it in a shell; a text command is
            whole. Masked, at most 2,000 characters.
        cpu_percent: of the process tree, 100 is one core; `memory_bytes`: its resident memory.
        restart_of: id of the run that it was started again from; None: it was launched.
        attempt: 1, or which attempt it is of those that were started again from each other.
    """

    run_id: str
    module_id: str
    module_name: str
    status: str
    stopping: bool = False
    created_at: str
    started_at: str | None = None
    completed_at: str | None = None
    duration_seconds: float | None = None
    exit_code: int | None = None
    error_message: str | None = None
    parameters: dict[str, Any] = {}
    progress_percent: float | None = None
    items_processed: int | None = None
    items_total: int | None = None
    lines: int = 0
    bytes: int = 0
    levels: dict[str, int | bool] = {}
    cpu_percent: float | None = None
    memory_bytes: int | None = None
    kept: bool = False
    unreachable: bool = False
    host: str | None = None
    abridged: bool = False
    records: dict[str, int | bool] = {}
    terminal: tuple[int, int] | None = None
    takes_input: bool = False
    waiting_for_input: bool = False
    hides_input: bool = False
    output_open: bool = False
    lines_at_end: int | None = None
    background: list[BackgroundProcess] = []
    encoding: str = "utf-8"
    notes: list[str] = []
    arguments: str = ""
    restart_of: str | None = None
    attempt: int = 1


class RestartRequest(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Body of ``POST /api/runs/{id}/restart``, which may be left out.

    Attributes:
        env: variables over those of the launch; None removes one.
        mask: values, or names of variables, to mask beside those that are known.
    """

    env: dict[str, str | None] = {}
    mask: list[str] = []


class Attempts(msgspec.Struct):
    """Answer of ``GET /api/runs/{id}/attempts``.

    Attributes:
        attempts: the run, and those that were started again from each other with it, oldest first,
            as lists show them; the newest 50, without those that were purged.
        can_restart: it can be started again with nothing given.
        restart_needs: names of variables to give, as their values are kept nowhere.
        restart_chosen: those of them that were chosen for the run (`env`), not inherited.
        restart_masks: how many masked values are to be given beside them.
        restart_problem: why it cannot be started again, and what to do; None: it can.
    """

    run_id: str
    attempts: list[Run]
    can_restart: bool
    restart_needs: list[str] = []
    restart_chosen: list[str] = []
    restart_masks: int = 0
    restart_problem: str | None = None


class RunPage(msgspec.Struct):
    """Answer of ``GET /api/runs``: newest first; `total` counts all that match."""

    runs: list[Run]
    total: int
    limit: int
    offset: int


class Launch(msgspec.Struct, kw_only=True):
    """Answer of ``GET /api/runs/{id}/launch``: how a run was started. Secrets are masked.

    Attributes:
        kind: ``script``, ``module``, ``command`` or ``code``; None: not known, as all of these.
        command: the argument vector as a shell would take it, for people; ``(code)`` stands for
            source text.
        shell: one line that starts the same in the same folder; None where that cannot be said:
            parts of it were masked, or it is source text.
        abridged: the command was cut or the parameters were left out, because they are long.
        interpreter: of a script, a module or code.
        host: name of the machine, and `user`: who started it.
        timeout: seconds until the run is stopped; None: never.
        masked: values were masked, or may have been.
        variables: names of those that were chosen for the run and whose values are kept nowhere.
        roots: the folder that Jupyter's editors open files in, by each of its names; empty: none.
        home: what ``~`` stands for in paths.
    """

    run_id: str
    kind: str | None
    command: str
    shell: str | None
    parameters: dict[str, Any] = {}
    abridged: bool = False
    cwd: str | None
    interpreter: str | None
    host: str | None
    user: str | None
    timeout: float | None = None
    masked: bool = False
    variables: list[str] = []
    roots: list[str] = []
    home: str | None = None
