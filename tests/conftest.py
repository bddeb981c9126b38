"""For all tests: no test sees the user's own runs or server, and no run outlives its test.

For notebooks under nbval: a real Jupyter server.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import random
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that tests import their helpers by name

from support.jupyter_process import JupyterProcess
from support.leftovers import kill_all_with

if TYPE_CHECKING:
    from collections.abc import Iterator

# A busy machine is no failure: nothing here depends on the wall clock.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")
hypothesis.settings.register_profile("fast", max_examples=20)  # of 100; see `support.random_cases`

# Folders and files that take longest, so that no worker ends with one while the others idle.
LONGEST_FIRST = (
    *("browser", "faults", "test_quality", "test_distribution", "suite", "streaming"),
    *("client", "contract", "programs", "notebooks", "notebook", "hub", "test_schemathesis"),
)

# Whole folders that `pytest -m "not slow"` leaves out: their tests drive real servers, browsers and
# programs. Elsewhere a file or test that takes more than about a second has `pytest.mark.slow`.
SLOW_FOLDERS = frozenset(
    {"browser", "contract", "faults", "hub", "notebooks", "programs", "streaming", "suite"}
)
SLOW_FILE = re.compile(r"^pytestmark = .*\bpytest\.mark\.slow\b", re.MULTILINE)

# The tests of a wheel are run beside no sources (.ci/run --wheel).
_ABOUT_SOURCES = [
    *("test_conventions.py", "test_distribution.py", "test_documents.py", "test_layers.py"),
    "test_quality.py",
]
collect_ignore = (
    [] if Path(__file__).parents[1].joinpath("prismq_nb/__init__.py").is_file() else _ABOUT_SOURCES
)

pytest_plugins = ["pytest_jupyter.jupyter_server", "support.lost_workers", "support.surroundings"]

# Variables that would lead a test to another server or data directory. Those from outside are gone
# (support/surroundings.py); a test, or the code it tests, may have set one in this process.
_OWN = (
    "PRISMQ_URL",
    "PRISMQ_TOKEN",
    "PRISMQ_CONNECTION_FILE",
    "PRISMQ_RUN_ID",
    "PRISMQ_ARTIFACTS_DIR",
    "JPY_PARENT_PID",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the tests."""
    parser.addoption(
        "--whole",
        action="store_true",
        help=(
            "run what takes long at its full size (100 rounds, 10 GB, ...), not small as by default"
        ),
    )
    parser.addoption(
        "--hub",
        action="store_true",
        help="run the tests with a real JupyterHub, whose proxy comes from npm",
    )
    parser.addoption(
        "--seed",
        default=os.environ.get("PRISMQ_SEED"),
        help="repeat a failed test's random choices; default: $PRISMQ_SEED, or new",
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import slow folders and files for ``-m "not slow"``: collection is quicker."""
    if config.option.markexpr != "not slow":
        return None
    if collection_path.name in SLOW_FOLDERS:
        return True
    is_test = collection_path.match("test_*.py")
    return True if is_test and SLOW_FILE.search(collection_path.read_text("utf-8")) else None


@pytest.hookimpl(tryfirst=True)  # before tests are deselected by their marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark slow folders, skip what needs a hub, and put what takes longest first.

    Tests keep their order in a file.
    """
    for item in items:
        if item.path.parent.name in SLOW_FOLDERS:
            item.add_marker("slow")

    if not config.getoption("--hub"):
        for item in items:
            if item.get_closest_marker("hub"):
                item.add_marker(pytest.mark.skip(reason="only with --hub"))

    if not config.getoption("--whole"):
        items[:] = [item for item in items if not item.get_closest_marker("whole")]

    def rank(item: pytest.Item) -> int:
        names = {item.path.parent.name, item.path.stem}
        return next(
            (place for place, name in enumerate(LONGEST_FIRST) if name in names), len(LONGEST_FIRST)
        )

    items.sort(key=rank)


@pytest.fixture
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether tests that take long run at their full size: ``--whole``."""
    return bool(request.config.getoption("--whole"))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> str:
    """The seed of a test's random choices: ``--seed``, or a new one; a failed test shows it."""
    chosen = str(request.config.getoption("--seed") or random.randrange(1 << 32))
    print(f"--seed={chosen}")
    return chosen


def _runs_in_the_loop(request: pytest.FixtureRequest) -> bool:
    return "jp_serverapp" in request.fixturenames or inspect.iscoroutinefunction(request.function)


@pytest.fixture(autouse=True)
def jp_asyncio_loop(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoop | None:
    """The event loop of a test that needs one.

    pytest-jupyter makes one for every test, which takes longer than most of them, and which it
    could not close where Playwright's loop is the one that runs.
    """
    return request.getfixturevalue("jp_asyncio_loop") if _runs_in_the_loop(request) else None


@pytest.fixture(autouse=True)
def jp_server_cleanup(request: pytest.FixtureRequest) -> None:
    """Stop the Jupyter server in this process, if the test has one; see above."""
    if _runs_in_the_loop(request):
        request.getfixturevalue("jp_server_cleanup")


@pytest.fixture(autouse=True)
def data_dir(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A data directory for each test; what still runs there at its end is killed."""
    folder = tmp_path_factory.mktemp("data")
    for name in _OWN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRISMQ_DATA_DIR", str(folder))
    yield folder
    if journals := sys.modules.get("support.journals"):
        journals.to_close.close()
    # a run has a directory there, unless a test removed all of it
    if not folder.is_dir() or any(folder.iterdir()):
        kill_all_with("PRISMQ_DATA_DIR", str(folder))


class Notebooks:
    """The server that notebooks find under nbval.

    nbval's items are no functions, so fixtures do not run for them; and they are in another folder,
    so neither do the hooks of this file, but those of a plugin do. The server is started before the
    kernel of the first notebook, so that a session without notebooks does not pay for it.
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
    """Register the hooks above for all items, and the markers."""
    config.addinivalue_line(
        "markers", 'slow: takes more than about a second; left out by -m "not slow"'
    )
    config.addinivalue_line(
        "markers", "whole: takes long, and is much like others; only with --whole"
    )
    config.addinivalue_line(
        "markers",
        "lab_is_enough: in Notebook 7 it shows nothing else than in JupyterLab; there only with"
        " --whole",
    )
    config.addinivalue_line(
        "markers", "own_tab: does something to its tab that a later test in it would notice"
    )
    config.addinivalue_line(
        "markers", "hub: needs a real JupyterHub and its proxy; only with --hub"
    )
    config.pluginmanager.register(Notebooks(), "prismq-notebooks")
    if config.option.markexpr == "not slow":
        hypothesis.settings.load_profile("fast")
