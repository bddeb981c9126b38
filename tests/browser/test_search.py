"""Searching a log in the viewer, and its keyboard.

On the run's page and in JupyterLab.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from browser.run_page import RunPage
from playwright.sync_api import Locator, Request, expect
from support.waiting import WAIT_SECONDS

TRIES = 3
"""Searches, one of which meets a server that is not busy."""
LAB_IS_ENOUGH = True  # with --whole Notebook 7 is tried, too
FRUIT = r"""
import sys
lines = []
for i in range({count}):
    if i % 10 == 3: lines.append(f"\x1b[32mgreen \x1b[1mapple\x1b[0m {{i}}\n")
    elif i % 20_000 == 777: lines.append(f"ERROR: rotten {{i}}\n")
    else: lines.append(f"INFO: apple {{i}}\n")
    if len(lines) == 10_000:
        sys.stdout.write("".join(lines)); lines.clear()
"""
GROWS = (
    "print('needle 0')\nfor i in range(1, 4):\n    input()\n    print('hay'); print('needle', i)"
)
HOSTILE = [
    "<img src=x onerror='window.hacked=1'>",
    "<script>window.hacked=1</script>",
    "a.*[b](c)?+{d}|^$\\",
    "\u202egnp.exe",
    "100% &amp; \"'",
]
MARKED = """name => [...(CSS.highlights.get(name) ?? [])]
    .map(range => range.toString())
    .filter(text => text)"""


@pytest.fixture(scope="module")
def count(request: pytest.FixtureRequest) -> int:
    """Lines of the fruit log: a tenth of them are green.

    More than are known one by one, so numbers of only some are sent.
    """
    return 3_000_000 if request.config.getoption("--whole") else 300_000


@pytest.fixture(scope="module")
def fruit(plain_server, count) -> str:
    """A run that has printed many lines."""
    answer = requests.post(
        f"{plain_server.url}api/runs",
        json={"code": FRUIT.format(count=count)},
        headers=plain_server.headers,
        timeout=WAIT_SECONDS,
    )
    return str(answer.json()["run_id"])


class Searched:
    """The page of a run, with its search."""

    def __init__(self, page: RunPage) -> None:
        self.page = page
        self.root = page.root
        self.field = page.root.get_by_role("textbox", name="Find in the whole log")
        self.found = page.root.locator(".prismq-find-count")
        self.error = page.root.locator(".prismq-find-error")
        self.scroller = page.root.locator(".prismq-scroller")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.page.keyboard.press(key)

    def find(self, text: str, mode: str = "", *, regex: bool = False) -> None:
        """Type it into the bar, like a user."""
        self.scroller.focus()
        self.press("/")
        expect(self.field).to_be_focused()
        if mode:
            self.root.get_by_role(
                "button", name={"filter": "Show only", "highlight": "Highlight matches"}[mode]
            ).click()
        if regex:
            self.root.get_by_role("button", name="Regular expression").click()
        self.field.fill(text)

    def row(self, line: int) -> Locator:
        return self.root.locator(f".prismq-row[data-line='{line}']")

    def numbers(self) -> list[int]:
        """The numbers of the visible lines, when the list was drawn and each line is there."""
        script = """async root => {
            const scroller = root.querySelector('.prismq-scroller');
            for (;;) {  // the test's own time limit bounds it
                for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
                const list = scroller.getBoundingClientRect();
                const isSeen = row => {
                    const { top, bottom } = row.getBoundingClientRect();
                    return bottom > list.top + 1 && top < list.bottom - 1;
                };
                const rows = [...root.querySelectorAll('.prismq-row[data-line]')].filter(isSeen);
                if (rows.length && !root.querySelector('.prismq-row-hole'))
                    return rows.map(row => Number(row.dataset.line));
            }
        }"""
        return list(self.root.evaluate(script))

    def marked(self, name: str = "prismq-hit") -> list[str]:
        """The highlighted texts."""
        return list(self.page.page.evaluate(MARKED, name))

    def wait_marked(self, text: str, name: str = "prismq-hit") -> None:
        script = f"([name, text]) => ({MARKED})(name).includes(text)"
        self.page.page.wait_for_function(script, arg=[name, text])


@pytest.fixture
def searched(run_page, fruit, count) -> Iterator[Searched]:
    """The fruit log, all of it there."""
    run_page.open(fruit)
    run_page.wait_lines(count)
    run_page.wait_state("completed")
    yield Searched(run_page)
    assert run_page.page.evaluate("() => window.hacked") is None


def typed(text: str) -> str:
    """A text quoted so that it is searched for literally."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def grouped(number: int) -> str:
    return f"{number:,}"


class TestRequests:
    @pytest.mark.parametrize("at", ["end", "top"])
    @pytest.mark.parametrize("text", ["rotten", "green apple", "apple -green", "rotten 777"])
    def test_one_query_is_one_request(self, searched, text, at):
        """Where the server has the time: it looks for lines to send along for 0.1 s at most."""
        asked = requests_for_lines(searched)
        for number in range(TRIES):
            if number > 0:
                searched.field.fill("")
                expect(searched.found).to_have_text("")
            searched.scroller.evaluate(
                "(node, end) => { node.scrollTop = end ? node.scrollHeight : 0; }", at == "end"
            )
            searched.numbers()
            asked.clear()
            searched.find(text, "filter")
            expect(searched.found).to_have_text(re.compile(r"^[\d,]+ match"))
            searched.numbers()
            if asked == ["search"]:
                break
        assert ["search"] == asked


def requests_for_lines(searched: Searched) -> list[str]:
    """What the page asks for from now on: "search", or the query of a request for lines."""
    asked: list[str] = []

    def note(request: Request) -> None:
        is_for_marks = "records=true" in request.url  # where errors are, beside the scroll bar
        if not is_for_marks and (match := re.search(r"/logs(?:/(search)|\?(.*))", request.url)):
            asked.append(match[1] or match[2])

    searched.page.page.on("request", note)
    return asked


class TestFiltering:
    def test_hits_are_counted_exactly_and_each_can_be_scrolled_to(self, searched, count):
        searched.find("GREEN APPLE", "filter")
        expect(searched.found).to_have_text(f"{grouped(count // 10)} matches")
        expect(searched.row(count - 7)).to_be_visible()  # the newest ones, since it follows
        for place in (0.0, 0.4, 0.7):
            searched.scroller.evaluate(
                "(node, place) => { node.scrollTop = place * node.scrollHeight; }", place
            )
            numbers = searched.numbers()
            assert [number for number in numbers if number % 10 != 3] == []
            assert numbers == list(range(numbers[0], numbers[0] + 10 * len(numbers), 10))
            assert abs(numbers[0] - place * count) < count / 20
        searched.page.screenshot("search-filter")

    def test_next_and_previous_lead_through_the_whole_log_and_wrap_around(self, searched, count):
        searched.find("green apple", "filter")
        total = grouped(count // 10)
        for key, index, line in (
            ("Enter", 0, 3),
            ("Enter", 1, 13),
            ("Shift+Enter", 0, 3),
            ("Shift+Enter", count // 10 - 1, count - 7),
            ("Enter", 0, 3),
        ):
            searched.press(key)
            expect(searched.found).to_have_text(f"{grouped(index + 1)} of {total}")
            expect(searched.row(line)).to_have_class(re.compile("prismq-row-current"))
            assert line in searched.numbers()

    def test_a_level_and_a_text_are_searched_together(self, searched, count):
        searched.find("rotten [0-9]*7$", "filter", regex=True)
        expect(searched.found).to_have_text(f"{count // 20_000} matches")
        searched.field.fill("apple [0-9]*1$")
        expect(searched.found).to_have_text(f"{grouped(count // 10)} matches")

    def test_a_line_is_shown_in_context(self, searched, count):
        searched.find("green apple", "filter")
        searched.press("Enter", "Enter")  # at once: before anything was found
        expect(searched.found).to_have_text(f"2 of {grouped(count // 10)}")
        searched.scroller.focus()
        searched.press("c")
        expect(searched.row(14)).to_be_visible()  # no filter any more
        assert searched.numbers()[0] == 0
        expect(searched.row(13)).to_have_class(re.compile("prismq-row-current"))
        expect(searched.root.get_by_role("button", name="Highlight matches")).to_have_attribute(
            "aria-pressed", "true"
        )
        searched.root.get_by_role("button", name="Show only").click()
        expect(searched.row(14)).to_have_count(0)
        assert 13 in searched.numbers()
        searched.row(23).locator(".prismq-number").dblclick()
        expect(searched.row(24)).to_be_visible()

    def test_the_current_lines_stay_visible_when_a_filter_is_set_and_cleared(self, searched, count):
        searched.find("green apple", "highlight")
        expect(searched.found).to_have_text(f"{grouped(count // 10)} matches")
        searched.scroller.evaluate("node => { node.scrollTop = node.scrollHeight / 2; }")
        first = searched.numbers()[0]
        for name in ("Show only", "Highlight matches", "Show only"):
            searched.root.get_by_role("button", name=name).click()
            expect(searched.root.get_by_role("button", name=name)).to_have_attribute(
                "aria-pressed", "true"
            )
            assert abs(searched.numbers()[0] - first) <= 10
        searched.field.fill("green apple (")
        searched.root.get_by_role("button", name="Regular expression").click()
        expect(searched.error).to_be_visible()
        assert abs(searched.numbers()[0] - first) <= 20
        searched.page.errors.clear()  # the browser reports the 400

    def test_all_words_are_found_and_those_with_a_dash_are_excluded(self, searched, count):
        searched.find("apple -green", "filter")
        expect(searched.found).to_have_text(
            f"{grouped(count - count // 10 - count // 20_000)} matches"
        )
        assert [number for number in searched.numbers() if number % 10 == 3] == []
        searched.field.fill("apple green 23")
        expect(searched.row(count - 77)).to_be_visible()
        searched.wait_marked("23")
        assert {"apple", "green", "23"} >= set(searched.marked())
        searched.field.fill('"green apple" -\\-5 -"apple 3"')
        searched.wait_marked("green apple")

    def test_lines_around_matches_are_shown_separated_and_paler(self, searched, count):
        searched.find("rotten", "filter")
        expect(searched.found).to_have_text(f"{count // 20_000} matches")
        context = searched.root.get_by_role("button", name="Lines around each match")
        context.click()
        groups = searched.root.locator(".prismq-find-context")
        groups.get_by_role("menuitemradio", name="2", exact=True).first.click()
        groups.get_by_role("menuitemradio", name="1", exact=True).last.click()
        searched.press("Escape")
        hits = range(777, count, 20_000)
        expected = [line + more for line in hits for more in (-2, -1, 0, 1)]
        expect(searched.row(expected[-1])).to_be_visible()
        assert expected[-len(searched.numbers()) :] == searched.numbers()
        expect(searched.found).to_have_text(f"{count // 20_000} matches")  # hits, not lines
        expect(searched.row(expected[-1])).to_have_class(re.compile("prismq-row-context"))
        expect(searched.row(expected[-2])).not_to_have_class(re.compile("prismq-row-context"))
        expect(searched.row(expected[-4])).to_have_class(re.compile("prismq-row-group-start"))
        searched.field.focus()
        searched.press("Enter")  # from hit to hit
        expect(searched.row(777)).to_have_class(re.compile("prismq-row-current"))
        assert 775 in searched.numbers()
        searched.page.screenshot("search-context")

    def test_closing_forgets_the_search(self, searched, count):
        searched.find("green apple", "filter")
        expect(searched.row(count - 6)).to_have_count(0)
        searched.press("Escape")
        expect(searched.field).to_be_hidden()
        expect(searched.row(count - 6)).to_be_visible()
        expect(searched.scroller).to_be_focused()


class TestHighlighting:
    def test_a_first_search_highlights_matches_among_all_lines_and_one_key_filters(
        self, searched, count
    ):
        searched.find("green apple")
        searched.wait_marked("green")
        expect(searched.row(count - 6)).to_be_visible()
        searched.press("Alt+f")
        expect(searched.row(count - 6)).to_have_count(0)
        expect(searched.row(count - 7)).to_be_visible()
        searched.press("Alt+f")
        expect(searched.row(count - 6)).to_be_visible()

    def test_matches_are_highlighted_across_colours_and_the_current_one_more_strongly(
        self, searched, count
    ):
        searched.find('"n apple"')
        expect(searched.row(count - 6)).to_be_visible()
        searched.wait_marked("n apple")
        assert set(searched.marked()) == {"n apple"}
        searched.press("Shift+Enter")
        searched.wait_marked("n apple", "prismq-hit-current")
        assert searched.marked("prismq-hit-current") == ["n apple"]
        expect(searched.row(count - 7)).to_have_class(re.compile("prismq-row-current"))
        searched.page.screenshot("search-highlight")
        searched.press("Escape")
        searched.page.page.wait_for_function(f"() => ({MARKED})('prismq-hit').length === 0")

    def test_marks_beside_the_scroll_bar_are_where_hits_and_errors_are_and_lead_there(
        self, searched, count
    ):
        strip = searched.root.locator(".prismq-strip")
        expect(strip).to_be_visible()  # errors
        searched.find("apple 123450$", "highlight", regex=True)
        expect(searched.found).to_have_text("1 match")
        box = strip.bounding_box()
        script = """(canvas, y) => {
            const context = canvas.getContext('2d');
            const { data } = context.getImageData(4, Math.round(y * devicePixelRatio), 1, 1);
            return [...data].slice(0, 3).join();
        }"""
        y = 123_450 / count * box["height"]
        searched.page.page.wait_for_function(
            f"([canvas, y]) => ({script})(canvas, y) === '185,135,0'",
            arg=[strip.element_handle(), y + 0.5],
        )
        strip.click(position={"x": 5, "y": y + 3})
        expect(searched.row(123_450)).to_be_visible()

    def test_it_moves_from_error_to_error(self, searched):
        searched.scroller.focus()
        for key, line in (("e", 777), ("e", 20_777), ("e", 40_777), ("E", 20_777)):
            searched.press(key)
            expect(searched.row(line)).to_have_class(re.compile("prismq-row-current"))
            assert line in searched.numbers()


class TestKeys:
    def test_they_move_the_list_and_change_how_it_looks(self, searched, count):
        searched.scroller.focus()
        searched.press("g")
        expect(searched.row(0)).to_be_visible()
        searched.press("G")
        expect(searched.row(count - 1)).to_be_visible()
        searched.press("t")
        expect(searched.root).to_have_attribute("data-timestamps", "datetime")
        searched.press("w")
        expect(searched.root).to_have_class(re.compile("prismq-wrap"))
        searched.press("n")  # there is no search yet: focus the search field
        expect(searched.field).to_be_focused()

    def test_while_typing_they_are_text(self, searched):
        searched.find("")
        searched.page.page.keyboard.type("ngewtfc?/")
        expect(searched.field).to_have_value("ngewtfc?/")
        expect(searched.root).to_have_attribute("data-timestamps", "time")

    def test_the_help_lists_them_keeps_the_focus_and_returns_it(self, searched):
        searched.scroller.focus()
        searched.press("?")
        dialog = searched.root.get_by_role("dialog", name="Keyboard shortcuts")
        expect(dialog).to_contain_text("Next, previous match")
        close = dialog.get_by_role("button", name="Close")
        for key in ("Tab", "Tab", "Shift+Tab", "g"):
            expect(close).to_be_focused()
            searched.press(key)
        searched.page.screenshot("search-help")
        searched.press("Escape")
        expect(dialog).to_be_hidden()
        expect(searched.scroller).to_be_focused()

    def test_switches_are_toggled_from_the_search_field(self, searched, count):
        searched.find("GREE")
        expect(searched.found).to_have_text(f"{grouped(count // 10)} matches")
        for key, name, found in (
            ("Alt+w", "Whole words", "No matches"),
            ("Alt+w", "Whole words", f"{grouped(count // 10)} matches"),
            ("Alt+c", "Match case", "No matches"),
            ("Alt+c", "Match case", f"{grouped(count // 10)} matches"),
        ):
            button = searched.root.get_by_role("button", name=name)
            before = button.get_attribute("aria-pressed")
            searched.press(key)
            expect(button).to_have_attribute(
                "aria-pressed", "false" if before == "true" else "true"
            )
            expect(searched.found).to_have_text(found)
            expect(searched.field).to_be_focused()
        searched.press("Alt+r")
        searched.field.fill("^gree.{3}pp")
        expect(searched.found).to_have_text(f"{grouped(count // 10)} matches")

    def test_the_arrow_keys_recall_earlier_searches_of_this_tab_only(self, searched):
        for text in ("rotten 777", "green 3", "apple -green"):
            searched.find(text)
            searched.press("Enter")
        searched.field.fill("dra")
        for key, text in (
            ("ArrowUp", "apple -green"),
            ("ArrowUp", "green 3"),
            ("ArrowUp", "rotten 777"),
            ("ArrowUp", "rotten 777"),
            ("ArrowDown", "green 3"),
            ("ArrowDown", "apple -green"),
            ("ArrowDown", "dra"),
            ("ArrowUp", "apple -green"),
        ):
            searched.press(key)
            expect(searched.field).to_have_value(text)
        assert "rotten" not in searched.page.page.evaluate("() => JSON.stringify(localStorage)")


class TestSearchText:
    def test_an_invalid_pattern_is_reported_and_hides_nothing(self, searched, count):
        searched.find("gre(en", regex=True)
        expect(searched.error).to_have_text(re.compile(r"^Missing \)"))
        expect(searched.field).to_have_attribute("aria-invalid", "true")
        expect(searched.row(count - 1)).to_be_visible()
        searched.page.screenshot("search-error")
        searched.field.fill("gre(en)")
        expect(searched.error).to_be_hidden()
        expect(searched.found).to_have_text(f"{grouped(count // 10)} matches")
        assert {
            "Failed to load resource: the server responded with a status of 400 (Bad Request)"
        } == set(searched.page.errors)
        searched.page.errors.clear()

    def test_hostile_text_is_text(self, run_page):
        run_page.start("\n".join(f"print({text!r})" for text in HOSTILE))
        run_page.open()
        run_page.wait_state("completed")
        searched = Searched(run_page)
        for line, text in enumerate(HOSTILE):
            searched.find(typed(text), "filter")
            expect(searched.found).to_have_text("1 match")
            expect(searched.row(line)).to_be_visible()
            if text.isprintable():  # otherwise there is a replacement character
                searched.wait_marked(text)
        assert run_page.page.evaluate("() => window.hacked") is None
        assert run_page.root.locator("img, script").count() == 0

    @pytest.mark.parametrize("mode", ["filter", "highlight"])
    def test_a_search_continues_in_a_growing_log(self, run_page, mode):
        run_page.start(GROWS)
        run_page.open()
        run_page.wait_lines(1)
        searched = Searched(run_page)
        searched.find("needle", mode)
        expect(searched.found).to_have_text("1 match")
        for more in (1, 2, 3):
            run_page.send("\n")
            expect(searched.found).to_have_text(f"{more + 1} matches")
            expect(searched.row(2 * more)).to_be_visible()
        assert searched.numbers() == ([0, 2, 4, 6] if mode == "filter" else list(range(7)))


def test_keys_belong_to_the_viewer_inside_and_to_the_notebook_outside(jupyter):
    cell = """\
import prismq_nb
run = prismq_nb.launch(code="for i in range(50): print('tick', i)")
viewer = prismq_nb.LogViewer(run)
viewer"""
    jupyter.open("keys.ipynb", cell, "1", "2")
    jupyter.run_all()
    jupyter.wait_state("completed")
    jupyter.wait_idle()
    page, root = jupyter.page, jupyter.viewer()
    cells = page.locator(".jp-Notebook .jp-Cell")
    root.locator(".prismq-scroller").click()
    # cut, delete, insert, run, make it a heading
    for key in ("x", "d", "d", "a", "b", "Shift+Enter", "1"):
        page.keyboard.press(key)
    page.keyboard.press("/")
    field = root.get_by_role("textbox", name="Find in the whole log")
    expect(field).to_be_focused()
    page.keyboard.type("tick 1x")
    page.keyboard.press("ControlOrMeta+z")
    field.fill('"tick 1"')
    expect(root.locator(".prismq-find-count")).to_have_text("11 matches")
    assert (3, 3) == (cells.count(), page.locator(".jp-Notebook .jp-CodeCell").count())
    jupyter.python_until("viewer.query", '"tick 1"')
    jupyter.python("setattr(viewer, 'mode', 'filter')")
    expect(root.locator(".prismq-row[data-line='49']")).to_have_count(0)
    jupyter.python("setattr(viewer, 'query', 'tick 2')")
    expect(field).to_have_value("tick 2")
    jupyter.python("setattr(viewer, 'mode', 'highlight')")
    expect(root.locator(".prismq-row[data-line='49']")).to_be_visible()
    jupyter.screenshot("search")

    cells.nth(2).locator(".jp-InputPrompt").click()  # outside, in command mode
    page.keyboard.press("?")
    page.keyboard.press("/")
    expect(root.get_by_role("dialog")).to_be_hidden()
    expect(field).not_to_be_focused()
    page.keyboard.press("b")
    expect(cells).to_have_count(4)
