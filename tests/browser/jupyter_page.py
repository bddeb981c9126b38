"""A tab with a notebook open: a user's actions, in a few words."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from browser.page_errors import errors_of
from playwright.sync_api import Locator, Page
from support.jupyter_process import until
from support.waiting import WAIT_MS, WAIT_SECONDS

if TYPE_CHECKING:
    from support.jupyter_process import JupyterProcess


_READY = """name => {
    const widget = window.jupyterapp?.shell?.currentWidget;
    return widget?.sessionContext?.isReady === true && widget.context.path === name;
}"""
_OPEN = """path => {
    window.jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' });
}"""
_CLEAR = """async () => {
    const { shell, serviceManager } = window.jupyterapp;
    for (const widget of [...shell.widgets('main')]) widget.dispose();
    await serviceManager.sessions.shutdownAll();
    localStorage.clear();
    while (![...shell.widgets('main')].length) await new Promise(setTimeout);  // the launcher
}"""
_IDLE = (
    "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
)


class JupyterPage:
    """JupyterLab or Notebook 7 in one tab.

    Attributes:
        errors: uncaught errors and console errors of the page.
        name: path of the notebook that was opened last.
    """

    def __init__(self, page: Page, server: JupyterProcess, screenshots: Path) -> None:
        self.page = page
        self.server = server
        self.errors = errors_of(page)
        self._screenshots = screenshots
        self.name = ""
        page.set_default_timeout(WAIT_MS)

    @property
    def is_lab(self) -> bool:
        return self.server.module == "jupyterlab"

    def open(self, name: str, *cells: str, kernel: str = "python3") -> None:
        """Write a notebook, open it and wait for its kernel.

        The token is given once, for the login cookie, as Jupyter's own start page does. Where
        JupyterLab is open already, it opens one more tab.
        """
        code = [
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": cell,
            }
            for i, cell in enumerate(cells)
        ]
        metadata = {"kernelspec": {"name": kernel, "display_name": kernel}}
        content = {"cells": code, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        (self.server.root_dir / name).write_text(json.dumps(content))
        if self._has_application():
            self.name = name
            self.page.evaluate(_OPEN, name)
            self.page.wait_for_function(_READY, arg=name)
        else:
            self.goto(name)

    def _has_application(self) -> bool:
        """Whether JupyterLab is open in this tab, so that it need not be loaded."""
        return self.is_lab and self.page.evaluate("() => Boolean(window.jupyterapp)")

    def clear(self) -> None:
        """Close all documents and kernels, for the next test."""
        self.page.unroute_all()
        self.page.context.clear_permissions()
        if self._has_application():
            self.page.evaluate(_CLEAR)

    def start_run(self, code: str, **spec: Any) -> str:
        """Start Python code as a run through the API, without a kernel; return its id."""
        return self.start(code=code, **spec)

    def start(self, **spec: Any) -> str:
        """Start a run through the API, without a kernel; return its id."""
        answer = requests.post(
            f"{self.server.url}api/runs",
            json=spec,
            headers=self.server.headers,
            timeout=WAIT_SECONDS,
        )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["run_id"])

    def open_without_kernel(self, name: str, *outputs: dict[str, Any]) -> None:
        """Open a notebook of somebody else's: a cell with these outputs, then an empty one, and a
        kernel that is not available.
        """
        empty: dict[str, Any] = {
            "cell_type": "code",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": "",
        }
        cells = [
            {**empty, "id": "c0", "source": "run", "outputs": list(outputs)},
            {**empty, "id": "c1"},
        ]
        kernel = {"kernelspec": {"name": "nowhere", "display_name": "Nowhere"}}
        self.name = name
        (self.server.root_dir / name).write_text(
            json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})
        )
        if self._has_application():
            self.page.evaluate(_OPEN, name)
        else:
            self.page.goto(self._address(name))
        self.page.locator(".jp-Dialog").get_by_role("button", name="No Kernel", exact=True).click()

    def goto(self, name: str, begin: str | None = None) -> None:
        """Open an existing notebook in a page that is loaded for it.

        Args:
            name: its path.
            begin: JavaScript, evaluated before the application's scripts are executed.
        """
        self.name = name
        if begin is None:
            self.page.goto(self._address(name))
        else:
            self.page.goto(self._address(name), wait_until="commit")
            self.page.evaluate(begin)
        self.page.wait_for_function(_READY, arg=name)

    def _address(self, name: str) -> str:
        where = f"lab/tree/{name}?reset&token=" if self.is_lab else f"notebooks/{name}?token="
        return f"{self.server.url}{where}{self.server.token}"

    def reload(self) -> None:
        """Load the page again and wait for the kernel, which was kept."""
        self.goto(self.name)

    def notebook(self, what: str) -> Any:
        """Evaluate JavaScript on the open notebook."""
        return self.page.evaluate(f"() => window.jupyterapp.shell.currentWidget.{what}")

    def python(self, expression: str) -> Any:
        """The value of an expression in the kernel, without a cell."""
        script = """async code => {
            const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
            const expressions = { value: `__import__("json").dumps(${code})` };
            const future = kernel.requestExecute({
                code: "", silent: false, store_history: false, user_expressions: expressions,
            });
            return (await future.done).content.user_expressions.value;
        }"""
        reply = self.page.evaluate(script, expression)
        assert reply["status"] == "ok", reply
        return json.loads(ast.literal_eval(reply["data"]["text/plain"]))

    def python_until(self, expression: str, value: Any) -> None:
        """Wait until an expression in the kernel has a value."""
        until(lambda: self.python(expression) == value, f"{expression} == {value!r}")

    def command(self, name: str, args: dict | None = None) -> None:
        """Execute a command of the application."""
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args)", [name, args or {}]
        )

    def run_all(self) -> None:
        """Run all cells; do not wait for them."""
        self.page.evaluate(
            "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
        )

    def wait_idle(self) -> None:
        """Wait until the kernel is idle."""
        self.page.wait_for_function(_IDLE)

    def theme(self, name: str) -> None:
        """Select ``JupyterLab Light`` or ``JupyterLab Dark``."""
        self.command("apputils:change-theme", {"theme": name})
        light = "true" if name.endswith("Light") else "false"
        self.page.wait_for_function(
            f"() => document.body.dataset.jpThemeLight === '{light}' &&"
            " !document.querySelector('#jupyterlab-splash')"
        )

    def viewer(self, number: int = 0) -> Locator:
        """A viewer on the page."""
        return self.page.locator(".prismq-root").nth(number)

    def wait_lines(self, count: int, number: int = 0) -> None:
        """Wait until a viewer says that its log has at least so many lines."""
        script = """([number, count]) => {
            const root = document.querySelectorAll('.prismq-root')[number];
            return root && Number(root.dataset.lines) >= count;
        }"""
        self.page.wait_for_function(script, arg=[number, count])

    def wait_state(self, state: str, number: int = 0) -> None:
        """Wait until a viewer shows a state of its run."""
        script = (
            "([number, state]) => document.querySelectorAll('.prismq-root')[number]?.dataset.state"
            " === state"
        )
        self.page.wait_for_function(script, arg=[number, state])

    def lines(self, number: int = 0) -> int:
        """How many lines a viewer says that its log has."""
        return int(self.viewer(number).get_attribute("data-lines") or 0)

    def save(self) -> None:
        """Save the notebook; return when it is on disk."""
        self.page.evaluate(
            "async () => { await window.jupyterapp.shell.currentWidget.context.save(); }"
        )

    def read(self, name: str) -> dict[str, Any]:
        """A notebook as it is on disk."""
        return dict(json.loads((self.server.root_dir / name).read_text()))

    def screenshot(self, name: str) -> Path:
        """A picture of the tab, kept to be looked at."""
        self._screenshots.mkdir(exist_ok=True)
        path = self._screenshots / f"{'lab' if self.is_lab else 'notebook'}-{name}.png"
        self.page.screenshot(path=path)
        return path
