"""Examples as processes of their own: Python source text, and command lines of a shell."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from support.jupyter_process import until
from support.programs import program
from support.waiting import WAIT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Script:
    """A process whose output goes to a file, so that it never blocks and can be read while it
    runs.
    """

    def __init__(self, arguments: list[str], folder: Path, errors: int = subprocess.STDOUT) -> None:
        """Start it in `folder`; its errors go where its output goes, unless `errors` says
        otherwise.
        """
        self._output = folder / "printed.txt"
        with self._output.open("wb") as file:
            self._process = subprocess.Popen(
                arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=errors
            )

    @property
    def lines(self) -> list[str]:
        """Whole lines printed so far."""
        return self._output.read_bytes().decode().split("\n")[:-1]

    def wait_for(self, line: str) -> None:
        """Wait until it has printed that line."""
        until(
            lambda: line in self.lines or self._is_lost(line),
            f"{line!r}, after {self.lines[-3:]},",
            WAIT_SECONDS,
        )

    def wait(self) -> list[str]:
        """Wait for its end, which must be a good one, and return its whole output."""
        assert self._process.wait(WAIT_SECONDS) == 0, self.lines
        return self.lines

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _is_lost(self, line: str) -> bool:
        ended = self._process.poll() is not None
        assert not ended or line in self.lines, f"ended before it printed {line!r}: {self.lines}"
        return False


@contextmanager
def python(source: str, folder: Path) -> Iterator[Script]:
    """Run source text; what is left of it at the end is killed."""
    (folder / "example.py").write_text(source, encoding="utf-8")
    script = Script([sys.executable, "-u", "-X", "utf8", "example.py"], folder)
    try:
        yield script
    finally:
        script.kill()


@contextmanager
def shell(command: str, folder: Path) -> Iterator[Script]:
    """Run one command; what is left of it at the end is killed.

    Its stderr (the progress of curl) is not kept.
    """
    program("curl")
    script = Script([program("bash"), "-c", f"exec {command}"], folder, subprocess.DEVNULL)
    try:
        yield script
    finally:
        script.kill()


def output(command: str, folder: Path) -> bytes:
    """What a command line prints on stdout; it must end well."""
    program("curl")
    done = subprocess.run(
        [program("bash"), "-o", "pipefail", "-c", command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=WAIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
