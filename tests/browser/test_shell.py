"""Where a viewer can be: its page, a saved notebook without a kernel, a cell with a live model, a
layout.
"""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

LAB_IS_ENOUGH = True  # with --whole Notebook 7 is tested, too

OLDEST_TOO = True
pytestmark = pytest.mark.timeout(400)  # the oldest applications are installed first
MIME_TYPE = "application/vnd.prismq.run+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
ENDLESS = """\
import itertools, time
for i in itertools.count():
    print('INFO: tick', i)
    time.sleep(0.05)"""
ASKS = "for i in range(300): print(i)\ninput()"


class TestThePage:
    def test_it_fills_the_window_and_its_title_has_the_state_of_the_run(self, run_page):
        run_page.start(ASKS, name="collect")
        run_page.open()
        run_page.wait_lines(300)
        expect(run_page.page).to_have_title(re.compile("collect · (running|waiting for input)$"))
        expect(run_page.root.locator(".prismq-row[data-line='299']")).to_be_visible()
        field = run_page.root.locator(".prismq-input")  # appears below the log once the run waits
        expect(field).to_be_visible()
        expect(run_page.page).to_have_title("● collect · waiting for input")
        for width, height in ((1280, 860), (700, 400)):
            run_page.page.set_viewport_size({"width": width, "height": height})
            links = run_page.page.get_by_role("navigation").bounding_box()
            assert links is not None
            top = links["height"]
            assert top < 40
            expect(run_page.root).to_have_css("height", f"{height - top:g}px")
            assert {
                "x": 0,
                "y": top,
                "width": width,
                "height": height - top,
            } == run_page.root.bounding_box()
            scroller = run_page.root.locator(".prismq-scroller").bounding_box()
            below = field.bounding_box()
            assert below["y"] == scroller["y"] + scroller["height"]
            assert height == below["y"] + below["height"]
        run_page.send("\n")
        expect(run_page.page).to_have_title("collect · completed")

    @pytest.mark.parametrize("width", [1280, 848, 700])
    def test_figures_are_cut_before_the_name(self, run_page, width):
        run_page.page.set_viewport_size({"width": width, "height": 400})
        for name in ("ask", "collect-articles"):
            run_page.start(ASKS, name=name)
            run_page.open()
            run_page.wait_lines(300)
            shown = run_page.root.locator(".prismq-name")
            expect(shown).to_have_text(name)
            assert shown.evaluate("node => node.scrollWidth <= node.clientWidth"), name
            run_page.send("\n")

    def test_a_token_in_the_address_is_removed(self, run_page):
        run_page.start(ASKS)
        run_page.open(fragment="#L7")
        run_page.wait_lines(300)
        assert f"{run_page.server.url}prismq/runs/{run_page.run_id}#L7" == run_page.page.url
        run_page.page.reload()
        run_page.wait_lines(300)

    def test_its_address_names_a_line_to_open_at(self, run_page):
        run_page.start("for i in range(5000): print(i)")
        run_page.open(fragment="#L124")
        expect(run_page.root.locator(".prismq-row[data-line='123']")).to_be_in_viewport()
        expect(run_page.root.locator(".prismq-row[data-line='4999']")).to_have_count(0)
        run_page.page.evaluate("() => { location.hash = '#L4001'; }")
        expect(run_page.root.locator(".prismq-row[data-line='4000']")).to_be_in_viewport()
        run_page.page.evaluate("() => { location.hash = '#nonsense'; }")
        expect(run_page.root.locator(".prismq-row[data-line='4000']")).to_be_in_viewport()

    def test_it_follows_the_browser_s_light_or_dark_theme(self, run_page):
        run_page.start(ASKS, name="theme")
        for scheme in ("dark", "light"):
            run_page.page.emulate_media(color_scheme=scheme)
            run_page.open()
            run_page.wait_lines(300)
            expect(run_page.root).to_have_css("color-scheme", scheme)
            run_page.screenshot(scheme)
        run_page.page.emulate_media(color_scheme="dark")
        expect(run_page.root).to_have_css("color-scheme", "dark")
        assert "rgb(20, 22, 26)" == run_page.page.evaluate(
            "() => getComputedStyle(document.body).backgroundColor"
        )

    def test_its_requests_carry_the_login_so_a_run_can_be_stopped(self, run_page):
        run_page.start(ASKS, name="stopped")
        run_page.open()
        run_page.wait_lines(300)
        run_page.root.locator(".prismq-button-stop").click()
        expect(run_page.page).to_have_title("stopped · cancelled")

    def test_its_policy_is_in_force(self, run_page):
        """So that the empty console in other tests means something."""
        run_page.start("pass")
        run_page.open()
        run_page.wait_state("completed")
        run_page.page.evaluate(
            "() => { const s = document.createElement('script'); s.textContent = 'window.hacked ="
            " 1'; document.body.append(s); }"
        )
        assert run_page.page.evaluate("() => window.hacked") is None
        assert re.search("Content Security Policy", run_page.errors.pop())

    def test_an_unknown_run_is_reported_readably(self, run_page):
        run_page.expected = ("Failed to load resource: the server responded with a status of 404",)
        run_page.open("run_20251031_120000_none_abc123")
        expect(run_page.page.get_by_role("heading")).to_have_text("Run not found")
        expect(run_page.page.get_by_role("link", name="Back to Jupyter")).to_be_visible()


def output(run_id: str, **options: object) -> dict:
    """The output of a cell: with a widget view, as it is saved, but without the widget's state."""
    data = {
        WIDGET: {"model_id": "0" * 32, "version_major": 2, "version_minor": 1},
        MIME_TYPE: {"run_id": run_id, "key": "0" * 32, **options},
        "text/html": "<div>the static tail</div>",
        "text/plain": "the static tail",
    }
    return {"output_type": "display_data", "data": data, "metadata": {}}


class TestASavedNotebook:
    """Written by somebody else: no kernel, no widget state, not trusted."""

    def test_it_shows_the_run_live_without_a_kernel_even_when_its_cell_is_moved(self, jupyter):
        run_id = jupyter.start_run(ENDLESS, name="ticks")
        jupyter.open_without_kernel("saved.ipynb", output(run_id, timestamps="off"))
        jupyter.wait_lines(5)
        assert jupyter.notebook("content.widgets[0].model.trusted") is False
        assert jupyter.notebook("sessionContext.session?.kernel ?? null") is None
        expect(jupyter.viewer()).to_have_attribute("data-timestamps", "off")
        jupyter.screenshot("saved-light")
        first = jupyter.viewer().element_handle()
        jupyter.command("notebook:move-cell-down")
        jupyter.page.wait_for_function("first => !first.isConnected", arg=first)
        jupyter.wait_lines(jupyter.lines() + 10)
        expect(jupyter.page.locator(".prismq-root")).to_have_count(1)
        jupyter.theme("JupyterLab Dark")
        jupyter.screenshot("saved-dark")
        jupyter.theme("JupyterLab Light")
        expect(
            jupyter.page.locator(".jp-OutputArea-output", has_text="the static tail")
        ).to_have_count(0)
        jupyter.viewer().locator(".prismq-button-stop").click()
        jupyter.wait_state("cancelled")


class TestALiveModel:
    def test_traits_and_viewers_agree_in_a_cell_and_in_a_layout_across_a_reload_and_a_restart(
        self, jupyter
    ):
        code = """\
import prismq_nb, ipywidgets
run = prismq_nb.launch(code={!r}, name='ticks')
viewer = prismq_nb.LogViewer(run)
viewer"""
        jupyter.open(
            "live.ipynb",
            code.format("print('ERROR: one')\n" + ENDLESS),
            "ipywidgets.VBox([viewer])",
            "run",
        )
        jupyter.run_all()
        for number in range(3):
            jupyter.wait_lines(5, number)
        jupyter.wait_idle()
        cell, layout, other = (jupyter.viewer(number) for number in range(3))
        # the layout has the widget's own view
        assert 2 == jupyter.page.locator(".prismq-output .prismq-root").count()

        # Python to both of its viewers, and to no other one of the same run.
        jupyter.python(
            "[setattr(viewer, 'timestamps', 'elapsed'), setattr(viewer, 'theme', 'dark'),"
            " setattr(viewer, 'height', 200)]"
        )
        for own in (cell, layout):
            expect(own).to_have_attribute("data-timestamps", "elapsed")
            expect(own).to_have_css("color-scheme", "dark")
            jupyter.page.wait_for_function(
                "one => one.offsetHeight <= 200", arg=own.element_handle()
            )
        expect(other).to_have_attribute("data-timestamps", "time")
        jupyter.python("setattr(viewer, 'level', 'ERROR')")
        for own in (cell, layout):
            expect(own.locator(".prismq-row[data-line='0']")).to_be_visible()
            expect(own.locator(".prismq-row[data-line='1']")).to_have_count(0)

        # A viewer to Python, and so to the other one.
        jupyter.python("[setattr(viewer, 'level', ''), setattr(viewer, 'line', 2)]")
        for own in (cell, layout):
            expect(own.locator(".prismq-row[data-line='2']")).to_be_in_viewport()
        assert jupyter.python("viewer.follow") is False
        jupyter.python("setattr(viewer, 'follow', True)")
        for person, follower, wanted in ((cell, layout, False), (layout, cell, True)):
            person.get_by_role("button", name="Follow").click()
            expect(follower.get_by_role("button", name="Follow")).to_have_attribute(
                "aria-pressed", str(wanted).lower()
            )
            jupyter.python_until("viewer.follow", wanted)
        jupyter.screenshot("layout")

        # A reloaded page shows them at once, and is bound to the model when the kernel is found
        # again.
        jupyter.save()
        jupyter.reload()
        jupyter.wait_lines(5)
        jupyter.python("setattr(viewer, 'timestamps', 'off')")
        expect(jupyter.viewer()).to_have_attribute("data-timestamps", "off")
        assert jupyter.python("viewer.timestamps") == "off"

        # Without its kernel it continues by itself.
        jupyter.page.evaluate(
            "async () => { await"
            " window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
        )
        jupyter.wait_lines(jupyter.lines() + 10)
        follow = jupyter.viewer().get_by_role("button", name="Follow")
        for pressed in ("false", "true"):
            follow.click()
            expect(follow).to_have_attribute("aria-pressed", pressed)
        jupyter.viewer().locator(".prismq-button-stop").click()
        jupyter.wait_state("cancelled")

    def test_a_run_restarted_in_one_viewer_is_shown_by_the_other_and_known_to_python(self, jupyter):
        cell = """\
import prismq_nb, ipywidgets
run = prismq_nb.launch(code='print(1)')
viewer = prismq_nb.LogViewer(run)
viewer"""
        jupyter.open("again.ipynb", cell, "ipywidgets.VBox([viewer])")
        jupyter.run_all()
        for number in range(2):
            jupyter.wait_state("completed", number)
        first = jupyter.viewer().get_attribute("data-run")
        jupyter.viewer().locator(".prismq-button-restart").click()
        jupyter.python_until("viewer.run.run_id != run.run_id", value=True)
        again = jupyter.python("viewer.run.run_id")
        for number in range(2):
            expect(jupyter.viewer(number)).to_have_attribute("data-run", again)
        assert first != again

    def test_the_notebook_on_disk_has_a_static_tail_and_no_secret(self, jupyter):
        cell = """\
import prismq_nb
run = prismq_nb.launch(code='print("a line " + "of the log")')
run.wait()
run"""
        jupyter.open("small.ipynb", cell)
        jupyter.run_all()
        jupyter.wait_state("completed")
        jupyter.wait_idle()
        jupyter.save()
        saved = jupyter.read("small.ipynb")
        secret = json.loads(jupyter.server.connection_file.read_text())["secret"]
        assert jupyter.server.token not in json.dumps(saved)
        assert secret not in json.dumps(saved)
        (one,) = saved["cells"][0]["outputs"]
        assert {MIME_TYPE, "text/html", "text/plain"} == set(one["data"])
        assert "a line of the log" in "".join(one["data"]["text/plain"])
        assert "a line of the log" not in json.dumps([one["data"][MIME_TYPE], saved["metadata"]])
