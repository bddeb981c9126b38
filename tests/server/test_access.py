"""Access control: a table over all routes.

Whatever is sent, the response is JSON and never a 500.
"""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jupyter_server.auth.authorizer import Authorizer
from support.api_document import served
from support.journals import MadeRun
from support.waiting import WAIT_SECONDS
from tornado.httpclient import AsyncHTTPClient
from traitlets.config import Config

NO_RUN = "run_20251031_120000_none_abc123"
ROUTES = {  # method and path -> query, body, status when allowed, for a run that does not exist
    ("GET", "/api/health"): ("", None, 200),
    ("GET", "/api/system/stats"): ("", None, 200),
    ("GET", "/api/runs"): ("", None, 200),
    ("POST", "/api/runs"): ("", {"code": "pass"}, 202),
    ("GET", "/api/runs/stream"): (f"?run={NO_RUN}", None, 200),
    ("GET", "/api/runs/events"): ("", None, 200),
    ("GET", "/api/runs/search"): ("?q=x", None, 200),
    ("GET", "/api/runs/openapi.yaml"): ("", None, 200),
    ("GET", "/api/runs/{run_id}"): ("", None, 404),
    ("PATCH", "/api/runs/{run_id}"): ("", {"keep": True}, 404),
    ("DELETE", "/api/runs/{run_id}"): ("?purge=true", None, 404),
    ("POST", "/api/runs/{run_id}/input"): ("", {"text": "x"}, 404),
    ("POST", "/api/runs/{run_id}/restart"): ("", None, 404),
    ("GET", "/api/runs/{run_id}/logs"): ("", None, 404),
    ("GET", "/api/runs/{run_id}/logs/stream"): ("", None, 404),
    ("GET", "/api/runs/{run_id}/logs/search"): ("?q=x", None, 404),
    ("GET", "/api/runs/{run_id}/logs/frames"): ("?line=0", None, 404),
    ("GET", "/api/runs/{run_id}/logs/timeline"): ("", None, 404),
    ("GET", "/api/runs/{run_id}/logs/download"): ("", None, 404),
    ("GET", "/api/runs/{run_id}/usage"): ("", None, 404),
    ("GET", "/api/runs/{run_id}/attempts"): ("", None, 404),
    ("GET", "/api/runs/{run_id}/saved"): ("", None, 404),
    ("GET", "/api/runs/{run_id}/launch"): ("", None, 404),
}
NOWHERE = ("GET", "/api/runs/{run_id}/nothing/here"), ("POST", "/api/runs/{run_id}/nothing/here")
CALLS = ROUTES | dict.fromkeys(NOWHERE, ("", None, 404))
ALLOWED = {call: status for call, (_, _, status) in CALLS.items()}


def test_the_table_has_every_route_and_method():
    assert served() == ROUTES.keys()


async def answers(api, calls=CALLS, run_id=NO_RUN, query="", **headers):
    """The response to each call, by method and path; each error is JSON in our form."""
    statuses = {}
    for (method, path), (own_query, body, _) in calls.items():
        url = path.removeprefix("/api/runs").format(run_id=run_id) + (
            own_query + query if own_query or not query else f"?{query[1:]}"
        )
        answer = await api(method, url, body=body, headers=headers)
        statuses[method, path] = answer.status
        assert answer.status < 400 or {"message", "reason"} == set(answer.json), answer.body
    return statuses


def all_are(status, calls=CALLS):
    return dict.fromkeys(calls, status)


async def log_in(api):
    """The cookies of a logged-in browser, and its XSRF token."""
    login = await AsyncHTTPClient().fetch(
        f"{api.url}/lab?token={api.token}", follow_redirects=False, raise_error=False
    )
    cookies = [cookie.split(";")[0] for cookie in login.headers.get_list("Set-Cookie")]
    api.token = ""
    return "; ".join(cookies), next(
        each.split("=", 1)[1] for each in cookies if each.startswith("_xsrf=")
    )


@pytest.mark.slow
class TestCredentials:
    """The whole table, with each kind of credentials and without."""

    @pytest.fixture(
        params=[True, False],
        ids=["unauthenticated-access-allowed", "unauthenticated-access-not-allowed"],
    )
    def jp_server_config(self, data_dir, request):
        return Config(
            {
                "ServerApp": {
                    "jpserver_extensions": {"prismq_nb": True},
                    "allow_unauthenticated_access": request.param,
                },
                "PrismQApp": {"data_dir": str(data_dir)},
            }
        )

    @pytest.fixture
    def secret(self, extension, jp_serverapp, jp_asyncio_loop):
        jp_asyncio_loop.run_until_complete(jp_serverapp.extension_manager.start_all_extensions())
        assert extension.services.secret()
        return extension.services.secret()

    async def test_requests_without_credentials_are_refused_everywhere(self, api, secret):
        own, api.token = api.token, ""
        wrong = [
            "token wrong",
            "Bearer wrong",
            "Basic dTpw",
            "prismq",
            f"prismq {secret[:-1]}",
            f"prismq {secret}x",
            f"token {secret}",
            f"prismq {own}",
        ]
        assert all_are(403) == await answers(api)
        for header in wrong:
            assert all_are(403) == await answers(api, Authorization=header), header

    @pytest.mark.usefixtures("secret")  # the extension has started
    async def test_a_wrong_token_in_the_url_is_refused_everywhere(self, api):
        api.token = ""
        assert all_are(403) == await answers(api, query="&token=wrong")

    async def test_a_forged_cookie_is_refused_everywhere(self, api):
        api.token = ""
        for value in ("forged", "2|1:0|10:1761912001|4:user|4:YWJj|0000"):
            cookie = f"username-127-0-0-1-{urlsplit(api.url).port}={value}; _xsrf=a"
            assert all_are(403) == await answers(api, Cookie=cookie, **{"X-XSRFToken": "a"})

    @pytest.mark.parametrize("way", ["token {token}", "Bearer {token}", "prismq {secret}"])
    async def test_a_token_or_the_secret_grants_access_to_everything(self, api, secret, way):
        """Also from another origin: no page can make a browser send these headers without knowing
        the token.
        """
        header = way.format(token=api.token, secret=secret)
        api.token = ""
        assert ALLOWED == await answers(api, Authorization=header)
        assert ALLOWED == await answers(api, Authorization=header, Origin="http://evil.example")

    async def test_a_token_in_the_url_grants_access_to_everything(self, api):
        token, api.token = api.token, ""
        assert ALLOWED == await answers(api, query=f"&token={token}")

    async def test_a_cookie_with_an_xsrf_token_grants_access_to_everything(self, api):
        cookie, xsrf = await log_in(api)
        assert ALLOWED == await answers(api, Cookie=cookie, **{"X-XSRFToken": xsrf})

    async def test_a_cookie_without_an_xsrf_token_changes_nothing(self, api):
        cookie, _ = await log_in(api)
        expected = {call: status if call[0] == "GET" else 403 for call, status in ALLOWED.items()}
        assert expected == await answers(api, Cookie=cookie, Referer=f"{api.url}/lab")
        assert expected == await answers(
            api, Cookie=cookie, Referer=f"{api.url}/lab", **{"X-XSRFToken": "wrong"}
        )

    async def test_a_page_of_another_origin_can_read_no_response(self, api):
        """A browser sends the cookie with a plain link or image of that page. It must neither hand
        over the response nor run it as a script.
        """
        cookie, _ = await log_in(api)
        for method, path in CALLS:
            answer = await api(
                method,
                path.removeprefix("/api/runs").format(run_id=NO_RUN),
                headers={"Cookie": cookie, "Referer": "http://evil.example/"},
            )
            assert ("nosniff", None) == (
                answer.headers["X-Content-Type-Options"],
                answer.headers.get("Access-Control-Allow-Origin"),
            ), path

    async def test_a_cookie_is_useless_to_another_origin(self, api):
        cookie, xsrf = await log_in(api)
        for origin in ("http://evil.example", "null", "http://127.0.0.1.evil.example"):
            assert all_are(404) == await answers(
                api, Cookie=cookie, Origin=origin, **{"X-XSRFToken": xsrf}
            ), origin

    async def test_an_unsupported_method_is_405_and_the_response_lists_the_supported_ones(
        self, api
    ):
        for path in sorted({path for _, path in ROUTES}):
            own = {method for method, known in ROUTES if known == path} | {"OPTIONS"}
            for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - own:
                answer = await api(
                    method, path.removeprefix("/api/runs").format(run_id=NO_RUN), body={}
                )
                allow = {word.strip() for word in answer.headers["Allow"].split(",")}
                assert (405, own) == (answer.status, allow), (method, path)

    async def test_an_unsupported_method_is_403_without_credentials(self, api):
        api.token = ""
        calls = {("PUT", path): ("", {}, 0) for _, path in CALLS}
        assert all_are(403, calls) == await answers(api, calls)

    async def test_a_preflight_without_credentials_reveals_nothing(self, api):
        """Jupyter answers OPTIONS without credentials. The response is the same whether the run
        exists or not.
        """
        run_id = await api.finished("pass")
        api.token = ""
        for path in {path for _, path in ROUTES}:
            seen = [
                await api("OPTIONS", path.removeprefix("/api/runs").format(run_id=one))
                for one in (run_id, NO_RUN)
            ]
            assert [200, b""] == [seen[0].status, seen[0].body]
            assert (
                seen[0].headers["Access-Control-Allow-Methods"]
                == seen[1].headers["Access-Control-Allow-Methods"]
            )
            assert seen[0].status == seen[1].status


class ReadOnly(Authorizer):
    """Allow reading only."""

    asked: list[tuple[str, str, str]] = []  # noqa: RUF012 - a test's memory

    # the signature is Jupyter's
    def is_authorized(self, handler, user, action, resource):  # noqa: ARG002
        self.asked.append((user.username, action, resource))
        return resource != "prismq" or action == "read"


class TestWithAnAuthorizer:
    @pytest.fixture
    def jp_server_config(self, data_dir):
        return Config(
            {
                "ServerApp": {
                    "jpserver_extensions": {"prismq_nb": True},
                    "authorizer_class": ReadOnly,
                    "allow_unauthenticated_access": False,
                },
                "PrismQApp": {"data_dir": str(data_dir)},
            }
        )

    async def test_a_reader_can_neither_start_write_to_nor_stop_a_run(self, api):
        known = {
            call: status if call[0] == "GET" else 403
            for call, status in ALLOWED.items()
            if call in ROUTES
        }
        assert known == await answers(api, ROUTES)

    async def test_starting_and_input_need_execute_and_kernels_have_a_name(
        self, api, extension, jp_serverapp
    ):
        await jp_serverapp.extension_manager.start_all_extensions()
        ReadOnly.asked.clear()
        api.token = ""
        headers = {"Authorization": f"prismq {extension.services.secret()}"}
        for method, path, body in (
            ("POST", "", {}),
            ("POST", f"/{NO_RUN}/input", {}),
            ("DELETE", f"/{NO_RUN}", None),
            ("GET", "", None),
        ):
            await api(method, path, body=body, headers=headers)
        assert [
            ("prismq-kernel", action, "prismq")
            for action in ("execute", "execute", "write", "read")
        ] == ReadOnly.asked


@pytest.mark.parametrize(
    "run_id",
    [
        "nonsense",
        "..",
        ".",
        "%2e%2e",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e%2f{run}",
        "..%5c..%5cx",
        "..%252f{run}",
        "{run}%00",
        "{run}%0a",
        "{run}%0d%0aX-Evil:%201",
        "{run}%2f..%2f{run}",
        ".gone-{run}",
        "{outside}",
        "%2e%2e%2f{outside}",
        "run_20251031_120000_%C3%A9_abc123",
        "run_%D9%A1%D9%A1251031_120000_a_abc123",
        "RUN_20251031_120000_a_abc123",
        "%ff%fe",
        "xxxxx" * 1000,
    ],
    ids=lambda run_id: run_id[:40],
)
@pytest.mark.slow
async def test_an_unknown_run_id_is_404_on_every_route(api, data_dir, run_id):
    """Also if another directory has a run of that name."""
    inside, outside = (
        MadeRun(data_dir),
        MadeRun(data_dir / "elsewhere", "run_20251031_120000_outside_abc123"),
    )
    (data_dir / outside.run_id).symlink_to(outside.path)
    calls = {call: more for call, more in CALLS.items() if "{run_id}" in call[1]}
    assert all_are(404, calls) == await answers(
        api, calls, run_id.format(run=inside.run_id, outside=outside.run_id)
    )
    assert (True, True) == (inside.path.is_dir(), outside.path.is_dir())


MALFORMED_PATHS = [
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
]


async def test_a_malformed_run_id_is_404(api):
    for path in MALFORMED_PATHS:
        answer = await api("GET", path)
        assert (404, {"message", "reason"}) == (answer.status, set(answer.json)), (
            path,
            answer.body,
        )


RAW_TARGETS = [
    "/api/runs/../runs/x/logs",
    "/api/runs/..;/x",
    "/api/runs/%",
    "/api/runs/%zz/logs",
    "/api/runs/\\..\\x",
    "/api/runs/x/logs?%ff=%fe&tail=%ff",
]


async def test_a_raw_request_line_never_causes_a_500(api, jp_http_port, jp_base_url):
    for target in RAW_TARGETS:
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        head = f"GET {jp_base_url.rstrip('/')}{target} HTTP/1.0\r\nHost: 127.0.0.1"
        writer.write(f"{head}\r\nAuthorization: token {api.token}\r\n\r\n".encode())
        answer, _, body = (await asyncio.wait_for(reader.read(), WAIT_SECONDS)).partition(
            b"\r\n\r\n"
        )
        writer.close()
        assert answer.split()[1] in (b"404", b"400"), target
        assert {"message", "reason"} == set(json.loads(body))


queries = st.dictionaries(
    st.sampled_from(
        [
            "tail",
            "limit",
            "after",
            "before",
            "since",
            "level",
            "q",
            "regex",
            "format",
            "run",
            "status",
            "offset",
            "module_id",
            "purge",
        ]
    ),
    st.text(max_size=20)
    | st.integers().map(str)
    | st.sampled_from(["INFO", "true", "raw", "2025-10-31T12:00:00Z", "(a*)*b", "-1", "0", ""]),
    max_size=4,
)


@pytest.mark.parametrize(
    "path", ["", "/stream", "/{run}", "/{run}/logs", "/{run}/logs/stream", "/{run}/logs/download"]
)
@pytest.mark.slow
async def test_no_request_causes_a_500(api, data_dir, path):
    run = MadeRun(data_dir)
    run.write("a\nb\n\xe9\n".encode("latin-1"))
    run.end()
    asked: list[dict[str, str]] = []

    @settings(
        max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(queries)
    def collect(query):
        asked.append(query)

    collect()
    for query in asked:
        answer = await api("GET", path.format(run=run.run_id), **query)
        assert answer.status in (200, 400), (query, answer.body)


async def test_an_internal_error_is_a_500_that_reveals_no_secrets(
    api, extension, monkeypatch, caplog
):
    def fail(_):
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(extension.services.engine, "start_repair", fail)
    extension.log.propagate = True
    answer = await api("GET", f"/{NO_RUN}", token=api.token)
    assert (500, False, {"message", "reason"}) == (
        answer.status,
        b"hunter2" in answer.body,
        set(answer.json),
    )
    ours = [record for record in caplog.records if record.name.startswith(("PrismQApp", "tornado"))]
    assert (True, False) == (
        any(record.exc_info for record in ours),
        api.token in "".join(map(caplog.handler.format, ours)),
    )
