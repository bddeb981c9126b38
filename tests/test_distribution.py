"""The content of the wheel and the sdist: the front end is built, and its sources are left out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from jupyter_core.paths import jupyter_path

from prismq_nb import __version__

pytestmark = pytest.mark.slow  # builds the packages

ROOT = Path(__file__).parent.parent
STATIC = {"viewer.js", "viewer.css", "runs.js", "page.js", "widget.js"}
SHARED = "data/share/jupyter/labextensions/prismq-nb/"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and an sdist, built by the tools of the test extra without a
    network.
    """
    folder = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "sdist",
        "-t",
        "wheel",
        "-d",
        str(folder),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> dict[str, bytes]:
    """Files of the wheel; shared data without the part that names the version."""
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        return {
            re.sub(r"^[^/]*\.data/", "", name): archive.read(name) for name in archive.namelist()
        }


def test_the_wheel_has_the_built_front_end_and_no_source_of_it(wheel):
    assert STATIC == {
        PurePosixPath(name).name for name in wheel if name.startswith("prismq_nb/static/")
    }
    assert not [name for name in wheel if name.endswith((".ts", ".mjs")) or "node_modules" in name]


def test_the_wheel_installs_the_extension_of_the_server_and_of_jupyterlab(wheel):
    assert "data/etc/jupyter/jupyter_server_config.d/prismq_nb.json" in wheel
    manifest = json.loads(wheel[f"{SHARED}package.json"])
    assert ("prismq-nb", __version__, "./mimeExtension") == (
        manifest["name"],
        manifest["version"],
        manifest["jupyterlab"]["_build"]["mimeExtension"],
    )
    assert SHARED + manifest["jupyterlab"]["_build"]["load"] in wheel
    # the digest of a script's content
    assert {
        "package.json",
        "static/remoteEntry.js",
        "static/lab.js",
        "static/launch.js",
        "schemas/prismq-nb/plugin.json",
        "schemas/prismq-nb/package.json.orig",
    } == {
        re.sub(r"\.[0-9a-f]{20}\.", ".", name.removeprefix(SHARED))
        for name in wheel
        if name.startswith(SHARED)
    }


def test_the_wheel_offers_the_magics_in_every_ipython(wheel):
    startup = wheel["data/etc/ipython/startup/50-prismq.py"].decode()
    assert (ROOT / "ipython_startup" / "50-prismq.py").read_text() == startup


def test_the_wheel_has_the_settings_with_the_version_that_jupyterlab_asks_for(wheel):
    schemas = f"{SHARED}schemas/prismq-nb/"
    assert __version__ == json.loads(wheel[f"{schemas}package.json.orig"])["version"]
    schema = json.loads(wheel[f"{schemas}plugin.json"])
    assert {
        "watchEveryNotebook": False,
        "watchAfter": 5,
        "notices": "long",
        "browserNotices": True,
        "statusBar": True,
    } == {name: about["default"] for name, about in schema["properties"].items()}


def test_the_sdist_has_the_built_front_end_so_that_it_needs_no_node(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"prismq_nb/static/{name}" for name in STATIC} <= names
    assert "prismq_nb/static/labextensions/prismq-nb/package.json" in names
    assert "prismq_nb/frontend/src/viewer/viewer.ts" in names
    assert "ipython_startup/50-prismq.py" in names
    assert not [name for name in names if "node_modules" in name or name.startswith("tests/")]


def test_this_installation_has_the_extension_where_jupyterlab_looks_for_it():
    """Also an editable one."""
    found = [
        Path(folder) / "prismq-nb" / "package.json" for folder in jupyter_path("labextensions")
    ]
    manifest = next((path for path in found if path.is_file()), None)
    names = ", ".join(map(str, found))
    assert manifest, f"none of {names} is there: install the checkout again (pip install -e .)"
    assert (
        manifest.parent / json.loads(manifest.read_text())["jupyterlab"]["_build"]["load"]
    ).is_file()


def test_this_installation_has_the_file_that_ipython_runs():
    """Also an editable one."""
    path = Path(sys.prefix, "etc", "ipython", "startup", "50-prismq.py")
    current = (ROOT / "ipython_startup" / "50-prismq.py").read_text()
    assert path.is_file(), "install the checkout again (pip install -e .)"
    assert current == path.read_text(), "install the checkout again (pip install -e .)"


def metadata(**environment: str) -> dict[str, Any]:
    """The fields of the package's metadata, as they are in these surroundings."""
    command = [sys.executable, "-m", "hatchling", "metadata"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    done = subprocess.run(
        command, cwd=ROOT, env=kept | environment, capture_output=True, check=True, text=True
    )
    return json.loads(done.stdout)


def test_a_readme_on_pypi_has_absolute_links_and_pictures():
    fields = metadata(GITHUB_SERVER_URL="https://git.example", GITHUB_REPOSITORY="ann/prismq_nb")
    assert "https://git.example/ann/prismq_nb" == fields["urls"]["Source"]
    text = fields["readme"]["text"]
    links = re.findall(r"\]\(([^)]*)\)", re.sub(r"(?s)```.*?```", "", text))
    assert "https://git.example/ann/prismq_nb/raw/HEAD/.github/viewer.webp" in links
    assert "https://git.example/ann/prismq_nb/blob/HEAD/CHANGELOG.md" in links
    assert not [link for link in links if not link.startswith(("https://", "#"))]


def test_without_an_address_the_readme_is_as_it_is_in_the_checkout():
    fields = metadata()
    assert not fields.get("urls")
    assert (ROOT / "README.md").read_text() == fields["readme"]["text"]


def test_every_dependency_has_a_lowest_version_that_ci_can_install():
    command = [sys.executable, ".ci/lowest.py"]
    constraints = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    lowest = dict(line.split("==") for line in constraints.stdout.splitlines())
    fields = metadata()
    needed = [*fields["dependencies"], *fields["optional-dependencies"]["lab"]]
    assert {re.match(r"[\w-]+", each)[0] for each in needed} == set(lowest)
    assert "6.4" == lowest["tornado"]
