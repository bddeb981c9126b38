"""The served routes, and the OpenAPI document in a strict form for tests.

Strict: a field that it does not describe is an error.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from prismq_nb.server.handlers.openapi import DOCUMENT
from prismq_nb.server.http.base import UnknownPathHandler, methods
from prismq_nb.server.routes import ROUTES


def served() -> set[tuple[str, str]]:
    """(method, path) of all routes, with paths in the form of OpenAPI.

    Without OPTIONS, which Jupyter answers everywhere.
    """
    return {
        (method, pattern.removesuffix("/?").replace("([^/]+)", "{run_id}").replace("\\", ""))
        for pattern, handler in ROUTES
        if handler is not UnknownPathHandler
        for method in methods(handler)
        if method != "OPTIONS"
    }


@cache
def _loaded() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it was built
    loaded: dict[str, Any] = yaml.load(DOCUMENT.read_bytes(), loader)
    return loaded


def document() -> dict[str, Any]:
    """The document, which the caller may change."""
    return deepcopy(_loaded())


def strict_document() -> dict[str, Any]:
    """The document, in which an object has no properties except those described."""
    loaded = document()
    _close(loaded["components"]["schemas"])
    return loaded


def operations(loaded: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation), the operation with all its parameters and references resolved."""
    found = []
    for path, item in loaded["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                parameters = [
                    resolved(loaded, one)
                    for one in (*item.get("parameters", ()), *operation.get("parameters", ()))
                ]
                parameters = [
                    {**one, "schema": resolved(loaded, one["schema"])} for one in parameters
                ]
                found.append((method.upper(), path, {**operation, "parameters": parameters}))
    return found


def resolved(loaded: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """The target of a reference; anything else unchanged."""
    if "$ref" not in value:
        return value
    target: Any = loaded
    for part in value["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return resolved(loaded, target)


def event_problems(loaded: dict[str, Any], path: str, event: dict[str, str]) -> list[str]:
    """The errors of an event and of the JSON in its data, by the schema of the stream at `path`."""
    schema = resolved(
        loaded,
        loaded["paths"][path]["get"]["responses"]["200"]["content"]["text/event-stream"]["schema"],
    )
    forms = {form["properties"]["event"]["const"]: form for form in schema["oneOf"]}
    if event["event"] not in forms:
        return [f"no event {event['event']!r} is described"]
    data = forms[event["event"]]["properties"]["data"]["contentSchema"]
    return problems(loaded, schema, event) + problems(loaded, data, json.loads(event["data"]))


def problems(loaded: dict[str, Any], schema: dict[str, Any], value: object) -> list[str]:
    """The errors of a value, by a schema of the document."""
    validator = Draft202012Validator(
        {**schema, "components": loaded["components"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _close(value: Any) -> None:
    if isinstance(value, dict):
        if value.get("type") == "object" and isinstance(value.get("properties"), dict):
            value.setdefault("additionalProperties", False)
        for inner in value.values():
            _close(inner)
    elif isinstance(value, list):
        for inner in value:
            _close(inner)
