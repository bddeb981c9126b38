"""A lost worker ends the run.

What it left behind is killed, so that nothing holds the output open.
"""

from __future__ import annotations

from typing import Any

import pytest

from support.leftovers import kill_all_with


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Kill the servers and browsers of a worker that died (in the controller of pytest-xdist)."""
    if error:
        kill_all_with(
            "PYTEST_XDIST_WORKER",
            node.gateway.id,
            PYTEST_XDIST_TESTRUNUID=node.workerinput["testrunuid"],
        )
