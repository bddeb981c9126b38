"""The viewer in Firefox: the page of a run, and a saved notebook in JupyterLab and Notebook 7."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests
from browser.shared import SCREENSHOTS
from support.firefox import Firefox, firefox
from support.jupyter_process import JupyterProcess
from support.waiting import WAIT_SECONDS

CODE = r"""print('\x1b[31mERROR: it broke\x1b[0m, 日本語 🎉')
for i in range(500): print('INFO: line', i)
input()
print('the end')"""
ROOT = "document.querySelector('.prismq-root')"
MARKED = "['prismq-hit', 'prismq-hit-current'].some((name) => CSS.highlights.get(name)?.size)"
AT_END = "((list) => list.scrollTop + list.clientHeight >= list.scrollHeight - 1)"
ENTER = "\ue007"


@pytest.fixture(scope="module")
def fox(tmp_path_factory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox")) as browser:
        yield browser


def start(server: JupyterProcess) -> str:
    spec = {"code": CODE, "name": "fox"}
    answer = requests.post(
        f"{server.url}api/runs", json=spec, headers=server.headers, timeout=WAIT_SECONDS
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["run_id"])


def go_on(server: JupyterProcess, run_id: str) -> None:
    url = f"{server.url}api/runs/{run_id}/input"
    answer = requests.post(url, json={"text": "go\n"}, headers=server.headers, timeout=WAIT_SECONDS)
    assert answer.status_code == 202, answer.text


def test_the_page_of_a_run_is_live_and_finds_text_by_keyboard(fox, plain_server):
    run_id = start(plain_server)
    fox.open(f"{plain_server.url}prismq/runs/{run_id}?token={plain_server.token}")
    fox.wait_for(f"Number({ROOT}?.dataset.lines) >= 501")
    go_on(plain_server, run_id)
    fox.wait_for(f"{ROOT}.dataset.state === 'completed'")
    fox.wait_for(f"{ROOT}.innerText.includes('the end')")
    fox.wait_for(f"{AT_END}({ROOT}.querySelector('.prismq-scroller'))")
    fox.press("/")
    fox.press(*"broke", ENTER)
    fox.wait_for(MARKED)
    fox.wait_for(f"{ROOT}.innerText.includes('ERROR: it broke, 日本語 🎉')")
    fox.screenshot(SCREENSHOTS / "firefox-page.png")
    assert fox.problems == []


def test_a_saved_notebook_shows_its_run_live(fox, application):
    run_id = start(application)
    data = {
        "application/vnd.prismq.run+json": {"run_id": run_id, "options": {}},
        "text/plain": "<Run fox running>",
    }
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    cell = {"cell_type": "code", "id": "c0", "metadata": {}, "execution_count": None}
    cells = [{**cell, "source": "run", "outputs": [output]}]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (application.root_dir / "fox.ipynb").write_text(json.dumps(notebook))
    where = "lab/tree" if application.module == "jupyterlab" else "notebooks"
    fox.open(f"{application.url}{where}/fox.ipynb?token={application.token}")
    fox.wait_for(f"Number({ROOT}?.dataset.lines) >= 501")
    go_on(application, run_id)
    fox.wait_for(f"{ROOT}.dataset.state === 'completed'")
    fox.wait_for(f"{ROOT}.innerText.includes('the end')")
    fox.screenshot(SCREENSHOTS / f"firefox-{application.module}.png")
    assert [one for one in fox.problems if "prismq" in one.lower()] == []
