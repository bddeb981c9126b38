"""Context lines: search and poll give what `grep -B -A` gives, also as the log grows."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from support.journals import MadeRun

from prismq_nb.engine.read.context import Context, ContextQuery, ContextSearch, log_query
from prismq_nb.engine.read.filters import levels, matcher
from prismq_nb.engine.read.level_search import LevelSearch
from prismq_nb.engine.read.poll import LogQuery
from prismq_nb.engine.read.search import LogSearch
from prismq_nb.journal.reader import JournalReader

pytestmark = pytest.mark.slow  # every query against a model

CONTEXTS = [Context(2, 0), Context(0, 3), Context(1, 1), Context(5, 7), Context(100, 100)]


def expected(hits: list[int], context: Context, total: int) -> list[int]:
    """Line by line, as one would by hand."""
    return [
        n for n in range(total) if any(h - context.before <= n <= h + context.after for h in hits)
    ]


def written(run: MadeRun, hits: set[int], first: int, end: int) -> None:
    run.write("".join(f"{'ERROR: hit' if n in hits else 'miss'} {n}\n" for n in range(first, end)))


def searched(
    reader: JournalReader, context: Context, first: int = 0, every: int = 1
) -> Iterator[int]:
    wanted = matcher(["hit"])
    assert wanted is not None
    search = ContextSearch(
        lambda start: LogSearch(reader, wanted, first=start), context, first=first, every=every
    )
    while not search.done:
        yield from search.step()
        assert search.lines_done <= search.total_lines


def polled(reader: JournalReader, context: Context, **where: int) -> ContextQuery | LogQuery:
    query = log_query(reader, "run", context, matcher=matcher(["hit"]), **where)
    while not query.step():
        pass
    return query


@pytest.mark.parametrize("context", CONTEXTS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_search_and_poll_agree(tmp_path, context: Context, seed: int) -> None:
    chosen = random.Random(seed)
    hits = sorted(chosen.sample(range(400), 16))
    run = MadeRun(tmp_path)
    written(run, set(hits), 0, 400)
    wanted = expected(hits, context, 400)
    with JournalReader(run.path) as reader:
        assert wanted == list(searched(reader, context))
        assert wanted[::7] == list(searched(reader, context, every=7))
        by_level = ContextSearch(
            lambda start: LevelSearch(reader, levels("level", "ERROR"), first=start), context
        )
        found = []
        while not by_level.done:
            found += by_level.step()
        assert wanted == found
        assert len(wanted) == by_level.hits
        for limit in (1, 3, 50, 10_000):
            cursor, given = -1, []
            while True:
                page = polled(reader, context, after=cursor, limit=limit).page()
                given += [line.line for line in page.logs]
                assert len(page.logs) <= limit
                assert page.next_after > cursor or not page.truncated
                cursor = page.next_after
                if not page.truncated:
                    break
            assert wanted == given
            newest = polled(reader, context, tail=limit).page()
            assert wanted[-limit:] == [line.line for line in newest.logs]
            assert (len(wanted) > limit) == newest.truncated
        middle = polled(reader, context, after=120, before=280).page()
        assert [line.line for line in middle.logs] == [
            n for n in expected([h for h in hits if h < 280], context, 400) if 120 < n < 280
        ]


@pytest.mark.parametrize("context", CONTEXTS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_a_continued_search_gives_each_line_once(tmp_path, context: Context, seed: int) -> None:
    """The viewer continues behind the last searched line when the log has grown."""
    chosen = random.Random(seed)
    run = MadeRun(tmp_path)
    hits = set(chosen.sample(range(600), 30))
    given: list[int] = []
    written(run, hits, 0, 20)
    with JournalReader(run.path) as reader:
        done = 0
        while done < 600:
            given += searched(reader, context, first=done)
            done = reader.total_lines
            written(run, hits, done, min(600, done + chosen.randrange(1, 60)))
            reader.refresh()
    assert given == sorted(set(given))
    assert expected(sorted(hits), context, 600) == given


def test_many_hits_come_in_steps_of_bounded_size(tmp_path) -> None:
    run = MadeRun(tmp_path)
    written(run, set(range(0, 60_000, 2)), 0, 60_000)
    with JournalReader(run.path) as reader:
        wanted = matcher(["hit"])
        assert wanted is not None
        search = ContextSearch(
            lambda start: LogSearch(reader, wanted, first=start), Context(100, 100)
        )
        steps = []
        while not search.done:
            steps.append(search.step())
        assert list(range(60_000)) == [n for step in steps for n in step]
        assert max(map(len, steps)) < 10_300
        assert search.hits == 60_000


def test_context_without_a_filter_is_a_plain_poll(tmp_path) -> None:
    run = MadeRun(tmp_path)
    written(run, {1}, 0, 5)
    with JournalReader(run.path) as reader:
        assert isinstance(log_query(reader, "run", Context(1, 1)), LogQuery)
        assert isinstance(log_query(reader, "run", Context(), matcher=matcher(["hit"])), LogQuery)
