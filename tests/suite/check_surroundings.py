"""The environment of a test. Not collected with the suite: run by test_suite.py."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests
from support.surroundings import LEAST_FILES


def test_signals_have_their_default_effect():
    ignored = {n for n in signal.valid_signals() if signal.getsignal(n) == signal.SIG_IGN}
    assert ignored == {signal.SIGPIPE, signal.SIGXFSZ}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


def test_children_inherit_default_signals():
    code = (
        "import signal; print([n for n in range(1, 32) if signal.getsignal(n) == signal.SIG_IGN])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == f"[{int(signal.SIGPIPE)}, {int(signal.SIGXFSZ)}]\n"


def test_file_limits_and_umask_are_as_usual(tmp_path):
    (tmp_path / "file").touch()
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= LEAST_FILES


def test_standard_streams_are_open():
    for descriptor in range(3):
        os.fstat(descriptor)


def test_environment_holds_nothing_of_the_shells():
    left = {
        name
        for name in os.environ
        if name.startswith(("PYTHON", "JUPYTER", "JPY", "PRISMQ", "LC_"))
    }
    assert left <= {
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "PRISMQ_DATA_DIR",
    }
    assert (
        not {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "BASH_ENV", "NODE_ENV", "PYTEST_ADDOPTS"}
        & os.environ.keys()
    )
    assert Path(os.environ["HOME"]).is_dir()
    assert not (Path(os.environ["JUPYTER_CONFIG_DIR"]) / "jupyter_server_config.py").exists()
    assert not sys.dont_write_bytecode


def test_text_is_utf_8():
    code = "import sys; print(sys.getfilesystemencoding(), sys.stdout.encoding)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "utf-8 utf-8\n"


def test_proxies_are_for_downloads_only():
    assert requests.utils.get_environ_proxies("http://127.0.0.1:8888/api") == {}
    assert requests.utils.get_environ_proxies("http://localhost:8888/api") == {}


def test_the_time_zone_is_the_named_one():
    assert time.strftime("%z") == subprocess.check_output(["date", "+%z"], text=True).strip()
