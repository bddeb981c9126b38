"""For all tests: no test sees the user's own runs or server, and no run outlives its test. For notebooks under nbval: a real Jupyter server."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # test helpers are imported by name from here

from support.jupyter_process import JupyterProcess
from support.leftovers import kill_all_with

if TYPE_CHECKING:
    from collections.abc import Iterator

# A busy machine is no failure: nothing here depends on the clock on the wall.
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suite")

# Folders and files that take longest, so that no worker ends with one while the others idle.
LONGEST_FIRST = (
    *("browser", "faults", "test_quality", "test_distribution", "suite", "streaming"),
    *("client", "contract", "programs", "notebooks", "notebook", "hub", "test_schemathesis"),
)

pytest_plugins = ["pytest_jupyter.jupyter_server", "support.lost_workers", "support.surroundings"]

# What would lead a test to another server or data directory. What came from outside is gone
# (support/surroundings.py); a test, or the code it tests, may have set it in this process.
_OWN = ("PRISMQ_URL", "PRISMQ_TOKEN", "PRISMQ_CONNECTION_FILE", "PRISMQ_RUN_ID", "PRISMQ_ARTIFACTS_DIR", "JPY_PARENT_PID")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a test may be told."""
    parser.addoption("--whole", action="store_true", help="run what takes long at its full size (100 rounds, 10 GB, ...), not small as by default")
    parser.addoption("--hub", action="store_true", help="run the tests with a real JupyterHub, whose proxy comes from npm")
    parser.addoption("--seed", default=os.environ.get("PRISMQ_SEED"), help="repeat a failed test's random choices; default: $PRISMQ_SEED, or new")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put what takes longest first; tests keep their order in a file. Skip what needs a hub."""
    if not config.getoption("--hub"):
        for item in items:
            if item.get_closest_marker("hub"):
                item.add_marker(pytest.mark.skip(reason="only with --hub"))

    if not config.getoption("--whole"):
        items[:] = [item for item in items if not item.get_closest_marker("whole")]

    def rank(item: pytest.Item) -> int:
        names = {item.path.parent.name, item.path.stem}
        return next((place for place, name in enumerate(LONGEST_FIRST) if name in names), len(LONGEST_FIRST))

    items.sort(key=rank)


@pytest.fixture
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether tests that take long are to run at their full size: ``--whole``."""
    return bool(request.config.getoption("--whole"))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> str:
    """Where a test's random choices come from: ``--seed``, or a new one; a failed test shows it."""
    chosen = str(request.config.getoption("--seed") or random.randrange(1 << 32))
    print(f"--seed={chosen}")
    return chosen


@pytest.fixture(autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory of its own for each test; what still runs there when the test is over is killed."""
    folder = tmp_path_factory.mktemp("data")
    for name in _OWN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRISMQ_DATA_DIR", str(folder))
    yield folder
    kill_all_with("PRISMQ_DATA_DIR", str(folder))


class Notebooks:
    """The server that notebooks find under nbval.

    nbval's items are no functions, so fixtures do not run for them; and they are in another folder, so the hooks of this file do not either, but
    those of a plugin do. The server is started before the kernel of the first notebook, so that a session without notebooks does not pay for it.
    """

    def __init__(self) -> None:
        self._server: JupyterProcess | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Start it, and let the kernel, a child of this process, know where it is."""
        if self._server is None and type(item).__module__.partition(".")[0] == "nbval":
            self._server = JupyterProcess.start()
            os.environ["PRISMQ_DATA_DIR"] = str(self._server.data_dir)
            os.environ["PRISMQ_CONNECTION_FILE"] = str(self._server.connection_file)

    def pytest_sessionfinish(self) -> None:
        """Stop it, and what it left running."""
        if self._server is not None:
            self._server.stop()
            kill_all_with("PRISMQ_DATA_DIR", str(self._server.data_dir))
            self._server.remove()


def pytest_configure(config: pytest.Config) -> None:
    """Make the hooks above count for all items."""
    config.addinivalue_line("markers", "whole: takes long, and is much like others; only with --whole")
    config.addinivalue_line("markers", "lab_is_enough: in Notebook 7 it shows nothing else than in JupyterLab; there only with --whole")
    config.addinivalue_line("markers", "hub: needs a real JupyterHub and its proxy; only with --hub")
    config.pluginmanager.register(Notebooks(), "prismq-notebooks")
