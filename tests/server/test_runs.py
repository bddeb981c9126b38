"""Starting, listing, stopping, purging and writing to runs, over HTTP."""

from __future__ import annotations

import asyncio
import json

import pytest

SOURCES = {"script": "a.py", "code": "pass"}


async def test_a_launch_answers_202_with_the_run_and_its_place(api, jp_base_url):
    answer = await api("POST", "", body={"code": "print('hi')", "name": "greet"})
    run = answer.json
    assert (202, "running", "greet") == (answer.status, run["status"], run["module_name"])
    assert f"{jp_base_url}api/runs/{run['run_id']}" == answer.headers["Location"]
    ended = await api.ended(run["run_id"])
    assert ("completed", 0, 1) == (ended["status"], ended["exit_code"], ended["lines"])


async def test_runs_are_listed_newest_first_and_filtered(api):
    ids = [await api.finished("pass", name=name) for name in ("alpha", "beta")]
    page = (await api("GET", "")).json
    assert (ids[::-1], 2, 50, 0) == ([run["run_id"] for run in page["runs"]], page["total"], page["limit"], page["offset"])
    assert [ids[0]] == [run["run_id"] for run in (await api("GET", "", q="ALPHA")).json["runs"]]
    assert [ids[0]] == [run["run_id"] for run in (await api("GET", "", offset=1, limit=1)).json["runs"]]
    assert 0 == (await api("GET", "", status="failed")).json["total"]


async def test_a_run_is_stopped_and_then_it_has_ended(api):
    run_id = await api.launch("import time\nprint('up')\ntime.sleep(600)")
    answer = await api("DELETE", f"/{run_id}")
    assert (202, True) == (answer.status, answer.json["stopping"])
    assert "cancelled" == (await api.ended(run_id))["status"]
    answer = await api("DELETE", f"/{run_id}")
    assert (409, "RunEnded") == (answer.status, answer.json["reason"])


async def test_only_an_ended_run_is_purged(api):
    run_id = await api.launch("input()")
    answer = await api("DELETE", f"/{run_id}", purge="true")
    assert (409, "RunActive") == (answer.status, answer.json["reason"])
    await api("POST", f"/{run_id}/input", body={"eof": True})
    await api.ended(run_id)
    answer = await api("DELETE", f"/{run_id}", purge="true")
    assert (204, b"") == (answer.status, answer.body)
    assert 404 == (await api("GET", f"/{run_id}")).status


async def test_what_is_sent_is_read_by_the_module(api):
    run_id = await api.launch("import sys\nprint('got', sys.stdin.read())")
    assert (202, {}) == ((answer := await api("POST", f"/{run_id}/input", body={"text": "yes", "eof": True})).status, answer.json)
    await api.ended(run_id)
    assert ["got yes"] == [line["message"] for line in (await api("GET", f"/{run_id}/logs")).json["logs"]]


async def test_input_to_an_ended_run_is_409(api):
    answer = await api("POST", f"/{await api.finished('pass')}/input", body={"text": "x"})
    assert (409, "RunEnded") == (answer.status, answer.json["reason"])


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"  \n", "empty", id="blank"),
        pytest.param(b"{", "not JSON", id="malformed"),
        pytest.param(b"\xff\xfe", "JSON", id="no-utf-8"),
        pytest.param(b"[1]", "object", id="a-list"),
        pytest.param(b"null", "object", id="null"),
        pytest.param(b'{"code": "pass", "parameters": {"a": ' + b"[" * 100_000, "nested too deeply", id="a-bomb"),
        pytest.param(b"{}", "exactly one", id="no-source"),
        pytest.param(json.dumps(SOURCES).encode(), "script", id="two-sources"),
        pytest.param(b'{"script": 5}', "$.script", id="wrong-type"),
        pytest.param(b'{"code": "pass", "args": [1]}', "$.args[0]", id="wrong-type-inside"),
        pytest.param(b'{"code": "pass", "colour": true}', "colour", id="unknown-field"),
        pytest.param(b'{"script": "missing.py"}', "missing.py", id="missing-script"),
        pytest.param(b'{"script": "."}', "director", id="a-directory"),
        pytest.param(b'{"script": "a\\u0000b.py"}', "", id="nul-in-script"),
        pytest.param(b'{"code": "pass", "args": ["a\\u0000b"]}', "", id="nul-in-args"),
        pytest.param(b'{"code": "pass", "args": ["\\ud800"]}', "", id="surrogate-in-args"),
        pytest.param(b'{"code": "pass", "env": {"A=B": "c"}}', "", id="equals-in-env"),
        pytest.param(b'{"code": "pass", "env": {"": "c"}}', "", id="empty-env"),
        pytest.param(b'{"code": "pass", "env": {"A": "\\u0000"}}', "", id="nul-in-env"),
        pytest.param(b'{"code": "pass", "cwd": "/no/such/folder"}', "/no/such/folder", id="missing-cwd"),
        pytest.param(b'{"code": "pass", "python": "/no/such/python"}', "/no/such/python", id="missing-python"),
        pytest.param(b'{"command": []}', "command", id="empty-command"),
        pytest.param(b'{"command": ["/no/such/program"]}', "/no/such/program", id="missing-program"),
        pytest.param(b'{"code": "pass", "timeout": -1}', "timeout", id="negative-timeout"),
        pytest.param(b'{"code": "pass", "timeout": 1e400}', "", id="infinite-timeout"),
        pytest.param(b'{"code": "pass", "launcher": "moon"}', "moon", id="unknown-launcher"),
        pytest.param(b'{"code": "pass", "name": "' + b"n" * 5000 + b'"}', "", id="long-name"),
    ],
)
async def test_a_launch_that_cannot_be_is_refused_with_a_message_that_helps(api, raw, word):
    answer = await api("POST", "", raw=raw)
    assert answer.status in (400, 202), answer.body  # a few of these are odd and yet possible
    assert word in answer.body.decode()
    if word:
        assert (400, True) == (answer.status, answer.json["reason"] in ("InvalidRequest", "LaunchFailed"))


@pytest.mark.parametrize("path", ["", "/{run}/input"], ids=["launch", "input"])
@pytest.mark.parametrize(
    ("header", "body"),
    [
        pytest.param(f"Content-Length: {3 << 20}", b"x" * (3 << 20), id="sent-whole"),
        pytest.param(f"Content-Length: {3 << 20}\r\nExpect: 100-continue", b"", id="asked-first"),
        pytest.param(f"Content-Length: {1 << 30}", b"", id="far-too-long"),
        pytest.param("Transfer-Encoding: chunked", (b"19000\r\n" + b"x" * 0x19000 + b"\r\n") * 30 + b"0\r\n\r\n", id="in-chunks"),
        pytest.param("Transfer-Encoding: chunked", (b"100000\r\n" + b"x" * 0x100000 + b"\r\n") * 16 + b"1\r\nx\r\n", id="in-chunks-without-end"),
    ],
)
async def test_a_body_that_is_too_long_is_413(api, jp_http_port, jp_base_url, path, header, body):  # noqa: PLR0917 - a table
    path = path.format(run=await api.finished("pass"))
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    writer.write(
        f"POST {jp_base_url}api/runs{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {api.token}\r\n{header}\r\n\r\n".encode() + body
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 10)
    writer.close()
    assert b"HTTP/1.1 413" == head[:12]
    assert ("BodyTooLarge", True) == ((error := json.loads(answer))["reason"], "1,048,576" in error["message"])


@pytest.mark.parametrize(
    ("path", "query", "word"),
    [
        ("", {"limit": 0}, "limit=0"),
        ("", {"limit": "x"}, "limit='x'"),
        ("", {"limit": ""}, "limit is empty"),
        ("", {"offset": -1}, "offset=-1"),
        ("", {"status": "asleep"}, "status='asleep'"),
        ("", {"limit": [1, 2]}, "given 2 times"),
        ("", {"q": b"\xff"}, "UTF-8"),
    ],
    ids=str,
)
async def test_a_bad_parameter_is_400_and_named(api, path, query, word):
    answer = await api("GET", path, **query)
    assert (400, "InvalidRequest", True) == (answer.status, answer.json["reason"], word in answer.json["message"])
