"""Below JupyterHub, whose patch of Jupyter's XSRF check does not know our secret."""

from __future__ import annotations

import json
from functools import partial
from types import SimpleNamespace

import pytest
import requests
from support.fake_hub import ACCESS, API_TOKEN, BROWSER_TOKEN, model
from support.waiting import WAIT_SECONDS

from prismq_nb.server.http.identity import KernelIdentity

pytest.importorskip("jupyterhub")

CODE = {"code": "input()", "stdin": True}
NO_RUN = "run_20251031_120000_none_abc123"


def secret(server) -> dict[str, str]:
    """The header of a kernel."""
    return {"Authorization": f"prismq {json.loads(server.connection_file.read_text())['secret']}"}


def browser(server) -> requests.Session:
    """A browser that came from the hub. Its first request causes the hub's patch."""
    session = requests.Session()
    page = session.get(
        f"{server.url}prismq/runs/{NO_RUN}", params={"token": BROWSER_TOKEN}, timeout=WAIT_SECONDS
    )
    assert page.status_code == 404, page.text
    assert "_xsrf" in session.cookies
    return session


def within(session: requests.Session):
    """Return requests with a browser's cookies, each over its own connection.

    Tornado closes a connection whose request it refused before it read the body.
    """
    return partial(requests.request, cookies=session.cookies)


def xsrf(session: requests.Session) -> dict[str, str]:
    return {"X-XSRFToken": session.cookies["_xsrf"]}


def changes(server, call, headers) -> dict[str, int]:
    """The status of each request that changes something."""
    api = f"{server.url}api/runs"
    own = {**headers, **secret(server)}

    def status(method: str, path: str = "", body: object = None) -> int:
        return call(
            method, f"{api}{path}", json=body, headers=headers, timeout=WAIT_SECONDS
        ).status_code

    started = requests.post(api, json={"code": "input()"}, headers=own, timeout=WAIT_SECONDS).json()
    run = f"/{started['run_id']}"
    return {
        "launch": status("POST", "", {"code": "pass"}),
        "pin": status("PATCH", run, {"keep": True}),
        "input": status("POST", f"{run}/input", {"text": "x"}),
        "stop": status("DELETE", run),
        "again": status("POST", f"/{NO_RUN}/restart"),
        "purge": status("DELETE", f"/{NO_RUN}?purge=true"),
    }


ALLOWED = {"launch": 202, "pin": 200, "input": 202, "stop": 202, "again": 404, "purge": 404}
REFUSED = dict.fromkeys(ALLOWED, 403)


def test_a_kernel_may_do_everything_even_after_a_browser_came(singleuser):
    session = browser(singleuser)
    assert ALLOWED == changes(singleuser, requests.request, secret(singleuser))
    assert ALLOWED == changes(singleuser, within(session), secret(singleuser))


def test_a_browser_still_needs_the_xsrf_cookie_as_a_header(singleuser):
    session = browser(singleuser)
    assert REFUSED == changes(singleuser, within(session), {})
    assert REFUSED == changes(singleuser, within(session), {"X-XSRFToken": "wrong"})
    assert ALLOWED == changes(singleuser, within(session), xsrf(session))


@pytest.mark.parametrize(
    "header", ["prismq wrong", "prismq", "token wrong", "prismq {token}", "token {secret}"]
)
def test_nothing_else_waives_the_check(singleuser, header):
    session = browser(singleuser)
    own = header.format(token=API_TOKEN, secret=secret(singleuser)["Authorization"].split()[1])
    assert REFUSED == changes(singleuser, within(session), {"Authorization": own})
    assert REFUSED == changes(singleuser, requests.request, {"Authorization": own})


def test_the_secret_opens_none_of_jupyter_s_own_routes(singleuser):
    session = browser(singleuser)
    for call in (requests.request, within(session)):
        for path in ("api/kernels", "api/contents/x", "api/sessions", "api/terminals"):
            answer = call(
                "POST",
                singleuser.url + path,
                headers=secret(singleuser),
                json={},
                timeout=WAIT_SECONDS,
            )
            assert answer.status_code == 403, (path, answer.text)


def test_the_error_says_that_a_login_is_missing(singleuser):
    answer = requests.get(f"{singleuser.url}api/runs", timeout=WAIT_SECONDS)
    assert (403, "NotAllowed") == (answer.status_code, answer.json()["reason"])
    assert "not signed in" in answer.json()["message"]


@pytest.fixture(scope="module")
def server(start):
    return start("--ServerApp.authorizer_class=authorizers.Chosen")


class TestAuthorizers:
    """Which read what the hub knows about a user, or what nobody else has."""

    def list_runs(self, server, kind, headers):
        return requests.get(
            f"{server.url}api/runs", headers=headers | {"X-Kind": kind}, timeout=WAIT_SECONDS
        )

    def test_a_kernel_acts_for_the_owner(self, server, hub):
        headers = secret(server) | {"X-Kind": "group"}
        assert ALLOWED == changes(server, requests.request, headers)
        assert API_TOKEN in hub.asked

    def test_an_authorizer_that_cannot_judge_a_kernel_refuses_with_the_reason(self, server):
        answer = self.list_runs(server, "rank", secret(server))
        assert (403, "NotAuthorized") == (answer.status_code, answer.json()["reason"])
        assert "Chosen cannot judge a kernel (AttributeError: " in answer.json()["message"]
        assert "rank" in answer.json()["message"]

    def test_a_refusal_by_an_authorizer_differs_from_a_missing_login(self, server):
        ways = {
            "kernel": secret(server),
            "token": {"Authorization": f"token {API_TOKEN}"},
            "nobody": {},
        }
        reasons = {
            name: self.list_runs(server, "nobody", way).json()["reason"]
            for name, way in ways.items()
        }
        assert {
            "kernel": "NotAuthorized",
            "token": "NotAuthorized",
            "nobody": "NotAllowed",
        } == reasons


class FakeAuth:
    """As much of `HubOAuth` as says for whom a kernel acts."""

    api_token = "t"
    access_scopes = frozenset({"access:servers!server=ann/"})

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    async def user_for_token(self, token: str, *, sync: bool) -> object:
        assert (token, sync) == ("t", False)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class TestTheOwner:
    """The user for whom a kernel acts."""

    @pytest.fixture(autouse=True)
    def environment(self, monkeypatch):
        monkeypatch.setenv("JUPYTERHUB_USER", "ann")

    async def user(self, hub):
        return await KernelIdentity(SimpleNamespace(hub_auth=hub)).get_user(None)

    async def test_is_as_the_hub_says(self):
        user = await self.user(FakeAuth(model(groups=["a"])))
        assert ("ann", ["a"]) == (user.username, user.hub_user["groups"])

    async def test_is_the_name_in_the_environment_while_the_hub_does_not_respond(self):
        hub = FakeAuth(OSError("refused"))  # and it is asked once
        for _ in range(3):
            user = await self.user(hub)
            assert ("ann", [ACCESS]) == (user.username, user.hub_user["scopes"])

    async def test_stays_the_same_when_the_hub_goes_away(self):
        hub = FakeAuth(model(groups=["a"]), OSError("refused"))
        for _ in range(3):
            assert (await self.user(hub)).hub_user["groups"] == ["a"]
