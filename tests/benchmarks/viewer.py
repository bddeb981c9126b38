"""The viewer under load in a real Chromium: a flood, a big log, fast scrolling.

    python tests/benchmarks/viewer.py [--megabytes 10000] [--seconds 6] [--json FILE]

Browser, server and module share the machine. Frames are intervals between animation frames (60 Hz:
16.7 ms). "Blank" is a frame at whose beginning the browser had scrolled past the rows that were
drawn; the rows follow within it.
"""

from __future__ import annotations

import random
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import requests
from common import arguments, median, percentile, report, workspace

# isort: split
# `common` makes the others importable.
from browser.log_list import LogList
from browser.run_page import RunPage
from playwright.sync_api import Browser, sync_playwright
from support.bulk import fill, numbered
from support.journals import MadeRun
from support.jupyter_process import JupyterProcess
from support.programs import CHROMIUM_OPTIONS, chromium

TEXT = (
    b"2025-10-31 12:00:01 INFO  collector.worker: item ######### stored in 12.3 ms by worker 7 of"
    b" 16, next"
)
"""100 bytes with its newline."""
FLOOD = (
    "import itertools\nfor i in itertools.count(): print('INFO: item', i, 'stored by worker 7 of 16"
    " in the archive')"
)
ROUNDS = 5
DRAGS = 40
WHEELS, WHEEL_PX = 150, 400
BLANKS = """() => {
    const box = document.querySelector('.prismq-scroller');
    const rows = box.querySelector('.prismq-rows');
    window.seen = [];
    document.addEventListener('scroll', () => {
        const [outer, inner] = [box.getBoundingClientRect(), rows.getBoundingClientRect()];
        const [above, below] = [inner.top - outer.top, outer.bottom - inner.bottom];
        const hidden = Math.max(0, above) + Math.max(0, below);
        const holes = box.querySelectorAll('.prismq-row-hole').length;
        window.seen.push([performance.now(), hidden, holes]);
    }, {capture: true});
}"""


def big_log(server: JupyterProcess, lines: int) -> str:
    """A finished run of so many lines."""
    run = MadeRun(server.data_dir)
    run.now = int(time.time() * 1e6)
    fill(run, lines, *numbered(lines, TEXT))
    return run.run_id


class Bench:
    """Tabs of one browser on one server."""

    def __init__(self, browser: Browser, server: JupyterProcess, folder: Path) -> None:
        self.browser = browser
        self.server = server
        self.folder = folder

    def tab(self) -> LogList:
        """A fresh tab with a tiny run, so that the viewer's script is loaded."""
        page = self.browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
        shown = LogList(RunPage(page, self.server, self.folder))
        shown.run_page.start("print(1)")
        shown.run_page.open()
        shown.run_page.wait_state("completed")
        return shown

    def first_lines(self, run_id: str) -> dict[str, float]:
        """Ms from mounting to the first lines."""
        times = []
        for _ in range(ROUNDS):
            shown = self.tab()
            times.append(shown.first_lines(run_id))
            shown.page.context.close()
        return {"first lines, median ms": median(times), "first lines, worst ms": max(times)}

    def flood(self, seconds: float) -> dict[str, float]:
        """Frames while a module prints at full speed."""
        shown = self.tab()
        empty = shown.heap()
        shown.run_page.start(FLOOD, unbuffered=False)
        shown.run_page.open()
        shown.run_page.wait_lines(10_000)
        intervals, totals = shown.frames(seconds)
        heap = shown.heap()
        requests.delete(
            f"{self.server.url}api/runs/{shown.run_page.run_id}",
            headers=self.server.headers,
            timeout=10,
        )
        shown.page.context.close()
        frames = {f"flood, frame p{part} ms": percentile(intervals, part) for part in (50, 95, 99)}
        updates = sum(one != other for one, other in pairwise(totals))
        speed = (totals[-1] - totals[0]) / seconds
        return {
            **frames,
            "flood, updates/s": updates / seconds,
            "flood, lines/s": speed,
            "flood, heap MB more": (heap - empty) / 1e6,
        }

    def scrolling(self, run_id: str, lines: int) -> dict[str, float]:
        """Drag to any place, then turn the wheel fast over lines that are there."""
        shown = self.tab()
        empty = shown.heap()
        shown.run_page.open(run_id)
        shown.run_page.wait_lines(lines)
        chance = random.Random(1)
        waits = []
        for _ in range(DRAGS):
            begin = time.perf_counter()
            shown.drag(chance.random())
            shown.page.evaluate("() => new Promise(requestAnimationFrame)")
            shown.page.wait_for_function("() => !document.querySelector('.prismq-row-hole')")
            waits.append((time.perf_counter() - begin) * 1e3)
        heap = shown.heap()
        shown.drag(0.5)
        shown.filled()
        shown.page.evaluate(BLANKS)
        shown.wheel(0)
        seen: list[Any] = []
        for direction in (1, -1):  # the second time, the lines are there
            shown.page.evaluate("() => { window.seen = []; }")
            for _ in range(WHEELS):
                shown.page.mouse.wheel(0, direction * WHEEL_PX)
            shown.filled()
            seen = shown.page.evaluate("() => window.seen")
        shown.page.context.close()
        moments = [moment for moment, _, _ in seen]
        return {
            "drag to lines, median ms": median(waits),
            "drag to lines, p95 ms": percentile(waits, 95),
            "scrolled, heap MB more": (heap - empty) / 1e6,
            "fast scrolling, px/s": WHEELS * WHEEL_PX / (moments[-1] - moments[0]) * 1e3,
            "fast scrolling, blank frames %": (
                100 * sum(hidden > 1 for _, hidden, _ in seen) / len(seen)
            ),
            "fast scrolling, frames with holes %": (
                100 * sum(holes > 0 for _, _, holes in seen) / len(seen)
            ),
        }


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, megabytes=10_000, seconds=6)
    lines = options.megabytes * 10_000
    with workspace() as folder:
        server = JupyterProcess(folder / "home", options=("--PrismQApp.keep_bytes=0",))
        try:
            run_id = big_log(server, lines)
            server.launch()
            with sync_playwright() as playwright:
                bench = Bench(
                    playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS),
                    server,
                    folder,
                )
                figures = (
                    bench.first_lines(run_id)
                    | bench.scrolling(run_id, lines)
                    | bench.flood(options.seconds)
                )
        finally:
            server.stop()
    report(
        f"viewer, {lines:,} lines",
        [{"what": what, "value": value} for what, value in figures.items()],
        options.json,
    )


if __name__ == "__main__":
    main()
