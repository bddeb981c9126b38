"""A run launched by a kernel is restarted after its server was: by the page, and by Python."""

from __future__ import annotations

import re

import pytest
import requests
from jupyter_client import BlockingKernelClient
from support.jupyter_process import JupyterProcess, until
from support.runs import everything_stored
from support.waiting import WAIT_SECONDS

import prismq_nb
from prismq_nb import errors

pytestmark = pytest.mark.slow  # real servers and kernels

SECRET = "open-sesame-4711"
LAUNCH = f"""
import os, prismq_nb
os.environ["PYTHONMINE"] = "kept"
run = prismq_nb.launch(code="import os; print(os.environ['PYTHONMINE'])", name="plain")
os.environ["MINE"] = {SECRET!r}
show = "import os; print(os.environ['MINE'], os.environ.get('CHOSEN'))"
other = prismq_nb.launch(code=show, name="other", mask=["MINE"], env={{"CHOSEN": "one"}})
print(run.wait(60), run.run_id, other.wait(60), other.run_id)
"""
AGAIN = f"""
import os, prismq_nb
first = prismq_nb.get({{run_id!r}})
try:
    first.restart()
except prismq_nb.errors.NotRepeatable as error:
    print(error)
os.environ["MINE"], os.environ["CHOSEN"] = {SECRET!r}, "of another"
try:
    first.restart()
except prismq_nb.errors.NotRepeatable as error:
    print(error)
second = first.restart(env={{{{"CHOSEN": "one"}}}})
print(second.wait(60), second.logs()[0].message, second.attempt, second.restart_of == first.run_id)
print([each.attempt for each in first.attempts], first.attempts[-1] == second)
"""


def cell(server: JupyterProcess, code: str) -> str:
    """Run a cell in a new kernel of the server, and return its output."""
    url = f"{server.url}api/kernels"
    kernel = requests.post(
        url, json={"name": "python3"}, headers=server.headers, timeout=WAIT_SECONDS
    ).json()
    client = BlockingKernelClient()
    client.load_connection_file(str(server.runtime_dir / f"kernel-{kernel['id']}.json"))
    client.start_channels(hb=False)
    said: list[str] = []

    def hear(message: dict) -> None:
        content = message["content"]
        said.append(content.get("text") or "\n".join(content.get("traceback", [])))

    try:
        client.wait_for_ready(timeout=WAIT_SECONDS)
        reply = client.execute_interactive(code, timeout=WAIT_SECONDS, output_hook=hear)
        assert reply["content"]["status"] == "ok", "".join(said)
    finally:
        client.stop_channels()
    return "".join(said)


def test_a_run_launched_by_a_kernel_is_restarted_by_the_next_server(server: JupyterProcess) -> None:
    said = cell(server, LAUNCH)
    plain, other = re.findall(r"completed (run_\S+)", said)
    server.stop()
    server.launch()
    url, headers = f"{server.url}api/runs", server.headers
    answer = requests.post(f"{url}/{plain}/restart", headers=headers, timeout=WAIT_SECONDS)
    assert (202, plain) == (answer.status_code, answer.json()["restart_of"]), answer.text
    again = answer.json()["run_id"]
    until(
        lambda: requests.get(f"{url}/{again}", headers=headers, timeout=WAIT_SECONDS).json()[
            "completed_at"
        ],
        "the end of the run",
    )
    logs = requests.get(f"{url}/{again}/logs", headers=headers, timeout=WAIT_SECONDS).json()["logs"]
    assert ["kept"] == [line["message"] for line in logs]
    state = requests.get(f"{url}/{other}/attempts", headers=headers, timeout=WAIT_SECONDS).json()
    needs = [state[f"restart_{name}"] for name in ("needs", "chosen", "masks")]
    assert [["CHOSEN", "MINE"], ["CHOSEN"], 0] == needs
    lines = cell(server, AGAIN.format(run_id=other)).splitlines()
    assert "other needs the values of CHOSEN and MINE again (values are not stored)" in lines[0]
    assert "call run.restart(env={'CHOSEN': '...', 'MINE': '...'})" in lines[0]
    assert "other needs the value of CHOSEN again (values are not stored)" in lines[1]
    assert lines[2:] == ["completed ****** one 2 True", "[1, 2] True"]
    assert SECRET.encode() not in everything_stored(server.data_dir)


@pytest.mark.usefixtures("way")
class TestBothClients:
    """Over HTTP, and without a server."""

    def test_attempts_are_handles(self) -> None:
        first = prismq_nb.launch(code="pass", name="again")
        first.wait(WAIT_SECONDS)
        assert (first.attempt, first.restart_of, first.can_restart) == (1, None, True)
        second = first.restart()
        second.wait(WAIT_SECONDS)
        assert (second.attempt, second.restart_of) == (2, first.run_id)
        assert first.attempts == second.attempts == [first, second]
        _, newer, older = repr(prismq_nb.runs("again", limit=2)).splitlines()[:3]
        assert "again (attempt 2)" in newer
        assert "attempt" not in older
        first.purge()
        assert second.attempts == [second]

    def test_more_can_be_given(self) -> None:
        code = "import os; print(os.environ['SEED'], os.environ['WORD'])"
        first = prismq_nb.launch(code=code, env={"SEED": 1, "WORD": "hunter22"})
        first.wait(WAIT_SECONDS)
        second = first.restart(env={"SEED": 2}, mask="WORD")
        second.wait(WAIT_SECONDS)
        assert [line.message for line in second.logs()] == ["2 ******"]

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"env": "SEED=1"}, "env is of type str"),
            ({"env": {"SEED": [1]}}, r"env\['SEED'\] contains \[1\]"),
            ({"mask": 5}, "mask is not a list of strings"),
            ({"mask": ["abc"]}, "fewer than 6 characters"),
        ],
    )
    def test_an_unusable_value_is_refused_with_the_reason(self, given: dict, words: str) -> None:
        first = prismq_nb.launch(code="pass")
        first.wait(WAIT_SECONDS)
        with pytest.raises(errors.InvalidRequest, match=words):
            first.restart(**given)

    def test_a_live_run_cannot_be_restarted(self) -> None:
        run = prismq_nb.launch(code="input()", stdin=True, terminal=False)
        assert not run.can_restart
        with pytest.raises(errors.RunActive, match="stop it before"):
            run.restart()
        run.stop()
        run.wait(WAIT_SECONDS)
        assert run.can_restart
