"""Links in a log: addresses, and places in files."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

LAB_IS_ENOUGH = True  # with --whole Notebook 7 is tested, too

LINES = r"""
osc = lambda href, text: f"\x1b]8;;{href}\x1b\\{text}\x1b]8;;\x1b\\"
print("wandb: View run at \x1b[1mhttps://wandb.\x1b[34mai/me/p\x1b[0m/runs/3f9. It is live")
print("TensorBoard at http://localhost:6006/ (Press CTRL+C to quit)")
print("one of a program: " + osc("https://example.org/docs", "the docs"))
print("one that lies: " + osc("https://evil.example/login", "https://bank.example/"))
print("letters of others: https://\u0430pple.com/ and http://2130706433/")
print("hidden host: https://bank.example@evil.example/")
print('{"url": "https://example.org/?a=1&b=2", "file": "train.py:12"}')
print("a long one https://example.org/" + "path/" * 60 + "end?x=1#y")
print("javascript://example.org/%0awindow.hacked=1 data:text/html,<script>window.hacked=1</script>")
print('  File "train.py", line 7, in fit')
print("src/model.py:12:3: error: bad")
"""

MARKED = """() => ["prismq-hit", "prismq-hit-current"].some((name) =>
    [...(CSS.highlights.get(name) ?? [])].some((range) => range.toString() === "wandb.ai"),
)"""


def shown(run_page, code: str = LINES) -> None:
    """Show a run that has ended."""
    run_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    run_page.start(code, name="links")
    run_page.open()
    expect(run_page.root).to_have_attribute("data-link", "ended")


def links(run_page) -> dict[str, tuple[str, str | None]]:
    """Text of each link -> its target, and the text beside it."""
    script = (
        "nodes => nodes.map(node => [node.textContent, node.href, node.dataset.beside ?? null])"
    )
    found = run_page.root.locator("a.prismq-href").evaluate_all(script)
    return {text: (href, beside) for text, href, beside in found}


def test_addresses_are_links_and_none_lies_about_its_target(run_page):
    shown(run_page)
    long = "https://example.org/" + "path/" * 60 + "end?x=1#y"
    assert links(run_page) == {
        "https://wandb.ai/me/p/runs/3f9": ("https://wandb.ai/me/p/runs/3f9", None),
        "http://localhost:6006/": ("http://localhost:6006/", None),
        "the docs": ("https://example.org/docs", None),
        "https://bank.example/": ("https://evil.example/login", "evil.example/login"),
        "https://\u0430pple.com/": ("https://xn--pple-43d.com/", "xn--pple-43d.com"),
        "http://2130706433/": ("http://127.0.0.1/", "127.0.0.1"),
        "https://example.org/?a=1&b=2": ("https://example.org/?a=1&b=2", None),
        long: (long, None),
    }
    for link in run_page.root.locator("a.prismq-href").all():
        assert ("noopener noreferrer", "_blank") == (
            link.get_attribute("rel"),
            link.get_attribute("target"),
        )
    mark = "node => getComputedStyle(node, '::after').content"
    assert "evil.example/login" in run_page.root.get_by_text(
        "https://bank.example/", exact=True
    ).evaluate(mark)
    for scheme, width in ((s, w) for s in ("light", "dark") for w in (1300, 752, 420)):
        run_page.page.emulate_media(color_scheme=scheme)
        run_page.page.set_viewport_size({"width": width, "height": 420})
        run_page.screenshot(f"links-{scheme}-{width}")


def test_a_link_opens_in_a_new_tab_without_a_reference_to_this_one(run_page):
    url = f"{run_page.server.url}api/runs"
    shown(run_page, f"print('see {url}.')")
    with run_page.page.context.expect_page() as opened:
        run_page.root.get_by_role("link", name=url).click()
    opened.value.wait_for_load_state()
    assert opened.value.url == url
    assert opened.value.evaluate("() => [window.opener, document.referrer]") == [None, ""]


def test_addresses_are_links_in_a_json_layout_and_in_a_search_match(run_page):
    shown(run_page)
    run_page.root.get_by_role("button", name="{ }").click()
    link = run_page.root.locator(".prismq-json a.prismq-href")
    expect(link).to_have_attribute("href", "https://example.org/?a=1&b=2")
    run_page.page.keyboard.press("/")
    run_page.page.keyboard.type("wandb.ai")
    run_page.page.wait_for_function(MARKED)
    assert "https://wandb.ai/me/p/runs/3f9" in links(run_page)


@pytest.mark.parametrize("press", ["click", "Enter"])
def test_a_place_in_a_file_is_copied(run_page, press):
    shown(run_page)
    place = run_page.root.locator(".prismq-place", has_text="model.py")
    if press == "click":
        place.click()
    else:
        place.press("Enter")
    expect(run_page.root.locator(".prismq-toast")).to_have_text("Copied src/model.py:12:3")
    assert run_page.page.evaluate("() => navigator.clipboard.readText()") == "src/model.py:12:3"


TRAIN = """
import json

def fit(text):
    return json.loads(text)

def main():
    fit("{")

main()
"""


def test_a_folded_traceback_shows_the_deepest_frame_of_the_user_s_code(run_page, tmp_path):
    (tmp_path / "train.py").write_text(TRAIN)
    run_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    run_page.start(None, script="train.py", cwd=str(tmp_path))
    run_page.open()
    frame = run_page.root.locator(".prismq-origin")
    expect(frame).to_have_text("train.py:5 in fit")
    row = run_page.root.locator(".prismq-row", has=run_page.page.locator(".prismq-origin"))
    expect(row.locator(".prismq-message")).to_contain_text("JSONDecodeError")
    for scheme, width in ((s, w) for s in ("light", "dark") for w in (1300, 752, 420)):
        run_page.page.emulate_media(color_scheme=scheme)
        run_page.page.set_viewport_size({"width": width, "height": 300})
        run_page.screenshot(f"frame-{scheme}-{width}")
        box = frame.bounding_box()
        assert box["x"] + box["width"] <= width
    frame.click()
    expect(run_page.root.locator(".prismq-toast")).to_have_text(f"Copied {tmp_path}/train.py:5")
    run_page.root.locator(".prismq-tool-fold").click()
    expect(frame).to_have_count(0)
    run_page.root.locator(".prismq-tool-fold").click()
    expect(frame).to_have_count(1)


def test_a_place_opens_in_the_editor_at_its_line(jupyter):
    (jupyter.server.root_dir / "train.py").write_text(TRAIN)
    jupyter.open("places.ipynb", "import prismq_nb\nrun = prismq_nb.launch('train.py')\nrun")
    jupyter.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    jupyter.run_all()
    jupyter.wait_state("failed")
    frame = jupyter.page.locator(".prismq-origin")
    expect(frame).to_have_text("train.py:5 in fit")
    if not jupyter.is_lab:
        with jupyter.page.context.expect_page() as opened:
            frame.click()
        opened.value.wait_for_url("**/edit/train.py")
        expect(jupyter.page.locator(".prismq-toast")).to_have_text(
            "Opened train.py in a new tab: go to line 5"
        )
        return
    jupyter.page.locator(".prismq-tool-fold").click()
    library = jupyter.page.locator(".prismq-place", has_text="decoder.py").first
    library.click()
    expect(jupyter.page.locator(".prismq-toast")).to_contain_text(
        ": the file is outside Jupyter's folder"
    )
    assert "decoder.py:" in jupyter.page.evaluate("() => navigator.clipboard.readText()")
    jupyter.page.locator(".prismq-tool-fold").click()
    frame.click()
    jupyter.page.wait_for_function(CURSOR, arg=["train.py", 4])


CURSOR = """([path, line]) => {
    const widget = window.jupyterapp.shell.currentWidget;
    const cursor = widget?.content.editor?.getCursorPosition();
    return widget?.context?.path === path && cursor?.line === line;
}"""
