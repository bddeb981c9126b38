"""Whether everybody can read and use what a tab shows, in both themes, at three widths."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from browser.run_page import RunPage
from playwright.sync_api import expect
from support.programs import packages

SCHEMES = ("light", "dark")
WIDTHS = (1300, 752, 420)
LOOKS = (("light", 1300), ("dark", 752), ("light", 420))
"""What is looked at without ``--whole``."""
# Elements that may not overflow: nobody could scroll there.
BARS = ".prismq-toolbar, .prismq-find, .prismq-input-line, .prismq-banner, .prismq-note-background"
TOO_WIDE = f"""() => [...document.querySelectorAll('{BARS}')]
    .filter((bar) => bar.checkVisibility() && bar.scrollWidth > bar.clientWidth)
    .map((bar) => `${{bar.className}}: ${{bar.scrollWidth}} in ${{bar.clientWidth}} px`)"""


@cache
def axe() -> str:
    """The script of axe-core, in the version that the front end pins."""
    with TemporaryDirectory() as scratch:
        path = packages(Path(scratch)) / "node_modules" / "axe-core" / "axe.min.js"
        return path.read_text()


def assert_legible(tab: RunPage, name: str, *, whole: bool) -> None:
    """Check that axe finds no violation in the viewer, and no bar overflows.

    A picture of each is kept, as `name`; `whole`: of every width in both themes.
    """
    tab.page.evaluate(axe())
    for scheme, width in itertools.product(SCHEMES, WIDTHS) if whole else LOOKS:
        tab.page.emulate_media(color_scheme=scheme)
        tab.page.set_viewport_size({"width": width, "height": 420})
        expect(tab.root).to_have_css("color-scheme", scheme)
        tab.screenshot(f"{name}-{scheme}-{width}")
        found = tab.page.evaluate("async () => (await axe.run('.prismq-root')).violations")
        named = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
        assert named == [], (scheme, width, named)
        assert tab.page.evaluate(TOO_WIDE) == [], (scheme, width)
