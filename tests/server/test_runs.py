"""Starting, listing, stopping, purging and writing to runs, over HTTP."""

from __future__ import annotations

import asyncio
import json
import os

import pytest
from support.waiting import WAIT_SECONDS

from prismq_nb.server.http.contents import kernel_path

SOURCES = {"script": "a.py", "code": "pass"}


async def test_a_launch_responds_202_with_the_run_and_its_location(api, jp_base_url):
    answer = await api("POST", "", body={"code": "print('hi')", "name": "greet"})
    run = answer.json
    assert (202, "running", "greet") == (answer.status, run["status"], run["module_name"])
    assert f"{jp_base_url}api/runs/{run['run_id']}" == answer.headers["Location"]
    ended = await api.ended(run["run_id"])
    assert ("completed", 0, 1) == (ended["status"], ended["exit_code"], ended["lines"])


async def test_runs_are_listed_newest_first_and_filtered(api):
    ids = [await api.finished("pass", name=name) for name in ("alpha", "beta")]
    page = (await api("GET", "")).json
    assert (ids[::-1], 2, 50, 0) == (
        [run["run_id"] for run in page["runs"]],
        page["total"],
        page["limit"],
        page["offset"],
    )
    assert [ids[0]] == [run["run_id"] for run in (await api("GET", "", q="ALPHA")).json["runs"]]
    assert [ids[0]] == [
        run["run_id"] for run in (await api("GET", "", offset=1, limit=1)).json["runs"]
    ]
    assert 0 == (await api("GET", "", status="failed")).json["total"]


async def test_a_list_is_filtered_sorted_and_counted(api, jp_root_dir):
    origin = {"kind": "ui", "notebook": "sub/a b.ipynb", "cell_id": "c1"}
    first = await api.finished("pass", name="b", origin=origin)
    second = await api.finished("exit(3)", name="a")
    run = (await api("GET", f"/{first}")).json
    stored = origin | {"notebook": f"{jp_root_dir}/sub/a b.ipynb", "run_id": None}
    assert (stored, "code:") == (run["origin"], run["module_key"][:5])

    async def ids(**query):
        return [one["run_id"] for one in (await api("GET", "", **query)).json["runs"]]

    for notebook in (origin["notebook"], stored["notebook"]):
        assert [first] == await ids(notebook=notebook)
    assert [first] == await ids(module_key=run["module_key"])
    assert [second, first] == await ids(sort="name") == await ids(status="failed, Completed")
    assert [second] == await ids(since=run["created_at"])
    page = (await api("GET", "", status="failed")).json
    assert (1, 1, 1) == (page["total"], page["counts"]["failed"], page["counts"]["completed"])


async def test_a_notebook_has_the_path_that_its_kernel_knows(jp_serverapp):
    path = kernel_path("sub/a.ipynb", jp_serverapp.contents_manager)
    os.makedirs(os.path.dirname(path))
    environment = jp_serverapp.session_manager.get_kernel_env("sub/a.ipynb", "a.ipynb")
    assert environment["JPY_SESSION_NAME"] == path


async def test_a_stopped_run_ends(api):
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


async def test_sent_input_is_read_by_the_module(api):
    run_id = await api.launch("import sys\nprint('got', sys.stdin.read())")
    assert (202, {}) == (
        (answer := await api("POST", f"/{run_id}/input", body={"text": "yes", "eof": True})).status,
        answer.json,
    )
    await api.ended(run_id)
    assert ["got yes"] == [
        line["message"] for line in (await api("GET", f"/{run_id}/logs")).json["logs"]
    ]


async def test_input_to_an_ended_run_is_409(api):
    answer = await api("POST", f"/{await api.finished('pass')}/input", body={"text": "x"})
    assert (409, "RunEnded") == (answer.status, answer.json["reason"])


INVALID_LAUNCHES = [
    (b"", "empty"),
    (b"  \n", "empty"),
    (b"{", "not JSON"),
    (b"\xff\xfe", "JSON"),
    (b"[1]", "object"),
    (b"null", "object"),
    (b'{"code": "pass", "parameters": {"a": ' + b"[" * 100_000, "nested too deeply"),
    (b"{}", "exactly one"),
    (json.dumps(SOURCES).encode(), "script"),
    (b'{"script": 5}', "$.script"),
    (b'{"code": "pass", "args": [1]}', "$.args[0]"),
    (b'{"code": "pass", "colour": true}', "colour"),
    (b'{"script": "missing.py"}', "missing.py"),
    (b'{"script": "."}', "director"),
    (b'{"script": "a\\u0000b.py"}', ""),
    (b'{"code": "pass", "args": ["a\\u0000b"]}', ""),
    (b'{"code": "pass", "args": ["\\ud800"]}', ""),
    (b'{"code": "pass", "env": {"A=B": "c"}}', ""),
    (b'{"code": "pass", "env": {"": "c"}}', ""),
    (b'{"code": "pass", "env": {"A": "\\u0000"}}', ""),
    (b'{"code": "pass", "cwd": "/no/such/folder"}', "/no/such/folder"),
    (b'{"code": "pass", "python": "/no/such/python"}', "/no/such/python"),
    (b'{"command": []}', "command"),
    (b'{"command": ["/no/such/program"]}', "/no/such/program"),
    (b'{"code": "pass", "timeout": -1}', "timeout"),
    (b'{"code": "pass", "timeout": 1e400}', ""),
    (b'{"code": "pass", "launcher": "moon"}', "moon"),
    (b'{"code": "pass", "origin": {"kind": "moon"}}', "origin.kind is 'moon'"),
    (b'{"code": "pass", "origin": {"kind": "ui", "page": 1}}', "page"),
    (b'{"code": "pass", "name": "' + b"n" * 5000 + b'"}', ""),
]


async def test_an_invalid_launch_is_refused_with_a_helpful_message(api):
    for raw, word in INVALID_LAUNCHES:
        answer = await api("POST", "", raw=raw)
        # a few of these are odd and yet possible
        assert answer.status in (400, 202), (raw, answer.body)
        assert word in answer.body.decode(), raw
        if word:
            assert (400, True) == (
                answer.status,
                answer.json["reason"] in ("InvalidRequest", "LaunchFailed"),
            ), raw


@pytest.mark.parametrize("path", ["", "/{run}/input"], ids=["launch", "input"])
@pytest.mark.parametrize(
    ("header", "body"),
    [
        pytest.param(f"Content-Length: {3 << 20}", b"x" * (3 << 20), id="sent-whole"),
        pytest.param(f"Content-Length: {3 << 20}\r\nExpect: 100-continue", b"", id="asked-first"),
        pytest.param(f"Content-Length: {1 << 30}", b"", id="far-too-long"),
        pytest.param(
            "Transfer-Encoding: chunked",
            (b"19000\r\n" + b"x" * 0x19000 + b"\r\n") * 30 + b"0\r\n\r\n",
            id="in-chunks",
        ),
        pytest.param(
            "Transfer-Encoding: chunked",
            (b"100000\r\n" + b"x" * 0x100000 + b"\r\n") * 16 + b"1\r\nx\r\n",
            id="in-chunks-without-end",
        ),
    ],
)
@pytest.mark.slow
async def test_an_overlong_body_is_413(  # noqa: PLR0917 - a table
    api, jp_http_port, jp_base_url, path, header, body
):
    path = path.format(run=await api.finished("pass"))
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    writer.write(
        f"POST {jp_base_url}api/runs{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token"
        f" {api.token}\r\n{header}\r\n\r\n".encode()
        + body
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT_SECONDS)
    answer = await asyncio.wait_for(reader.readuntil(b"}"), WAIT_SECONDS)
    writer.close()
    assert b"HTTP/1.1 413" == head[:12]
    assert ("BodyTooLarge", True) == (
        (error := json.loads(answer))["reason"],
        "1,048,576" in error["message"],
    )


INVALID_LISTS = [
    ({"limit": 0}, "limit=0"),
    ({"limit": "x"}, "limit='x'"),
    ({"limit": ""}, "limit is empty"),
    ({"offset": -1}, "offset=-1"),
    ({"status": "asleep"}, "status='asleep'"),
    ({"status": "failed,asleep"}, "'asleep' is not a valid status"),
    ({"sort": "size"}, "sort='size'"),
    ({"since": "now"}, "since='now'"),
    ({"limit": [1, 2]}, "given 2 times"),
    ({"q": b"\xff"}, "UTF-8"),
]


async def test_an_invalid_parameter_is_400_and_named(api):
    for query, word in INVALID_LISTS:
        answer = await api("GET", "", **query)
        assert (400, "InvalidRequest", True) == (
            answer.status,
            answer.json["reason"],
            word in answer.json["message"],
        ), (query, answer.body)
