"""The house stands as DESIGN section 5 draws it: nothing imports upward, and the two wings meet on the ground floor only."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "prismq_nb"

GROUND = {"models", "log_models", "errors", "environment", "plain_text", "query_text", "regular_files", "run_words", "spelling"}
# Room -> the rooms below it that it may know.
FLOORS = {
    "log_models": set(),
    "models": set(),
    "errors": set(),
    "environment": set(),
    "plain_text": set(),
    "query_text": set(),
    "regular_files": set(),
    "run_words": {"models", "plain_text"},
    "spelling": set(),
    "journal": {"regular_files"},
    "capture": {"journal", "regular_files"},
    "engine": {"journal", "capture", *GROUND},
    "server": {"engine", "journal", *GROUND},
    "client": GROUND,
    "notebook": {"client", *GROUND},
}
# The one arrow between the wings: kernels without a server, nested launches, the CLI. Lazy, so the client stays light.
ARROWS = {("client/local.py", "engine")}
# The supervisor runs without site-packages; what it may have from there is loaded by `capture/libraries.py`.
STANDARD_LIBRARY_ONLY = {
    "journal": {"re2"},
    "capture": {"psutil"},
    "environment": set(),
    "errors": set(),
    "plain_text": set(),
    "regular_files": set(),
}
LAZY_ROOT = {"tornado", "ipywidgets", "anywidget", "requests", "psutil", "msgspec", "re2", "traitlets", "jupyter_server"}

FILES = sorted(path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts)


def room(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports(path: Path) -> list[tuple[str, bool]]:
    """(dotted name, whether it is imported when the module is) of every import outside of TYPE_CHECKING blocks."""
    found: list[tuple[str, bool]] = []

    def visit(node: ast.AST, top: bool) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            found.extend((alias.name, top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.extend((f"{node.module}.{alias.name}", top) for alias in node.names)
        inside = top and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(path.read_text()), top=True)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_imports_upward(path):
    here = room(path)
    if here == "__init__":
        return  # the root only names what is elsewhere, lazily
    for name, _ in imports(path):
        parts = name.split(".")
        if parts[0] == "prismq_nb" and len(parts) > 1 and parts[1] != here:
            arrow = (path.relative_to(PACKAGE).as_posix(), parts[1])
            root_name = not (PACKAGE / parts[1]).exists() and not (PACKAGE / f"{parts[1]}.py").exists()
            assert root_name or parts[1] in FLOORS[here] or arrow in ARROWS, f"{path}: imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_lower_floors_need_the_standard_library_only(path):
    if room(path) not in STANDARD_LIBRARY_ONLY:
        return
    allowed = {*sys.stdlib_module_names, "prismq_nb", *STANDARD_LIBRARY_ONLY[room(path)]}
    assert {name.split(".")[0] for name, _ in imports(path)} - allowed == set()


def test_the_root_imports_nothing_heavy():
    assert {name.split(".")[0] for name, top in imports(PACKAGE / "__init__.py") if top} <= {"__future__"}


@pytest.mark.parametrize("path", sorted((PACKAGE / "client").glob("*.py")), ids=lambda path: path.name)
def test_the_arrow_to_the_engine_is_lazy(path):
    assert "prismq_nb.client.local" not in {name.rpartition(".")[0] for name, top in imports(path) if top}


def test_every_room_has_a_floor():
    rooms = {room(path) for path in FILES} - {"__init__"}
    assert rooms <= FLOORS.keys()
