"""The two endpoints behind a timeline, over HTTP. tests/engine/test_timeline.py tests the
counts.
"""

from __future__ import annotations

import pytest
from support.api_document import problems, resolved, strict_document
from support.journals import T0, MadeRun

from prismq_nb.capture.monitor.usage_log import UsageLog
from prismq_nb.common.base.state import MICROSECONDS, iso
from prismq_nb.journal.layout.usage import Sample

STRICT = strict_document()
LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


@pytest.fixture
def run(data_dir) -> MadeRun:
    """Ten seconds: a line a second, and an ERROR in the sixth."""
    run = MadeRun(data_dir)
    for second in range(10):
        run.write("ERROR: oh\n" * 3 if second == 5 else "INFO: fine\n", micros=MICROSECONDS)
    run.end()
    return run


def as_described(name, value):
    return problems(STRICT, resolved(STRICT, STRICT["components"]["schemas"][name]), value)


async def test_lines_per_time_and_level(api, run, data_dir):
    answer = await api("GET", f"/{run.run_id}/logs/timeline", buckets=20)
    assert 200 == answer.status
    found = answer.json
    assert [] == as_described("Timeline", found)
    assert (run.run_id, iso(T0), 12, LEVELS) == (
        found["run_id"],
        found["begin"],
        found["total_lines"],
        list(found["levels"]),
    )
    assert 10 < len(found["lines"]) <= 20
    assert 12 == sum(found["lines"])
    assert len(found["lines"]) == len(found["first_lines"])
    assert not found["complete"]  # this run has no levels


async def test_the_levels_of_a_real_run_are_complete_soon_after_its_end(api):
    run_id = await api.finished("print('ok'); print('ERROR: oh')")
    while not (found := (await api("GET", f"/{run_id}/logs/timeline")).json)["complete"]:
        assert 2 == sum(found["lines"])  # its end does not wait for them
    assert (2, 1, 1) == (
        sum(found["lines"]),
        sum(found["levels"]["INFO"]),
        sum(found["levels"]["ERROR"]),
    )


async def test_a_part_of_the_time(api, run):
    begin, end = T0 + 4_500_000, T0 + 6_500_000
    found = (
        await api(
            "GET", f"/{run.run_id}/logs/timeline", buckets=2000, begin=iso(begin), end=iso(end)
        )
    ).json
    # the fifth line, and the three errors
    assert (4, 4) == (sum(found["lines"]), found["first_lines"][0])
    nothing = (await api("GET", f"/{run.run_id}/logs/timeline", begin="2026-01-01T00:00:00Z")).json
    assert [] == nothing["lines"] == nothing["levels"]["INFO"]


INVALID_TIMELINES = [
    ({"buckets": 0}, "buckets=0 is out of range"),
    ({"buckets": 2001}, "buckets=2001"),
    ({"buckets": "many"}, "buckets='many'"),
    ({"begin": "yesterday"}, "begin='yesterday'"),
    (
        {"begin": "2025-10-31T12:00:02Z", "end": "2025-10-31T12:00:02Z"},
        "begin is not before end",
    ),
]


async def test_an_invalid_parameter_is_400_and_named(api, run):
    for query, word in INVALID_TIMELINES:
        answer = await api("GET", f"/{run.run_id}/logs/timeline", **query)
        assert (400, "InvalidRequest", True) == (
            answer.status,
            answer.json["reason"],
            word in answer.json["message"],
        ), (query, answer.body)


async def test_usage_over_time(api, run):
    log = UsageLog(run.path)
    for second in range(1, 5):
        log.add(Sample(T0 + second * MICROSECONDS, 10.5 * second, 1 << 20))
    found = (await api("GET", f"/{run.run_id}/usage")).json
    assert [] == as_described("UsageHistory", found)
    assert (iso(T0), [1.0, 2.0, 3.0, 4.0], [10.5, 21.0, 31.5, 42.0]) == (
        found["begin"],
        found["seconds"],
        found["cpu_percent"],
    )
    assert (42.0, 1 << 20, [1 << 20] * 4) == (
        found["peak_cpu_percent"],
        found["peak_memory_bytes"],
        found["memory_bytes"],
    )


async def test_a_real_run_has_usage(api):
    run_id = await api.launch("input()")
    while not (found := (await api("GET", f"/{run_id}/usage")).json)["seconds"]:
        pass  # the first sample comes after 0.1 s
    assert found["peak_memory_bytes"] > 1 << 20
    assert 0 < found["seconds"][0] < 60
    await api("POST", f"/{run_id}/input", body={"eof": True})


async def test_a_run_without_usage(api, run):
    found = (await api("GET", f"/{run.run_id}/usage")).json
    assert [] == as_described("UsageHistory", found)
    assert ([], None, None) == (
        found["seconds"],
        found["peak_cpu_percent"],
        found["peak_memory_bytes"],
    )
