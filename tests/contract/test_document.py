"""The document itself: its blocks are found, and each of them is run by a test in this folder."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

from contract.examples import DOCUMENT, adapt, commands, example, examples, inline_command

FOLDER = Path(__file__).parent
DRAWING = ("Architecture", "")


def test_the_document_is_unchanged():
    """Formatters of Markdown must leave this file alone: it is the user's text."""
    assert (
        hashlib.sha256(DOCUMENT.read_bytes()).hexdigest()
        == "1c1ba70b1fd119d8850d532f023ee48b03ced7b5626b2a68875609fc6c252eda"
    )


def test_every_example_is_used_by_a_test():
    used = {
        tuple(argument.value for argument in call.args)
        for file in FOLDER.glob("test_*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("example", "commands")
        if all(isinstance(argument, ast.Constant) for argument in call.args)
    }
    used = {key if len(key) == 2 else (*key, "bash") for key in used}

    assert {(block.heading, block.language) for block in examples()} - {DRAWING} == used


def test_an_example_is_the_text_between_its_fences():
    assert example("Log Levels", "").startswith('"INFO: Starting process"')
    assert "    \n    if last_timestamp:" in example("Incremental Updates (Polling)", "python")


def test_comments_are_no_commands():
    assert commands("Basic Usage") == [
        "curl http://localhost:8000/api/runs/run_20251031_120000_youtube_abc123/logs",
        'curl "http://localhost:8000/api/runs/run_20251031_120000_youtube_abc123/logs?tail=100"',
    ]


def test_an_open_server_changes_host_port_and_run_id_only():
    source = example("Python", "python")

    adapted = adapt(source, "http://127.0.0.1:4321/", "run_1")

    assert (
        adapted.replace("http://127.0.0.1:4321", "http://localhost:8000").replace(
            "run_1", "run_20251031_120000_youtube_abc123"
        )
        == source
    )


def test_a_command_gets_the_token_and_the_run_id():
    command = inline_command("curl -N")

    assert (
        adapt(command, "http://h:1/user/ann/", "run_1", "secret")
        == 'curl -H "Authorization: token secret" -N http://h:1/user/ann/api/runs/run_1/logs/stream'
    )


def test_a_relative_url_gets_the_base_url():
    source = example("2. SSE Reconnection", "javascript")

    assert "new EventSource(`/api/runs/${runId}/logs/stream`)" in adapt(source, "http://h:1")
    assert "new EventSource(`/user/ann/api/runs/${runId}/logs/stream`)" in adapt(
        source, "http://h:1/user/ann/"
    )
