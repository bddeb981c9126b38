"""How the widget and the extension of JupyterLab load the viewer, and their reaction to hostile
JSON.

On a bare page of a Jupyter server.
"""

from __future__ import annotations

import json
import sysconfig
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

import prismq_nb

STATIC = Path(prismq_nb.__file__).parent / "static"
# in a checkout, or where a wheel installs it
LABEXTENSION = next(
    path
    for folder in (STATIC, Path(sysconfig.get_path("data"), "share", "jupyter"))
    if (path := folder / "labextensions" / "prismq-nb").is_dir()
)
CODE = "print('ERROR: one')\nprint('two')"
TYPES = {".js": "text/javascript", ".css": "text/css"}

# How anywidget and JupyterLab use our scripts.
SHOW_WIDGET = """async ([source, traits]) => {
    const blob = new Blob([source], { type: 'text/javascript' });
    const { default: widget } = await import(URL.createObjectURL(blob));
    const values = { _key: '', ...traits };
    const model = {
        get: name => values[name],
        set: (name, value) => { values[name] = value; },
        save_changes() {},
        on() {},
        off() {},
    };
    const el = document.body.appendChild(document.createElement('div'));
    widget.initialize({ model });
    (window.closers ??= []).push(widget.render({ model, el }));
}"""
LOAD_EXTENSION = """async () => {
    const container = window._JUPYTERLAB['prismq-nb'];
    class Widget {
        node = document.body.appendChild(document.createElement('div'));
        isDisposed = false;
        addClass(name) { this.node.classList.add(name); }
        dispose() { this.isDisposed = true; this.node.remove(); }
    }
    class Old {}
    const offer = what => ({ get: async () => () => ({ Widget: what }) });
    const widgets = { '2.9.0': offer(Old), '2.10.1': offer(Widget), '1.37.2': offer(Old) };
    await container.init({ '@lumino/widgets': widgets });
    [window.extension, window.runsExtension] = (await container.get('./mimeExtension'))().default;
}"""
MAKE_RENDERER = """() => {
    window.renderer?.dispose();
    const { createRenderer, mimeTypes } = window.extension.rendererFactory;
    window.renderer = createRenderer({ mimeType: mimeTypes[0] });
}"""
RENDER = """([json, text]) => {
    const data = { 'application/vnd.prismq.run+json': json, 'text/plain': text };
    const model = { data, metadata: {}, setData(changed) { Object.assign(this, changed); } };
    window.output = model;
    return window.renderer.renderModel(model);
}"""


def _answer_with_a_script(route: Route) -> None:
    name = route.request.url.rpartition("/")[2]
    route.fulfill(path=LABEXTENSION / "static" / name, content_type="text/javascript")


class Page:
    """A page of the Jupyter server that has nothing of ours."""

    def __init__(self, run_page) -> None:
        self.run = run_page
        self.tab = run_page.page
        self.asked: list[str] = []
        run_page.start(CODE, name="shown")
        self.tab.goto(f"{run_page.server.url}nothing-here?token={run_page.server.token}")
        self.tab.evaluate(
            "base => { document.body.innerHTML = ''; document.body.dataset.baseUrl = base; }",
            "/user/ann/",
        )
        run_page.expected = ("Failed to load resource",)
        self.tab.on("request", lambda request: self.asked.append(request.url))

    @property
    def files(self) -> list[str]:
        """Names of the files that were requested, sorted."""
        return sorted(url.rpartition("/")[2] for url in self.asked if "/prismq/static/" in url)

    def widget(self, **traits: object) -> None:
        """As anywidget shows a `LogViewer`."""
        self.tab.evaluate(
            SHOW_WIDGET, [(STATIC / "widget.js").read_text(), {"run_id": self.run.run_id, **traits}]
        )

    def extension(self) -> None:
        """As JupyterLab loads the extension and makes a renderer."""
        (entry,) = LABEXTENSION.glob("static/remoteEntry.*.js")
        address = f"{self.run.server.url}labextension/static/"
        self.tab.route(f"{address}*", _answer_with_a_script)
        self.tab.add_script_tag(url=address + entry.name)
        self.tab.evaluate(LOAD_EXTENSION)
        self.another_renderer()

    def another_renderer(self) -> None:
        """As for another output, in the place of the previous one."""
        self.tab.evaluate(MAKE_RENDERER)

    def render(self, json: object, text: object = "the tail") -> None:
        """As JupyterLab draws an output, or redraws it."""
        self.tab.evaluate(RENDER, [json, text])

    def answer_with(
        self, status: int, times: int = 1_000_000, body: dict[str, str] | None = None
    ) -> None:
        """Make the server refuse our files."""
        left = [times * 2]  # the script and the style

        def refuse(route: Route) -> None:
            if left[0] > 0:
                left[0] -= 1
                answer = json.dumps({"message": "made by the test", **(body or {})})
                route.fulfill(status=status, content_type="application/json", body=answer)
            else:
                route.fallback()

        self.tab.route("**/prismq/static/*", refuse)


@pytest.fixture
def page(run_page) -> Page:
    return Page(run_page)


def test_many_widgets_and_outputs_fetch_the_viewer_once(page):
    page.extension()
    for _ in range(3):
        page.widget()
    page.render({"run_id": page.run.run_id})
    expect(page.tab.locator(".prismq-row[data-line='1']")).to_have_count(4)
    assert ["viewer.css", "viewer.js"] == page.files
    expect(page.tab.locator(".prismq-root").first).to_have_css("border-radius", "8px")


def test_a_removed_widget_removes_its_viewer(page):
    page.widget()
    expect(page.tab.locator(".prismq-root")).to_have_count(1)
    page.tab.evaluate("() => window.closers.forEach(close => close())")
    expect(page.tab.locator(".prismq-root")).to_have_count(0)


def test_a_viewer_links_to_the_page_of_its_run_which_has_no_such_link(page):
    page.widget()
    with page.tab.expect_popup() as opened:
        page.tab.get_by_role("link", name="Open on its own page").click()
    expect(opened.value).to_have_title("shown · completed")
    assert opened.value.url == f"{page.run.server.url}prismq/runs/{page.run.run_id}"
    expect(opened.value.locator(".prismq-row[data-line='1']")).to_be_visible()
    assert not opened.value.get_by_role("link", name="Open on its own page").is_visible()


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (
            404,
            {},
            (
                "this Jupyter server has no prismq_nb extension. Install it where the server runs"
                " (pip install prismq-nb)"
            ),
        ),
        (403, {"reason": "NotAllowed"}, "signed out"),
        (403, {}, "This server has no prismq_nb: display the run instead."),
        (
            507,
            {"reason": "DataDirectoryUnusable"},
            "The live log cannot be loaded from the Jupyter server (made by the test (HTTP 507))",
        ),
    ],
    ids=["no-extension", "signed-out", "no login, as Voila", "no data directory"],
)
def test_a_server_without_the_viewer_is_reported_clearly_with_the_static_tail(
    page, status, body, says
):
    page.answer_with(status, body=body)
    page.extension()
    page.render({"run_id": page.run.run_id}, "<b>one</b>\ntwo")
    message = page.tab.locator(".prismq-unloaded")
    expect(message).to_contain_text(says)
    expect(page.tab.locator(".prismq-kept")).to_have_text("<b>one</b>\ntwo")
    page.render({"run_id": page.run.run_id}, "<b>one</b>\ntwo\nthree")
    expect(page.tab.locator(".prismq-kept")).to_have_text("<b>one</b>\ntwo\nthree")
    page.widget()
    expect(message).to_have_count(2)


def test_a_front_end_without_a_jupyter_server_never_says_signed_out(page):
    """VS Code and Colab put outputs into pages of their own, where nobody could sign in."""
    page.tab.evaluate("() => { delete document.body.dataset.baseUrl; }")
    page.widget()
    expect(page.tab.locator(".prismq-unloaded")).to_contain_text(
        "Open it in JupyterLab or Notebook 7"
    )


def test_a_proxys_login_page_is_not_mistaken_for_the_viewer(page):
    page.tab.route(
        "**/prismq/static/*",
        lambda route: route.fulfill(
            status=200, content_type="text/html", body="<script>window.hacked = 1</script>"
        ),
    )
    page.widget()
    expect(page.tab.locator(".prismq-unloaded")).to_contain_text("signed out")
    assert page.tab.evaluate("() => window.hacked") is None


def test_a_server_absent_for_a_moment_is_retried_automatically(page):
    page.answer_with(503, times=1)
    page.widget()
    expect(page.tab.locator(".prismq-unloaded")).to_contain_text(
        "cannot be loaded from the Jupyter server (made by the test (HTTP 503))"
    )
    expect(page.tab.locator(".prismq-row[data-line='1']")).to_be_visible()
    expect(page.tab.locator(".prismq-unloaded")).to_have_count(0)


def test_jupyterlab_gets_the_extension_it_expects_before_widgets_and_without_trust(
    page,
):
    page.extension()
    factory = {"safe": True, "mimeTypes": ["application/vnd.prismq.run+json"]}
    assert {
        "id": "prismq-nb:run",
        "rank": -20,
        "dataType": "json",
        "rendererFactory": factory,
    } == page.tab.evaluate("() => JSON.parse(JSON.stringify(window.extension))")


def test_a_redrawn_output_keeps_its_viewer_and_one_of_another_run_does_not(page):
    page.extension()
    page.render({"run_id": page.run.run_id, "key": "a"})
    expect(page.tab.locator(".prismq-row[data-line='1']")).to_be_visible()
    root = page.tab.locator(".prismq-root").element_handle()
    page.render({"run_id": page.run.run_id, "key": "a"})
    assert root.evaluate("root => root.isConnected")
    first, second = page.run.run_id, page.run.start("print('other')", name="other")
    page.render({"run_id": second, "key": "a"})
    assert [second] == page.tab.locator(".prismq-root").evaluate_all(
        "roots => roots.map(root => root.dataset.run)"
    )
    assert first != second
    page.tab.evaluate("() => { window.renderer.dispose(); window.renderer.dispose(); }")
    expect(page.tab.locator(".prismq-root")).to_have_count(0)


HOSTILE = {
    "path": {"run_id": "../../api/contents"},
    "address": {
        "run_id": "http://evil.example/x",
        "url": "http://evil.example/",
        "baseUrl": "http://evil.example/",
    },
    "query": {"run_id": "run_20251031_120000_a_abc123?x=1#y"},
    "markup": {"run_id": "<img src=x onerror=window.hacked=1>"},
    "object": {"run_id": {"toString": "x"}},
    "none": None,
    "text": "run_20251031_120000_a_abc123",
    "list": [],
    "prototype": {"__proto__": {"run_id": "x"}, "constructor": 1},
}


def test_hostile_json_is_not_a_run_and_causes_no_request(page):
    page.extension()
    for value in HOSTILE.values():
        page.another_renderer()
        page.render(value)
        expect(page.tab.locator(".prismq-output")).to_have_text("This is not a valid run ID.")
    assert ["viewer.css", "viewer.js"] == [
        url.rpartition("/")[2]
        for url in sorted(page.asked)
        if not url.startswith("blob:") and "/labextension/" not in url
    ]
    assert page.tab.evaluate("() => window.hacked") is None


def test_hostile_options_are_ignored(page):
    page.extension()
    page.render(
        {
            "run_id": page.run.run_id,
            "key": {},
            "height": "9e9",
            "level": 7,
            "theme": "<b>",
            "timestamps": ["off"],
            "fill": True,
            "onState": "x",
        }
    )
    expect(page.tab.locator(".prismq-row[data-line='1']")).to_be_visible()
    expect(page.tab.locator(".prismq-root")).to_have_attribute("data-timestamps", "time")
    assert page.tab.locator(".prismq-root.prismq-fill").count() == 0
