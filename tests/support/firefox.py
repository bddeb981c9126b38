"""Firefox, controlled by WebDriver BiDi: Debian's own, which needs no further driver."""

from __future__ import annotations

import base64
import itertools
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import websocket

from support.jupyter_process import until
from support.programs import program
from support.waiting import WAIT_SECONDS


class Firefox:
    """One tab of a headless browser.

    https://www.w3.org/TR/webdriver-bidi/

    Attributes:
        problems: uncaught errors and console errors of the tab.
    """

    def __init__(self, address: str) -> None:
        # Without an Origin: Firefox refuses commands that come from a page.
        url = f"{address}/session"
        self._socket = websocket.create_connection(url, timeout=WAIT_SECONDS, suppress_origin=True)
        self._numbers = itertools.count(1)
        self.problems: list[str] = []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        self._tab = self.ask("browsingContext.create", type="tab")["context"]

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command.

        Raises:
            RuntimeError: it failed; the text says why.
        """
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.problems.append(message["params"]["text"])
            if message.get("id") == number:
                break
        if message["type"] == "error":
            raise RuntimeError(f"{method}: {message['message']}")
        return dict(message["result"])

    def open(self, url: str) -> None:
        """Go to a URL, and wait until the page is loaded."""
        self.ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; `expression` gives what JSON can express."""
        target = {"context": self._tab}
        source = f"JSON.stringify({expression}) ?? 'null'"
        answer = self.ask("script.evaluate", expression=source, target=target, awaitPromise=True)
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def wait_for(self, expression: str) -> Any:
        """The first true value of an expression."""
        return until(lambda: self.evaluate(expression), expression, WAIT_SECONDS)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, like a person."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.ask("input.performActions", context=self._tab, actions=[source])

    def screenshot(self, path: Path) -> None:
        """Save a picture of the tab, to look at."""
        path.parent.mkdir(exist_ok=True)
        picture = self.ask("browsingContext.captureScreenshot", context=self._tab)["data"]
        path.write_bytes(base64.b64decode(picture))

    def close(self) -> None:
        """End the browser."""
        with suppress(websocket.WebSocketException, OSError):
            self.ask("browser.close")
        self._socket.close()


@contextmanager
def firefox(home: Path) -> Iterator[Firefox]:
    """A Firefox with its own profile below `home`; it ends with the block."""
    profile, log = home / "profile", home / "firefox.log"
    profile.mkdir()
    command = [program("firefox-esr"), "--headless", "--no-remote", "--profile", str(profile)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--remote-debugging-port=0"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        said = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
        found = until(lambda: said.search(log.read_text(errors="replace")), "Firefox's address")
        browser = Firefox(found[1])
        try:
            yield browser
        finally:
            browser.close()
    finally:
        process.terminate()
        process.wait()
