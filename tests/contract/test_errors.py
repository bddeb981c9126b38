"""Error Handling: `get_logs_safe` of the document.

With a run, without one, and with a server that does not respond.
"""

from __future__ import annotations

import ast
import socket
from pathlib import Path

from contract import scripts
from contract.api import Api
from contract.examples import adapt, example

SOURCE = example("4. Error Handling", "python")


def test_it_gives_the_logs_of_a_run(api: Api, tmp_path: Path):
    run_id = api.finished("print('one'); print('two')")

    with scripts.python(_call(api.adapt(SOURCE, run_id), run_id), tmp_path) as script:
        (printed,) = script.wait()

    page = ast.literal_eval(printed)
    assert (run_id, ["one", "two"]) == (page["run_id"], [log["message"] for log in page["logs"]])


def test_an_unknown_run_is_not_found(api: Api, tmp_path: Path):
    with scripts.python(
        _call(api.adapt(SOURCE, "-"), "run_20251031_120000_youtube_abc123"), tmp_path
    ) as script:
        assert script.wait() == ["Run not found", "None"]


def test_a_server_that_does_not_respond_is_given_up(tmp_path: Path):
    """It accepts and then says nothing; the example waits for its 10 s."""
    with socket.create_server(("127.0.0.1", 0)) as stalled:
        url = f"http://127.0.0.1:{stalled.getsockname()[1]}"
        with scripts.python(_call(adapt(SOURCE, url), "run_1"), tmp_path) as script:
            assert script.wait() == ["Request timed out", "None"]


def _call(source: str, run_id: str) -> str:
    """The example defines a function and does not call it."""
    return f"{source}\nprint(get_logs_safe({run_id!r}))\n"
