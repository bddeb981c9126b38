"""Section 3 of the document, downloads outside of a browser.

Also what the document says about lines that are older than the buffer.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from contract import scripts
from contract.api import Api
from contract.examples import commands, example, inline_command
from support.programs import program

CODE = "import sys; print('one'); print('WARNING: zwei — 二'); print('\\x1b[31mred\\x1b[0m')"
BUFFER_LINES = 10_000


def test_curl_saves_the_log_under_the_name_of_the_run(api: Api, tmp_path: Path):
    run_id = api.finished(CODE)

    scripts.output(api.adapt(commands("Command Line")[0], run_id), tmp_path)

    assert [f"{run_id}.log"] == [path.name for path in tmp_path.iterdir()]
    assert _expected(api, run_id) == (tmp_path / f"{run_id}.log").read_text(encoding="utf-8")


def test_curl_shows_the_log_in_a_pager(api: Api, tmp_path: Path):
    program("less")
    run_id = api.finished(CODE)

    assert (
        _expected(api, run_id)
        == scripts.output(api.adapt(commands("Command Line")[1], run_id), tmp_path).decode()
    )


def test_python_saves_the_log(api: Api, tmp_path: Path):
    run_id = api.finished(CODE)

    with scripts.python(api.adapt(example("Python", "python"), run_id), tmp_path) as script:
        assert script.wait() == ["Downloaded logs to run_logs.txt"]

    assert _expected(api, run_id) == (tmp_path / "run_logs.txt").read_text(encoding="utf-8")


def test_the_download_has_the_lines_missing_from_the_buffer(api: Api, tmp_path: Path):
    """Missing Logs: the stream begins with the newest 10,000 lines, the download has all."""
    run_id = api.finished(f"for number in range({BUFFER_LINES} + 500): print('line', number)")

    streamed = scripts.output(api.adapt(inline_command("curl -N"), run_id), tmp_path).decode()
    downloaded = scripts.output(
        api.adapt(commands("Command Line")[1].partition(" |")[0], run_id), tmp_path
    ).decode()

    messages = [
        json.loads(line[6:]).get("message")
        for line in streamed.split("\n")
        if line.startswith("data: {") and '"message"' in line
    ]
    assert [f"line {number}" for number in range(500, BUFFER_LINES + 500)] == messages
    assert [f"line {number}" for number in range(BUFFER_LINES + 500)] == re.findall(
        r"line \d+$", downloaded, re.MULTILINE
    )


def _expected(api: Api, run_id: str) -> str:
    """The log as text: ``[timestamp] [LEVEL] [stream] message``, without colours."""
    logs = api.logs(run_id)
    assert [log["message"] for log in logs] == ["one", "WARNING: zwei — 二", "\x1b[31mred\x1b[0m"]
    return (
        "".join(
            f"[{log['timestamp']}] [{log['level']}] [stdout] {log['message']}\n" for log in logs
        )
        .replace("\x1b[31m", "")
        .replace("\x1b[0m", "")
    )
