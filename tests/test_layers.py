"""Nothing imports upward or in a circle: the layers of ARCHITECTURE.md, in both languages."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent / "prismq_nb"
FRONT_END = ROOT / "frontend" / "src"

# What a package may import besides itself. A name with a dot is a sub-package, and everything below
# it.
MAY_IMPORT = {
    "errors": set(),
    "common": {"errors"},
    "journal": {"common.base"},
    "capture": {"common.base", "journal"},
    "cell": {"capture", "common", "errors", "journal"},
    "engine": {"capture", "common", "errors", "journal"},
    "server": {"common", "engine", "errors", "journal"},
    "client": {"common", "errors"},
    "notebook": {"cell", "client", "common", "errors"},
}
# The sub-packages of each, lowest first; "" stands for modules directly in the package.
ORDER = {
    "common": ["base.terminal", "base", ""],
    "journal": ["layout", "levels.grammar", "levels.formats", "levels", "search", ""],
    "capture": ["base", "processes", "masking", "monitor", "pipes", "", "cells"],
    "cell": [""],
    "engine": ["files", "read", "health", "store", "launch", "", "live", "notices"],
    "server": ["http", "handlers", ""],
    "client": ["base", "http", "run", "", "launch"],
    "notebook": ["", "cells"],
}
# Where there is no server: kernels outside of Jupyter, runs that start runs. Lazy.
EXCEPTIONS = {
    "client.local": {"engine", "journal", "capture"},
    # the output of this very process
    "client.watch": {"cell", "capture"},
}
FRONT_END_ORDER = [
    "base", "ui", "text", "folding", "api", "stream", "timeline", "selection", "list", "search",
    "toolbar", "viewer", "runs", "all-runs", "cells", "notices", "lab", "entry",
]  # fmt: skip
# The supervisor runs without site-packages; what it may have from there is imported by
# `capture/base/libraries.py`.
STANDARD_LIBRARY_AND = {"common.base": set(), "journal": {"re2"}, "capture": {"psutil"}}
HEAVY = {
    "tornado", "ipywidgets", "anywidget", "requests", "psutil", "msgspec", "re2", "traitlets",
    "jupyter_server",
}  # fmt: skip


def name_of(path: Path) -> str:
    """A module's name below `prismq_nb`; for a package's ``__init__`` with that name at its end."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


MODULES = {
    name_of(path): ast.parse(path.read_text())
    for path in sorted(ROOT.rglob("*.py"))
    if "node_modules" not in path.parts
}


def imports(tree: ast.AST) -> Iterator[tuple[str, bool, bool]]:
    """(dotted name, whether for types only, whether loaded with the module) of each import."""

    def visit(node: ast.AST, types: bool, top: bool) -> Iterator[tuple[str, bool, bool]]:
        types |= isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        top &= not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if isinstance(node, ast.Import):
            yield from ((alias.name, types, top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", types, top) for alias in node.names)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, types, top)

    return visit(tree, types=False, top=True)


def target(name: str) -> str | None:
    """The module below `prismq_nb` that a dotted name stands in; None: of another project."""
    head, _, rest = name.partition(".")
    if head != "prismq_nb":
        return None
    while rest and rest not in MODULES and f"{rest}.__init__" not in MODULES:
        rest = rest.rpartition(".")[0]
    return rest if rest in MODULES else f"{rest}.__init__".lstrip(".")


def place(module: str) -> tuple[str, str]:
    """Package and sub-package of a module."""
    package, *rest = module.split(".")
    return (package, ".".join(rest[:-1])) if package in ORDER else (package, "")


def is_below(module: str, packages: set[str]) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def mistakes() -> Iterator[str]:
    for module, tree in MODULES.items():
        package, part = place(module)
        if module == "__init__":
            continue  # it names what is elsewhere, lazily
        for name, _, _ in imports(tree):
            found = target(name)
            if found is None or found == "__init__":
                continue
            other, other_part = place(found)
            if other != package:
                allowed = MAY_IMPORT[package] | EXCEPTIONS.get(module, set())
                if not is_below(found, allowed):
                    yield f"{module} imports {found}; {package} may import {sorted(allowed)}"
            elif package in ORDER:
                order = ORDER[package]
                if order.index(other_part) > order.index(part):
                    yield f"{module} imports {found}; order in {package}: {order}"


def test_no_package_imports_one_above_it():
    """Imports for types count, too."""
    assert [] == list(mistakes())


def test_no_modules_import_each_other_in_a_circle():
    graph = {
        module: {found for name, _, _ in imports(tree) if (found := target(name)) is not None}
        for module, tree in MODULES.items()
        if module != "__init__"
    }
    assert circle(graph) is None


def circle(graph: Mapping[str, set[str]]) -> list[str] | None:
    try:
        TopologicalSorter({name: found - {name} for name, found in graph.items()}).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def test_the_imports_of_the_supervisor_need_the_standard_library_only():
    foreign = {
        f"{module}: {name}"
        for module, tree in MODULES.items()
        for name, types, _ in imports(tree)
        for package, allowed in STANDARD_LIBRARY_AND.items()
        if is_below(module, {package}) and not types
        if name.split(".")[0] not in {*sys.stdlib_module_names, "prismq_nb", *allowed}
    }
    assert set() == foreign


def test_the_root_imports_nothing_heavy():
    assert {name for name, types, top in imports(MODULES["__init__"]) if top and not types} <= {
        "__future__.annotations"
    }


def test_the_client_loads_the_engine_only_when_needed():
    loads = [
        module
        for module, tree in MODULES.items()
        for name, types, top in imports(tree)
        if module.startswith("client.") and top and not types and target(name) == "client.local"
    ]
    assert [] == loads


SPECIFIER = re.compile(r'(?:from|import\()\s*"(\.[^"]*)\.js"')


def front_end() -> dict[str, set[str]]:
    """What each module of the front end imports, as paths below `src` without their ending."""
    graph = {}
    for path in sorted(FRONT_END.rglob("*.ts")):
        found = {
            (path.parent / specifier).resolve().relative_to(FRONT_END.resolve()).as_posix()
            for specifier in SPECIFIER.findall(path.read_text())
        }
        graph[path.relative_to(FRONT_END).with_suffix("").as_posix()] = found
    return graph


def test_no_folder_of_the_front_end_imports_one_above_it():
    """Imports for types count, too."""
    order = FRONT_END_ORDER.index
    upward = [
        f"{module} imports {found}"
        for module, imported in front_end().items()
        for found in sorted(imported)
        if order(found.split("/")[0]) > order(module.split("/")[0])
    ]
    assert [] == upward


def test_no_modules_of_the_front_end_import_each_other_in_a_circle():
    graph = front_end()
    assert set().union(*graph.values()) <= graph.keys()
    assert circle(graph) is None
