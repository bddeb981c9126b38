"""The front end as the server delivers it: the page of a run, and the files of pages and cells."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from jupyter_server.auth.authorizer import Authorizer
from support.journals import MadeRun
from tornado.httpclient import AsyncHTTPClient
from traitlets.config import Config

from prismq_nb.server.http.base import methods
from prismq_nb.server.routes import PAGES

NO_RUN = "run_20251031_120000_none_abc123"
FILES = {
    "viewer.js": "text/javascript; charset=utf-8",
    "viewer.css": "text/css; charset=utf-8",
    "runs.js": "text/javascript; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
}
HOSTILE_NAME = '<script>alert(1)</script>"\' onload="x'


class Tags(HTMLParser):
    """The parts of an HTML document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._inside = tag

    def handle_endtag(self, tag):  # noqa: ARG002 - the signature is HTMLParser's
        self._inside = ""

    def handle_data(self, data):
        self.text[self._inside] = self.text.get(self._inside, "") + data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def get(api):
    """GET a path below the base URL."""

    async def ask(path, **headers):
        sent = {"Authorization": f"token {api.token}"} if api.token else {}
        return await AsyncHTTPClient().fetch(
            f"{api.url}{path}",
            headers={**sent, **headers},
            follow_redirects=False,
            raise_error=False,
        )

    return ask


@pytest.fixture
def run(data_dir) -> MadeRun:
    """A run that has ended."""
    made = MadeRun(data_dir)
    made.write("one\n")
    made.end()
    return made


def policy(answer) -> dict[str, set[str]]:
    """The directives of a Content-Security-Policy."""
    directives = (words.split() for words in answer.headers["Content-Security-Policy"].split(";"))
    return {name: set(values) for name, *values in directives}


def test_the_table_below_has_every_page():
    assert {("GET",)} == {
        tuple(method for method in methods(handler) if method != "OPTIONS") for _, handler in PAGES
    }
    assert [r"/prismq/?", r"/prismq/static/([^/]+)", r"/prismq/runs/([^/]+)"] == [
        pattern for pattern, _ in PAGES
    ]


@pytest.mark.parametrize(
    "allowed",
    [True, False],
    ids=["unauthenticated-access-allowed", "unauthenticated-access-not-allowed"],
)
class TestWithoutCredentials:
    @pytest.fixture
    def jp_server_config(self, data_dir, allowed):
        return Config(
            {
                "ServerApp": {
                    "jpserver_extensions": {"prismq_nb": True},
                    "allow_unauthenticated_access": allowed,
                },
                "PrismQApp": {"data_dir": str(data_dir)},
            }
        )

    async def test_a_page_redirects_to_the_login(self, api, get, run):
        """Also for a run that does not exist, so that the response does not tell which runs
        exist.
        """
        api.token = ""
        for run_id in (run.run_id, NO_RUN):
            answer = await get(f"/prismq/runs/{run_id}")
            assert (302, b"") == (answer.code, answer.body or b"")
            assert re.match(r"/[^/].*login\?next=.*" + run_id, answer.headers["Location"])
        for path in ("/prismq", "/prismq/"):
            answer = await get(path)
            assert (302, b"") == (answer.code, answer.body or b"")
            assert re.match(r"/[^/].*login\?next=.*prismq", answer.headers["Location"])

    @pytest.mark.parametrize("name", [*FILES, "nothing.js"])
    async def test_no_file_is_served(self, api, get, name):
        api.token = ""
        assert 403 == (await get(f"/prismq/static/{name}")).code
        assert 403 == (await get(f"/prismq/static/{name}", Authorization="token wrong")).code


class Nobody(Authorizer):
    """Allow nobody to read runs."""

    # the signature is Jupyter's
    def is_authorized(self, handler, user, action, resource):  # noqa: ARG002
        return (action, resource) != ("read", "prismq")


class TestWithoutReadPermission:
    @pytest.fixture
    def jp_server_config(self, data_dir):
        return Config(
            {
                "ServerApp": {
                    "jpserver_extensions": {"prismq_nb": True},
                    "authorizer_class": Nobody,
                },
                "PrismQApp": {"data_dir": str(data_dir)},
            }
        )

    @pytest.mark.parametrize(
        "path",
        ["/prismq", "/prismq/runs/{run_id}", "/prismq/runs/" + NO_RUN, "/prismq/static/viewer.js"],
    )
    async def test_neither_page_nor_file_is_served(self, get, run, path):
        answer = await get(path.format(run_id=run.run_id))
        assert 403 == answer.code
        assert run.run_id.encode() not in answer.body


class TestThePage:
    async def test_it_names_the_run_and_loads_only_files_of_this_server(
        self, get, run, jp_base_url
    ):
        answer = await get(f"/prismq/runs/{run.run_id}")
        page = Tags(answer.body.decode())
        assert (200, "text/html; charset=utf-8") == (answer.code, answer.headers["Content-Type"])
        (body,) = page.named("body")
        assert (jp_base_url, run.run_id) == (body["data-base-url"], body["data-run"])
        assert [f"{jp_base_url}prismq/static/viewer.js", f"{jp_base_url}prismq/static/page.js"] == [
            one["src"] for one in page.named("script")
        ]
        assert f"{jp_base_url}prismq/static/viewer.css" in [
            one["href"] for one in page.named("link")
        ]
        assert re.fullmatch(r".+ · completed", page.text["title"])

    async def test_its_policy_is_strict_and_the_page_needs_no_exception(self, get, run):
        answer = await get(f"/prismq/runs/{run.run_id}")
        assert {
            "default-src": {"'none'"},
            "script-src": {"'self'"},
            "style-src": {"'self'"},
            "img-src": {"'self'", "data:"},
            "font-src": {"'self'"},
            "connect-src": {"'self'"},
            "base-uri": {"'none'"},
            "form-action": {"'none'"},
            "frame-ancestors": {"'self'"},
        } == policy(answer)
        assert ("nosniff", "same-origin") == (
            answer.headers["X-Content-Type-Options"],
            answer.headers["Referrer-Policy"],
        )
        page = Tags(answer.body.decode())
        assert not page.named("style")
        assert not page.text.get("script")
        assert not [
            name
            for _, attributes in page.tags
            for name in attributes
            if name == "style" or name.startswith("on")
        ]

    async def test_it_sets_the_cookie_that_its_requests_repeat(self, get, run):
        answer = await get(f"/prismq/runs/{run.run_id}")
        assert any(cookie.startswith("_xsrf=") for cookie in answer.headers.get_list("Set-Cookie"))

    async def test_it_contains_no_token(self, api, get, run):
        answer = await get(f"/prismq/runs/{run.run_id}")
        assert api.token not in answer.body.decode()

    async def test_a_hostile_name_stays_a_name(self, api, get):
        run_id = await api.finished("pass", name=HOSTILE_NAME)
        page = Tags((await get(f"/prismq/runs/{run_id}")).body.decode())
        assert f"{HOSTILE_NAME} · completed" == page.text["title"]
        assert [HOSTILE_NAME] == [body["data-name"] for body in page.named("body")]
        assert not [
            name for _, attributes in page.tags for name in attributes if name.startswith("on")
        ]

    @pytest.mark.parametrize(
        ("path", "shown"),
        [
            (NO_RUN, NO_RUN),
            ("..%2f..%2fetc", "../../etc"),
            ("%3Cscript%3Ealert(1)%3C%2fscript%3E", "<script>alert(1)</script>"),
            ("%ff", "\ufffd"),
        ],
        ids=["unknown", "path", "markup", "no-utf-8"],
    )
    async def test_the_page_of_an_unknown_run_says_so(self, get, path, shown):
        answer = await get(f"/prismq/runs/{path}")
        page = Tags(answer.body.decode())
        assert (404, shown, []) == (answer.code, page.text["code"], page.named("script"))
        assert {"'none'"} == policy(answer)["default-src"]

    async def test_it_leads_to_all_runs_and_to_those_before_and_after_it(
        self, api, get, jp_base_url
    ):
        """Of the same command; another name makes no other module, and another command does."""
        ids = []
        for command in (["echo", "--one"], ["true"], ["echo", "--two"], ["echo", "--three"]):
            launched = await api("POST", "", body={"command": command, "name": HOSTILE_NAME})
            ids.append(launched.json["run_id"])
            await api.ended(ids[-1])
        del ids[1]
        pages = [Tags((await get(f"/prismq/runs/{run_id}")).body.decode()) for run_id in ids]
        led = [
            {one.get("rel") or "all": one["href"] for one in page.named("a")[:-1]} for page in pages
        ]
        first, second, third = (f"{jp_base_url}prismq/runs/{run_id}" for run_id in ids)
        every = {"all": f"{jp_base_url}prismq"}
        assert [
            every | {"next": second},
            every | {"prev": first, "next": third},
            every | {"prev": second},
        ] == led


class TestAllRuns:
    @pytest.mark.parametrize("path", ["/prismq", "/prismq/", "/prismq?status=failed&q=%3Cb%3E"])
    async def test_it_loads_only_files_of_this_server_and_contains_nothing_of_the_request(
        self, api, get, jp_base_url, path
    ):
        answer = await get(path)
        text = answer.body.decode()
        page = Tags(text)
        assert (200, "text/html; charset=utf-8") == (answer.code, answer.headers["Content-Type"])
        assert [jp_base_url] == [body["data-base-url"] for body in page.named("body")]
        assert [f"{jp_base_url}prismq/static/runs.js", f"{jp_base_url}prismq/static/page.js"] == [
            one["src"] for one in page.named("script")
        ]
        assert ({"'none'"}, {"'self'"}) == (
            policy(answer)["default-src"],
            policy(answer)["style-src"],
        )
        assert any(cookie.startswith("_xsrf=") for cookie in answer.headers.get_list("Set-Cookie"))
        assert api.token not in text
        assert "failed" not in text


class TestFiles:
    @pytest.mark.parametrize(("name", "kind"), FILES.items())
    async def test_a_file_is_downloaded_once_and_revalidated_each_time(self, get, name, kind):
        first = await get(f"/prismq/static/{name}")
        assert (200, kind, "nosniff") == (
            first.code,
            first.headers["Content-Type"],
            first.headers["X-Content-Type-Options"],
        )
        assert "private, no-cache" == first.headers["Cache-Control"]
        assert len(first.body) > 300
        again = await get(f"/prismq/static/{name}", **{"If-None-Match": first.headers["ETag"]})
        assert (304, b"") == (again.code, again.body or b"")
        assert first.headers["ETag"] == again.headers["ETag"]
        assert 200 == (await get(f"/prismq/static/{name}", **{"If-None-Match": '"another"'})).code

    @pytest.mark.parametrize(
        "name",
        [
            "widget.js",
            "..%2fserver%2fpage.py",
            "labextensions%2fprismq-nb%2fpackage.json",
            "%00",
            "viewer.js%2f",
            "%ff",
        ],
    )
    async def test_nothing_else_is_served(self, get, name):
        assert 404 == (await get(f"/prismq/static/{name}")).code
