"""openapi.yaml is valid and complete, states the real bounds, and describes what streams send."""

from __future__ import annotations

import re

import msgspec
import pytest
from openapi_spec_validator import validate
from support.api_document import (
    document,
    event_problems,
    operations,
    resolved,
    served,
    strict_document,
)
from support.journals import MadeRun

from prismq_nb import errors
from prismq_nb.common import log_models, models, system_models
from prismq_nb.journal.layout import format as fmt
from prismq_nb.server.app import PrismQApp
from prismq_nb.server.handlers.openapi import DOCUMENT
from prismq_nb.server.handlers.runs import Input, RunPatch

LOADED = document()
STRICT = strict_document()
SCHEMAS = LOADED["components"]["schemas"]
REQUESTS = [models.LaunchRequest, models.RestartRequest, Input, RunPatch]
ANSWERS = [
    models.RunInfo,
    models.Attempts,
    models.RunPage,
    system_models.Health,
    system_models.ModuleStatistics,
    system_models.RunStatistics,
    system_models.SystemStatistics,
    system_models.SystemUsage,
    log_models.LogLine,
    log_models.LogPage,
    log_models.RunHits,
    log_models.Frames,
    log_models.Gap,
    log_models.Timeline,
    log_models.UsageHistory,
]


def test_it_is_openapi_3_1():
    assert LOADED["openapi"].startswith("3.1")
    validate(LOADED)


def test_it_has_every_route_and_no_other():
    assert served() == {(method, path) for method, path, _ in operations(LOADED)}


def test_every_operation_is_named_and_explained():
    found = [operation for _, _, operation in operations(LOADED)]
    assert len(found) == len({operation["operationId"] for operation in found})
    assert [] == [
        operation["operationId"]
        for operation in found
        if not operation.get("summary") or not operation.get("tags")
    ]
    assert [] == [
        one["name"]
        for operation in found
        for one in operation["parameters"]
        if not one.get("description")
    ]


def test_every_operation_has_the_responses_of_any_request():
    for method, path, operation in operations(LOADED):
        wanted = {"403", "404"} | ({"400", "413"} if "requestBody" in operation else set())
        assert wanted <= operation["responses"].keys(), f"{method} {path}"


def test_every_error_that_the_server_raises_is_named():
    text = DOCUMENT.read_text()
    client_side = {
        *("AlreadyWatched", "PrismqError", "ServerUnreachable", "UnknownOption", "WaitTimeout"),
        "from_wire",
    }
    assert [] == [
        name for name in errors.__all__ if name not in client_side and f"`{name}`" not in text
    ]


def test_every_option_that_it_names_exists():
    assert [] == [
        name
        for name in re.findall(r"PrismQApp\.(\w+)", DOCUMENT.read_text())
        if not hasattr(PrismQApp, name)
    ]


@pytest.mark.parametrize("form", REQUESTS, ids=lambda form: form.__name__)
def test_a_body_has_the_fields_and_defaults_of_its_form(form):
    schema, fields = SCHEMAS[form.__name__], msgspec.structs.fields(form)
    assert {field.encode_name for field in fields} == schema["properties"].keys()
    assert [field.encode_name for field in fields if field.required] == schema.get("required", [])
    assert schema["additionalProperties"] is False
    for field in fields:
        default = (
            field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        )
        assert field.required or default == schema["properties"][field.encode_name]["default"], (
            field.name
        )


@pytest.mark.parametrize("form", ANSWERS, ids=lambda form: form.__name__)
def test_a_response_always_has_all_fields_of_its_form(form):
    fields = msgspec.structs.fields(form)
    names = [field.encode_name for field in fields]
    omits = form.__struct_config__.omit_defaults
    sent = [field for field in fields if field.default is not msgspec.UNSET]
    needed = [field.encode_name for field in sent if field.required or not omits]
    schema = SCHEMAS[form.__name__]
    assert (names, needed) == (list(schema["properties"]), schema["required"])


async def test_the_document_is_served_unchanged(api):
    answer = await api("GET", "/openapi.yaml")
    assert (200, "application/yaml", DOCUMENT.read_bytes()) == (
        answer.status,
        answer.headers["Content-Type"],
        answer.body,
    )


def edges(schema):
    """(value, whether it is in bounds) around each bound and for each word of a schema."""
    good, bad = [], ["nonsense"]
    if "minimum" in schema:
        low, high = schema["minimum"], schema["maximum"]
        good, bad = [low, high], [low - 1, high + 1, "nonsense", f"{low}.5"]
    elif "enum" in schema:
        good = schema["enum"]
    elif "maxLength" in schema:
        good, bad = ["x" * schema["maxLength"]], ["x" * (schema["maxLength"] + 1)]
    elif schema["type"] == "boolean":
        good = ["true", "false", "1", "0"]
    elif schema.get("format") == "date-time":
        good = ["2025-10-31T12:00:01.123456Z", "2025-10-31T12:00:01+02:00"]
    elif schema["type"] == "array" and (words := resolved(LOADED, schema["items"]).get("enum")):
        good = [",".join(words).lower()]
    return [(value, True) for value in good] + [(value, False) for value in bad if good]


# or `level`, `runs`: a document cannot say that one of two is needed
NEEDED = {
    "/api/runs/{run_id}/logs/search": {"q": "x"},
    "/api/runs/search": {"q": "x"},
    "/api/runs/stream": {"run": "x"},
}


def needed(path, operation):
    """The parameters without which no request is valid."""
    return NEEDED.get(path, {}) | {
        other["name"]: "x"
        for other in operation["parameters"]
        if other.get("required") and other["in"] == "query"
    }


BOUNDED = [
    (path, needed(path, operation), one, value, fits)
    for method, path, operation in operations(LOADED)
    for one in operation["parameters"]
    if method == "GET" and one["in"] != "path"
    for value, fits in edges(one["schema"])
]


@pytest.mark.slow
async def test_the_bounds_and_words_are_the_real_ones(api, data_dir):
    run = MadeRun(data_dir)
    run.write("a\n")
    run.end()
    wrong = []
    for path, required, one, value, fits in BOUNDED:
        below = path.removeprefix("/api/runs").format(run_id=run.run_id)
        sent = (
            {"headers": {one["name"]: str(value)}}
            if one["in"] == "header"
            else {one["name"]: value}
        )
        answer = await api("GET", below, **(required | sent))
        if answer.status not in ((200, 204) if fits else (400,)):
            wrong.append((path, one["name"], str(value)[:40], answer.status))
    assert (True, []) == (len(BOUNDED) > 80, wrong)


def check_events(path, events):
    for event in events:
        sent = {"event": event.name, "data": event.text} | (
            {} if event.id is None else {"id": event.id}
        )
        assert [] == event_problems(STRICT, path, sent), event


@pytest.fixture
def eventful(data_dir) -> MadeRun:
    """A run that has everything: levels, both streams, a long line, a gap, progress."""
    run = MadeRun(data_dir)
    run.write("one\nERROR: two\n")
    run.lose(b"lost\n")
    run.write("\x1b[32mthree\x1b[0m\n" + "x" * 20_000 + "\n", stream=1)
    run.end()
    run.state(
        "failed",
        exit_code=-9,
        error_message="killed",
        completed=run.now,
        lines=4,
        progress=[50.0, 5, 10],
        cpu_percent=1.5,
        memory_bytes=9,
    )
    return run


async def test_the_events_of_a_log_match_the_document(api, eventful):
    stream = api.stream(f"/{eventful.run_id}/logs/stream", after=-1)
    await stream.end()
    check_events("/api/runs/{run_id}/logs/stream", stream.events)
    assert {"log", "gap", "status", "progress", "complete"} == {
        event.name for event in stream.events
    }
    assert {"log", "complete"} == {event.name for event in stream.events if event.id is not None}


async def test_the_batches_of_a_log_match_the_document(api, eventful):
    for query in ({}, {"level": "ERROR"}):
        stream = api.stream(f"/{eventful.run_id}/logs/stream", after=-1, batch="true", **query)
        await stream.end()
        check_events("/api/runs/{run_id}/logs/stream", stream.events)
        assert {"logs", "gap", "status", "progress", "complete"} == {
            event.name for event in stream.events
        }
        assert {"logs", "complete"} == {
            event.name for event in stream.events if event.id is not None
        }
    assert {"first", "stretches", "levels", "texts", "cut"} == set().union(*stream.named("logs"))


async def test_the_batches_of_a_page_match_the_document(api, eventful):
    running = await api.launch("print('a prompt', end='', flush=True); input()")
    stream = api.stream("/stream", run=[f"{eventful.run_id}@0", f"{running}@0", "nonsense"])
    await stream.until(
        lambda stream: any(
            batch.get("pending", {}).get("stdout") for batch in stream.named("batch")
        )
    )
    await api("POST", f"/{running}/input", body={"eof": True})
    await stream.end()
    check_events("/api/runs/stream", stream.events)
    seen = set().union(*stream.named("batch"))
    assert {
        "run",
        "first",
        "total",
        "lines",
        "pending",
        "status",
        "progress",
        "gaps",
        "complete",
        "error",
    } <= seen


async def test_a_stream_cut_off_by_a_purge_ends_with_a_documented_error(api, data_dir):
    run_id = await api.launch("input()")
    stream = api.stream(f"/{run_id}/logs/stream")
    await stream.until(lambda stream: stream.events)
    (data_dir / "runs" / run_id).rename(data_dir / "gone")
    await stream.end()
    (data_dir / "gone").rename(data_dir / "runs" / run_id)
    check_events("/api/runs/{run_id}/logs/stream", stream.events)
    assert "error" == stream.events[-1].name


@pytest.mark.parametrize("query", [{"q": "t[wh]", "regex": "true"}, {"level": "error"}], ids=str)
async def test_the_events_of_a_search_match_the_document(api, eventful, query):
    stream = api.stream(f"/{eventful.run_id}/logs/search", **query)
    await stream.end()
    check_events("/api/runs/{run_id}/logs/search", stream.events)
    assert {"snapshot", "hits", "complete"} == {event.name for event in stream.events}


async def test_the_events_of_a_search_over_all_runs_match_the_document(api, eventful, data_dir):
    damaged = MadeRun(data_dir, "run_20251031_130000_made_abc124")
    damaged.end()
    (damaged.path / fmt.INDEX).write_bytes(b"x" * fmt.RECORD_BYTES)
    stream = api.stream("/search", q="t[wh]", regex="true")
    await stream.end()
    check_events("/api/runs/search", stream.events)
    assert ["snapshot", "run", "run", "complete"] == [event.name for event in stream.events]
    assert [damaged.run_id, eventful.run_id] == [
        each["run"]["run_id"] for each in stream.named("run")
    ]
