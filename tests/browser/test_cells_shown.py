"""Watched cells in a notebook beside what else a cell shows: displayed things, prompts, and cells
that are not watched.
"""

from __future__ import annotations

from browser.jupyter_page import JupyterPage
from browser.test_cells_live import MIME_TYPE, cell, outputs
from playwright.sync_api import expect

LAB_IS_ENOUGH = True  # with --whole Notebook 7 is tested, too

DISPLAYS = """\
%%watch --name shows
import ipywidgets
from IPython.display import HTML, display
from tqdm.notebook import tqdm
print("one")
display(HTML("<b class='bold-one'>bold</b>"))
print("two")
display(ipywidgets.IntSlider(description="depth"))
for _ in tqdm(range(3), desc="bar"):
    pass
print("three")
{"answer": 42}
"""


def log(page: JupyterPage) -> str:
    return "\n".join(page.viewer().locator(".prismq-message").all_inner_texts())


def test_what_is_displayed_stays_in_the_cell_in_its_order(jupyter):
    jupyter.open("shows.ipynb", "import prismq_nb", DISPLAYS)
    jupyter.run_all()
    jupyter.wait_state("completed")
    shown = outputs(jupyter, 1)
    expect(shown).to_have_count(5)
    expect(shown.nth(0).locator(".prismq-root")).to_have_count(1)
    expect(shown.nth(1).locator(".bold-one")).to_have_text("bold")
    expect(shown.nth(2)).to_contain_text("depth")
    expect(shown.nth(2).locator(".noUi-handle, .slider").first).to_be_visible()
    expect(shown.nth(3)).to_contain_text("3/3")
    expect(shown.nth(4)).to_have_text("{'answer': 42}")
    expect(shown.nth(0)).to_contain_text("[displayed: HTML]")
    expect(shown.nth(0)).to_contain_text("[displayed: widget] IntSlider(")
    expect(shown.nth(0)).to_contain_text("[result] {'answer': 42}")
    jupyter.screenshot("cell-displays")


def test_a_prompt_is_in_the_cell_and_the_cell_gets_the_answer(jupyter):
    asks = [("input('name? ')", "text"), ("__import__('getpass').getpass('word? ')", "password")]
    codes = [f"%%watch\nanswer = {code}\nprint('thanks')" for code, _ in asks]
    jupyter.open("asks.ipynb", "import prismq_nb", *codes)
    jupyter.run_all()
    for number, (code, kind) in enumerate(asks):
        here = cell(jupyter, number + 1)
        prompt = here.locator(".jp-Stdin-input")
        expect(prompt).to_be_visible()
        assert prompt.evaluate("input => input.type") == kind
        expect(here.locator(".jp-Stdin-prompt")).to_have_text(code.split("'")[-2])
        prompt.fill(f"s3cr3t {number}")
        prompt.press("Enter")
        jupyter.wait_state("completed", number)
        expect(jupyter.viewer(number)).to_contain_text("thanks")
        expect(jupyter.viewer(number)).not_to_contain_text("s3cr3t")
    jupyter.python_until("answer", "s3cr3t 1")


QUICK = "print('quick', {0}); {0} * 10"
# The last line comes after the viewer, which another thread displays
SLOW = """\
import time
from prismq_nb.notebook.display import _outputs
print('early', {0}, flush=True)
while not {{run.run_id for run in prismq_nb.runs(status='running')}} & _outputs.keys():
    time.sleep(0.02)
print('late', {0})
'result {0}'"""


def test_of_twenty_cells_the_slow_ones_are_watched_and_nothing_is_in_a_wrong_cell(jupyter):
    slow = {3, 4, 9, 15, 19}
    codes = [(SLOW if number in slow else QUICK).format(number) for number in range(20)]
    jupyter.open("twenty.ipynb", "import prismq_nb\n%watch on --after 1", *codes)
    jupyter.run_all()
    expect(outputs(jupyter, 20).last).to_have_text("'result 19'")
    jupyter.wait_idle()
    jupyter.save()
    cells = jupyter.read("twenty.ipynb")["cells"][1:]
    for number, each in enumerate(cells):
        found = each["outputs"]
        texts = ["".join(output["text"]) for output in found if output["output_type"] == "stream"]
        runs = [output for output in found if MIME_TYPE in output.get("data", {})]
        results = [output for output in found if output["output_type"] == "execute_result"]
        assert len(runs) == (number in slow), (number, found)
        assert found[-1] is results[0], (number, found)
        assert texts == [f"{'early' if number in slow else 'quick'} {number}\n"]
        expected = f"'result {number}'" if number in slow else str(number * 10)
        assert "".join(results[0]["data"]["text/plain"]) == expected
        if number in slow:
            assert found.index(runs[0]) == 1
            plain = "".join(runs[0]["data"]["text/plain"])
            assert f"early {number}\n" in plain
            assert f"late {number}" in plain
    cell(jupyter, 4).scroll_into_view_if_needed()
    jupyter.wait_state("completed")  # a viewer opens when it is in view
    jupyter.screenshot("cell-twenty")
