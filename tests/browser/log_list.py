"""The list of a viewer, as a user sees and moves it."""

from __future__ import annotations

from typing import Any

from browser.run_page import RunPage
from playwright.sync_api import CDPSession

_ROWS = """() => {
    const box = document.querySelector('.prismq-scroller');
    const top = box.getBoundingClientRect().top;
    const isSeen = at => at.bottom > top + 0.01 && at.top < top + box.clientHeight - 0.01;
    return [...box.querySelectorAll('.prismq-row')]
        .map(row => [row, row.getBoundingClientRect()])
        .filter(([, at]) => isSeen(at))
        .map(([row, at]) => ({
            line: row.dataset.line === undefined ? null : Number(row.dataset.line),
            text: row.querySelector('.prismq-message')?.textContent ?? null,
            top: at.top - top,
            bottom: at.bottom - top,
        }));
}"""
_FILLED = (
    "() => document.querySelector('.prismq-row[data-line]') &&"
    " !document.querySelector('.prismq-row-hole')"
)
_RESTS = """() => new Promise(done => {
    const box = document.querySelector('.prismq-scroller');
    let [last, frames] = [null, 0];
    const look = () => {
        const place = row => `${row.dataset.line} ${row.getBoundingClientRect().top}`;
        const rows = [...box.querySelectorAll('.prismq-row')].map(place).join();
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
    const look = () => {
        if (root.querySelector('.prismq-row[data-line]')) done(performance.now() - begin);
        else requestAnimationFrame(look);
    };
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
        """The visible rows, from above.

        For each the number of its line or None, the text, top and bottom in px from the list's
        upper edge.
        """
        return self.page.evaluate(_ROWS)

    def filled(self) -> list[dict[str, Any]]:
        """The same as soon as no line is waited for and nothing moves."""
        self.page.wait_for_function(_FILLED)
        self.page.evaluate(_RESTS)
        self.page.wait_for_function(_FILLED)
        return self.rows()

    def stays(self, before: list[dict[str, Any]]) -> None:
        """Check that the rows of an earlier `filled` have not moved.

        With some fonts a figure that appears or disappears wraps the bar above, and the list has
        some rows more or less at its lower edge.
        """
        after = self.filled()
        common = min(len(before), len(after))
        assert before[:common] == after[:common]
        assert common > len(before) / 2

    @property
    def height(self) -> float:
        """Px of the list that are visible; other bars may appear above it at any time."""
        return float(self.box.evaluate("box => box.clientHeight"))

    def mount(self, run_id: str, **options: object) -> None:
        """Put another viewer, with options, in place of the page's.

        It has no timeline, which appears when it is ready and takes space.
        """
        self.page.evaluate(_MOUNT, [run_id, {"fill": True, "timeline": False, **options}])

    def first_lines(self, run_id: str) -> float:
        """Milliseconds from mounting a viewer of a run that is new to the page to its first
        line.
        """
        return float(self.page.evaluate(_FIRST_LINES, [run_id, {"height": 400}]))

    def drag(self, part: float) -> None:
        """Move the scroll bar to a part (0 to 1) of its way, like dragging it."""
        self.box.evaluate(
            "(box, part) => { box.scrollTop = part * (box.scrollHeight - box.clientHeight); }", part
        )

    def wheel(self, pixels: float) -> None:
        """Turn the wheel over the list."""
        self.box.hover(position={"x": 300, "y": 100})
        self.page.mouse.wheel(0, pixels)

    def press(self, key: str) -> None:
        """Press a key in the list."""
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
