"""The button of the notebook toolbar, and the setting, that watch the long cells of a notebook."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import requests
from browser.jupyter_page import JupyterPage
from playwright.sync_api import Locator, expect
from support.jupyter_process import JupyterProcess, until
from support.waiting import WAIT_SECONDS

OLDEST_TOO = True
CELLS = '__import__("prismq_nb.notebook.cells", fromlist=["on"])'
OURS = "prismq-nb:plugin"
PANEL = "@jupyterlab/notebook-extension:panel"
IS_ON = f"{CELLS}.is_on()"
WAITS = """\
import pathlib, time
pathlib.Path("started").touch()
while not pathlib.Path("{}").exists(): time.sleep(0.02)
"""
WITHOUT = """\
import sys

class Without:
    def find_spec(name, *_):
        if name == "prismq_nb":
            raise ModuleNotFoundError("No module named 'prismq_nb'", name=name)

sys.meta_path.insert(0, Without)
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""
R = """\
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

class R(Kernel):
    implementation = implementation_version = banner = "R"
    language_info = {"name": "R", "mimetype": "text/x-r", "file_extension": ".r"}

    async def do_execute(self, *args, **kwargs):
        return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}

IPKernelApp.launch_instance(kernel_class=R)
"""


@pytest.fixture(scope="module", autouse=True)
def kernels(application: JupyterProcess) -> None:
    """Two more kernels: Python without prismq_nb, and what says that it is R."""
    for name, language, code in (("without", "python", WITHOUT), ("r", "R", R)):
        folder = Path(application.env["JUPYTER_PATH"], "kernels", name)
        folder.mkdir(parents=True)
        (folder / "kernel.py").write_text(code)
        argv = [application.python, str(folder / "kernel.py"), "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": name, "language": language}
        (folder / "kernel.json").write_text(json.dumps(spec))


def button(page: JupyterPage) -> Locator:
    return page.page.locator(".prismq-watch-cells")


def expect_pressed(page: JupyterPage, pressed: bool) -> None:
    """Wait until the button says so, and the kernel has answered."""
    expect(
        page.page.locator(".jp-ToolbarButton[aria-busy='false'] .prismq-watch-cells")
    ).to_be_visible()
    expect(button(page)).to_have_attribute("aria-pressed", str(pressed).lower())


def restart(page: JupyterPage) -> None:
    page.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )


def run_what_waits(page: JupyterPage) -> None:
    """Run all cells, and wait until the first one is executed."""
    started = page.server.root_dir / "started"
    started.unlink(missing_ok=True)
    page.run_all()
    until(started.exists, "the first cell's start")


def outputs(page: JupyterPage) -> Locator:
    return page.page.locator(".jp-OutputArea-output")


def test_the_button_turns_watching_on_and_off_and_follows_what_a_cell_changes(jupyter):
    jupyter.open("press.ipynb", "names = dir()", "%watch on --after 60")
    expect_pressed(jupyter, False)
    expect(button(jupyter)).to_have_attribute(
        "title", "Watch long cells: their output goes to a log that nothing loses"
    )
    button(jupyter).click()
    expect_pressed(jupyter, True)
    assert jupyter.python(IS_ON) is True
    button(jupyter).click()
    expect_pressed(jupyter, False)
    assert jupyter.python(IS_ON) is False
    jupyter.run_all()
    expect_pressed(jupyter, True)
    assert [] == jupyter.python("[name for name in names if 'cells' in name or 'prismq' in name]")


@pytest.mark.lab_is_enough
def test_a_press_waits_for_a_busy_kernel_and_survives_the_failure_of_its_cell(jupyter):
    jupyter.open("busy.ipynb", f"{WAITS.format('go')}\n1 / 0")
    expect_pressed(jupyter, False)
    run_what_waits(jupyter)
    button(jupyter).click()
    expect(jupyter.page.locator(".jp-ToolbarButton[aria-busy='true']")).to_be_visible()
    expect(button(jupyter)).to_have_attribute("aria-pressed", "true")
    expect(button(jupyter)).to_have_attribute("title", re.compile("as soon as the kernel is idle"))
    (jupyter.server.root_dir / "go").touch()
    expect_pressed(jupyter, True)
    expect(outputs(jupyter).last).to_contain_text("ZeroDivisionError")
    assert jupyter.python(IS_ON) is True


class TestRestart:
    def test_watching_goes_on_in_the_new_kernel_from_its_first_cell_also_on_a_reloaded_page(
        self, jupyter
    ):
        jupyter.open("restart.ipynb", IS_ON)
        button(jupyter).click()
        expect_pressed(jupyter, True)
        restart(jupyter)
        jupyter.run_all()
        expect(outputs(jupyter)).to_have_text("True")
        expect_pressed(jupyter, True)
        jupyter.save()
        jupyter.reload()
        expect_pressed(jupyter, True)
        restart(jupyter)
        expect_pressed(jupyter, True)
        assert jupyter.python(IS_ON) is True

    @pytest.mark.lab_is_enough
    def test_also_where_the_kernel_died(self, jupyter):
        jupyter.open("died.ipynb", "import os; os._exit(1)")
        button(jupyter).click()
        expect_pressed(jupyter, True)
        jupyter.run_all()
        jupyter.page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
        jupyter.python_until(IS_ON, True)
        expect_pressed(jupyter, True)

    @pytest.mark.lab_is_enough
    def test_a_press_that_the_restart_overtakes_is_not_lost(self, jupyter):
        jupyter.open("overtaken.ipynb", WAITS.format("never"))
        expect_pressed(jupyter, False)
        run_what_waits(jupyter)
        button(jupyter).click()
        expect(jupyter.page.locator(".jp-ToolbarButton[aria-busy='true']")).to_be_visible()
        restart(jupyter)
        expect_pressed(jupyter, True)
        assert jupyter.python(IS_ON) is True


@pytest.mark.lab_is_enough
@pytest.mark.own_tab  # its list of kernels is new
def test_a_kernel_of_another_language_disables_it_and_says_why(jupyter):
    jupyter.open("r.ipynb", kernel="r")
    expect(button(jupyter)).to_have_attribute("aria-disabled", "true")
    expect(button(jupyter)).to_have_attribute(
        "title", "Watch long cells: not here, its kernel runs R, not Python"
    )


@pytest.mark.lab_is_enough
@pytest.mark.own_tab  # its list of kernels is new
def test_a_kernel_without_prismq_nb_is_told_how_to_get_it(jupyter):
    jupyter.open("without.ipynb", kernel="without")
    expect_pressed(jupyter, False)
    button(jupyter).click()
    expect(jupyter.page.locator(".Toastify__toast")).to_contain_text("%pip install prismq-nb")
    expect_pressed(jupyter, False)
    button(jupyter).click()
    expect(jupyter.page.locator(".Toastify__toast")).to_have_count(2)
    expect_pressed(jupyter, False)


def choose(server: JupyterProcess, plugin: str = OURS, /, **settings: object) -> int:
    """Save these settings of a plugin, and no others; return the status of the answer."""
    body = {"raw": json.dumps(settings)}
    url, headers = f"{server.url}lab/api/settings/{plugin}", server.headers
    return requests.put(url, json=body, headers=headers, timeout=WAIT_SECONDS).status_code


def test_jupyter_accepts_the_settings_and_refuses_what_is_none(application):
    url, headers = f"{application.url}lab/api/settings/{OURS}", application.headers
    found = requests.get(url, headers=headers, timeout=WAIT_SECONDS).json()
    assert (0, {}) == (found["schema"]["properties"]["watchAfter"]["minimum"], found["settings"])

    wrong = {"watchAfter": -1}, {"watchEveryNotebook": "yes"}, {"watch": True}
    assert [400, 400, 400] == [choose(application, **settings) for settings in wrong]
    assert 204 == choose(application)


@pytest.mark.own_tab  # settings are read when the page is loaded
class TestSetting:
    @pytest.fixture(autouse=True)
    def _settings(self, application):
        """Watch every notebook, until the end of the test."""
        choose(application, watchEveryNotebook=True, watchAfter=60)
        yield
        choose(application)

    def test_every_notebook_is_watched_from_its_first_cell_unless_it_was_turned_off(self, jupyter):
        jupyter.open("every.ipynb", IS_ON)
        jupyter.run_all()
        expect(outputs(jupyter)).to_have_text("True")
        expect_pressed(jupyter, True)
        button(jupyter).click()
        expect_pressed(jupyter, False)
        restart(jupyter)
        expect_pressed(jupyter, False)
        assert jupyter.python(IS_ON) is False

    @pytest.mark.lab_is_enough
    def test_a_cell_that_runs_longer_than_it_says_is_shown_in_the_viewer(self, jupyter):
        choose(jupyter.server, watchEveryNotebook=True, watchAfter=0.2)
        jupyter.open(
            "long.ipynb", "print('quick')", f"print('from the cell')\n{WAITS.format('end')}"
        )
        jupyter.run_all()
        expect(jupyter.viewer()).to_contain_text("from the cell")
        jupyter.wait_state("running")
        jupyter.screenshot("watched-cell")
        (jupyter.server.root_dir / "end").touch()
        jupyter.wait_state("completed")
        expect(jupyter.page.locator(".prismq-root")).to_have_count(1)

    @pytest.mark.lab_is_enough
    def test_it_does_not_need_the_button_which_can_be_hidden(self, jupyter):
        hidden = [{"name": "watch-cells", "disabled": True}]
        choose(jupyter.server, PANEL, toolbar=hidden)
        try:
            jupyter.open("hidden.ipynb", IS_ON)
            jupyter.run_all()
            expect(outputs(jupyter)).to_have_text("True")
            expect(button(jupyter)).to_have_count(0)
        finally:
            choose(jupyter.server, PANEL)

    @pytest.mark.lab_is_enough
    def test_a_kernel_without_prismq_nb_is_left_alone(self, jupyter):
        jupyter.open("quiet.ipynb", "print('one')", "print('two')", kernel="without")
        jupyter.run_all()
        expect(outputs(jupyter)).to_have_text(["one", "two"])
        expect_pressed(jupyter, False)
        expect(jupyter.page.locator(".Toastify__toast")).to_have_count(0)
