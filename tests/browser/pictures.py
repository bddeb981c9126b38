"""Make the pictures of the README in a real JupyterLab: ``python tests/browser/pictures.py``.

A user's way through a training run: it is shown live, a click on the timeline leads to the errors,
a search finds one line. And a cell that is watched while it trains.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that tests import their helpers by name

from browser.jupyter_page import JupyterPage
from browser.shared import ROOT, SCREENSHOTS, without_news
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from support.jupyter_process import JupyterProcess
from support.programs import CHROMIUM_OPTIONS, chromium, fonts

FOLDER = ROOT / ".github"
SIZE = {"width": 1060, "height": 720}
FRAME_MS = 200
TRAIN = """\
import json, logging, random, sys, time

form = "%(levelname)-8s %(name)s: %(message)s"
logging.basicConfig(format=form, level="INFO", stream=sys.stdout)
log = logging.getLogger("train")
random.seed(7)
log.info("dataset: 48,000 images, 日本語 and English captions 🗂️")
for step in range(1, 421):
    if step % 70 == 35:
        log.warning("learning rate warm-up: gradient clipped at step %d", step)
    if step == 150:
        try:
            json.loads('{"shard": 3, "rows": 4 "sum": 9}')
        except ValueError:
            log.exception("shard 3 is broken, skipped")
    loss = 0.9 * 0.997**step + random.random() / 20
    log.info(
        "step %3d/420  loss \\x1b[36m%.4f\\x1b[0m  %d images/s", step, loss, 900 + step % 97
    )
    time.sleep(0.025)
log.info("saved model.pt ✅")
"""
CELL = 'import prismq_nb\n\nrun = prismq_nb.launch("train.py")\nrun'

WATCHED = """\
%%watch --name training
import time
import numpy as np
from tqdm import tqdm

x = np.random.default_rng(7).normal(size=(50_000, 8))
y, weights = x @ np.arange(8), np.zeros(8)
for epoch in tqdm(range(1, 101), unit="epoch"):
    weights += 0.03 * x.T @ (y - x @ weights) / len(y)
    if epoch == 20:
        tqdm.write("WARNING   the learning rate may be too low")
    if epoch % 4 == 0:
        tqdm.write(f"epoch {epoch:3}  loss \\x1b[36m{np.mean((y - x @ weights) ** 2):.4f}\\x1b[0m")
    time.sleep(0.08)"""


class Film:
    """Frames of one element, saved as an animation."""

    def __init__(self, page: JupyterPage) -> None:
        self._page = page
        self._frames: list[Image.Image] = []
        self._lasts: list[int] = []

    def frame(self, lasts: int = FRAME_MS) -> None:
        """Take a picture that stays for `lasts` ms."""
        self._frames.append(picture(self._page))
        self._lasts.append(lasts)

    def save(self, path: Path) -> None:
        """Write all frames."""
        first, *others = self._frames
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=self._lasts,
            loop=0,
            quality=70,
            method=6,
        )


def picture(page: JupyterPage) -> Image.Image:
    """The first cell with its output."""
    cell = page.page.locator(".jp-Cell").first
    return Image.open(io.BytesIO(cell.screenshot(animations="disabled"))).convert("RGB")


def tab(
    browser: Browser, server: JupyterProcess, *, dark: bool, scale: float, cell: str = CELL
) -> JupyterPage:
    """A notebook with one cell, executed; by default, it launches the training."""
    options: dict[str, Any] = {"viewport": SIZE, "device_scale_factor": scale}
    page = JupyterPage(browser.new_context(**options).new_page(), server, SCREENSHOTS)
    page.open("training.ipynb", cell)
    page.theme("JupyterLab Dark" if dark else "JupyterLab Light")
    page.command("application:toggle-left-area")
    page.page.locator("#jp-left-stack").wait_for(state="hidden")
    page.run_all()
    return page


def find(page: JupyterPage, text: str) -> None:
    """Search for a text in the log."""
    page.viewer().get_by_role("log").press("/")
    page.page.keyboard.type(text, delay=60)


def film(browser: Browser, server: JupyterProcess) -> None:
    """The whole way, in the light theme."""
    page = tab(browser, server, dark=False, scale=1)
    page.wait_lines(30)
    film = Film(page)
    while page.lines() < 200:
        film.frame()
        page.page.wait_for_timeout(FRAME_MS)
    page.viewer().get_by_role("log").press("e")
    page.page.wait_for_timeout(600)
    film.frame(2_400)
    find(page, "shard 3")
    page.page.wait_for_timeout(600)
    film.frame(2_400)
    page.page.keyboard.press("Escape")
    page.viewer().get_by_role("log").press("End")
    page.wait_state("completed")
    page.page.wait_for_timeout(600)
    film.frame(3_000)
    film.save(FOLDER / "viewer.webp")


def still(browser: Browser, server: JupyterProcess, *, dark: bool) -> None:
    """The errors of the run that has ended."""
    page = tab(browser, server, dark=dark, scale=1.5)
    page.wait_state("completed")
    page.viewer().get_by_role("log").press("e")
    page.page.wait_for_timeout(800)
    name = "viewer-dark.webp" if dark else "viewer-light.webp"
    picture(page).save(FOLDER / name, quality=80, method=6)


def watched(browser: Browser, server: JupyterProcess, *, dark: bool) -> None:
    """A watched cell in the middle of its work."""
    page = tab(browser, server, dark=dark, scale=1.5, cell=WATCHED)
    page.wait_lines(15)
    page.page.wait_for_timeout(300)
    name = "watch-dark.webp" if dark else "watch-light.webp"
    picture(page).save(FOLDER / name, quality=80, method=6)
    page.wait_state("completed")


def main() -> None:
    """Make all of them, or only those of the watched cell (``--watched``)."""
    path = chromium()
    fonts()
    home = Path(tempfile.mkdtemp(prefix="prismq-pictures-"))
    options = ("--expose-app-in-browser",)
    server = JupyterProcess(home, module="jupyterlab", options=options, env=without_news(home))
    server.launch()
    (server.root_dir / "train.py").write_text(TRAIN)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
            if "--watched" not in sys.argv:
                film(browser, server)
                still(browser, server, dark=False)
                still(browser, server, dark=True)
            watched(browser, server, dark=False)
            watched(browser, server, dark=True)
            browser.close()
    finally:
        server.end_runs()
        server.stop()


if __name__ == "__main__":
    main()
