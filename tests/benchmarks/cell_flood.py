"""A cell that prints ten million lines in JupyterLab, watched, and beside it a plain one.

    python tests/benchmarks/cell_flood.py [--lines 10000000] [--few 20000] [--json FILE]

A real JupyterLab, kernel and Chromium, all on this machine. A plain cell and a watched one print
`few` lines, then a watched one prints `lines`. For each: the lines that were kept, in the log or in
the cell; the seconds until the kernel is done; the processor time of kernel and supervisor for a
line, in µs; the intervals between animation frames of the page meanwhile (60 Hz: 16.7 ms), frames
per second, and how much of a core the page's own thread took (a page that waits for a busy machine
misses frames, but takes little); and the size of the saved notebook.
"""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

from common import arguments, percentile, report, workspace

# isort: split
# `common` makes the others importable.
from browser.jupyter_page import JupyterPage
from browser.shared import application_server
from playwright.sync_api import Browser, Page, sync_playwright
from support.jupyter_process import JupyterProcess
from support.programs import CHROMIUM_OPTIONS, chromium

TEXT = "of the second pass over the data"
CODE = "for number in range({lines}): print('step', number, 'loss', 0.25, {text!r})"
MEASURE = """async cell => {
    window.jupyterapp.shell.currentWidget.content.activeCellIndex = cell;
    const times = [];
    let goesOn = true;
    const frame = now => {
        times.push(now);
        if (goesOn) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const begin = performance.now();
    await window.jupyterapp.commands.execute('notebook:run-cell');
    goesOn = false;
    return [(performance.now() - begin) / 1000, times];
}"""
KERNEL_PID = "__import__('os').getpid()"
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


def processor_seconds(*pids: int) -> float:
    """Processor time that processes have used, user and system (proc_pid_stat(5))."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) * TICK_SECONDS


def supervisors(kernel: int) -> list[int]:
    """The supervisor of a kernel's cells, once it has one."""
    words = (b"cells/boot.py", str(kernel).encode())
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            given = path.read_bytes().split(b"\0")
        except OSError:  # it has ended
            continue
        if words[1] in given and any(each.endswith(words[0]) for each in given):
            found.append(int(path.parent.name))
    return found


class Tasks:
    """The processor time of a page's main thread."""

    def __init__(self, page: Page) -> None:
        """Begin to count."""
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds(self) -> float:
        """Its seconds so far."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def line(number: int) -> str:
    """A line as the cell prints it."""
    return f"step {number} loss 0.25 {TEXT}\n"


def whole_lines(log: Path) -> int:
    """How many of the lines are in a log, one after the other from the first."""
    with log.open() as file:
        return sum(1 for number, text in enumerate(file) if text == line(number))


def measure(page: JupyterPage, name: str, lines: int, *, watched: bool) -> dict[str, Any]:
    """Run the cell in a notebook of its own, and save that."""
    magic = "%%watch --name flood\n" if watched else ""
    page.open(name, f"{magic}print('warm')", magic + CODE.format(lines=lines, text=TEXT))
    page.page.evaluate(MEASURE, 0)
    kernel = page.python(KERNEL_PID)
    processes = [kernel, *(supervisors(kernel) if watched else [])]
    tasks = Tasks(page.page)
    before, page_before = processor_seconds(*processes), tasks.seconds()
    seconds, times = page.page.evaluate(MEASURE, 1)
    used, page_used = processor_seconds(*processes) - before, tasks.seconds() - page_before
    if watched:
        page.wait_state("completed", 1)
        page.wait_lines(lines, 1)
        logs = page.server.data_dir.glob("runs/*/output.log")
        kept = whole_lines(max(logs, key=lambda path: path.stat().st_mtime))
        page.save()
    else:
        page.save()
        outputs = page.read(name)["cells"][1]["outputs"]
        texts = [each["text"] for each in outputs if each.get("name") == "stdout"]
        kept = sum("".join(text).count("\n") for text in texts)
    intervals = [later - earlier for earlier, later in pairwise(times)]
    return {
        "cell": "watched" if watched else "plain",
        "lines": lines,
        "kept": kept,
        "seconds": seconds,
        "lines/s": round(lines / seconds),
        "CPU us/line": 1e6 * used / lines,
        "frames/s": len(intervals) / seconds,
        "frame p50 ms": percentile(intervals, 50),
        "p99 ms": percentile(intervals, 99),
        "worst ms": max(intervals),
        "page cores": page_used / seconds,
        "notebook kB": (page.server.root_dir / name).stat().st_size / 1000,
    }


def all_cells(browser: Browser, server: JupyterProcess, folder: Path, given: Any) -> list[Any]:
    """The rows of the table, each in a tab of its own."""
    rows = []
    for name, lines, watched in (
        ("plain", given.few, False),
        ("watched", given.few, True),
        ("flood", given.lines, True),
    ):
        tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page = JupyterPage(tab, server, folder)
        rows.append(measure(page, f"{name}.ipynb", lines, watched=watched))
        tab.context.close()
    return rows


def main() -> None:
    """Measure and report."""
    given = arguments(__doc__, lines=10_000_000, few=20_000)
    with workspace() as folder, sync_playwright() as playwright:
        server = application_server(folder / "home", "jupyterlab")
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS)
            rows = all_cells(browser, server, folder, given)
        finally:
            server.end_runs()
            server.stop()
    report("A flood in a cell of JupyterLab", rows, given.json)


if __name__ == "__main__":
    main()
