"""The wire forms of runs as msgspec Structs: what goes over HTTP.

Server and client share this module and `errors.py`. Imports nothing of this project.
"""

from __future__ import annotations

from typing import Any

import msgspec

ORIGINS = ("notebook", "terminal", "ui", "api", "run")
"""The kinds of `Origin`."""


class Origin(msgspec.Struct, kw_only=True):
    """What started a run. What is not known is None.

    Attributes:
        kind: ``notebook``: a kernel; ``terminal``: Python elsewhere, a console or a script; ``ui``:
            a page or JupyterLab; ``api``: a request that did not say more; ``run``: another run.
        notebook: path of the notebook, as its kernel knows it (``JPY_SESSION_NAME``, when the
            kernel started): absolute, if the server has its notebooks in a directory.
        cell_id: id of the cell in that notebook.
        run_id: id of the run, or of the watched cell, whose program launched this run.
    """

    kind: str | None = None
    notebook: str | None = None
    cell_id: str | None = None
    run_id: str | None = None


class LaunchOrigin(Origin, forbid_unknown_fields=True):
    """An `Origin` as a launch states it: an unknown field is a mistake."""


class LaunchSpec(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What to run and how.

    Exactly one of the five sources is given.

    Attributes:
        script: path of a Python script, or of another file whose suffix, ``#!`` line or mode says
            how to run it; relative paths are resolved against `cwd`.
        module: dotted name, run as ``python -m``.
        command: a list is an argument vector, run without a shell; a text is run by bash with
            ``-o pipefail``, or by ``/bin/sh`` without bash.
        notebook: path of a notebook.
        code: Python source code; written to a file in the run directory, so that tracebacks show
            its lines.
        args: arguments, passed unchanged before those of `parameters`.
        parameters: each becomes ``--name=value``, the name as given. True becomes ``--name``; False
            and None are left out; a list repeats its option.
        name: display name of the run; default: derived from the source.
        python: interpreter; default: the server's own.
        cwd: working directory; default: the server's root directory.
        env: variables laid over the server's environment; None removes one.
        inherited_env: names in `env` that were not chosen for this run, but are the environment of
            the process that launches it: a notebook may give its values when it starts it again.
        terminal: True or a size in columns and rows: pseudo-terminals; False: pipes.
        terminal_required: the launch fails if the system has no terminal available; False: the run
            then has pipes, and a note says so.
        stdin: with pipes, standard input stays open for input. It does so for Python sources
            anyway.
        encoding: of the output, by any name that Python knows.
        merge: stderr goes to the same terminal or pipe as stdout: their order is exact, and all
            lines are `stdout`.
        mask: values, or names of variables in `env`, that never reach disk; at most 100, each line
            of 6 bytes or more.
        timeout: seconds until the run is stopped; None: never.
        launcher: where it runs; ``local`` is the only one.
        notify: targets that get a notice when it ends, by name; a kernel may give addresses
            (apprise URLs), which never reach disk. None: those of the server's configuration.
        notify_lines: how many of the newest lines of its log a notice has, 0 to 100.
        origin: what starts it; None: a request to the API.
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
    notify: list[str] | str | None = None
    notify_lines: int = 0
    origin: LaunchOrigin | None = None
    pty: bool = False
    color: bool | None = None
    unbuffered: bool | None = None


class LaunchRequest(LaunchSpec):
    """The body of ``POST /api/runs``: a `LaunchSpec`, with names that are resolved before.

    Attributes:
        kernel: name of a kernelspec of the server, whose interpreter and environment a script, a
            module or code gets.
        contents_path: instead of `script`, a file as Jupyter's file browser names it, relative to
            the server's root; `cwd` is then its folder, and `origin` the kind ``ui``, unless they
            are given.
        arguments: instead of `args`, the arguments in one text, with the quotes and backslashes of
            a shell; nothing in it is expanded.
    """

    kernel: str | None = None
    contents_path: str | None = None
    arguments: str | None = None

    def resolved(self, **changes: Any) -> LaunchSpec:
        """Return the launch itself; `changes` replace fields. Both names must be resolved."""
        names = LaunchSpec.__struct_fields__
        return LaunchSpec(**({name: getattr(self, name) for name in names} | changes))


class BackgroundProcess(msgspec.Struct):
    """A process that a module left behind when it ended; `name` is the name of its program."""

    pid: int
    name: str


class RunInfo(msgspec.Struct, kw_only=True):
    """One execution of a module, as the API shows it.

    Times are ISO 8601 UTC with microseconds and ``Z``.

    Attributes:
        status: ``queued``, ``running``, ``completed``, ``failed`` or ``cancelled``.
        stopping: a stop was requested and the run has not ended yet.
        duration_seconds: since the start, until now or the end; None before the start.
        exit_code: negative: minus the signal; None: not ended, or unknown.
        end_reason: ``exit``, ``signal`` (one that prismq_nb did not send), ``stopped``,
            ``timeout``, ``shutdown`` (the system asked its supervisor to end),
            ``supervisor_lost``, ``given_up``, or ``kernel_lost`` (the kernel of a cell died, or was
            restarted or shut down); None: not ended.
        error_detail: `error_message` without the exit code in words that it may begin with.
        progress_percent: 0 to 100; None when the output shows none.
        lines: lines stored; `bytes`: bytes of output stored.
        levels: lines per level name, and ``complete``: whether all lines were classified.
        kept: pinned: retention never purges it.
        unreachable: it was started on another machine, so it is not known here whether it is still
            running; `status` is the last one it wrote.
        host: name of the machine that it was started on.
        abridged: a list shortened the name, the arguments or the message, or omitted the
            parameters, because they are long; the run alone has them in full.
        records: records per level name, and ``complete``: a traceback is one record of many lines.
        terminal: columns and rows of its pseudo-terminals; None: it has pipes.
        takes_input: its standard input is open, so input can be sent.
        waiting_for_input: it waits for a line from its standard input.
        hides_input: it turned the echo of its terminal off, as for a password.
        output_open: the module has ended, and processes that it left behind still hold its output.
        lines_at_end: lines when the module ended; None: it has not ended, or it is not known.
        background: those processes, at most 20.
        encoding: encoding of its output, by Python's name.
        notes: what a person should know about the run besides an error, one sentence each.
        arguments: the arguments of its program, as typed in a shell; a text command in full.
            Masked, at most 2,000 characters.
        cpu_percent: of the process tree, 100 is one core; `memory_bytes`: its resident memory.
        restart_of: id of the run that it is a restart of; None: it was launched.
        attempt: 1, or its number among the runs that were started again from each other.
        kind: ``launch``: a process of its own; ``cell``: a watched cell, which runs in a kernel.
        kernel_id: id of that kernel in Jupyter; `notebook`: path of its notebook in Jupyter;
            `cell_id`: id of the cell in the notebook. None: not a cell, or not known.
        module_key: what it is a run of, such as ``script:/home/ann/train.py``: runs with the same
            key are runs of the same thing. None: not known. At most 400 characters.
        origin: what started it; a restart has the origin of the run that it restarts.
        notify: names of the targets that get a notice when it ends; ``******`` is an address.
        notified: ``sent``: each of them got it; ``failed``: one of them did not; ``unknown``: the
            server died while it sent; None: not yet, or there are none.
        notify_problem: why it was not sent, by target; None: no problem is known.
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
    end_reason: str | None = None
    error_detail: str | None = None
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
    kind: str = "launch"
    kernel_id: str | None = None
    notebook: str | None = None
    cell_id: str | None = None
    module_key: str | None = None
    origin: Origin = msgspec.field(default_factory=Origin)
    notify: list[str] = []
    notified: str | None = None
    notify_problem: str | None = None


class RestartRequest(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Body of ``POST /api/runs/{id}/restart``, which may be left out.

    Attributes:
        env: variables over those of the launch; None removes one.
        mask: values, or names of variables, to mask in addition to the known ones.
    """

    env: dict[str, str | None] = {}
    mask: list[str] = []


class Attempts(msgspec.Struct):
    """Answer of ``GET /api/runs/{id}/attempts``.

    Attributes:
        attempts: the run and the runs that were started again from each other with it, oldest
            first, as in lists; the newest 50, without purged ones.
        can_restart: it can be started again without further values.
        restart_needs: names of variables that must be given, because their values are not stored.
        restart_chosen: those of them that were chosen for the run (`env`), not inherited.
        restart_masks: how many masked values must be given in addition.
        restart_problem: why it cannot be started again, and what to do; None: it can.
    """

    run_id: str
    attempts: list[RunInfo]
    can_restart: bool
    restart_needs: list[str] = []
    restart_chosen: list[str] = []
    restart_masks: int = 0
    restart_problem: str | None = None


class RunPage(msgspec.Struct):
    """Answer of ``GET /api/runs``.

    Attributes:
        runs: a page of the matching runs, in the wanted order.
        total: number of all matching runs.
        counts: number of runs of each status that pass all filters except the one by status; None:
            not known yet, because the server has just started and is still reading the runs.
    """

    runs: list[RunInfo]
    total: int
    limit: int
    offset: int
    counts: dict[str, int] | None = None


class Launch(msgspec.Struct, kw_only=True):
    """Answer of ``GET /api/runs/{id}/launch``: how a run was started. Secrets are masked.

    Attributes:
        kind: ``script``, ``module``, ``command``, ``code`` or ``cell``; None: not known.
        command: the argument vector as a shell command, for people; ``(code)`` stands for source
            code.
        code: source of a watched cell; None: not a cell, or not known.
        shell: one line that starts the same program in the same folder; None if there is none:
            parts of it were masked, or it is source code.
        abridged: the command or the code was cut, or the parameters were omitted, because they are
            long.
        interpreter: of a script, a module or code.
        host: name of the machine, and `user`: who started it.
        timeout: seconds until the run is stopped; None: never.
        masked: values were masked, or may have been.
        variables: names of those that were chosen for the run and whose values are kept nowhere.
        roots: the paths of the folder whose files Jupyter's editors can open; empty: none.
        home: what ``~`` stands for in paths.
    """

    run_id: str
    kind: str | None
    command: str
    code: str | None = None
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
