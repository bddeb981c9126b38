"""The HTTP client: its requests, its reading of responses, and how it finds a server that moved."""

from __future__ import annotations

import io
import json

import pytest
from support.fake_server import RUN_ID, FakeServer, line

from prismq_nb import errors
from prismq_nb.client.http.client import HttpClient
from prismq_nb.client.http.connection import Connection, Headers, from_file
from prismq_nb.common.models import LaunchRequest


def test_launch_posts_the_spec_without_its_defaults(fake: FakeServer, client: HttpClient) -> None:
    """The server chooses what is not said."""
    assert (
        client.launch(LaunchRequest(script="/x/collect.py", parameters={"max-results": 50})).run_id
        == RUN_ID
    )
    method, path, headers, body = fake.requests[0]
    assert (method, path, headers["Content-Type"]) == ("POST", "/base/api/runs", "application/json")
    assert json.loads(body) == {"script": "/x/collect.py", "parameters": {"max-results": 50}}


def test_the_secret_is_sent_in_a_header_only(fake: FakeServer, client: HttpClient) -> None:
    """URLs end up in access logs."""
    client.get(RUN_ID)
    _, path, headers, _ = fake.requests[0]
    assert headers["Authorization"] == "prismq first-secret"
    assert "secret" not in path
    assert "secret" not in repr(client) + repr(client.connection) + repr(client.connection.headers)


def test_an_entry_in_netrc_does_not_replace_the_secret(
    fake: FakeServer, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`requests` prefers ~/.netrc to an Authorization header that it was given."""
    netrc = fake.connection_file.with_name("netrc")
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client.get(RUN_ID)
    assert fake.requests[0][2]["Authorization"] == "prismq first-secret"


def test_a_proxy_is_not_used_for_this_machine(
    fake: FakeServer, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Companies set HTTP_PROXY for all; the loopback of this machine is not reached through it."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert client.get(RUN_ID).run_id == RUN_ID


@pytest.mark.parametrize("value", [True, False])
def test_booleans_in_a_query_are_lower_case(fake: FakeServer, client: HttpClient, value) -> None:
    """As in JSON and in the contract."""
    client.logs(RUN_ID, {"regex": value})
    assert f"/base/api/runs/{RUN_ID}/logs?regex={str(value).lower()}" == fake.requests[0][1]


def test_an_id_cannot_leave_its_place_in_the_path(fake: FakeServer, client: HttpClient) -> None:
    """A mistyped id is an unknown run, whatever is in it."""
    with pytest.raises(errors.RunNotFound):
        client.get("../../contents?x=")
    assert fake.requests[0][1] == "/base/api/runs/..%2F..%2Fcontents%3Fx%3D"


@pytest.mark.parametrize(
    ("answer", "expected", "text"),
    [
        (
            (400, b'{"message": "tail=0: give 1 to 10000", "reason": "InvalidRequest"}'),
            errors.InvalidRequest,
            "tail=0: give 1 to 10000",
        ),
        (
            (400, b'{"message": "python3.9: no such file", "reason": "LaunchFailed"}'),
            errors.LaunchFailed,
            "no such file",
        ),
        ((403, b'{"message": "Forbidden", "reason": null}'), errors.NotAllowed, "Forbidden"),
        (
            (404, b'{"message": "no run x", "reason": "RunNotFound"}'),
            errors.RunNotFound,
            "no run x",
        ),
        ((404, b"<html>"), errors.PrismqError, "does not have prismq_nb"),
        ((409, b'{"message": "ended", "reason": "RunEnded"}'), errors.RunEnded, "ended"),
        ((413, b""), errors.BodyTooLarge, "413"),
        ((502, b"<html>"), errors.ServerUnreachable, "502"),
        (
            (507, b'{"message": "disk full", "reason": "StorageFull"}'),
            errors.StorageFull,
            "disk full",
        ),
        ((500, b"oops"), errors.PrismqError, "500"),
        ((200, b"<html>hello</html>"), errors.NotAllowed, "requires a login"),
    ],
)
def test_a_response_becomes_the_error_that_it_stands_for(
    fake: FakeServer,
    client: HttpClient,
    answer: tuple[int, bytes],
    expected: type[Exception],
    text: str,
) -> None:
    """The error classes are the same on both sides of the wire."""
    fake.answers = [(*answer, {})] * 2
    with pytest.raises(expected, match=text) as caught:
        client.get(RUN_ID)
    assert expected is caught.type


def test_a_redirect_to_a_login_page_is_a_refusal(fake: FakeServer, client: HttpClient) -> None:
    """If it were followed, the response would be 200 with a page."""
    fake.answers = [(302, b"", {"Location": "/login"})]
    with pytest.raises(errors.NotAllowed, match="requires a login"):
        client.get(RUN_ID)


def test_the_error_of_a_server_that_does_not_respond_names_its_address(
    fake: FakeServer, client: HttpClient
) -> None:
    """So that a person sees which server is meant."""
    fake.hang_up()
    with pytest.raises(
        errors.ServerUnreachable,
        match=rf"127\.0\.0\.1:{fake.port}/base does not respond: nothing is listening there",
    ):
        client.get(RUN_ID)


def test_a_response_of_another_program_is_not_believed(
    fake: FakeServer, client: HttpClient
) -> None:
    """It may have the server's port now."""
    fake.answers = [(200, b'{"hello": 1}', {"Content-Type": "application/json"})]
    with pytest.raises(errors.PrismqError, match="base sent an unexpected response"):
        client.get(RUN_ID)


@pytest.mark.parametrize("call", ["get", "launch"])
def test_a_server_that_moved_is_found_again(
    fake: FakeServer, client: HttpClient, call: str
) -> None:
    """After a restart it has another port and another secret; both are in the connection file."""
    client.get(RUN_ID)
    fake.hang_up()
    fake.restart()
    assert (
        client.get(RUN_ID) if call == "get" else client.launch(LaunchRequest(module="x"))
    ).run_id == RUN_ID
    assert fake.url == client.connection.url


def test_a_new_secret_on_the_same_port_is_found(fake: FakeServer, client: HttpClient) -> None:
    """The old one is refused, the file is read again."""
    fake.secret = "other"
    fake.write_connection_file()
    assert client.get(RUN_ID).run_id == RUN_ID
    assert len(fake.requests) == 2


def test_a_refused_request_is_not_repeated_in_vain(fake: FakeServer, client: HttpClient) -> None:
    """If nothing changed in the file, the response would not change either."""
    fake.secret = "other"
    with pytest.raises(errors.NotAllowed):
        client.get(RUN_ID)
    assert len(fake.requests) == 1


def test_download_writes_to_any_binary_file(fake: FakeServer, client: HttpClient) -> None:
    """In the pieces that arrive."""
    fake.lines = [line(0), line(1)]
    target = io.BytesIO()
    client.download(RUN_ID, target)
    assert (
        target.getvalue().splitlines(keepends=True)[0]
        == b"[2025-10-31T12:00:00.000000Z] [INFO] [stdout] line 0\n"
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "is the Jupyter server running"),
        ("{", "is not a prismq_nb connection file"),
        ("[]", "is not a prismq_nb connection file"),
        ('{"url": "http://127.0.0.1:1/"}', "is not a prismq_nb connection file"),
        ('{"url": "http+unix://%2Ftmp%2Fsock/", "secret": "s"}', "which HTTP clients cannot reach"),
    ],
)
def test_a_bad_connection_file_says_so(fake: FakeServer, content: str | None, text: str) -> None:
    """Never a KeyError."""
    path = fake.connection_file.with_name("other.json")
    if content is not None:
        path.write_text(content)
    with pytest.raises(errors.ServerUnreachable, match=text):
        from_file(path)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8888/", True),
        ("http://localhost:8888/a", True),
        ("http://[::1]:8888", True),
        ("https://hub.example.org/user/x", False),
    ],
)
def test_a_connection_knows_whether_it_is_local(url: str, local) -> None:
    """Proxies and certificates matter only beyond this machine."""
    assert local is Connection(url, Headers()).local
