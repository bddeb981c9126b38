"""Conventions of the Python code that no linter knows; CONTRIBUTING.md states them."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PUBLIC = {"prismq_nb", "prismq_nb.errors"}
"""The modules that users import from."""
SOURCES = {
    path: path.read_text()
    for path in sorted((ROOT / "prismq_nb").rglob("*.py"))
    if "node_modules" not in path.parts
}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def exports(source: str) -> bool:
    return any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for node in ast.parse(source).body
    )


def test_public_modules_and_no_others_have_a_list_of_exports():
    assert {module_of(path) for path, source in SOURCES.items() if exports(source)} == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_list_of_exports_is_sorted_and_every_name_exists(name):
    module = importlib.import_module(name)
    assert list(module.__all__) == sorted(set(module.__all__))
    assert [] == [each for each in module.__all__ if not hasattr(module, each)]


def test_constants_are_documented_by_a_string_below_them():
    comment = re.compile(r"^\s*#:", re.MULTILINE)
    assert [] == [path.name for path, source in SOURCES.items() if comment.search(source)]


def test_one_module_defines_what_a_colour_change_is():
    sgr = re.compile(r"\[[0-9\\d;:-]*\][*+{][^\s()]*\)?m\b")
    found = [module_of(path) for path, source in SOURCES.items() if sgr.search(source)]
    assert found == ["prismq_nb.common.base.terminal.sequences"]
