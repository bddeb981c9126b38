"""A watched cell in the viewer: it is interrupted and never killed, and not restarted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
from browser.run_page import RunPage
from playwright.sync_api import expect
from support.jupyter_process import until
from support.waiting import WAIT_SECONDS

LAB_IS_ENOUGH = True  # of the table: Notebook 7 has the same outputs

KERNEL = "5b0f2a9e-6a4c-4e8e-9c53-0d7f3c1b2a10"
CODE = "for epoch in range(90):\n    train(model, data, epoch)"
# It goes on after each interrupt but the third.
STUBBORN = f"""
import time
from prismq_nb.cell.describe import Description
from prismq_nb.cell.session import WatchedCell
from prismq_nb.client.watch import Watch

watch = Watch(None, echo=False)
described = Description("training", {CODE!r}, {KERNEL!r}, "train.ipynb", "c0ffee")
watch.begin(WatchedCell(described, []))
print("epoch 1", flush=True)
for interrupts in (1, 2, 3):
    try:
        time.sleep(600)
    except KeyboardInterrupt as error:
        if interrupts == 3:
            watch.end(error, "")
        else:
            print("goes on", interrupts, flush=True)
"""


@pytest.fixture
def cell(run_page: RunPage) -> Iterator[subprocess.Popen[bytes]]:
    """A process, in the place of a kernel, whose cell is watched; the page knows the run."""
    server = run_page.server
    kernel = subprocess.Popen(
        [sys.executable, "-c", STUBBORN],
        env={**os.environ, "PRISMQ_CONNECTION_FILE": str(server.connection_file)},
        stdin=subprocess.DEVNULL,
    )

    def found():
        answer = requests.get(
            f"{server.url}api/runs?status=running", headers=server.headers, timeout=WAIT_SECONDS
        )
        runs = [run for run in answer.json()["runs"] if run["kind"] == "cell"]
        return [run["run_id"] for run in runs if run["lines"]]

    (run_page.run_id,) = until(found, "A watched cell")
    yield kernel
    kernel.kill()
    kernel.wait()


def actions(run_page):
    return run_page.root.locator(".prismq-actions")


def test_a_cell_is_interrupted_and_then_says_how_to_restart_the_kernel(run_page, cell):
    run_page.open()
    run_page.wait_lines(1)
    interrupt = actions(run_page).get_by_role("button", name="Interrupt", exact=True)
    expect(interrupt).to_have_attribute("title", re.compile("^Interrupt the kernel, as the"))
    for absent in ("Stop", "Kill", "Input", "Restart"):
        expect(actions(run_page).get_by_role("button", name=absent, exact=True)).to_be_hidden()
    expect(run_page.root.locator(".prismq-input")).to_be_hidden()
    run_page.screenshot("cell-running")
    interrupt.click()
    run_page.wait_lines(2)
    expect(run_page.root.locator(".prismq-pill")).to_have_text("Stopping")
    expect(run_page.root).not_to_contain_text("has not stopped yet")
    expect(interrupt).to_be_enabled()
    interrupt.click()
    bar = run_page.root.get_by_text(
        "The cell has not stopped yet. To end it, restart the kernel: Kernel menu, Restart Kernel…"
    )
    expect(bar).to_be_visible()
    run_page.wait_lines(3)
    actions(run_page).get_by_role("button", name="Details, with a note").click()
    notes = run_page.root.locator(".prismq-details-notes")
    expect(notes).to_contain_text("Restart Kernel")
    assert notes.evaluate("node => node.scrollWidth <= node.clientWidth")
    run_page.screenshot("cell-note")
    run_page.page.keyboard.press("Escape")
    assert cell.poll() is None
    run_page.screenshot("cell-goes-on")
    expect(interrupt).to_be_enabled()
    interrupt.click()
    run_page.wait_state("cancelled")
    expect(bar).to_be_hidden()
    # without the note that only a restart of the kernel ends it
    expect(actions(run_page).get_by_role("button", name="Details", exact=True)).to_be_visible()
    expect(interrupt).to_be_hidden()
    expect(run_page.root.locator(".prismq-reason")).to_have_text("interrupted")
    expect(actions(run_page).get_by_role("button", name="Restart", exact=True)).to_be_hidden()
    assert cell.wait(WAIT_SECONDS) != -signal.SIGKILL
    run_page.screenshot("cell-interrupted")


def test_details_name_the_notebook_and_the_code_and_the_end_that_its_kernel_died(run_page, cell):
    run_page.open()
    run_page.wait_lines(1)
    actions(run_page).get_by_role("button", name="Details").click()
    panel = run_page.root.get_by_role("dialog")
    expect(panel).to_contain_text("train.ipynb")
    expect(panel).to_contain_text(KERNEL)
    expect(panel).to_contain_text("train(model, data, epoch)")
    expect(panel).not_to_contain_text("Copy for a shell")
    expect(panel).not_to_contain_text("Input")
    run_page.screenshot("cell-details")
    cell.kill()
    run_page.wait_state("failed")
    expect(run_page.root.locator(".prismq-row-end")).to_contain_text("kernel")
    expect(run_page.root.locator(".prismq-reason")).not_to_be_empty()
    run_page.screenshot("cell-kernel-killed")


def test_a_table_of_runs_tells_cells_apart(jupyter):
    """The table, in a notebook, of a cell that is watched in another kernel."""
    jupyter.open("runs.ipynb", "import prismq_nb\nprismq_nb.runs('training')")
    kernel = subprocess.Popen(
        [sys.executable, "-c", STUBBORN],
        env={**os.environ, "PRISMQ_CONNECTION_FILE": str(jupyter.server.connection_file)},
        stdin=subprocess.DEVNULL,
    )
    try:
        jupyter.run_all()
        table = jupyter.page.locator(".prismq-runs")
        row = table.locator("tbody tr").filter(has_text="training")
        expect(row.locator(".prismq-runs-kind")).to_have_text("cell")
        expect(row.locator(".prismq-runs-arguments")).to_have_text("train.ipynb")
        stop = row.get_by_role("button", name="Interrupt training")
        stop.press("Enter")
        expect(row).to_contain_text("Stopping")
        expect(stop).to_be_enabled()
        stop.press("Enter")
        expect(table).to_contain_text("The cell has not stopped yet. To end it, restart the kernel")
        assert kernel.poll() is None
        jupyter.screenshot("runs-cell")
        expect(stop).to_be_enabled()
        stop.press("Enter")
        expect(row).to_contain_text("Cancelled")
        expect(row.get_by_role("button", name="Restart training")).to_be_hidden()
        expect(stop).to_be_hidden()
    finally:
        kernel.kill()
        kernel.wait()
