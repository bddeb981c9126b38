"""Lint, types and the front end's own tests, so that one command checks everything."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.programs import node_environment

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "prismq_nb" / "static"
FRONTEND = ROOT / "prismq_nb" / "frontend"


def run(*command: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff(arguments):
    run(sys.executable, "-m", "ruff", *arguments, ".")


def test_spelling():
    run(sys.executable, "-m", "codespell_lib", ".")


@pytest.mark.timeout(300)
@pytest.mark.slow
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
@pytest.mark.parametrize("script", ["lint", "typecheck", "test"])
@pytest.mark.slow
def test_front_end(npm, script):
    path, env = npm
    run(path, "run", "--silent", script, cwd=FRONTEND, env=env)


@pytest.mark.slow
def test_what_is_served_is_what_the_sources_make(npm, tmp_path):
    path, env = npm
    run(path, "run", "--silent", "build", "--", str(tmp_path), cwd=FRONTEND, env=env)
    made = {file.relative_to(tmp_path): file for file in tmp_path.rglob("*") if file.is_file()}
    served = {file.relative_to(STATIC): file for file in STATIC.rglob("*") if file.is_file()}
    assert made.keys() == served.keys()
    assert [] == [
        name for name, file in made.items() if file.read_bytes() != served[name].read_bytes()
    ]


@pytest.mark.slow
def test_the_benchmark_of_hostile_text_finds_the_functions_of_the_viewer(npm, tmp_path):
    _, env = npm
    texts = tmp_path / "texts.json"
    texts.write_text(json.dumps(["\x1b[31mlevel=info", '{"level": "info"}']))
    script = ROOT / "tests" / "benchmarks" / "hostile_viewer.mjs"
    node = shutil.which("node", path=env["PATH"])
    done = subprocess.run(
        [node, script, texts], env=env, capture_output=True, text=True, check=False
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert ("", 5, True) == (done.stderr, len(rows), all(row["us per kB"] > 0 for row in rows))


def test_no_line_of_the_front_end_is_longer_than_100_columns():
    """Biome's formatter breaks neither strings nor comments."""
    long = [
        f"{path.relative_to(FRONTEND)}:{number}"
        for folder in (FRONTEND / "src", FRONTEND / "tests")
        for path in sorted([*folder.rglob("*.ts"), *folder.rglob("*.css")])
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 100
    ]
    assert [] == long
