"""Behind a proxy, such as a hub's, which answers for an absent server and redirects to a login."""

from __future__ import annotations

import io

import pytest
from support.fake_server import RUN_ID, FakeServer, line

from prismq_nb import errors
from prismq_nb.client.http import follow as follow_module
from prismq_nb.client.http.client import HttpClient
from prismq_nb.client.http.connection import Connection, Headers
from prismq_nb.client.run.run import Run
from prismq_nb.common.log_models import LogLine

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = b"<!DOCTYPE html><title>Sign in</title>"
Answer = tuple[int, bytes, dict[str, str]]
STRANGERS: dict[str, Answer] = {
    "redirect": (302, b"", {"Location": "https://login.example/"}),
    "401": (401, b"", {}),
    "403": (403, b'{"message": "Forbidden", "reason": null}', {}),
    "403-page": (403, PAGE, HTML),
    "page": (200, PAGE, HTML),
    "not-signed-in": (
        403,
        b'{"message": "not signed in: send a token", "reason": "NotAllowed"}',
        {},
    ),
}
AWAY: dict[str, Answer] = {
    "424": (424, b'{"status": 424, "message": "ann\'s server is not running"}', {}),
    "502": (502, PAGE, HTML),
    "503": (503, b"", {}),
    "504": (504, PAGE, HTML),
}
CALLS = {
    "logs": lambda client: client.logs(RUN_ID, {}),
    "get": lambda client: client.get(RUN_ID),
    "stop": lambda client: client.stop(RUN_ID),
    "follow": lambda client: next(client.stream(RUN_ID, {})),
    "search": lambda client: next(client.search(RUN_ID, {"q": "x"})),
    "download": lambda client: client.download(RUN_ID, io.BytesIO()),
}


@pytest.fixture
def remote(fake: FakeServer) -> HttpClient:
    """A client that was given an address and a token by a person."""
    token = Headers(Authorization=f"prismq {fake.secret}")
    return HttpClient(lambda: Connection(fake.url, token))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("answer", STRANGERS)
def test_a_missing_login_is_named_with_its_remedy(fake, remote, answer, call) -> None:
    fake.answers = [STRANGERS[answer]] * 2
    with pytest.raises(errors.NotAllowed, match=r"/base .*; .*restart this kernel"):
        CALLS[call](remote)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (
            404,
            r"/base does not have prismq_nb; install it in the environment of the Jupyter server",
        ),
        (
            403,
            r"/base refuses the request \(Forbidden, HTTP 403\); set PRISMQ_TOKEN",
        ),
        (503, r"The Jupyter server behind .*/base is not running"),
    ],
)
def test_a_kernel_gateway_is_not_mistaken_for_a_missing_login(fake, status, words) -> None:
    """It gives HTTP's phrase as the reason, and has no login."""
    gateway = HttpClient(lambda: Connection(fake.url, Headers()))
    phrase = {404: "Not Found", 403: "Forbidden", 503: "Service Unavailable"}[status]
    fake.answers = [(status, b'{"reason": "%s", "message": ""}' % phrase.encode(), {})] * 2
    with pytest.raises(errors.PrismqError, match=words) as caught:
        gateway.get(RUN_ID)
    assert "signed" not in str(caught.value)
    assert "not allowed" not in str(caught.value)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("answer", AWAY)
def test_an_absent_server_is_named_with_its_remedy(fake, remote, answer, call) -> None:
    fake.answers = [AWAY[answer]] * 2
    with pytest.raises(
        errors.ServerUnreachable,
        match=rf"behind http.*/base (is not running|does not respond).*HTTP {answer}\); start it",
    ):
        CALLS[call](remote)


@pytest.mark.parametrize(
    ("headers", "remedy"),
    [
        (Headers(), "set PRISMQ_TOKEN"),
        (Headers(Authorization="token x"), "wrong or has expired"),
        (Headers(Authorization="prismq x"), "restart this kernel"),
    ],
    ids=["none", "token", "secret"],
)
def test_the_remedy_depends_on_the_kind_of_credentials(fake, headers, remedy) -> None:
    fake.answers = [STRANGERS["redirect"]] * 2
    with pytest.raises(errors.NotAllowed, match=remedy):
        HttpClient(lambda: Connection(fake.url, headers)).get(RUN_ID)


def test_a_refusal_by_the_server_s_authorizer_asks_for_no_login(fake, remote) -> None:
    fake.answers = [
        (403, b'{"message": "User is not authorized to read", "reason": "NotAuthorized"}', {})
    ] * 2
    with pytest.raises(errors.NotAllowed, match="User is not authorized to read") as caught:
        remote.get(RUN_ID)
    assert "token" not in str(caught.value)


def test_too_many_requests_say_when_to_try_again(fake, remote) -> None:
    fake.answers = [(429, b'{"message": "2000 streams are open"}', {"Retry-After": "7"})]
    with pytest.raises(
        errors.PrismqError, match=r"2000 streams are open, HTTP 429\); try again in 7 s"
    ):
        remote.get(RUN_ID)


def test_no_login_page_is_saved_as_a_log(fake, remote) -> None:
    fake.answers = [STRANGERS["page"]]
    target = io.BytesIO()
    with pytest.raises(errors.NotAllowed):
        remote.download(RUN_ID, target)
    assert target.getvalue() == b""


@pytest.fixture
def following(fake, remote, monkeypatch):
    """A stream that broke after its first line; the rest is in the log."""
    monkeypatch.setattr(follow_module, "RECONNECT_MAX_SECONDS", 0.05)
    fake.lines = [line(n) for n in range(3)]
    fake.drops = [1]
    fake.finish()
    stream = remote.stream(RUN_ID, {"after": -1})
    assert next(stream).line == 0
    return stream


@pytest.mark.parametrize("answer", {**AWAY, **STRANGERS})
@pytest.mark.slow
def test_following_continues_after_a_restart(fake, following, answer) -> None:
    fake.answers = [{**AWAY, **STRANGERS}[answer]] * 3
    assert [item.line for item in following if isinstance(item, LogLine)] == [1, 2]


def test_following_continues_after_a_429(fake, following) -> None:
    fake.answers = [(429, b'{"message": "2000 streams are open"}', {"Retry-After": "1"})] * 2
    assert [item.line for item in following if isinstance(item, LogLine)] == [1, 2]


def test_following_ends_if_the_login_is_gone(fake, following, monkeypatch) -> None:
    monkeypatch.setattr("prismq_nb.client.base.backoff.REFUSED_SECONDS", 0.2)
    fake.answers = [STRANGERS["403"]] * 1000
    with pytest.raises(errors.NotAllowed):
        next(following)


def test_a_run_silent_for_longer_than_the_patience_is_followed_after_a_restart(
    fake, remote, monkeypatch
) -> None:
    """The patience counts from when the server last responded, not from the last line."""
    monkeypatch.setattr(follow_module, "RECONNECT_MAX_SECONDS", 0.05)
    clock = [0.0]
    monkeypatch.setattr("prismq_nb.client.base.backoff.time.monotonic", lambda: clock[0])
    fake.lines = [line(0), line(1)]
    fake.drops = [1]
    fake.finish()
    stream = remote.stream(RUN_ID, {"after": -1})
    next(stream)
    clock[0] += 10_000  # an hour or three without a line; then the connection breaks
    assert [item.line for item in stream if isinstance(item, LogLine)] == [1]


@pytest.mark.parametrize("answer", {**AWAY, **STRANGERS})
def test_waiting_continues_after_a_restart(fake, remote, answer) -> None:
    run = Run(remote, remote.get(RUN_ID))
    fake.answers = [{**AWAY, **STRANGERS}[answer]] * 3
    fake.finish()
    assert run.wait() == "completed"


@pytest.mark.parametrize("call", CALLS)
def test_a_hub_redirects_to_what_it_says_about_the_server(fake, call) -> None:
    """`/user/ann/api/...` leads to `/hub/user/ann/api/...`, which is not a login."""
    leads = {
        "logs": f"/api/runs/{RUN_ID}/logs",
        "get": f"/api/runs/{RUN_ID}",
        "stop": f"/api/runs/{RUN_ID}",
    }
    leads |= {name: f"/api/runs/{RUN_ID}/logs/{name}" for name in ("search", "download")}
    leads["follow"] = f"/api/runs/{RUN_ID}/logs/stream"
    client = HttpClient(lambda: Connection(fake.url, Headers(Authorization="token x")))
    fake.answers = [(302, b"", {"Location": f"/hub/base{leads[call]}"}), AWAY["424"]]
    with pytest.raises(errors.ServerUnreachable, match="is not running"):
        CALLS[call](client)
