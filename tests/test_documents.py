"""The documents of the repository name what exists: files, routes, options and terms."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "prismq_nb"
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
# Folders that a document's paths may be relative to.
FOLDERS = {
    "ARCHITECTURE.md": [ROOT, PACKAGE, PACKAGE / "frontend" / "src"],
    "CONTRIBUTING.md": [ROOT, PACKAGE, PACKAGE / "frontend", PACKAGE / "frontend" / "src"],
}
# Files that exist in a run directory, a data directory, or a build only.
SUFFIXES = r"py|ts|tsx|md|mjs|yaml|yml|toml|txt|css|ipynb|json"
PATH = re.compile(rf"`((?:[\w.-]+/)*[\w.-]+(?:\.(?:{SUFFIXES})|/))`")
IDENTIFIER = re.compile(r"`@?(_?[A-Za-z]\w*[A-Z_]\w*[A-Za-z0-9])(?:\(\))?`")
SOURCES = {".py", ".ts", ".tsx", ".mjs", ".yaml", ".toml"}
GENERATED = {".git", ".venv", "node_modules", "static", "__pycache__", "dist"}
MADE_AT_RUN_TIME = {
    "launch.json", "run.json", "control.json", "runs/", "connections/", "code/", "artifacts/",
    "prismq_nb/static/", "widget.js", "viewer.js", "notice.json", "notify.json",
}  # fmt: skip


def paths(document: str) -> list[str]:
    """Every path in backticks, in or out of tables."""
    return [path for path in PATH.findall((ROOT / document).read_text()) if path]


def files() -> Iterator[Path]:
    """Every file of the checkout that somebody wrote."""
    for folder, names, found in os.walk(ROOT):
        names[:] = [name for name in names if name not in GENERATED]
        yield from (Path(folder, name) for name in found)


FILES = list(files())
NAMES = {part for path in FILES for part in path.relative_to(ROOT).parts}


def exists(path: str, folders: list[Path]) -> bool:
    """Whether a path is below one of the folders; a bare file name may be anywhere."""
    if any((folder / path).exists() for folder in folders):
        return True
    return "/" not in path.rstrip("/") and path.rstrip("/") in NAMES


@pytest.mark.parametrize("document", FOLDERS)
def test_every_path_in_a_document_exists(document: str) -> None:
    named = set(paths(document)) - MADE_AT_RUN_TIME
    assert len(named) > 20
    assert [] == sorted(path for path in named if not exists(path, FOLDERS[document]))


@pytest.mark.parametrize("document", FOLDERS)
def test_every_name_in_a_document_is_in_the_source(document: str) -> None:
    """Identifiers in backticks: classes, functions, constants and fixtures of any language."""
    named = set(IDENTIFIER.findall((ROOT / document).read_text()))
    assert len(named) > 10
    words = {
        word
        for path in FILES
        if path.suffix in SOURCES
        for word in re.findall(r"\w+", path.read_text(errors="replace"))
    }
    assert set() == named - words


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(document: str) -> None:
    text = (ROOT / document).read_text()
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    missing = [
        link
        for link in links
        if not link.startswith("http")
        and (link[1:] not in headings if link[0] == "#" else not (ROOT / link).exists())
    ]
    assert [] == missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_prose_has_at_most_100_columns(document: str) -> None:
    """Tables, images, links and commands that are pasted as one line may be longer."""
    lines = (ROOT / document).read_text().splitlines()
    free = ("|", "![", "python3 -m venv")
    assert [] == [line for line in lines if len(line) > 100 and not line.startswith(free)]


def test_the_readme_lists_every_benchmark_that_measures_a_figure() -> None:
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"tests/benchmarks/(\w+\.py)", text))
    assert named
    assert {name for name in named if not (ROOT / "tests" / "benchmarks" / name).exists()} == set()
