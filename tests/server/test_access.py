"""Who may do what: a table over all routes. And whatever is sent, the answer is JSON and never a 500."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jupyter_server.auth.authorizer import Authorizer
from support.journals import MadeRun
from traitlets.config import Config

from prismq_nb.server.routes import ROUTES

NO_RUN = "run_20251031_120000_none_abc123"
CALLS = [  # method, path below /api/runs, body, status when allowed (for a run that does not exist)
    ("GET", "", None, 200),
    ("POST", "", {"code": "pass"}, 202),
    ("GET", "/stream?run={id}", None, 200),
    ("GET", "/{id}", None, 404),
    ("PATCH", "/{id}", {"keep": True}, 404),
    ("DELETE", "/{id}", None, 404),
    ("DELETE", "/{id}?purge=true", None, 404),
    ("POST", "/{id}/input", {"text": "x"}, 404),
    ("GET", "/{id}/logs", None, 404),
    ("GET", "/{id}/logs/stream", None, 404),
    ("GET", "/{id}/logs/search?q=x", None, 404),
    ("GET", "/{id}/logs/download", None, 404),
    ("GET", "/{id}/nothing/here", None, 404),
]
IDS = [f"{method}-{path or '/'}" for method, path, _, _ in CALLS]


def test_the_table_has_every_route():
    import re

    paths = [path.format(id=NO_RUN).partition("?")[0] for _, path, _, _ in CALLS]
    assert [] == [pattern for pattern, _ in ROUTES if not any(re.fullmatch(pattern, f"/api/runs{path}") for path in paths)]


@pytest.mark.parametrize(("method", "path", "body", "status"), CALLS, ids=IDS)
@pytest.mark.parametrize("who", ["nobody", "wrong token", "wrong secret", "token", "secret"])
async def test_only_those_who_are_known_get_in(api, extension, jp_serverapp, method, path, body, status, who):  # noqa: PLR0917 - a table
    await jp_serverapp.extension_manager.start_all_extensions()
    secret = extension.secret
    api.token = ""
    headers = {
        "nobody": {},
        "wrong token": {"Authorization": "token wrong"},
        "wrong secret": {"Authorization": f"prismq {secret[:-1]}"},
        "token": {"Authorization": f"token {jp_serverapp.identity_provider.token}"},
        "secret": {"Authorization": f"prismq {secret}"},
    }[who]
    answer = await api(method, path.format(id=NO_RUN), body=body, headers=headers)
    assert (status if who in ("token", "secret") else 403) == answer.status, answer.body
    if answer.status >= 400:
        assert {"message", "reason"} == set(answer.json)


@pytest.mark.parametrize(("method", "path", "body", "status"), CALLS, ids=IDS)
async def test_a_method_that_a_route_does_not_have_is_405_for_those_who_are_known(api, method, path, body, status):
    other = "PUT"
    answer = await api(other, path.format(id=NO_RUN), body={})
    assert (404 if "nothing" in path else 405) == answer.status
    assert {"message", "reason"} == set(answer.json)
    api.token = ""
    assert 403 == (await api(other, path.format(id=NO_RUN), body={})).status


async def test_a_cookie_needs_an_xsrf_token_to_change_anything(api, jp_serverapp):
    from tornado.httpclient import AsyncHTTPClient

    url = f"{api.url}/api/runs"
    login = await AsyncHTTPClient().fetch(f"{api.url}/lab?token={api.token}", follow_redirects=False, raise_error=False)
    cookies = [cookie.split(";")[0] for cookie in login.headers.get_list("Set-Cookie")]
    api.token = ""
    cookie = {"Cookie": "; ".join(cookies)}
    assert 200 == (await api("GET", "", headers={**cookie, "Referer": url})).status
    answer = await api("POST", "", body={"code": "pass"}, headers=cookie)
    assert (403, True) == (answer.status, "_xsrf" in answer.json["message"])
    xsrf = next(each.split("=", 1)[1] for each in cookies if each.startswith("_xsrf="))
    assert 202 == (await api("POST", "", body={"code": "pass"}, headers={**cookie, "X-XSRFToken": xsrf})).status
    assert 404 == (await api("GET", "", headers={**cookie, "Origin": "http://evil.example"})).status


class ReadOnly(Authorizer):
    """Lets people look."""

    asked: list[tuple[str, str, str]] = []  # noqa: RUF012 - a test's memory

    def is_authorized(self, handler, user, action, resource):  # noqa: ARG002 - the signature is Jupyter's
        self.asked.append((user.username, action, resource))
        return resource != "prismq" or action == "read"


class TestWithAnAuthorizer:
    @pytest.fixture
    def jp_server_config(self, data_dir):
        return Config(
            {
                "ServerApp": {"jpserver_extensions": {"prismq_nb": True}, "authorizer_class": ReadOnly, "allow_unauthenticated_access": False},
                "PrismQApp": {"data_dir": str(data_dir)},
            }
        )

    @pytest.mark.parametrize(("method", "path", "body", "status"), CALLS, ids=IDS)
    async def test_who_may_only_read_starts_writes_and_stops_nothing(self, api, method, path, body, status):
        answer = await api(method, path.format(id=NO_RUN), body=body)
        assert (status if method == "GET" else 403) == answer.status, answer.body

    async def test_starting_and_input_are_execute_and_kernels_have_a_name(self, api, extension, jp_serverapp):
        await jp_serverapp.extension_manager.start_all_extensions()
        ReadOnly.asked.clear()
        api.token = ""
        headers = {"Authorization": f"prismq {extension.secret}"}
        for method, path, body in (("POST", "", {}), ("POST", f"/{NO_RUN}/input", {}), ("DELETE", f"/{NO_RUN}", None), ("GET", "", None)):
            await api(method, path, body=body, headers=headers)
        assert [("prismq-kernel", action, "prismq") for action in ("execute", "execute", "write", "read")] == ReadOnly.asked


@pytest.mark.parametrize(
    "path",
    [
        "/nonsense",
        "/..",
        "/../runs",
        "/%2e%2e",
        "/..%2f..%2fetc%2fpasswd",
        "/..%2f..%2fetc%2fpasswd/logs",
        "/%2e%2e/logs/download",
        "/run_20251031_120000_a%2fb_abc123/logs",
        "/run_20251031_120000_none_abc123%00/logs",
        "/run_20251031_120000_none_abc123%0a/logs",
        "/%ff%fe/logs",
        "/" + "x" * 5000,
        "/a/b/c/d",
        "/stream/more",
        "//logs",
    ],
)
async def test_an_id_that_is_none_is_404(api, path):
    answer = await api("GET", path)
    assert (404, {"message", "reason"}) == (answer.status, set(answer.json)), answer.body


@pytest.mark.parametrize(
    "target",
    ["/api/runs/../runs/x/logs", "/api/runs/..;/x", "/api/runs/%", "/api/runs/%zz/logs", "/api/runs/\\..\\x", "/api/runs/x/logs?%ff=%fe&tail=%ff"],
)
async def test_a_raw_request_line_is_answered_without_a_500(api, jp_http_port, jp_base_url, target):
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    writer.write(f"GET {jp_base_url.rstrip('/')}{target} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: token {api.token}\r\n\r\n".encode())
    head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
    writer.close()
    assert head.split()[1] in (b"404", b"400")
    assert {"message", "reason"} == set(json.loads(body))


queries = st.dictionaries(
    st.sampled_from(["tail", "limit", "after", "before", "since", "level", "q", "regex", "format", "run", "status", "offset", "module_id", "purge"]),
    st.text(max_size=20) | st.integers().map(str) | st.sampled_from(["INFO", "true", "raw", "2025-10-31T12:00:00Z", "(a*)*b", "-1", "0", ""]),
    max_size=4,
)


@pytest.mark.parametrize("path", ["", "/stream", "/{run}", "/{run}/logs", "/{run}/logs/stream", "/{run}/logs/download"])
async def test_whatever_is_asked_is_no_500(api, data_dir, path):
    run = MadeRun(data_dir)
    run.write("a\nb\n\xe9\n".encode("latin-1"))
    run.end()
    asked: list[dict[str, str]] = []

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(queries)
    def collect(query):
        asked.append(query)

    collect()
    for query in asked:
        answer = await api("GET", path.format(run=run.run_id), **query)
        assert answer.status in (200, 400), (query, answer.body)


async def test_what_goes_wrong_inside_is_a_500_that_tells_no_secrets(api, extension, monkeypatch):
    def fail(_):
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(extension.engine, "get", fail)
    answer = await api("GET", f"/{NO_RUN}")
    assert (500, False, {"message", "reason"}) == (answer.status, b"hunter2" in answer.body, set(answer.json))
