"""An example: a program, how it is launched, a person's actions meanwhile, the expected log."""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import prismq_nb
from prismq_nb import Run
from prismq_nb.errors import InvalidRequest, PrismqError
from support.runs import until
from support.waiting import WAIT_SECONDS

PROGRAMS = Path(__file__).parents[2] / "programs"
PYTHON = sys.executable
#: Variables that a kernel has in its environment, and passes on to a launch.
KERNEL = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm-color", "PAGER": "cat"}
ESCAPES = re.compile(r"\x1b\[[0-9;:]*m|\x1b\]8;[^\x1b]*\x1b\\")
LINES_AT_ONCE = 10_000
ENDED = ("completed", "failed", "cancelled")


@dataclass
class Seen:
    """The observations of one launch.

    Attributes:
        terminal: it was asked to have terminals.
        refused: what the launch was refused with; there is no run then.
        during: what the example noted while the program ran.
        progress: each percentage that was seen, in order.
        limit: seconds for which anything is waited.
    """

    folder: Path
    terminal: bool
    run: Run | None = None
    refused: str = ""
    lines: list[Any] = field(default_factory=list)
    during: dict[str, Any] = field(default_factory=dict)
    progress: list[float] = field(default_factory=list)
    seconds: float = 0.0
    limit: float = WAIT_SECONDS

    def wait(self, condition: Callable[[], object], *, what: str) -> None:
        """Wait for a condition; an AssertionError if it does not hold in time."""
        until(condition, seconds=self.limit, what=what)

    @property
    def texts(self) -> list[str]:
        """The text of each line, without colours and links."""
        return [ESCAPES.sub("", line.message) for line in self.lines]

    def records(self, level: str) -> int:
        """How many records have that level."""
        assert self.run is not None, self.refused
        return int(self.run.records[level])

    def levels_of(self, text: str) -> set[str]:
        """The levels of the lines that contain a text; there must be one."""
        found = {line.level for line in self.lines if text in line.message}
        assert found, f"no line has {text!r}: {self.texts[-5:]}"
        return found

    def ended(self, status: str = "completed", exit_code: int | None = 0) -> None:
        """Check that the run has ended so."""
        assert self.run is not None, self.refused
        found = self.run.status, self.run.exit_code
        expected = status, self.run.exit_code if exit_code is None else exit_code
        assert expected == found, (found, self.run.error_message, self.texts[-5:])

    def no_errors(self) -> None:
        """Check that no line is an error."""
        wrong = [line.message for line in self.lines if line.level in ("ERROR", "CRITICAL")]
        assert not wrong, wrong[:3]

    def no_sequences(self) -> None:
        """Check that no line has that level."""
        wrong = [line.message for line in self.lines if "\x1b" in line.message]
        assert not wrong, wrong[:3]


def nothing(run: Run, seen: Seen) -> None:
    """Do nothing meanwhile."""


@dataclass(frozen=True)
class Example:
    """One program that a log must show as a terminal does.

    Attributes:
        launch: for `prismq_nb.launch`, but for `terminal` and `cwd`.
        check: asserts what must be seen, in both modes.
        needs: programs on the PATH without which it is left out.
        prepare: fills the folder that the program runs in.
        meanwhile: what a person does while it runs.
        modes: whether it is tried with pipes (False), with terminals (True).
        outside: only benchmarked: it takes long, needs tools of which a machine may have any
            version, or other tests have it.
    """

    name: str
    launch: Mapping[str, Any]
    check: Callable[[Seen], None]
    needs: tuple[str, ...] = ()
    prepare: Callable[[Path], None] | None = None
    meanwhile: Callable[[Run, Seen], None] = nothing
    modes: tuple[bool, ...] = (False, True)
    outside: bool = False

    def missing(self) -> list[str]:
        """Those of `needs` that this machine lacks."""
        return [name for name in self.needs if shutil.which(name) is None]

    def watch(self, seen: Seen) -> None:
        """Launch it in an empty folder, and observe it until it has ended."""
        if self.prepare is not None:
            self.prepare(seen.folder)
        begin = time.monotonic()
        try:
            run = seen.run = prismq_nb.launch(
                **self.launch,
                cwd=seen.folder,
                **_mode(seen.terminal),
            )
        except InvalidRequest as error:
            seen.refused = str(error)
            return
        try:
            self.meanwhile(run, seen)
            seen.wait(lambda: _look(run, seen), what=f"end of {self.name}")
        finally:
            _end(run)
            seen.seconds = time.monotonic() - begin
        seen.wait(lambda: run.refresh().levels.get("complete"), what="all levels")
        while len(seen.lines) < run.lines:
            seen.lines += run.logs(after=len(seen.lines) - 1, limit=LINES_AT_ONCE)

    def try_out(self, seen: Seen) -> str:
        """`watch` and `check`; return the failure, in a few words."""
        try:
            self.watch(seen)
            self.check(seen)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is a finding
            return f"{type(error).__name__}: {error}"
        return ""


def _mode(terminal: bool) -> dict[str, bool]:
    """The option for terminals; versions before 0.11 call it `pty`."""
    known = inspect.signature(prismq_nb.launch).parameters
    return {"terminal" if "terminal" in known else "pty": terminal}


def _look(run: Run, seen: Seen) -> bool:
    record = run.refresh().info  # its other properties would make requests
    percent = record.progress_percent
    if percent is not None and percent not in seen.progress[-1:]:
        seen.progress.append(percent)
    return record.status in ENDED and not _is_open(record)


def _is_open(record: Any) -> bool:
    return getattr(record, "output_open", False)  # earlier versions did not have it


def _end(run: Run) -> None:
    """End what was left of it; no example leaves work behind."""
    with contextlib.suppress(PrismqError):
        while run.refresh().info.status not in ENDED or _is_open(run.info):
            run.stop()
            time.sleep(0.05)  # between two checks of the condition


def script(text: str) -> list[str]:
    """A command that runs Python source text."""
    return [PYTHON, "-c", text]


def environment() -> dict[str, str | None]:
    """Variables that this process needs in its environment to launch like a kernel."""
    return {
        **KERNEL,
        "NO_COLOR": None,
        "PYTHONUNBUFFERED": None,
        "PYTHONPATH": os.environ.get("PYTHONPATH"),
    }
