"""A run on another machine in the viewer: which machine, and that the run can be abandoned."""

from __future__ import annotations

import re

import pytest
from browser.legible import assert_legible
from browser.run_page import RunPage
from playwright.sync_api import expect
from support.journals import MadeRun
from support.jupyter_process import JupyterProcess

NETWORK = (
    "from prismq_nb.engine.files import file_system\nfile_system.is_network = lambda _: True\n"
)


@pytest.fixture
def run_page(browser, tmp_path):
    """A page of a server that treats every file system as a network file system."""
    (tmp_path / "config.py").write_text(NETWORK)
    server = JupyterProcess.start(tmp_path / "home", f"--config={tmp_path / 'config.py'}")
    page = browser.new_page()
    yield RunPage(page, server, tmp_path)
    page.close()
    server.stop()


def test_it_names_the_host_and_can_be_abandoned(run_page, whole):
    run = MadeRun(run_page.server.data_dir)
    run.write("one\ntwo\n")
    run.state("running", boot="another", host="node7")
    run.unlock()
    run_page.open(run.run_id)
    run_page.wait_lines(2)
    pill = run_page.root.locator(".prismq-pill")
    expect(pill).to_have_text("Unreachable on node7")
    expect(pill).to_have_attribute("title", re.compile("^it was started on 'node7', which cannot"))
    for hidden in ("Stop", "Input", "Restart"):
        expect(run_page.root.get_by_role("button", name=hidden, exact=True)).to_be_hidden()
    assert_legible(run_page, "state-unreachable", whole=whole)
    run_page.root.get_by_role("button", name="Give up").click()
    run_page.wait_state("failed")
    expect(pill).to_have_text("Failed")
    expect(run_page.root.get_by_role("button", name="Give up")).to_be_hidden()
    expect(run_page.root.get_by_role("button", name="Restart")).to_be_visible()
    assert run_page.unexpected == []
