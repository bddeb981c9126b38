"""The same surroundings for all tests, whatever shell, service or CI runner started them.

What a process inherits besides its arguments: environment, umask, signal dispositions and mask,
limits, standard streams. Only processes that run tests are changed; the controller of a distributed
run keeps the user's own, so that Ctrl+C, ``nohup`` and the colours of the report stay theirs.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.jupyter_process import SHADOW

# Everything else is dropped: a list of what may disturb a test would never be complete.
KEPT = frozenset(
    {
        "ALL_PROXY",
        "CURL_CA_BUNDLE",
        "DEBIAN_FRONTEND",
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LD_LIBRARY_PATH",
        "LOGNAME",
        "NODE_EXTRA_CA_CERTS",
        "NO_PROXY",
        "PATH",
        "PRISMQ_CHROMIUM",
        "PRISMQ_SEED",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TMPDIR",
        "TZ",
        "USER",
        "VIRTUAL_ENV",
        "XDG_CACHE_HOME",
    }
)
KEPT_PREFIXES = (
    "COV",
    "DYLD_",
    "FONTCONFIG_",
    "NIX_",
    "NPM_CONFIG_",
    "PIP_",
    "PLAYWRIGHT_",
    "PRISMQ_TEST_",
    "PYENV_",
    "PYTEST_XDIST_",
    "UV_",
)
LOOPBACK = "127.0.0.1,localhost,::1"
LEAST_FILES, ENOUGH_FILES = 1024, 65536
# Python ignores these itself, and restores them for its children.
_PYTHONS_OWN = {signal.SIGPIPE, getattr(signal, "SIGXFSZ", None)}


def environment(inherited: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """Return the environment for tests.

    Args:
        inherited: the one that the test run was started with.
        scratch: an empty directory, for the settings that programs would look for in the user's
            home.
    """
    env = {
        name: value
        for name, value in inherited.items()
        if name.upper() in KEPT or name.upper().startswith(KEPT_PREFIXES)
    }
    if Path(env.get("VIRTUAL_ENV", sys.prefix)) != Path(sys.prefix):
        del env["VIRTUAL_ENV"]  # of the shell, not of these tests
    # proxies serve downloads; no proxy reaches a test's server
    for name in ("no_proxy", "NO_PROXY"):
        env[name] = ",".join(filter(None, [env.get(name), LOOPBACK]))
    if not os.access(env.get("HOME", ""), os.W_OK | os.X_OK):
        env["HOME"] = str(scratch)
    env.setdefault("PATH", os.defpath)
    env |= {
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "SHELL": "/bin/sh",
        "JUPYTER_CONFIG_DIR": str(scratch / "jupyter-config"),
        "JUPYTER_DATA_DIR": str(scratch / "jupyter-data"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "jupyter-runtime"),
        "IPYTHONDIR": str(scratch / "ipython"),
    }
    return env


def restore_signals() -> None:
    """Give signals their default effect.

    A background job, ``nohup`` and some CI runners ignore them.
    """
    if signal.SIG_IGN in {signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGHUP)}:
        # The user wants the test run to survive the terminal's signals: leave its process group.
        os.setpgid(0, 0)
    for number in signal.valid_signals() - _PYTHONS_OWN:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(
                number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            )
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def raise_file_limit() -> None:
    """Allow as many open files as the hard limit does.

    Raises:
        pytest.UsageError: the hard limit is too low for the tests.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    infinite = resource.RLIM_INFINITY
    most = ENOUGH_FILES if hard == infinite else min(hard, ENOUGH_FILES)
    if most < LEAST_FILES:
        msg = f"the tests need {LEAST_FILES} open files and `ulimit -Hn` allows {hard}: raise it"
        raise pytest.UsageError(msg)
    if soft != infinite and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def open_standard_streams() -> None:
    """Put /dev/null where a standard stream was closed, so that no pipe takes its place."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def runs_tests(config: pytest.Config) -> bool:
    """Whether this process runs tests itself: a worker of pytest-xdist, or ``-n 0``."""
    return hasattr(config, "workerinput") or not config.getoption("numprocesses", None)


@pytest.hookimpl(trylast=True)  # the report has its colours as the user wants them
def pytest_configure(config: pytest.Config) -> None:
    """Change the process before any test is imported."""
    open_standard_streams()
    raise_file_limit()
    if not runs_tests(config):
        for name in [name for name in os.environ if name.startswith(("LC_", "LANG", "PYTHON"))]:
            del os.environ[name]  # a worker's interpreter reads these before any code of ours runs
        os.environ["PYTHONPATH"] = str(SHADOW)  # workers start sooner
        return
    scratch = tempfile.TemporaryDirectory(prefix="prismq-home-", ignore_cleanup_errors=True)
    config.add_cleanup(scratch.cleanup)
    wanted = environment(os.environ, Path(scratch.name))
    os.environ.clear()
    os.environ.update(wanted)
    sys.dont_write_bytecode = False
    time.tzset()
    os.umask(0o022)
    restore_signals()
