"""`LogViewer`: the live log of a run, as an ipywidget.

The browser opens the stream itself, so the log continues while the kernel is busy, restarted or
gone. The widget syncs its options and a small script that loads the viewer from the Jupyter server,
but never log text or a token (the page has its own login). Importing this module requires the built
front end; the error says how to build it.

The output of a cell also has the type `MIME_TYPE` with ids and options. Our extension of JupyterLab
and Notebook 7 draws it without a kernel or widget state, and binds it to a live widget.
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
from prismq_nb.client.launch.terminal import is_interactive
from prismq_nb.client.run.run import Run
from prismq_nb.common.query_text import terms
from prismq_nb.common.spelling import closest, did_you_mean
from prismq_nb.errors import InvalidRequest, PrismqError, UnknownOption
from prismq_nb.notebook.front_end import is_standalone_voila, is_voila
from prismq_nb.notebook.live_text import live_text
from prismq_nb.notebook.saved import mime_bundle, saved_text

STATIC = Path(__file__).parent.parent / "static"
MIN_HEIGHT_PX, DEFAULT_HEIGHT_PX, MAX_HEIGHT_PX = 120, 400, 4000
MAX_CONTEXT_LINES = 100


class InvalidOption(InvalidRequest, traitlets.TraitError):
    """An option of a viewer has an invalid value."""


def static_file(name: str, folder: Path = STATIC) -> Path:
    """Return the path of a file of the built front end.

    Raises:
        PrismqError: the file is missing; the message says how to build it.
    """
    path = folder / name
    if not path.is_file():
        raise PrismqError(
            f"The viewer's front end is not built ({path} is missing). Build it with "
            "`pip install -e .` in the checkout, or with `npm install && npm run build` in "
            "prismq_nb/frontend; then display the run again."
        )
    return path


class LogViewer(anywidget.AnyWidget):
    r"""The live log of a run, as a widget.

    Every option is a trait: it can be read and set from Python at any time and linked to other
    widgets, and it follows changes in the browser.

    Args:
        run: a `Run`, or its id or name.
        height: the largest height in CSS pixels, 120 to 4000; a short log takes less.
        collapsed: show only the toolbar.
        follow: stay at the newest line; scrolling up turns this off.
        line: number, from 0, of the line to show. Setting it turns `follow` off; None: the end.
        level: levels to show, in any case, separated by commas: ``"error,critical"``; empty: all.
        query: words to search for in the whole log, as typed in the viewer. A line must contain
            every word, but none with a dash before it (``-word``); ``"two words"`` is a phrase;
            ``\-`` or quotes find a leading dash. Empty: no search.
        regex: treat `query` as one regular expression (RE2 syntax).
        case: match case.
        word: match whole words only.
        mode: ``highlight`` shows all lines and marks matches of `query`; ``filter`` shows only the
            lines that match.
        lines_before: lines of context before each line that passes `level` and `query`, 0 to 100.
        lines_after: lines of context after it, 0 to 100.
        timestamps: ``time`` (of day), ``datetime``, ``elapsed`` (since the start of the run),
            ``delta`` (since the previous line) or ``off``.
        utc: show times in UTC instead of the browser's time zone.
        numbers: show line numbers.
        wrap: wrap long lines.
        fold: fold tracebacks to one row.
        raw_json: show JSON records as they were printed, not as a message and ``key=value`` pairs.
        fields: keys of JSON records to show beside the message, separated by commas; empty: all.
        timeline: show the timeline above the log.
        theme: ``auto`` (the theme of the page), ``light`` or ``dark``.

    Raises:
        RunNotFound: there is no run with that id or name.
        UnknownOption: there is no option of that name (also a TypeError).
        TraitError: an option has an invalid value (also an InvalidRequest).

    Example:
        >>> viewer = prismq_nb.LogViewer(run, height=600, level="WARNING,ERROR")
        >>> viewer.query = "timeout"
    """

    _esm = static_file("widget.js")

    run_id = traitlets.Unicode().tag(sync=True)
    _key = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(DEFAULT_HEIGHT_PX, min=MIN_HEIGHT_PX, max=MAX_HEIGHT_PX).tag(sync=True)
    collapsed = traitlets.Bool(False).tag(sync=True)
    follow = traitlets.Bool(True).tag(sync=True)
    line = traitlets.Int(None, min=0, allow_none=True).tag(sync=True)
    level = traitlets.Unicode().tag(sync=True)
    query = traitlets.Unicode().tag(sync=True)
    regex = traitlets.Bool(False).tag(sync=True)
    case = traitlets.Bool(False).tag(sync=True)
    word = traitlets.Bool(False).tag(sync=True)
    mode = traitlets.Enum(["filter", "highlight"], "highlight").tag(sync=True)
    lines_before = traitlets.Int(0, min=0, max=MAX_CONTEXT_LINES).tag(sync=True)
    lines_after = traitlets.Int(0, min=0, max=MAX_CONTEXT_LINES).tag(sync=True)
    timestamps = traitlets.Enum(["off", "time", "datetime", "elapsed", "delta"], "time").tag(
        sync=True
    )
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
                hint = did_you_mean(name, OPTIONS) or f"; the options are {', '.join(OPTIONS)}"
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
    def _stop_following(self, change: Any) -> None:
        if change["new"] is not None:
            self.follow = False

    @traitlets.observe("follow")
    def _clear_line(self, change: Any) -> None:
        """Forget the line, or a view that is opened later would go there."""
        if change["new"]:
            self.line = None

    def __repr__(self) -> str:
        return f"<LogViewer {self._run.module_name}, {self.run_id}>"

    @property
    def run(self) -> Run:
        """The run that is shown; a restart in the viewer replaces it with the new run."""
        if self._run.run_id != self.run_id:
            self._run = get(self.run_id)
        return self._run

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, ids and options for our extension, and the newest lines as text.

        Without a front end (nbclient, papermill, ``nbconvert --execute``) there is no widget,
        because its state would be saved and an export would show it instead of the lines.
        """
        if in_kernel() and is_standalone_voila():
            return live_text(self.run, **self._query())
        if in_kernel() and not is_interactive() and not is_voila():
            return self._without_kernel()
        widget = super()._repr_mimebundle_(**kwargs)
        if widget is None:  # the widget was closed
            return self._without_kernel()
        data, metadata = widget if isinstance(widget, tuple) else (widget, {})
        return {**data, **self._without_kernel()}, metadata

    def _without_kernel(self) -> dict[str, Any]:
        text = saved_text(self.run, **self._query())
        return mime_bundle(text, key=self._key, **self._options())

    def _query(self) -> dict[str, Any]:
        """Return the conditions for the lines of the text, as arguments of `Run.logs`."""
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


OPTIONS = tuple(
    name
    for name in LogViewer.class_own_traits(sync=True)
    if name not in ("run_id", "_key", "_esm", "_css")
)
"""Names of the options. The front end has the same list: ``CHECKS`` in traits.ts."""
