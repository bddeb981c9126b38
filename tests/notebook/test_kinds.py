"""What the log calls the things that a cell displays."""

from __future__ import annotations

import pytest

from prismq_nb.notebook.cells.kinds import text_of, word_for

WIDGET = "application/vnd.jupyter.widget-view+json"
WORDS = {
    "text": ("", {}),
    "figure": ("image", {"image/png": "iVBO"}),
    "drawing": ("image", {"image/svg+xml": "<svg/>"}),
    "widget": ("widget", {WIDGET: {"model_id": "1"}}),
    "widget with a page": ("widget", {"text/html": "<p>", WIDGET: {"model_id": "1"}}),
    "data frame": ("table", {"text/html": "<div><style></style><table border=1><tr>"}),
    "HTML": ("HTML", {"text/html": "<b>bold</b>"}),
    "Plotly": ("plot", {"text/html": "<div>", "application/vnd.plotly.v1+json": {}}),
    "Altair": ("plot", {"application/vnd.vegalite.v5+json": {}}),
    "map": ("map", {"application/geo+json": {}}),
    "JSON": ("JSON", {"application/json": {}}),
    "formula": ("formula", {"text/latex": "$x$"}),
    "unknown": ("application/x-own", {"application/x-own": "z"}),
}


@pytest.mark.parametrize(("word", "data"), WORDS.values(), ids=list(WORDS))
def test_a_displayed_thing_has_a_plain_word(word, data):
    assert word == word_for({"text/plain": "some text", **data})
    assert word == word_for(data)


def test_its_text_is_kept_unless_it_only_names_a_class_of_ipython():
    assert "   a\n0  1" == text_of({"text/plain": "   a\n0  1"}, 100)
    assert "   a" == text_of({"text/plain": "   a\n0  1"}, 4)
    assert "" == text_of({"text/plain": "<IPython.core.display.HTML object>"}, 100)
    assert "" == text_of({"image/png": "iVBO"}, 100)
