"""Kernels of other front ends: they execute a cell, and then only listen.

VS Code, Colab, consoles and kernel gateways show updates of a display; Voila shows widgets only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel
from support.waiting import WAIT_SECONDS

from prismq_nb.notebook.runs import MIME_TYPE as RUNS_TYPE
from prismq_nb.notebook.saved import MIME_TYPE

pytestmark = pytest.mark.slow  # real kernels

WIDGET = "application/vnd.jupyter.widget-view+json"

WAITS = """
import pathlib, time
print('<b>first</b>', flush=True)
while not pathlib.Path('go').exists(): time.sleep(0.01)
print('the end')
"""
LAUNCH = f"import prismq_nb\nrun = prismq_nb.launch(code={WAITS!r}, name='train')\n"


class Kernel:
    """A kernel without a Jupyter session, and all of its messages."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._said: list[dict[str, Any]] = []

    def execute(self, code: str) -> None:
        """Execute a cell that may ask for input, like one with a person in front."""
        self._client.execute(code, allow_stdin=True)

    def until(self, found: Callable[[dict[str, Any]], Any]) -> Any:
        """Return the first thing that `found` finds in past or future messages."""
        for message in self._said:
            if result := found(message):
                return result
        while True:
            message = self._client.get_iopub_msg(timeout=WAIT_SECONDS)
            assert message["msg_type"] != "error", "\n".join(message["content"]["traceback"])
            self._said.append(message)
            if result := found(message):
                return result


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    started = []

    def start(**variables: str) -> Kernel:
        env = {name: value for name, value in os.environ.items() if name != "JPY_SESSION_NAME"}
        manager, client = start_new_kernel(cwd=str(tmp_path), env={**env, **variables})
        started.append((manager, client))
        return Kernel(client)

    yield start
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def bundle(message: dict[str, Any]) -> dict[str, Any]:
    return dict(message["content"].get("data", {}))


def plain(message: dict[str, Any]) -> str:
    return str(bundle(message).get("text/plain", ""))


def widget_text(message: dict[str, Any]) -> str:
    """What a widget shows from now on."""
    data = message["content"].get("data", {}) if message["msg_type"].startswith("comm_") else {}
    return str(data.get("state", {}).get("value", ""))


def test_the_output_follows_the_run_to_its_end_though_nothing_is_executed(start, tmp_path):
    kernel = start()
    kernel.execute(f"{LAUNCH}run")
    shown = kernel.until(lambda message: message if MIME_TYPE in bundle(message) else None)
    assert shown["msg_type"] == "display_data"
    kernel.until(lambda message: "<b>first</b>" in plain(message))
    (tmp_path / "go").touch()
    last = kernel.until(lambda m: m if bundle(m).get(MIME_TYPE, {}).get("final") else None)
    assert last["msg_type"] == "update_display_data"
    assert last["content"]["transient"] == shown["content"]["transient"]
    assert last["parent_header"]["msg_id"] == shown["parent_header"]["msg_id"]
    assert plain(last).startswith("train: completed (exit code 0)\n")
    assert plain(last).endswith("Z INFO     the end")


@pytest.mark.parametrize("shown", ["run", "prismq_nb.LogViewer(run)"])
def test_only_voila_shows_live_lines_without_the_viewer_and_says_why(start, tmp_path, shown):
    kernel = start(VOILA_REQUEST_URL="http://localhost:8866/")
    kernel.execute(LAUNCH + shown)
    kernel.until(lambda message: "Standalone Voila shows the newest lines" in widget_text(message))
    data = kernel.until(lambda message: bundle(message) if WIDGET in bundle(message) else None)
    assert MIME_TYPE not in data  # its viewer could not be loaded
    kernel.until(lambda message: "&lt;b&gt;first" in widget_text(message))
    (tmp_path / "go").touch()
    kernel.until(lambda message: "Z INFO     the end</pre>" in widget_text(message))


def test_only_voila_shows_a_table_of_runs_as_it_is(start):
    kernel = start(VOILA_REQUEST_URL="http://localhost:8866/")
    kernel.execute("import prismq_nb\nprismq_nb.runs()")
    data = kernel.until(lambda message: bundle(message) if plain(message) else None)
    assert RUNS_TYPE not in data
    assert "text/html" in data
