"""The list of a viewer, as a person sees and moves it."""

from __future__ import annotations

from typing import Any

from browser.run_page import RunPage
from playwright.sync_api import CDPSession

_ROWS = """() => {
    const box = document.querySelector('.prismq-scroller');
    const top = box.getBoundingClientRect().top;
    const rows = [...box.querySelectorAll('.prismq-row')].map(row => [row, row.getBoundingClientRect()]);
    return rows.filter(([, at]) => at.bottom > top + 0.01 && at.top < top + box.clientHeight - 0.01).map(([row, at]) => ({
        line: row.dataset.line === undefined ? null : Number(row.dataset.line),
        text: row.querySelector('.prismq-message')?.textContent ?? null, top: at.top - top, bottom: at.bottom - top}));
}"""
_FILLED = "() => document.querySelector('.prismq-row[data-line]') && !document.querySelector('.prismq-row-hole')"
_RESTS = """() => new Promise(done => {
    const box = document.querySelector('.prismq-scroller');
    let [last, frames] = [null, 0];
    const look = () => {
        const rows = [...box.querySelectorAll('.prismq-row')].map(row => `${row.dataset.line} ${row.getBoundingClientRect().top}`).join();
        frames = rows === last ? frames + 1 : 0;
        last = rows;
        if (frames > 15) done(); else requestAnimationFrame(look);
    };
    look();
})"""
_MOUNT = """([run, options]) => {
    document.body.replaceChildren();
    globalThis[Symbol.for('prismq_nb.viewer.v1')].mountRun(document.body, {run_id: run, options});
}"""
_FIRST_LINES = """([run, options]) => new Promise(done => {
    const begin = performance.now();
    globalThis[Symbol.for('prismq_nb.viewer.v1')].mountRun(document.body, {run_id: run, options});
    const root = [...document.querySelectorAll('.prismq-root')].at(-1);
    const look = () => root.querySelector('.prismq-row[data-line]') ? done(performance.now() - begin) : requestAnimationFrame(look);
    look();
})"""
_FRAMES = """seconds => new Promise(done => {
    const [times, totals] = [[], []];
    const frame = now => {
        times.push(now);
        totals.push(Number(document.querySelector('.prismq-root').dataset.lines));
        if (now - times[0] < seconds * 1000) requestAnimationFrame(frame);
        else done([times.slice(1).map((time, i) => time - times[i]), totals]);
    };
    requestAnimationFrame(frame);
})"""


class LogList:
    """The list in a `RunPage`."""

    def __init__(self, run_page: RunPage) -> None:
        self.run_page = run_page
        self.page = run_page.page
        self.box = self.page.locator(".prismq-scroller")

    def rows(self) -> list[dict[str, Any]]:
        """The rows that can be seen, from above: number of its line or None, text, top and bottom in px from the list's upper edge."""
        return self.page.evaluate(_ROWS)

    def filled(self) -> list[dict[str, Any]]:
        """The same as soon as no line is waited for and nothing moves."""
        self.page.wait_for_function(_FILLED)
        self.page.evaluate(_RESTS)
        self.page.wait_for_function(_FILLED)
        return self.rows()

    def stays(self, before: list[dict[str, Any]]) -> None:
        """Check that the rows of an earlier `filled` stand where they stood.

        With some fonts a figure that comes or goes wraps the bar above, and the list has some rows
        more or less at its lower edge.
        """
        after = self.filled()
        common = min(len(before), len(after))
        assert before[:common] == after[:common]
        assert common > len(before) / 2

    @property
    def height(self) -> float:
        """Px of the list that can be seen; other bars may come above it at any time."""
        return float(self.box.evaluate("box => box.clientHeight"))

    def mount(self, run_id: str, **options: object) -> None:
        """Another viewer, with options, in place of the page's. It has no time line, which comes when it is ready and takes room."""
        self.page.evaluate(_MOUNT, [run_id, {"fill": True, "timeline": False, **options}])

    def first_lines(self, run_id: str) -> float:
        """Ms from mounting a viewer of a run, one that the page has not seen yet, to its first line."""
        return float(self.page.evaluate(_FIRST_LINES, [run_id, {"height": 400}]))

    def drag(self, part: float) -> None:
        """Puts the scroll bar to a part (0 to 1) of its way, as dragging it does."""
        self.box.evaluate("(box, part) => { box.scrollTop = part * (box.scrollHeight - box.clientHeight); }", part)

    def wheel(self, pixels: float) -> None:
        """Turns the wheel over the list."""
        self.box.hover(position={"x": 300, "y": 100})
        self.page.mouse.wheel(0, pixels)

    def press(self, key: str) -> None:
        """Presses a key in the list."""
        self.box.press(key)

    def frames(self, seconds: float) -> tuple[list[float], list[int]]:
        """Ms between animation frames for so long, and the count of lines shown at each."""
        intervals, totals = self.page.evaluate(_FRAMES, seconds)
        return intervals, totals

    def heap(self) -> int:
        """Bytes of the page's JavaScript that are in use."""
        return heap(self.page.context.new_cdp_session(self.page))


def heap(session: CDPSession) -> int:
    """Bytes of a tab's JavaScript that are in use, garbage collected."""
    session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])
