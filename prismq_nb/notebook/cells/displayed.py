"""Rows in the log for what a watched cell displays: figures, tables, widgets, its result.

They stay in the cell. The log says so at that moment, with their text, in which levels, progress
and curves are found.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from prismq_nb.cell.session import session
from prismq_nb.notebook.cells.kinds import text_of, word_for
from prismq_nb.notebook.saved import MIME_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CHARS = 4096
"""Longest text of a displayed thing that is stored."""
UPDATE_SECONDS = 1.0
"""An output that is displayed anew in its place gets at most one row in this time."""


class DisplayedRows:
    """Adds the rows while it is installed; the shell's own functions do their work as ever."""

    def __init__(self, shell: Any, before_end: Callable[[], None]) -> None:
        """Install nothing yet.

        Args:
            shell: of IPython.
            before_end: called before a result or an error is shown.
        """
        self._shell = shell
        self._before_end = before_end
        self._undo: list[tuple[Any, str]] = []
        self._updated_s: dict[str, float] = {}

    def install(self) -> None:
        """Follow what is displayed."""
        if not self._undo:
            self._follow(self._shell.display_pub, "publish", self._on_display)
            self._follow(self._shell.displayhook, "write_format_data", self._on_result)
            self._follow(self._shell, "_showtraceback", self._on_error)

    def remove(self) -> None:
        """Undo `install`; what others have replaced since then stays."""
        undo, self._undo = self._undo, []
        for owner, name in undo:
            with contextlib.suppress(AttributeError):
                if getattr(vars(owner).get(name), "is_prismq", False):
                    delattr(owner, name)
        self._updated_s.clear()

    def _follow(self, owner: Any, name: str, see: Any) -> None:
        original = getattr(owner, name, None)
        if original is None:
            return

        def followed(*arguments: Any, **keywords: Any) -> Any:
            with contextlib.suppress(Exception):  # a row that cannot be made must not harm the cell
                see(*arguments, **keywords)
            return original(*arguments, **keywords)

        followed.is_prismq = True  # type: ignore[attr-defined]
        with contextlib.suppress(AttributeError):
            setattr(owner, name, followed)
            self._undo.append((owner, name))

    def _on_display(
        self,
        data: Any = None,
        *_: Any,
        transient: Any = None,
        update: bool = False,
        **__: Any,
    ) -> None:
        if not isinstance(data, dict) or MIME_TYPE in data:
            return
        if update:
            display_id = str((transient or {}).get("display_id"))
            now = time.monotonic()
            if now - self._updated_s.get(display_id, -UPDATE_SECONDS) < UPDATE_SECONDS:
                return
            self._updated_s[display_id] = now
        _add("displayed", data)

    def _on_error(self, *_: Any, **__: Any) -> None:
        self._before_end()

    def _on_result(self, format_dict: Any, *_: Any, **__: Any) -> None:
        self._before_end()
        if getattr(self._shell, "kernel", None) is not None:  # a terminal prints the result
            _add("result", format_dict)


def _add(what: str, data: dict[str, Any]) -> None:
    cell = session().current
    if cell is None or session().is_foreign:
        return
    word, text = word_for(data), text_of(data, MAX_CHARS)
    head = f"[{what}: {word}]" if word else f"[{what}]"
    between = "\n" if "\n" in text else " "
    session().print_row(cell, f"{head}{between}{text}\n" if text else f"{head}\n")
