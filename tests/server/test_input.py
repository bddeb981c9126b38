"""Input over HTTP arrives completely or not at all, and delays nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import signal
from pathlib import Path

import pytest

from prismq_nb.common.base import state
from prismq_nb.engine.launch import input as sending
from prismq_nb.journal.layout import format as fmt

ALL = """\
import hashlib, sys
data = sys.stdin.buffer.read()
print(len(data), hashlib.sha256(data).hexdigest())"""


def printed(text):
    return [f"{len(text)} {hashlib.sha256(text.encode()).hexdigest()}"]


async def messages(api, run_id):
    await api.ended(run_id)
    return [line["message"] for line in (await api("GET", f"/{run_id}/logs")).json["logs"]]


async def send(api, run_id, **body):
    """Retry when the run accepts no more, as clients do."""
    while (answer := await api("POST", f"/{run_id}/input", body=body)).status == 409:
        assert "InputFull" == answer.json["reason"]
    assert (202, {}) == (answer.status, answer.json)


@pytest.mark.parametrize("size", [43_200, 44_000, 65_000, 65_536])
async def test_long_input_arrives_complete_with_its_end(api, size):
    text = "0123456789abcdef" * (size // 16)
    run_id = await api.launch(ALL)
    answer = await api("POST", f"/{run_id}/input", body={"text": text, "eof": True})
    assert 202 == answer.status
    assert printed(text) == await messages(api, run_id)


async def test_input_of_two_clients_at_once_does_not_mix(api):
    run_id = await api.launch(
        "import sys\nfor line in sys.stdin: print(line[0], len(set(line)), len(line))"
    )
    texts = [f"{name * 20_000}\n" for name in "abcdefgh"]
    await asyncio.gather(*(send(api, run_id, text=text) for text in texts))
    await send(api, run_id, eof=True)
    assert [f"{name} 2 20001" for name in "abcdefgh"] == sorted(await messages(api, run_id))


async def test_longer_than_64_kib_is_413(api):
    run_id = await api.launch(ALL)
    answer = await api("POST", f"/{run_id}/input", body={"text": "x" * 65_537, "eof": True})
    assert (413, "BodyTooLarge") == (answer.status, answer.json["reason"])
    assert "text has 65,537 bytes: send at most 65,536 at once" in answer.json["message"]
    await send(api, run_id, text="y", eof=True)
    assert printed("y") == await messages(api, run_id)


async def test_closed_input_is_409(api):
    run_id = await api.launch("import time; time.sleep(1000)")
    await send(api, run_id, eof=True)
    answer = await api("POST", f"/{run_id}/input", body={"text": "x"})
    assert (409, "InputClosed") == (answer.status, answer.json["reason"])


async def test_nobody_waits_for_a_run_that_does_not_respond(api, data_dir, monkeypatch):
    monkeypatch.setattr(sending, "ANSWER_SECONDS", 60.0)
    run_id, other = await api.launch(ALL), await api.launch(ALL)
    pid = state.read_json(Path(data_dir, "runs", run_id, fmt.STATE))["supervisor_pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        posts = [
            asyncio.create_task(api("POST", f"/{run_id}/input", body={"text": name * 1000}))
            for name in "abcdefghijkl"
        ]
        for _ in range(3):
            assert 200 == (await api("GET", f"/{run_id}")).status
            assert 200 == (await api("GET", "")).status
        await send(api, other, text="x", eof=True)
        assert printed("x") == await messages(api, other)
        assert not any(post.done() for post in posts)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert {202} == {answer.status for answer in await asyncio.gather(*posts)}
    await send(api, run_id, eof=True)
    assert (
        printed("".join(name * 1000 for name in "abcdefghijkl"))[0].split()[0]
        == (await messages(api, run_id))[0].split()[0]
    )


async def test_a_held_secret_is_reported_and_in_no_log(api, data_dir, caplog):
    caplog.set_level(logging.DEBUG)
    code = "import getpass\ninput()\nprint(len(getpass.getpass()))"
    run_id = (await api("POST", "", body={"code": code, "terminal": True})).json["run_id"]
    body = {"text": "correct-horse\n", "secret": True}
    answer = await api("POST", f"/{run_id}/input", body=body)
    assert (202, {"held": True}) == (answer.status, answer.json)
    assert 202 == (await api("DELETE", f"/{run_id}")).status
    run = await api.ended(run_id)
    assert ["A password was sent that the program never asked for; it was dropped."] == run["notes"]
    assert "correct-horse" not in caplog.text
    assert caplog.records
