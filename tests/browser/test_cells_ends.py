"""How a watched cell may end in a notebook: interrupts, and kernels that die or are restarted."""

from __future__ import annotations

import os
import signal
import time

from browser.jupyter_page import JupyterPage
from browser.test_cells_live import outputs
from playwright.sync_api import expect
from support.jupyter_process import until

LAB_IS_ENOUGH = True  # with --whole Notebook 7 is tested, too
SEES_SECONDS = 2.0 + 8.0  # the rest is for the page, on a busy machine
ENDLESS = """\
%%watch --name endless
import time
kept = 'alive'
print('begun')
while True: time.sleep(0.05)"""


def begin(page: JupyterPage) -> None:
    """Run all cells, again, and wait for the first line of the endless one."""
    page.run_all()
    page.wait_state("running")
    page.wait_lines(1)


def prompts(page: JupyterPage) -> list[str]:
    """What stands beside the cells: whether they were executed."""
    return page.page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()


def test_an_interrupt_cancels_the_run_and_the_cells_after_it(jupyter):
    jupyter.open(
        "interrupts.ipynb", "import os, prismq_nb", ENDLESS, "print('next')", "print('last')"
    )
    for by, numbers in (("toolbar", (1, 2)), ("viewer", (3, 4))):
        begin(jupyter)
        if by == "toolbar":
            jupyter.command("notebook:interrupt-kernel")
        else:
            jupyter.viewer().locator(".prismq-actions").get_by_role(
                "button", name="Interrupt", exact=True
            ).click()
        jupyter.wait_state("cancelled")
        expect(jupyter.viewer().locator(".prismq-reason")).to_have_text("interrupted")
        expect(outputs(jupyter, 1).last).to_contain_text("KeyboardInterrupt")
        jupyter.wait_idle()
        expect(outputs(jupyter, 2)).to_have_count(0)
        shown = [*(f"[{number}]:" for number in numbers), "[ ]:", "[ ]:"]
        until(lambda shown=shown: prompts(jupyter) == shown, "which cells were executed")
        jupyter.screenshot(f"cell-interrupted-{by}")


def test_a_kernel_that_is_killed_or_restarted_is_told_with_its_signal(jupyter):
    jupyter.open("killed.ipynb", "import os, prismq_nb\nos.getpid()", ENDLESS)
    for number in (signal.SIGKILL, signal.SIGSEGV):
        begin(jupyter)
        pid = int(outputs(jupyter, 0).inner_text())
        killed = time.monotonic()
        os.kill(pid, number)
        jupyter.wait_state("failed")
        seconds = time.monotonic() - killed
        expect(jupyter.viewer().locator(".prismq-row-end")).to_contain_text(number.name)
        expect(jupyter.viewer()).to_contain_text("begun")
        jupyter.page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
        jupyter.screenshot(f"cell-killed-{number.name}")
        assert seconds < SEES_SECONDS
        jupyter.wait_idle()
    begin(jupyter)
    jupyter.page.evaluate("() => { window.jupyterapp.commands.execute('kernelmenu:restart'); }")
    jupyter.page.locator(".jp-Dialog").locator(".jp-mod-accept").click()
    jupyter.wait_state("failed")
    expect(jupyter.viewer().locator(".prismq-row-end")).to_contain_text("the kernel was restarted")
    expect(jupyter.viewer()).to_contain_text("begun")
    jupyter.wait_idle()
    assert jupyter.python("1 + 1") == 2
    jupyter.screenshot("cell-restarted")
