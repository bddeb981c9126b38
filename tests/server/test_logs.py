"""Poll and download over HTTP. tests/engine/test_query.py tests what a poll selects."""

from __future__ import annotations

import json

import pytest
from support.journals import T0, MadeRun

from prismq_nb.common.base.state import iso


@pytest.fixture
def run(data_dir) -> MadeRun:
    run = MadeRun(data_dir)
    run.write("\x1b[32mgreen\x1b[0m\n")
    run.write("ERROR: é\r\n", stream=1)
    run.end()
    return run


async def test_a_poll_has_the_form_of_the_contract(api, run):
    page = await api("GET", f"/{run.run_id}/logs", tail=1)
    line = {
        "line": 1,
        "timestamp": iso(T0 + 2000),
        "level": "ERROR",
        "message": "ERROR: é",
        "stream": "stderr",
    }
    assert {
        "run_id": run.run_id,
        "logs": [line],
        "total_lines": 2,
        "truncated": True,
        "next_after": 1,
    } == page.json
    assert page.headers["Content-Type"].startswith("application/json")


async def test_next_after_leads_through_the_whole_log(api):
    run_id = await api.finished("for i in range(12000): print('line', i)")
    seen, page = [], {"truncated": True, "next_after": -1}
    while page["truncated"]:
        page = (await api("GET", f"/{run_id}/logs", after=page["next_after"])).json
        assert len(page["logs"]) <= 10_000
        seen += [line["message"] for line in page["logs"]]
    assert ([f"line {i}" for i in range(12_000)], 11_999) == (seen, page["next_after"])


async def test_polling_with_since_neither_repeats_nor_skips(api):
    run_id = await api.launch("for i in range(3000): print(i, flush=True)")
    seen, query = [], {"tail": 10_000}
    while True:
        ended = (await api("GET", f"/{run_id}")).json["status"] != "running"
        page = (await api("GET", f"/{run_id}/logs", **query)).json
        seen += [int(line["message"]) for line in page["logs"]]
        if page["logs"]:
            query = {"since": page["logs"][-1]["timestamp"]}
        elif ended:
            break
    assert list(range(3000)) == seen


INVALID_POLLS = [
    ({"since": "yesterday"}, "since='yesterday'"),
    ({"since": "2025-13-01T00:00:00Z"}, "since="),
    ({"tail": 0}, "tail=0"),
    ({"tail": 10_001}, "tail=10001"),
    ({"tail": "ten"}, "tail='ten'"),
    ({"tail": "1e3"}, "tail='1e3'"),
    ({"tail": "٣"}, "tail='٣'"),
    ({"tail": 5, "limit": 5}, "cannot be combined"),
    ({"limit": 0}, "limit=0"),
    ({"after": -2}, "after=-2"),
    ({"after": "9" * 30}, "after="),
    ({"before": -1}, "before=-1"),
    ({"level": "LOUD"}, "'LOUD' is not a level"),
    ({"level": "INFO,"}, "'' is not a level"),
    ({"level": "WARN"}, "did you mean 'WARNING'?"),
    ({"q": "(", "regex": "true"}, "missing )"),
    ({"q": "x" * 1001}, "1001 characters"),
    ({"q": "((((a{100}){100}){100}){100})", "regex": "1"}, "q="),
    ({"q": "a", "regex": "maybe"}, "regex='maybe'"),
    ({"tail": [1, 2]}, "tail is given 2 times"),
    ({"q": b"\xff"}, "UTF-8"),
]


async def test_an_invalid_parameter_is_400_and_named(api, run):
    for query, word in INVALID_POLLS:
        answer = await api("GET", f"/{run.run_id}/logs", **query)
        assert (400, "InvalidRequest", True) == (
            answer.status,
            answer.json["reason"],
            word in answer.json["message"],
        ), (query, answer.body)


async def test_levels_are_case_insensitive_and_unknown_parameters_are_ignored(api, run):
    page = (await api("GET", f"/{run.run_id}/logs", level="error,Critical", token2="x", _="1")).json
    assert [1] == [line["line"] for line in page["logs"]]


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (
            {},
            f"[{iso(T0 + 1000)}] [INFO] [stdout] green\n[{iso(T0 + 2000)}] [ERROR] [stderr]"
            " ERROR: é\n".encode(),
        ),
        ({"format": "raw"}, b"\x1b[32mgreen\x1b[0m\nERROR: \xc3\xa9\r\n"),
    ],
    ids=["text", "raw"],
)
async def test_a_download_is_an_attachment_of_plain_text(api, run, query, body):
    answer = await api("GET", f"/{run.run_id}/logs/download", **query)
    assert (200, body) == (answer.status, answer.body)
    assert f"attachment; filename={run.run_id}.log" == answer.headers["Content-Disposition"]
    assert ("text/plain; charset=utf-8", "nosniff") == (
        answer.headers["Content-Type"],
        answer.headers["X-Content-Type-Options"],
    )


async def test_a_download_as_json_lines(api, run):
    answer = await api("GET", f"/{run.run_id}/logs/download", format="jsonl")
    lines = [json.loads(line) for line in answer.body.decode().splitlines()]
    assert [(0, "green", "INFO"), (1, "ERROR: é", "ERROR")] == [
        (line["line"], line["message"], line["level"]) for line in lines
    ]
    assert {"line", "timestamp", "level", "message", "stream"} == set(lines[0])


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ({"level": "error"}, [1]),
        ({"q": "GREEN"}, [0]),
        ({"q": "^.R", "regex": "true"}, [1]),
        ({"q": "green", "level": "ERROR"}, []),
        ({"after": 0}, [1]),
        ({"before": 1}, [0]),
        ({"after": 0, "before": 2, "q": "é"}, [1]),
        ({"after": 5}, []),
        ({"exclude": "green"}, [1]),
        ({"q": "green", "word": "true", "lines_after": "1"}, [0, 1]),
        ({"level": "ERROR", "lines_before": "1", "after": 0}, [1]),
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["text", "jsonl"])
@pytest.mark.slow
async def test_a_download_of_matching_lines_has_the_same_form(api, run, query, lines, form):
    whole = (await api("GET", f"/{run.run_id}/logs/download", format=form)).body.splitlines(
        keepends=True
    )
    found = await api("GET", f"/{run.run_id}/logs/download", format=form, **query)
    assert (200, b"".join(whole[line] for line in lines)) == (found.status, found.body)


async def test_a_filtered_download_covers_the_whole_log(api):
    run_id = await api.finished("for i in range(50000): print('line', i)")
    found = (
        (await api("GET", f"/{run_id}/logs/download", q="7$", regex="true"))
        .body.decode()
        .splitlines()
    )
    assert [f"line {i}" for i in range(7, 50_000, 10)] == [line.split("] ", 3)[3] for line in found]


async def test_a_raw_download_accepts_no_filter(api, run):
    answer = await api("GET", f"/{run.run_id}/logs/download", format="raw", q="x")
    assert (400, "format=raw and q") == (answer.status, answer.json["message"][:16])


async def test_a_long_log_is_downloaded_completely(api):
    run_id = await api.finished("for i in range(50000): print('line', i)")
    text = (await api("GET", f"/{run_id}/logs/download")).body.decode().splitlines()
    assert [f"line {i}" for i in range(50_000)] == [line.split("] ", 3)[3] for line in text]
    assert (
        "".join(f"line {i}\n" for i in range(50_000)).encode()
        == (await api("GET", f"/{run_id}/logs/download", format="raw")).body
    )


@pytest.mark.parametrize(
    ("headers", "status", "body", "content_range"),
    [
        ({"Range": "bytes=0-4"}, 206, b"01234", "bytes 0-4/10"),
        ({"Range": "bytes=7-"}, 206, b"789", "bytes 7-9/10"),
        ({"Range": "bytes=-2"}, 206, b"89", "bytes 8-9/10"),
        ({"Range": "bytes=8-99"}, 206, b"89", "bytes 8-9/10"),
        ({"Range": "bytes=10-"}, 416, b"", "bytes */10"),
        ({"Range": "bytes=5-2"}, 200, b"0123456789", None),
        ({"Range": "lines=1-2"}, 200, b"0123456789", None),
        ({"Range": "bytes=0-1,3-4"}, 200, b"0123456789", None),
        ({"Range": "bytes=0-1", "If-Range": '"a"'}, 206, b"01", "bytes 0-1/10"),
        ({"Range": "bytes=0-1", "If-Range": '"b"'}, 200, b"0123456789", None),
        ({"If-None-Match": '"a"'}, 304, b"", None),
    ],
    ids=str,
)
# a table
@pytest.mark.slow
async def test_a_raw_download_continues_with_a_range(  # noqa: PLR0917
    api, data_dir, headers, status, body, content_range
):
    run = MadeRun(data_dir)
    run.write("0123456789")
    run.end()
    answer = await api("GET", f"/{run.run_id}/logs/download", format="raw", headers=headers)
    assert (status, body, content_range) == (
        answer.status,
        answer.body,
        answer.headers.get("Content-Range"),
    )
    assert '"a"' == answer.headers["Etag"]


async def test_the_download_of_an_empty_log_is_empty(api, data_dir):
    run = MadeRun(data_dir)
    for form in ("text", "raw", "jsonl"):
        answer = await api("GET", f"/{run.run_id}/logs/download", format=form)
        assert (200, b"") == (answer.status, answer.body)


async def test_an_unknown_format_is_400(api, run):
    answer = await api("GET", f"/{run.run_id}/logs/download", format="pdf")
    assert (400, True) == (answer.status, "format='pdf'" in answer.json["message"])


async def test_lines_are_selected_by_number(api, data_dir):
    run = MadeRun(data_dir)
    for start in range(0, 5000, 100):
        run.write(
            "".join(f"{'ERROR: ' * (i % 3 == 0)}line {i}\n" for i in range(start, start + 100)),
            stream=start // 100 % 2,
        )
    run.write("last, without an end")
    every = {
        line["line"]: line
        for line in (await api("GET", f"/{run.run_id}/logs", limit=10_000)).json["logs"]
    }
    answer = await api("GET", f"/{run.run_id}/logs", lines="5000,4999,7,7,0,123456")
    assert [every[number] for number in (0, 7, 4999, 5000)] == answer.json["logs"]
    assert (5001, False, 5000) == (
        answer.json["total_lines"],
        answer.json["truncated"],
        answer.json["next_after"],
    )


async def test_selected_lines_stop_where_a_response_is_full(api, data_dir):
    run = MadeRun(data_dir)
    for _ in range(12):
        run.write(b"x" * (1 << 20) + b"\n")
    page = (await api("GET", f"/{run.run_id}/logs", lines=",".join(map(str, range(12))))).json
    assert (list(range(8)), True, 7) == (
        [line["line"] for line in page["logs"]],
        page["truncated"],
        page["next_after"],
    )


INVALID_LINE_NUMBERS = [
    ({"lines": ""}, "lines is empty"),
    ({"lines": "1,x"}, "lines='x'"),
    ({"lines": "-1"}, "lines=-1 is out of range"),
    ({"lines": ",".join(map(str, range(1001)))}, "1,001 numbers"),
    ({"lines": "1", "level": "ERROR"}, "lines and level"),
]


async def test_invalid_line_numbers_are_400(api, data_dir):
    run = MadeRun(data_dir)
    for query, word in INVALID_LINE_NUMBERS:
        answer = await api("GET", f"/{run.run_id}/logs", **query)
        assert (400, True) == (answer.status, word in answer.json["message"]), (query, answer.body)


@pytest.fixture
def bars(data_dir) -> MadeRun:
    run = MadeRun(data_dir)
    run.write("a line\n 1%\r 2%\r 3%\r\ninner 1%\x1b[A\router 1%\n")
    run.end()
    return run


async def test_the_frames_of_an_overwritten_line(api, bars):
    page = (await api("GET", f"/{bars.run_id}/logs")).json
    assert [line["message"] for line in page["logs"]] == ["a line", " 3%", "outer 1%"]
    assert page["drawn"] == {"1": [2, 0, 0], "2": [1, -1, -1]}
    answer = await api("GET", f"/{bars.run_id}/logs/frames", line=1)
    assert answer.json == {"line": 1, "frames": [" 1%", " 2%", " 3%"], "total": 3}
    answer = await api("GET", f"/{bars.run_id}/logs/frames", line=3)
    assert answer.json == {"line": 3, "frames": [], "total": 0}


@pytest.mark.parametrize("query", [{}, {"line": -1}, {"line": "x"}], ids=str)
async def test_a_request_for_frames_of_no_line_is_refused(query, api, bars):
    answer = await api("GET", f"/{bars.run_id}/logs/frames", **query)
    assert (answer.status, "line" in answer.json["message"]) == (400, True)
