"""Lint, types and the front end's own tests, so that one command checks everything."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.programs import node_environment

ROOT = Path(__file__).parent.parent
FRONTEND = ROOT / "prismq_nb" / "frontend"


def run(*command: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff(arguments):
    run(sys.executable, "-m", "ruff", *arguments, ".")


@pytest.mark.timeout(300)
def test_types():
    run(sys.executable, "-m", "mypy")


@pytest.fixture(scope="module")
def npm() -> tuple[str, dict[str, str]]:
    """npm, with the front end's packages installed."""
    env = node_environment()
    path = shutil.which("npm", path=env["PATH"])
    assert path
    if not (FRONTEND / "node_modules" / "vitest").is_dir():
        run(path, "ci", cwd=FRONTEND, env=env)
    return path, env


@pytest.mark.timeout(300)
@pytest.mark.parametrize("script", ["typecheck", "test", "build"])
def test_front_end(npm, script):
    path, env = npm
    run(path, "run", "--silent", script, cwd=FRONTEND, env=env)
