"""The poll: which lines, from which end, and what it says about those it left out.

Against a real journal.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.journals import T0, MadeRun, reading
from support.random_cases import examples

from prismq_nb.common.base.state import iso
from prismq_nb.common.log_models import LogPage
from prismq_nb.engine.read import poll as query
from prismq_nb.engine.read import render_cost
from prismq_nb.engine.read.poll import LogQuery
from prismq_nb.errors import InvalidRequest
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.search.matcher import compile_matcher

WORDS = ("alpha", "Beta", "gamma")


@pytest.fixture(scope="module")
def journal(tmp_path_factory) -> JournalReader:
    """150 lines: every third on stderr, every word in turn, one chunk each."""
    run = MadeRun(tmp_path_factory.mktemp("data"))
    for i in range(150):
        run.write(f"{WORDS[i % 3]} number {i}\n", stream=int(i % 3 == 2))
    run.end()
    return JournalReader(run.path)


def poll(reader: JournalReader, **parameters) -> LogPage:
    asked = LogQuery(reader, "run", **parameters)
    while not asked.step():
        pass
    return asked.page()


def numbers(page: LogPage) -> list[int]:
    return [line.line for line in page.logs]


@pytest.mark.parametrize(
    ("parameters", "lines", "truncated", "next_after"),
    [
        pytest.param({}, range(150), False, 149, id="default-tail-holds-all"),
        pytest.param({"tail": 3}, range(147, 150), True, 149, id="tail"),
        pytest.param({"tail": 150}, range(150), False, 149, id="tail-of-all"),
        pytest.param({"limit": 4}, range(4), True, 3, id="limit-is-the-oldest"),
        pytest.param({"after": -1}, range(150), False, 149, id="after-minus-one-is-from-the-first"),
        pytest.param({"after": 147}, (148, 149), False, 149, id="after"),
        pytest.param({"after": 149}, (), False, 149, id="after-the-last"),
        pytest.param({"after": 5000}, (), False, 5000, id="after-what-does-not-exist-yet"),
        pytest.param({"after": 9, "limit": 2}, (10, 11), True, 11, id="after-limit"),
        pytest.param({"after": 9, "tail": 2}, (148, 149), True, 149, id="after-tail"),
        pytest.param({"before": 10}, range(10), False, 9, id="before"),
        pytest.param({"before": 10, "tail": 3}, (7, 8, 9), True, 9, id="page-upwards"),
        pytest.param({"before": 10, "after": 7}, (8, 9), False, 9, id="between"),
        pytest.param({"before": 0}, (), False, -1, id="before-the-first"),
        pytest.param({"before": 5, "after": 20}, (), False, 20, id="nothing-between"),
        pytest.param({"since": T0 + 149_000}, (149,), False, 149, id="since-is-exclusive"),
        pytest.param({"since": T0 + 10_000, "tail": 2}, (148, 149), True, 149, id="since-tail"),
        pytest.param(
            {"since": T0 + 149_000, "tail": 2},
            (149,),
            False,
            149,
            id="older-than-since-is-not-left-out",
        ),
        pytest.param(
            {"levels": frozenset({Level.ERROR}), "tail": 2}, (146, 149), True, 149, id="level"
        ),
        pytest.param(
            {"levels": frozenset({Level.ERROR}), "tail": 50},
            range(2, 150, 3),
            False,
            149,
            id="level-all",
        ),
        pytest.param(
            {"matcher": compile_matcher("BETA"), "limit": 2}, (1, 4), True, 6, id="text-in-any-case"
        ),
        pytest.param(
            {"matcher": compile_matcher("number 14[0-9]$", regex=True), "tail": 3},
            (147, 148, 149),
            True,
            149,
            id="pattern",
        ),
        pytest.param(
            {"matcher": compile_matcher("a"), "levels": frozenset({Level.ERROR}), "before": 6},
            (2, 5),
            False,
            5,
            id="filters-are-anded",
        ),
        pytest.param(
            {"matcher": compile_matcher("no such text"), "after": -1},
            (),
            False,
            149,
            id="nothing-matches",
        ),
        pytest.param(
            {"matcher": compile_matcher("number 7", regex=True), "after": 7, "limit": 10},
            range(70, 80),
            False,
            149,
            id="exactly-the-limit",
        ),
    ],
)
def test_a_poll_returns_the_requested_lines(journal, parameters, lines, truncated, next_after):
    page = poll(journal, **parameters)
    assert (list(lines), truncated, next_after, 150) == (
        numbers(page),
        page.truncated,
        page.next_after,
        page.total_lines,
    )


def test_a_line_has_number_time_level_message_and_stream(journal):
    (line,) = poll(journal, after=1, limit=1).logs
    assert (2, iso(T0 + 3000), "ERROR", "gamma number 2", "stderr") == (
        line.line,
        line.timestamp,
        line.level,
        line.message,
        line.stream,
    )


@pytest.mark.parametrize(
    "parameters",
    [{"tail": 1, "limit": 1}, {"tail": 0}, {"tail": 10_001}, {"limit": 0}, {"limit": 10_001}],
    ids=str,
)
def test_an_invalid_request_is_refused(journal, parameters):
    with pytest.raises(InvalidRequest, match=r"=\d+"):
        LogQuery(journal, "run", **parameters)


def test_an_empty_journal_is_an_empty_page(tmp_path):
    assert LogPage("run", [], 0, False, -1) == poll(JournalReader(tmp_path))


def test_escapes_stay_in_the_message_and_are_ignored_by_the_search(tmp_path):
    run = MadeRun(tmp_path)
    run.write("\x1b[31mre\x1b[1md\x1b[0m alert\nplain\n")
    page = poll(JournalReader(run.path), matcher=compile_matcher("red alert"))
    assert ["\x1b[31mre\x1b[1md\x1b[0m alert"] == [line.message for line in page.logs]


def test_a_redrawn_line_is_searched_as_it_is_shown(tmp_path):
    run = MadeRun(tmp_path)
    run.write("10%\r50%\r100%\n")
    assert [0] == numbers(
        poll(JournalReader(run.path), matcher=compile_matcher("^100%$", regex=True))
    )
    assert [] == numbers(poll(JournalReader(run.path), matcher=compile_matcher("50%")))


class Clock:
    """A clock on which every reading costs some seconds."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_a_query_stops_in_time_and_says_where_to_continue(tmp_path):
    run = MadeRun(tmp_path)
    for i in range(40):
        run.write(b"x" * 70_000 + b" %d\n" % i)
    run.write("needle\n")
    reader, after, found, polls = JournalReader(run.path), -1, [], 0
    while True:
        page = poll(reader, after=after, matcher=compile_matcher("needle"), clock=Clock(0.05))
        polls, found, after = polls + 1, found + numbers(page), page.next_after
        if not page.truncated:
            break
    assert [40] == found
    assert polls > 2


def test_a_tail_that_stops_in_time_says_so(tmp_path):
    run = MadeRun(tmp_path)
    run.write("needle\n")
    for i in range(200):
        run.write(b"x" * 70_000 + b" %d\n" % i)
    page = poll(
        JournalReader(run.path), tail=5, matcher=compile_matcher("needle"), clock=Clock(0.05)
    )
    assert ([], True) == (page.logs, page.truncated)


_IN_A_NEW_PROCESS = """
import sys, time
from prismq_nb.engine.read import poll
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.search.matcher import compile_matcher

poll.MAX_QUERY_SECONDS = 0.05  # of processor: patterns take more, and no other program counts
query = poll.LogQuery(
    JournalReader(sys.argv[1]), "run", clock=time.process_time, **eval(sys.argv[2])
)
while not query.step():
    pass
page = query.page()
print([line.message for line in page.logs], page.truncated)
"""


@pytest.mark.parametrize(
    "filters",
    [
        "dict(matcher=compile_matcher('e'))",
        "dict(matcher=compile_matcher('e$', regex=True), tail=2)",
        "dict(matcher=compile_matcher('e'), after=-1)",
        "dict(levels=frozenset([3]), limit=2)",
    ],
    ids=["newest", "pattern-tail", "forward", "levels"],
)
def test_a_new_process_finds_lines_though_it_compiles_patterns_first(tmp_path, filters):
    run = MadeRun(tmp_path)
    run.write("ERROR: one\nINFO: two\nERROR: three\n")
    command = [sys.executable, "-c", _IN_A_NEW_PROCESS, str(run.path), filters]
    found = subprocess.run(command, capture_output=True, check=True, text=True)
    assert "['ERROR: one', 'ERROR: three'] False\n" == found.stdout


@pytest.mark.parametrize(
    ("parameters", "lines"),
    [({"after": -1}, range(8)), ({"tail": 12}, range(4, 12))],
    ids=["oldest", "newest"],
)
def test_a_response_is_bounded_in_bytes(tmp_path, monkeypatch, parameters, lines):
    monkeypatch.setattr(query, "MAX_TEXT_BYTES", 80_000)
    run = MadeRun(tmp_path)
    for _ in range(12):
        run.write("é" * 5_000 + "\n")
    page = poll(JournalReader(run.path), **parameters)
    assert (list(lines), True) == (numbers(page), page.truncated)


def test_a_line_over_the_bound_is_returned_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(query, "MAX_TEXT_BYTES", 1000)
    run = MadeRun(tmp_path)
    run.write("x" * 5000 + "\n" + "y" * 5000 + "\n")
    assert [0] == numbers(poll(JournalReader(run.path), after=-1))
    assert [1] == numbers(poll(JournalReader(run.path)))


texts = st.lists(
    st.text(st.sampled_from("aAbé \r\x1b[31m\n.")).map(lambda text: text.encode())
    | st.binary(max_size=5),
    max_size=30,
)


@settings(max_examples=examples(150), deadline=None)
@given(texts, st.data())
def test_a_poll_is_a_slice_of_the_matches(tmp_path_factory, lines, data):
    run = MadeRun(tmp_path_factory.mktemp("data"))
    for line in lines:
        run.write(line + b"\n")
    reader = reading(run)
    everything = poll(reader, tail=10_000).logs
    pattern = data.draw(
        st.sampled_from(["a", "^a", "b$", "a|é", "[^x]b", r"\s", "(?i)A", "a.*b", "^$", r"\Aa", ""])
    )
    matcher = compile_matcher(pattern, regex=True) if pattern else None
    levels = data.draw(st.none() | st.frozensets(st.sampled_from(Level), min_size=1))
    after, before = data.draw(st.integers(-1, 30)), data.draw(st.integers(0, 35))
    # one that is never searched in whole chunks
    line_matcher = compile_matcher(pattern + r"()|\z\A.", regex=True) if pattern else None

    def passes(line) -> bool:
        from prismq_nb.common.base.terminal.text import plain

        seen = line_matcher is None or line_matcher.matches(plain(line.message))
        return (
            seen and after < line.line < before and (levels is None or Level[line.level] in levels)
        )

    matching = [line for line in everything if passes(line)]
    count = data.draw(st.integers(1, 20))
    filters = {"after": after, "before": before, "levels": levels, "matcher": matcher}
    heavy = data.draw(
        st.sampled_from([2, render_cost.MAX_RENDER_COST])
    )  # a poll takes a few lines at a time
    with patch.object(render_cost, "MAX_RENDER_COST", heavy):
        # one that takes too long stops
        oldest = poll(reader, **filters, limit=count, clock=Clock(0))
        newest = poll(reader, **filters, tail=count, clock=Clock(0))
    assert (matching[:count], matching[-count:]) == (oldest.logs, newest.logs)
    assert [len(matching) > count] * 2 == [oldest.truncated, newest.truncated]


def test_a_new_run_directory_without_files_can_be_polled(tmp_path: Path):
    (tmp_path / "output.idx").touch()
    assert 0 == poll(JournalReader(tmp_path)).total_lines


@pytest.mark.parametrize("parameters", [{"tail": 150}, {"limit": 150}])
def test_without_a_filter_all_lines_are_returned_however_slow_the_machine_is(journal, parameters):
    page = poll(journal, clock=Clock(0.05), **parameters)
    assert (numbers(page), page.truncated) == (list(range(150)), False)
