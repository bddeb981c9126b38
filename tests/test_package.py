"""The package root: lazy, light, and true to what it exports."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

import pytest

import prismq_nb

HEAVY = (
    "anywidget",
    "ipywidgets",
    "IPython",
    "jupyter_server",
    "msgspec",
    "psutil",
    "requests",
    "tornado",
    "traitlets",
    "typing",
)


def fresh(code: str) -> str:
    """What `code` prints in a new interpreter without the imports of site-packages."""
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


def test_importing_it_loads_nothing_heavy() -> None:
    """The supervisor imports the package at each launch, and each kernel once."""
    before, after = json.loads(
        fresh(
            "import sys, json; a = list(sys.modules); import prismq_nb; print(json.dumps([a,"
            " list(sys.modules)]))"
        )
    )
    assert {"prismq_nb", "__future__"} >= set(after) - set(before)


def test_importing_it_takes_less_than_3_ms() -> None:
    """Of processor time; the median of several, because a single one may be disturbed."""
    code = "import time; t = time.process_time(); import prismq_nb; print(time.process_time() - t)"
    fresh(code)  # this one compiles
    assert statistics.median(float(fresh(code)) for _ in range(7)) < 0.003


@pytest.mark.slow  # starts IPython several times
def test_importing_it_in_ipython_is_as_light() -> None:
    """It offers the magics there; what does their work is loaded with the first cell that asks."""
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "import json, sys, time\n"
        "shell = InteractiveShell.instance(); before = set(sys.modules); t = time.process_time()\n"
        "import prismq_nb\n"
        "t = time.process_time() - t; loaded = sorted(set(sys.modules) - before)\n"
        "print(json.dumps([t, loaded, 'watch' in shell.magics_manager.magics['cell']]))"
    )
    found = [json.loads(fresh(code)) for _ in range(6)][1:]  # the first one compiles
    assert [True] * 5 == [is_offered for *_, is_offered in found]
    assert [
        "prismq_nb",
        "prismq_nb.notebook",
        "prismq_nb.notebook.cells",
        "prismq_nb.notebook.cells.hooks",
    ] == found[0][1]
    assert statistics.median(seconds for seconds, *_ in found) < 0.003


@pytest.mark.parametrize("name", [*prismq_nb._MODULES, *prismq_nb._HOOKS])
def test_every_lazy_name_resolves(name: str) -> None:
    assert callable(getattr(prismq_nb, name))


@pytest.mark.parametrize("name", ["launch", "runs", "get", "connection"])
def test_starting_runs_loads_no_widgets_and_no_server(name: str) -> None:
    """A script that launches runs is not a notebook."""
    loaded = json.loads(
        fresh(
            f"import sys, json, prismq_nb; prismq_nb.{name}; print(json.dumps(list(sys.modules)))"
        )
    )
    assert not {"anywidget", "ipywidgets", "jupyter_server", "tornado"} & set(loaded)


def test_public_names_are_sorted() -> None:
    """In an order that merges well."""
    assert sorted(prismq_nb.__all__) == prismq_nb.__all__


@pytest.mark.parametrize("name", sorted(set(prismq_nb.__all__) - {"LogViewer"}))
def test_each_public_name_resolves(name: str) -> None:
    """`LogViewer` needs the built front end; tests/notebook covers it."""
    assert getattr(prismq_nb, name) is not None
    assert name in dir(prismq_nb)


def test_private_names_are_not_listed() -> None:
    """Tab completion shows what there is to use."""
    assert dir(prismq_nb) == prismq_nb.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As in any module; `hasattr` and `from prismq_nb import x` rely on it."""
    with pytest.raises(AttributeError, match="no attribute 'launhc'"):
        prismq_nb.launhc  # noqa: B018
