"""Where a viewer stands: its page, a saved notebook without a kernel, a cell with a live model, a layout."""

from __future__ import annotations

import re

from playwright.sync_api import expect

ENDLESS = "import itertools, time\nfor i in itertools.count():\n    print('INFO: tick', i)\n    time.sleep(0.05)"
ASKS = "for i in range(300): print(i)\ninput()"


class TestThePage:
    def test_it_fills_the_window_and_its_title_says_how_the_run_is(self, run_page):
        run_page.start(ASKS, name="collect")
        run_page.open()
        run_page.wait_lines(300)
        expect(run_page.page).to_have_title("collect · running")
        expect(run_page.root.locator(".prismq-row[data-line='299']")).to_be_visible()
        for width, height in ((1280, 860), (700, 400)):
            run_page.page.set_viewport_size({"width": width, "height": height})
            expect(run_page.root).to_have_css("height", f"{height}px")
            assert {"x": 0, "y": 0, "width": width, "height": height} == run_page.root.bounding_box()
            scroller = run_page.root.locator(".prismq-scroller").bounding_box()
            assert height == scroller["y"] + scroller["height"]
        run_page.send("\n")
        expect(run_page.page).to_have_title("collect · completed")

    def test_the_token_that_somebody_came_with_does_not_stay_in_the_address(self, run_page):
        run_page.start(ASKS)
        run_page.open(fragment="#L7")
        run_page.wait_lines(300)
        assert f"{run_page.server.url}prismq/runs/{run_page.run_id}#L7" == run_page.page.url
        run_page.page.reload()
        run_page.wait_lines(300)

    def test_it_is_light_or_dark_as_the_browser_is_and_changes_with_it(self, run_page):
        run_page.start(ASKS, name="theme")
        for scheme in ("dark", "light"):
            run_page.page.emulate_media(color_scheme=scheme)
            run_page.open()
            run_page.wait_lines(300)
            expect(run_page.root).to_have_css("color-scheme", scheme)
            run_page.screenshot(scheme)
        run_page.page.emulate_media(color_scheme="dark")
        expect(run_page.root).to_have_css("color-scheme", "dark")
        assert "rgb(20, 22, 26)" == run_page.page.evaluate("() => getComputedStyle(document.body).backgroundColor")

    def test_its_requests_carry_the_login_so_a_run_can_be_stopped(self, run_page):
        run_page.start(ASKS, name="stopped")
        run_page.open()
        run_page.wait_lines(300)
        run_page.root.locator(".prismq-button-stop").click()
        expect(run_page.page).to_have_title("stopped · cancelled")

    def test_its_policy_is_in_force(self, run_page):
        """So that the other tests' empty console means something."""
        run_page.start("pass")
        run_page.open()
        run_page.wait_state("completed")
        run_page.page.evaluate("() => { const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s); }")
        assert run_page.page.evaluate("() => window.hacked") is None
        assert re.search("Content Security Policy", run_page.errors.pop())

    def test_a_run_that_there_is_not_is_said_readably(self, run_page):
        run_page.open("run_20251031_120000_none_abc123")
        expect(run_page.page.get_by_role("heading")).to_have_text("There is no such run here")
        expect(run_page.page.get_by_role("link", name="Back to Jupyter")).to_be_visible()
        assert ["404 (Not Found)"] == [re.sub(".*status of ", "", error) for error in run_page.errors]
        run_page.errors.clear()
