"""`LogViewer`: the live log of a run in a cell, as an ipywidget.

Only its Python face: the browser opens the stream by itself, so the log goes on while the kernel is busy, restarted or gone. What is synced are the
options that a person sets, never text of the log and never a token (the page has its own login). Importing this file needs the built front end, and
says how to get it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from prismq_nb.client.api import get
from prismq_nb.client.run import Run
from prismq_nb.errors import PrismqError
from prismq_nb.notebook.tail import static_tail

__all__ = ["LogViewer"]

STATIC = Path(__file__).parent.parent / "static"
HEIGHT_MIN_PX, HEIGHT_DEFAULT_PX, HEIGHT_MAX_PX = 120, 400, 4000
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def bundled(name: str, folder: Path = STATIC) -> Path:
    """A file of the built front end.

    Raises:
        PrismqError: it is not there; the text says how to build it.
    """
    path = folder / name
    if not path.is_file():
        raise PrismqError(
            f"The viewer's front end is not built: there is no {path}. Build it with `pip install -e .` in the checkout, or with "
            "`npm install && npm run build` in prismq_nb/frontend, and show the run again."
        )
    return path


class LogViewer(anywidget.AnyWidget):
    """The live log of one run.

    Every option below is a trait: it can be read and set at any time from Python, linked to other widgets, and follows what is done in the browser.

    Args:
        run: a `Run`, or the id of one.
        height: the most that the viewer takes, in CSS pixels, 120 to 4000; a short log takes less.
        follow: stay at the newest line; scrolling up turns it off.
        level: names of the levels to show, separated by commas: ``"ERROR,CRITICAL"``; empty: all.
        query: show only lines with this text; empty: all.
        timestamps: ``time`` (of day), ``datetime``, ``elapsed`` (since the run's start) or ``off``.
        theme: ``auto`` (as the page), ``light`` or ``dark``.

    Raises:
        RunNotFound: there is no run with that id.
        TraitError: an option is out of bounds.

    Example:
        >>> prismq_nb.LogViewer(run, height=600, level="WARNING,ERROR")
    """

    _esm = bundled("viewer.js")
    _css = bundled("viewer.css")

    run_id = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(HEIGHT_DEFAULT_PX, min=HEIGHT_MIN_PX, max=HEIGHT_MAX_PX).tag(sync=True)
    follow = traitlets.Bool(True).tag(sync=True)
    level = traitlets.Unicode().tag(sync=True)
    query = traitlets.Unicode().tag(sync=True)
    timestamps = traitlets.Enum(["off", "time", "datetime", "elapsed"], "time").tag(sync=True)
    theme = traitlets.Enum(["auto", "light", "dark"], "auto").tag(sync=True)

    def __init__(self, run: Run | str, **options: Any) -> None:
        self._run = get(run) if isinstance(run, str) else run
        super().__init__(run_id=self._run.run_id, **options)

    @traitlets.validate("level")
    def _check_level(self, proposal: Any) -> str:
        names = [name.strip().upper() for name in proposal["value"].split(",") if name.strip()]
        unknown = [name for name in names if name not in LEVELS]
        if unknown:
            raise traitlets.TraitError(f"level={proposal['value']!r}: {unknown[0]!r} is none of {', '.join(LEVELS)}")
        return ",".join(names)

    def __repr__(self) -> str:
        return f"<LogViewer {self._run.module_name}>"

    @property
    def run(self) -> Run:
        """The run that is shown."""
        return self._run

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and beside it the newest lines as text for those who open the notebook elsewhere."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:  # the widget was closed
            return self._tail()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, **self._tail()}, metadata

    def _tail(self) -> dict[str, str]:
        return static_tail(self._run, level=self.level, query=self.query)
