"""Whether what a tab shows can be read and used by everybody, in both themes, at three widths."""

from __future__ import annotations

import itertools
from pathlib import Path

from browser.run_page import RunPage
from playwright.sync_api import expect

AXE = Path(__file__).parents[2].joinpath("prismq_nb", "frontend", "node_modules", "axe-core", "axe.min.js")
SCHEMES = ("light", "dark")
WIDTHS = (1300, 752, 420)
LOOKS = (("light", 1300), ("dark", 752), ("light", 420))
"""What is looked at without ``--whole``."""
# What may not reach out of its place: nobody could scroll there.
BARS = ".prismq-toolbar, .prismq-find, .prismq-input-line, .prismq-banner, .prismq-note-background"
TOO_WIDE = f"""() => [...document.querySelectorAll('{BARS}')]
    .filter((bar) => bar.checkVisibility() && bar.scrollWidth > bar.clientWidth)
    .map((bar) => `${{bar.className}}: ${{bar.scrollWidth}} in ${{bar.clientWidth}} px`)"""


def assert_legible(tab: RunPage, name: str, *, whole: bool) -> None:
    """No violation that axe finds in the viewer, and no bar wider than its place.

    A picture of each is kept, as `name`; `whole`: of every width in both themes.
    """
    tab.page.evaluate(AXE.read_text())
    for scheme, width in itertools.product(SCHEMES, WIDTHS) if whole else LOOKS:
        tab.page.emulate_media(color_scheme=scheme)
        tab.page.set_viewport_size({"width": width, "height": 420})
        expect(tab.root).to_have_css("color-scheme", scheme)
        tab.screenshot(f"{name}-{scheme}-{width}")
        found = tab.page.evaluate("async () => (await axe.run('.prismq-root')).violations")
        named = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
        assert named == [], (scheme, width, named)
        assert tab.page.evaluate(TOO_WIDE) == [], (scheme, width)
