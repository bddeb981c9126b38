"""Popular clients against a live run: each line once, in order, and an end.

Also behind nginx with its default settings.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests
import sseclient
from httpx_sse import connect_sse
from streaming.api import Api
from support.batches import expanded
from support.programs import node_environment, packages, program
from support.runs import until
from support.waiting import WAIT_SECONDS

LINES = 2000
LIVE = f"""
import sys
print("first: é 二 \\U0001f680")
input()
for i in range(1, {LINES}):
    stream = sys.stderr if i % 2 else sys.stdout
    print(f"line {{i}} \\r\\x1b[31mred\\x1b[0m \\u2028", file=stream)
input()
print("last")
"""
NODE = """
import { EventSource } from 'eventsource';
const [url, token] = process.argv.slice(-2);
const withToken = (input, init) => {
    const headers = { ...init.headers, Authorization: `token ${token}` };
    return fetch(input, { ...init, headers });
};
const source = new EventSource(url, { fetch: withToken });
const tell = (event) => console.log(`${event.type} ${event.lastEventId} ${event.data}`);
for (const name of ['log', 'logs', 'complete']) source.addEventListener(name, tell);
source.addEventListener('complete', () => source.close());
source.addEventListener('error', (event) => console.error('error', event.code, event.message));
"""
NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen unix:{folder}/socket;
        location / {{
            proxy_pass {url};
            proxy_set_header Host $host;
            proxy_read_timeout 2s;
        }}
    }}
}}
"""


@pytest.fixture
def proxy(api: Api, tmp_path: Path) -> Iterator[Path]:
    """The socket of an nginx before the server, with its default buffering."""
    settings = tmp_path / "nginx.conf"
    settings.write_text(NGINX.format(folder=tmp_path, url=api.url.split("/user/")[0]))
    with subprocess.Popen(
        [
            program("nginx"),
            "-p",
            str(tmp_path),
            "-e",
            str(tmp_path / "error.log"),
            "-c",
            str(settings),
        ]
    ) as process:
        until((tmp_path / "socket").exists)
        yield tmp_path / "socket"
        process.terminate()


def play(api: Api, run_id: str, events: Iterator[tuple[str, dict]]) -> None:
    """Read a live run to its end: output is seen before more follows, and all of it is there at the
    end.
    """
    seen: list[dict] = []
    for name, data in events:
        if name == "log":
            seen.append(data)
            if len(seen) in {1, LINES}:
                api.send(run_id, "\n")
        elif name == "complete":
            assert data == {"status": "completed", "exit_code": 0, "total_lines": LINES + 1}
            break
    assert [log["line"] for log in seen] == list(range(LINES + 1))
    assert sorted(seen, key=lambda log: log["line"]) == api.logs(run_id)


def by_httpx(client: httpx.Client, url: str, headers: dict[str, str]) -> Iterator[tuple[str, dict]]:
    with client, connect_sse(client, "GET", url, headers=headers, timeout=WAIT_SECONDS) as source:
        for event in source.iter_sse():
            yield event.event, event.json()


def test_httpx_sse(api):
    run_id = api.launch(LIVE)
    play(api, run_id, by_httpx(httpx.Client(), api.stream_url(run_id), api.headers))


def test_httpx_sse_behind_nginx(api, proxy):
    run_id = api.launch(LIVE)
    path = api.stream_url(run_id).removeprefix(api.url.split("/user/")[0])
    play(
        api,
        run_id,
        by_httpx(
            httpx.Client(transport=httpx.HTTPTransport(uds=str(proxy))),
            f"http://localhost{path}",
            api.headers,
        ),
    )


def test_a_quiet_stream_stays_open_behind_nginx(api, proxy):
    """nginx gives up after 2 s of silence here (60 s by default), and the server sends something
    every 0.5 s (15 s by default).
    """
    run_id = api.launch("input(); print('at last')")
    path = api.stream_url(run_id).removeprefix(api.url.split("/user/")[0])
    with (
        httpx.Client(transport=httpx.HTTPTransport(uds=str(proxy))) as client,
        client.stream(
            "GET", f"http://localhost{path}", headers=api.headers, timeout=WAIT_SECONDS
        ) as answer,
    ):
        lines = answer.iter_lines()
        for _ in range(12):  # comments, 6 s of them
            next(line for line in lines if line.startswith(":"))
        api.send(run_id, "\n")
        assert any("at last" in line for line in lines)


def test_sseclient_py(api):
    run_id = api.launch(LIVE)
    with requests.get(
        api.stream_url(run_id), headers=api.headers, stream=True, timeout=WAIT_SECONDS
    ) as answer:
        play(
            api,
            run_id,
            (
                (event.event, json.loads(event.data))
                for event in sseclient.SSEClient(answer).events()
            ),
        )


def test_curl(api):
    run_id = api.launch(LIVE)
    command = [
        program("curl"),
        "-sN",
        "-H",
        f"Authorization: token {api.token}",
        api.stream_url(run_id),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        play(api, run_id, blocks(process.stdout))
        assert process.wait(WAIT_SECONDS) == 0


def blocks(lines: Iterator[str]) -> Iterator[tuple[str, dict]]:
    """What a person reads on the screen."""
    name = ""
    for line in lines:
        field, _, value = line.rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def one_by_one(lines: Iterator[str]) -> Iterator[tuple[str, dict]]:
    """The output of an `EventSource`, line by line; the last id is always that of the last line."""
    for line in lines:
        name, last_id, data = line.rstrip("\n").split(" ", 2)
        logs = expanded(json.loads(data)) if name == "logs" else [json.loads(data)]
        assert int(last_id) == logs[-1].get("line", LINES + 1)
        for log in logs:
            yield "log" if name == "logs" else name, log


@pytest.mark.parametrize(
    "query", ["after=-1", "after=-1&batch=true"], ids=["line-by-line", "in-batches"]
)
def test_the_npm_package_eventsource_in_node(api, tmp_path, query):
    run_id = api.launch(LIVE)
    # modules are looked up from the folder of a script
    script = packages(tmp_path) / "node_modules" / ".prismq-eventsource-test.mjs"
    script.write_text(NODE)
    env = node_environment()
    try:
        with subprocess.Popen(
            ["node", str(script), api.stream_url(run_id, query), api.token],
            env=env,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        ) as process:
            play(api, run_id, one_by_one(process.stdout))
            assert process.wait(WAIT_SECONDS) == 0
    finally:
        script.unlink()
