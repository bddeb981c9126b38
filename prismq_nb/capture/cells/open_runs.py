"""The open runs of a kernel: how one begins inside another, how each ends, and what is read when.

One run at a time is read, the newest. Another one begins, and a run ends, once its output has been
read up to a marker. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from prismq_nb.capture.cells.closing import Closing
from prismq_nb.capture.cells.echo import Echo
from prismq_nb.capture.cells.link import Link, decode
from prismq_nb.capture.cells.marking import Marking
from prismq_nb.capture.cells.run import CellRun, removed
from prismq_nb.capture.outcome import Outcome
from prismq_nb.common.base.end_reason import SUPERVISOR_LOST
from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.common.base.state import FAILED
from prismq_nb.journal.layout import format as fmt

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismq_nb.capture.cells.kernel import KernelProcess

LEFT = "its supervisor did not answer for a while, so the cell went on without it"
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class OpenRuns:
    """The part of `CellSupervisor` that does what the kernel asks for."""

    def __init__(self, link: Link, kernel: KernelProcess) -> None:
        """Begin without runs."""
        self._link = link
        self._echo = Echo(link)
        self._kernel = kernel
        self._poll = select.poll()
        self._open: list[CellRun] = []
        self._closing = Closing()
        self._marking: Marking | None = None
        self._behind: dict[int, bytes] = {}
        self._later: deque[dict[str, Any]] = deque()
        self._is_over = self._is_alone = False
        self._wake_read, self._wake = os.pipe()
        for fd in (self._wake_read, self._wake):
            os.set_blocking(fd, False)

    @property
    def _newest(self) -> CellRun | None:
        return self._open[-1] if self._open else None

    def _sort(self, messages: list[dict[str, Any]]) -> None:
        """Answer at once what can be answered, and keep the rest for `_work_off`."""
        for message in messages:
            operation = message["op"]
            if operation == "ping":
                self._send({"op": "pong"})
            elif operation == "slow":
                self._echo.sign()
            elif operation == "leave":
                self._work_off()  # it may have asked for the end
                self._end_all(Outcome(FAILED, None, SUPERVISOR_LOST, LEFT))
                return
            else:
                self._later.append(message)

    def _work_off(self) -> None:
        """Do what the kernel has asked for, one thing after the other."""
        while not self._is_over:
            if (marking := self._marking) is not None:
                is_late = time.monotonic() >= marking.search.deadline_s
                if not marking.search.is_done and not is_late:
                    return
                self._marking = None
                marking.then(marking.run.end_search(marking.search))
                self._send({"op": "done", "marker": marking.marker})
            if not self._later:
                return
            message = self._later.popleft()
            operation, run = message["op"], self._newest
            if operation == "begin":
                self._on_begin(message)
            elif operation == "end":
                self._on_end(message)
            elif operation == "row":
                self._on_row(message)
            elif operation == "earlier" and run is not None and run.awaits_earlier:
                data = decode(message["data"])
                run.take_earlier(message["stream"], message["time"], data)

    def _on_begin(self, message: dict[str, Any]) -> None:
        config, marker, outer = message["run"], message.get("marker"), self._newest
        descriptors = self._link.take_descriptors(3 if config["separate"] else 2)
        if marker is not None and outer is not None:
            self._search(outer, marker, None, partial(self._begin, config, descriptors))
            return
        behind, self._behind = self._behind, {}
        self._begin(config, descriptors, behind)
        if marker is not None:
            self._send({"op": "done", "marker": marker})

    def _begin(
        self, config: dict[str, Any], descriptors: list[int], behind: dict[int, bytes]
    ) -> None:
        """Begin a run; `behind`: what was read of its streams already."""
        try:
            self._belong_to(config["run_dir"])
            run = CellRun(
                config, descriptors, self._kernel, self._poll, self._wake, echo=self._echo.send
            )
        except OSError as error:
            for fd in descriptors:
                with contextlib.suppress(OSError):
                    os.close(fd)
            if os.path.isdir(config["run_dir"]):
                why = f"its log cannot be created ({error.strerror or error})"
            else:
                why = removed(config["run_dir"])
            self._belong_to_newest()
            self._send({"op": "failed", "run_id": config["run_id"], "error": why})
            self._take_behind(behind)
            return
        run.take_behind(behind)
        self._open.append(run)

    def _on_end(self, message: dict[str, Any]) -> None:
        marker, run = message["marker"], self._newest
        if run is None or run.run_id != message["run_id"]:  # it could not be stored
            self._send({"op": "done", "marker": marker})
            return
        outcome = Outcome(**message["outcome"])

        def end(behind: dict[int, bytes]) -> None:
            self._open.pop()
            self._finish(run, outcome)
            self._take_behind(behind)

        self._search(run, marker, outcome, end)

    def _on_row(self, message: dict[str, Any]) -> None:
        marker, run = message["marker"], self._newest
        if run is None or run.run_id != message["run_id"]:  # it could not be stored
            self._send({"op": "done", "marker": marker})
            return

        def add(behind: dict[int, bytes]) -> None:
            run.take_row(message["stream"], decode(message["data"]))
            run.take_behind(behind)

        self._search(run, marker, None, add)

    def _search(
        self,
        run: CellRun,
        marker: str,
        outcome: Outcome | None,
        then: Callable[[dict[int, bytes]], None],
    ) -> None:
        """Ask the kernel to print a marker, and read a run up to it."""
        self._marking = Marking(run, run.search(marker.encode()), marker, outcome, then)
        self._send({"op": "marking", "marker": marker})

    def _take_behind(self, behind: dict[int, bytes]) -> None:
        """Take what was read behind the marker of a run that has ended: it is the outer one's."""
        if (run := self._newest) is not None:
            run.take_behind(behind)
            return
        if behind and not self._is_alone:
            with contextlib.suppress(EOFError):  # the loop sees it, too
                self._sort(self._link.receive())
        if self._later and self._later[0]["op"] == "begin":
            self._behind = behind  # the next run had begun before it was printed
            return
        for stream, data in behind.items():
            self._echo.send(stream, data)

    def _finish(self, run: CellRun, outcome: Outcome) -> None:
        run.end(outcome)
        self._closing.add(run)
        self._belong_to_newest()

    def _abandon(self, run: CellRun) -> None:
        """Tell the kernel that a run cannot be stored any more."""
        marking, behind = self._marking, dict[int, bytes]()
        if marking is not None and marking.run is run:
            self._marking = None
            behind = run.end_search(marking.search)
            self._open.remove(run)
            if marking.outcome is None:
                marking.then(behind)
            self._send({"op": "done", "marker": marking.marker})
        else:
            self._open.remove(run)
        run.abandon()
        self._belong_to_newest()
        self._send({"op": "failed", "run_id": run.run_id, "error": run.lost})

    def _end_all(self, outcome: Outcome) -> None:
        marking, self._marking = self._marking, None
        if marking is not None:
            behind = marking.run.end_search(marking.search)
            if marking.outcome is None:
                marking.then(behind)  # the inner run begins, and ends at once
            else:
                marking.run.take_behind(behind)
        if (newest := self._newest) is not None:
            newest.drain()
        while self._open:
            run = self._open.pop()
            known = marking.outcome if marking is not None and marking.run is run else None
            self._finish(run, known or outcome)
        self._link.close()
        self._is_over = True

    def _send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # its end is seen by the loop
            self._link.send(message)

    def _belong_to_newest(self) -> None:
        """Belong to the innermost run that is open, or to none."""
        newest = self._newest
        with contextlib.suppress(OSError):
            if newest is None:
                os.chdir("/")
            else:
                self._belong_to(newest.run_dir)

    def _belong_to(self, run_dir: str) -> None:
        """Show others which run this process belongs to, and where its last words are."""
        os.chdir(run_dir)
        fd = open_regular(os.path.join(run_dir, fmt.SUPERVISOR_LOG), _APPEND)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        os.close(fd)
