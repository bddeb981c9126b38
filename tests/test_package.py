"""The package root: lazy, light, and true to what it says it has."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

import pytest

import prismq_nb

HEAVY = ("anywidget", "ipywidgets", "IPython", "jupyter_server", "msgspec", "psutil", "requests", "tornado", "traitlets", "typing")


def fresh(code: str) -> str:
    """What `code` prints in a new interpreter without site packages' own imports in the way."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_importing_it_loads_nothing_heavy() -> None:
    """The supervisor imports the package at each launch, and each kernel once."""
    before, after = json.loads(fresh("import sys, json; a = list(sys.modules); import prismq_nb; print(json.dumps([a, list(sys.modules)]))"))
    assert {"prismq_nb", "__future__"} >= set(after) - set(before)


def test_importing_it_takes_less_than_3_ms() -> None:
    """Of processor; median of several, because a single one may be disturbed."""
    code = "import time; t = time.process_time(); import prismq_nb; print(time.process_time() - t)"
    fresh(code)  # compiles
    assert statistics.median(float(fresh(code)) for _ in range(7)) < 0.003


@pytest.mark.parametrize("name", ["launch", "runs", "get", "connection"])
def test_starting_runs_loads_no_widgets_and_no_server(name: str) -> None:
    """A script that launches runs is no notebook."""
    loaded = json.loads(fresh(f"import sys, json, prismq_nb; prismq_nb.{name}; print(json.dumps(list(sys.modules)))"))
    assert not {"anywidget", "ipywidgets", "jupyter_server", "tornado"} & set(loaded)


def test_public_names_are_sorted() -> None:
    """One place to look, in an order that merges well."""
    assert sorted(prismq_nb.__all__) == prismq_nb.__all__


@pytest.mark.parametrize("name", sorted(set(prismq_nb.__all__) - {"LogViewer"}))
def test_each_public_name_resolves(name: str) -> None:
    """`LogViewer` needs the built front end; tests/notebook has it."""
    assert getattr(prismq_nb, name) is not None
    assert name in dir(prismq_nb)


def test_what_is_not_public_is_not_listed() -> None:
    """Tab completion shows what there is to use."""
    assert dir(prismq_nb) == prismq_nb.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As in any module; `hasattr` and `from prismq_nb import x` rely on it."""
    with pytest.raises(AttributeError, match="no attribute 'launhc'"):
        prismq_nb.launhc  # noqa: B018
