"""`LogViewer`: the live log of a run in a cell, as an ipywidget.

Only its Python face: the browser opens the stream by itself, so the log goes on while the kernel is busy, restarted or gone. What is synced are the
options that a person sets and a few kB of script that fetch the viewer from the Jupyter server, never text of the log and never a token (the page
has its own login). Importing this file needs the built front end, and says how to get it.

What a cell shows also has the type `MIME_TYPE`, ids and options only, which our extension of JupyterLab and Notebook 7 draws without any kernel or
widget state; where there is a live widget, the two are bound.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import anywidget
import traitlets

from prismq_nb.client.api import get
from prismq_nb.client.base.level_names import level_names
from prismq_nb.client.base.notice import in_kernel
from prismq_nb.client.launch.terminal import person_in_front
from prismq_nb.client.run.run import Run
from prismq_nb.common.query_text import terms
from prismq_nb.common.spelling import closest, did_you_mean
from prismq_nb.errors import InvalidRequest, PrismqError, UnknownOption
from prismq_nb.notebook.front_end import is_voila, is_voila_alone
from prismq_nb.notebook.live_text import live_text
from prismq_nb.notebook.saved import bundle, saved_text

__all__ = ["LogViewer"]

STATIC = Path(__file__).parent.parent / "static"
HEIGHT_MIN_PX, HEIGHT_DEFAULT_PX, HEIGHT_MAX_PX = 120, 400, 4000
LINES_AROUND_MAX = 100


class InvalidOption(InvalidRequest, traitlets.TraitError):
    """An option of a viewer has a value that cannot be used."""


def bundled(name: str, folder: Path = STATIC) -> Path:
    """A file of the built front end.

    Raises:
        PrismqError: it is not there; the text says how to build it.
    """
    path = folder / name
    if not path.is_file():
        raise PrismqError(
            f"The viewer's front end is not built: there is no {path}. Build it with "
            "`pip install -e .` in the checkout, or with `npm install && npm run build` in "
            "prismq_nb/frontend, and show the run again."
        )
    return path


class LogViewer(anywidget.AnyWidget):
    r"""The live log of one run.

    Every option below is a trait: it can be read and set from Python at any time, be linked to other
    widgets, and follows what is done in the browser.

    Args:
        run: a `Run`, or the id or name of one.
        height: the most that the viewer takes, in CSS pixels, 120 to 4000; a short log takes less.
        collapsed: show only the toolbar.
        follow: stay at the newest line; scrolling up turns it off.
        line: number, from 0, of the line to open at, or to jump to when set later, which turns `follow`
            off; None: the end, also when it follows again.
        level: names of the levels to show, separated by commas, in any case: ``"error,critical"``;
            empty: all.
        query: what to search for in the whole log, as typed in the viewer: a line has all of the words
            and none with a dash before it (``-word``); ``"two words"`` are one; ``\-`` or quotes for
            a leading dash; empty: none.
        regex: `query` is one regular expression (RE2).
        case: `query` is case-sensitive.
        word: `query` matches whole words only.
        mode: ``highlight`` shows all lines and marks the matches of `query`, ``filter`` shows only
            the lines that match.
        lines_before: lines of context before each that passes a filter (`level`, `query`), 0 to 100.
        lines_after: lines of context after it, 0 to 100.
        timestamps: ``time`` (of day), ``datetime``, ``elapsed`` (since the run's start), ``delta`` (since
            the previous line) or ``off``.
        utc: times in UTC instead of the browser's time zone.
        numbers: show line numbers.
        wrap: wrap long lines.
        fold: fold tracebacks to their head.
        raw_json: show JSON log records as they were printed, not as message and ``key=value``.
        fields: keys of JSON records that are shown beside the message, separated by commas; empty: all.
        timeline: show the timeline above the list.
        theme: ``auto`` (as the page), ``light`` or ``dark``.

    Raises:
        RunNotFound: there is no run with that id or name.
        UnknownOption: there is no such option (also a TypeError).
        TraitError: an option is out of bounds.

    Example:
        >>> prismq_nb.LogViewer(run, height=600, level="WARNING,ERROR")
    """

    _esm = bundled("widget.js")

    run_id = traitlets.Unicode().tag(sync=True)
    _key = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(HEIGHT_DEFAULT_PX, min=HEIGHT_MIN_PX, max=HEIGHT_MAX_PX).tag(sync=True)
    collapsed = traitlets.Bool(False).tag(sync=True)
    follow = traitlets.Bool(True).tag(sync=True)
    line = traitlets.Int(None, min=0, allow_none=True).tag(sync=True)
    level = traitlets.Unicode().tag(sync=True)
    query = traitlets.Unicode().tag(sync=True)
    regex = traitlets.Bool(False).tag(sync=True)
    case = traitlets.Bool(False).tag(sync=True)
    word = traitlets.Bool(False).tag(sync=True)
    mode = traitlets.Enum(["filter", "highlight"], "highlight").tag(sync=True)
    lines_before = traitlets.Int(0, min=0, max=LINES_AROUND_MAX).tag(sync=True)
    lines_after = traitlets.Int(0, min=0, max=LINES_AROUND_MAX).tag(sync=True)
    timestamps = traitlets.Enum(["off", "time", "datetime", "elapsed", "delta"], "time").tag(sync=True)
    utc = traitlets.Bool(False).tag(sync=True)
    numbers = traitlets.Bool(True).tag(sync=True)
    wrap = traitlets.Bool(False).tag(sync=True)
    fold = traitlets.Bool(True).tag(sync=True)
    raw_json = traitlets.Bool(False).tag(sync=True)
    fields = traitlets.Unicode().tag(sync=True)
    timeline = traitlets.Bool(True).tag(sync=True)
    theme = traitlets.Enum(["auto", "light", "dark"], "auto").tag(sync=True)

    def __init__(self, run: Run | str, **options: Any) -> None:
        self._run = run if isinstance(run, Run) else get(run)
        for name in options:
            if name == "run_id" or name.startswith("_") or not self.has_trait(name):
                hint = did_you_mean(name, OPTIONS) or f"; its options are {', '.join(OPTIONS)}"
                raise UnknownOption(f"LogViewer has no option {name!r}{hint}")
        try:
            super().__init__(run_id=self._run.run_id, _key=uuid4().hex, **options)
        except traitlets.TraitError as error:
            raise InvalidOption(str(error)) from None

    def __setattr__(self, name: str, value: object) -> None:
        known = name.startswith("_") or hasattr(self, name)
        if not known and (meant := closest(name, OPTIONS, alike=0.8)):
            raise UnknownOption(f"LogViewer has no option {name!r}; did you mean {meant!r}?")
        if name == "level" and not isinstance(value, str):
            value = level_names(value)
        try:
            super().__setattr__(name, value)
        except InvalidRequest:
            raise
        except traitlets.TraitError as error:
            raise InvalidOption(str(error)) from None

    @traitlets.validate("level")
    def _check_level(self, proposal: Any) -> str:
        try:
            return level_names(proposal["value"])
        except InvalidRequest as error:
            raise InvalidOption(str(error)) from None

    @traitlets.observe("line")
    def _stay_at_the_line(self, change: Any) -> None:
        if change["new"] is not None:
            self.follow = False

    @traitlets.observe("follow")
    def _leave_the_line(self, change: Any) -> None:
        """Or a view that is made later would go there."""
        if change["new"]:
            self.line = None

    def __repr__(self) -> str:
        return f"<LogViewer {self._run.module_name}, {self.run_id}>"

    @property
    def run(self) -> Run:
        """The run that is shown: another one after it was started again in the viewer."""
        if self._run.run_id != self.run_id:
            self._run = get(self.run_id)
        return self._run

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and beside it what needs no kernel: ids and options for our extension, and the newest lines as text for everything else.

        Where nobody sits in front (nbclient, papermill, ``nbconvert --execute``) there is no
        widget: its state would be saved, and an export would show it in place of the lines.
        """
        if in_kernel() and is_voila_alone():
            return live_text(self.run, **self._query())
        if in_kernel() and not person_in_front() and not is_voila():
            return self._without_kernel()
        widget = super()._repr_mimebundle_(**kwargs)
        if widget is None:  # it was closed
            return self._without_kernel()
        data, metadata = widget if isinstance(widget, tuple) else (widget, {})
        return {**data, **self._without_kernel()}, metadata

    def _without_kernel(self) -> dict[str, Any]:
        text = saved_text(self.run, **self._query())
        return bundle(text, key=self._key, **self._options())

    def _query(self) -> dict[str, Any]:
        """Return which lines the text has, as arguments of `Run.logs`."""
        query: dict[str, Any] = {"level": self.level}
        if self.mode == "filter" and self.query:
            q, exclude = ([self.query], []) if self.regex else terms(self.query)
            how = {"regex": self.regex, "case": self.case, "word": self.word}
            query |= {"q": q, "exclude": exclude, **how}
        if len(query) > 1 or self.level:
            query |= {"lines_before": self.lines_before, "lines_after": self.lines_after}
        return query

    def _options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in OPTIONS}


OPTIONS = tuple(name for name in LogViewer.class_own_traits(sync=True) if name not in ("run_id", "_key", "_esm", "_css"))
"""Names of what can be set. The front end has the same list: ``CHECKS`` in traits.ts."""
