"""What is in the wheel and in the sdist: the front end is built, and no source of it is where only its result should be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from jupyter_core.paths import jupyter_path

from prismq_nb import __version__

ROOT = Path(__file__).parent.parent
STATIC = {"viewer.js", "viewer.css", "page.js", "widget.js"}
SHARED = "data/share/jupyter/labextensions/prismq-nb/"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and an sdist, built by the tools of the test extra, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> dict[str, bytes]:
    """Files of the wheel; shared data without the part that names the version."""
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        return {re.sub(r"^[^/]*\.data/", "", name): archive.read(name) for name in archive.namelist()}


def test_the_wheel_has_the_front_end_built_and_no_source_of_it(wheel):
    assert STATIC == {PurePosixPath(name).name for name in wheel if name.startswith("prismq_nb/static/")}
    assert not [name for name in wheel if name.endswith((".ts", ".mjs")) or "node_modules" in name]


def test_the_wheel_installs_the_extension_of_the_server_and_of_jupyterlab(wheel):
    assert "data/etc/jupyter/jupyter_server_config.d/prismq_nb.json" in wheel
    manifest = json.loads(wheel[f"{SHARED}package.json"])
    assert ("prismq-nb", __version__, "./mimeExtension") == (manifest["name"], manifest["version"], manifest["jupyterlab"]["_build"]["mimeExtension"])
    assert {f"{SHARED}package.json", SHARED + manifest["jupyterlab"]["_build"]["load"]} == {name for name in wheel if name.startswith(SHARED)}


def test_the_sdist_has_the_front_end_built_so_that_it_needs_no_node(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"prismq_nb/static/{name}" for name in STATIC} <= names
    assert "prismq_nb/static/labextensions/prismq-nb/package.json" in names
    assert "prismq_nb/frontend/src/viewer/viewer.ts" in names
    assert not [name for name in names if "node_modules" in name or name.startswith("tests/")]


def test_this_installation_has_the_extension_where_jupyterlab_looks_for_it():
    """An editable one too."""
    found = [Path(folder) / "prismq-nb" / "package.json" for folder in jupyter_path("labextensions")]
    manifest = next((path for path in found if path.is_file()), None)
    assert manifest, f"none of {', '.join(map(str, found))} is there: install the checkout again (pip install -e .)"
    assert (manifest.parent / json.loads(manifest.read_text())["jupyterlab"]["_build"]["load"]).is_file()
