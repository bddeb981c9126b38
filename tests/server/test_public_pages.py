"""The address of a page in a notice: only a public one, and never with a token."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from prismq_nb.server.public_pages import HUB_VARIABLE, public_page


@pytest.mark.parametrize(
    ("display", "hub", "page"),
    [
        ("", "", None),
        ("https://lab.example.org", "", "https://lab.example.org/base/prismq/runs/r"),
        ("https://lab.example.org/", "", "https://lab.example.org/base/prismq/runs/r"),
        ("https://lab.example.org/ann/lab/", "", "https://lab.example.org/ann/lab/prismq/runs/r"),
        ("https://u:p@h:8/x?token=t#f", "", "https://h:8/x/prismq/runs/r"),
        ("", "https://hub.example.org/user/ann/", "https://hub.example.org/user/ann/prismq/runs/r"),
        ("file:///etc", "", None),
        ("javascript:alert(1)", "", None),
    ],
)
def test_the_page_of_a_run(monkeypatch, display, hub, page):
    monkeypatch.setenv(HUB_VARIABLE, hub)
    server = SimpleNamespace(custom_display_url=display, base_url="/base/")
    assert page == public_page(server, "r")
    assert (page and page.removesuffix("/runs/r")) == public_page(server, None)
