"""Recognise progress in the text of one line: progress bars, and the lines of single tools. Pure.

This parses one drawing of one bar; `progress_bars.py` decides which of several bars counts.
Standard library only.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from prismq_nb.capture.monitor.progress_lines import epoch_of, figures
from prismq_nb.common.base.terminal.redraw import final_text
from prismq_nb.common.base.terminal.sequences import seven_bit
from prismq_nb.common.base.terminal.text import plain

MAX_PARSED_CHARS: Final = 512
"""Only this many characters at the end of what is shown are parsed: a bar is redrawn at the end,
and the cost is the same for any line."""
_MAX_DRAWN_CHARS: Final = 2048
"""What is shown is computed from this many characters."""
MAX_MOVES: Final = 64
"""The last moves of the cursor that are followed: each costs about 1 µs."""

_FULL: Final = 100.0
_UNITS: Final = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_BYTE_UNITS: Final = {
    "B": 1, "bytes": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip


class Progress(NamedTuple):
    """How far a program says it is.

    Attributes:
        percent: 0 to 100; None if the total is unknown.
        done: items (or bytes) done; None if only a percentage is shown.
        total: items (or bytes) in all; None if unknown.
    """

    percent: float | None
    done: int | None
    total: int | None

    @property
    def is_line(self) -> bool:
        """Whether a tool prints it line by line.

        Then the newest line counts, whatever is above it.
        """
        return False


class Line(Progress):
    """Progress of a tool that prints line by line."""

    __slots__ = ()

    @property
    def is_line(self) -> bool:
        """True."""
        return True


class Epoch(Progress):
    """Epochs done, from a line such as ``Epoch 3/10``.

    Bars below it are parts of the next epoch.
    """

    __slots__ = ()

    def with_part(self, percent: float) -> Progress:
        """Return the progress once `percent` (0 to 100) of the next epoch is done."""
        done, total = self.done or 0, self.total or 1
        if done >= total:
            return self
        if percent < _FULL:
            return Progress(max(self.percent or 0.0, (_FULL * done + percent) / total), done, total)
        return Progress(_FULL * (done + 1) / total, done + 1, total)


_AMOUNT = r"(\d+(?:\.\d+)?)([kKMGTP]?)i?"
_TIMES = r"\s?[^\[\]\d]{0,16}\s?\[(?:\d+:)?\d+:\d\d(?:<[^,\]]{1,16})?"

_TQDM = re.compile(r"(\d{1,3}(?:\.\d+)?)%\|[^|]{0,400}\|\s{0,4}" + _AMOUNT + "/" + _AMOUNT + _TIMES)
"""``desc: 45%|####  | 45/100 [00:01<00:02, 30.1it/s]``"""
_TQDM_SHORT = re.compile(r"(\d{1,3}(?:\.\d+)?)%\s?\|[\s#\d=>.\u2580-\u259f-]{0,400}\|")
"""The same without the figures, when the terminal is narrow or the format was changed."""
_TQDM_OPEN = re.compile(r"(?:^|[\s:])" + _AMOUNT + r"[A-Za-z]{1,12} \[(?:\d+:)?\d+:\d\d, ")
"""``123it [00:01, 99.9it/s]``: no total; a name of the unit may stand before the bracket."""
_FASTPROGRESS = re.compile(r"\d{1,3}\.\d\d% \[(\d{1,12})()/(\d{1,12})() (?:\d+:)?\d+:\d\d<")
"""``45.00% [45/100 00:10<00:12]``: fastprogress, which draws its bar elsewhere, or before it."""
_TQDM_COUNT = re.compile(
    r"(?:^|[\s:])" + _AMOUNT + "/" + _AMOUNT + r" [^\[\]\d]{0,16}\[(?:\d+:)?\d+:\d\d<"
)
"""``45/100 [00:01<00:02, ...]``: a bar of tqdm without a percentage."""

# A bar of rich or pip: heavy lines (U+2501, half ones U+2578 and U+257A), blocks, or ASCII in
# brackets. Between pipes there must be a sign, because the cell of a table may be empty; exceptions
# are R's `txtProgressBar` at its start, and conda's behind a size. uv draws with dashes; aws and
# Maven print no bar at all.
_BAR = re.compile(
    r"[\u2501\u2578\u257a]{5,}|[\u2588-\u258f]{2,}|\[[=#>.\- ]{5,}+\]"
    r"|\|(?= {0,200}[#=>])[#=> ]{5,}+\||^\| {5,}\|(?= +0%$)"
    r"|(?<=[KMGT ]B) {0,9}\| (?=[# \d]{5})#{0,200}\d? {0,200}\|(?= {1,3}\d{1,3}%$)"
    r"|(?<= )-{10,}+(?= +[\d.]+ ?[KMGT]?i?B/)|^Completed (?=[\d.]+ [KMGT]iB/)|^Progress \(\d+\): "
)
_NEXTFLOW = re.compile(
    r"\[[\da-f]{2}/[\da-f]{6}\] [^\n\[]{1,200}\[ *\d{1,3}%\] (\d{1,9}) of (\d{1,9})"
)
"""One row for each process, all drawn again and again."""
_PERCENT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s?%")
_SIZES = re.compile(
    r"(?<![\d./])(\d+(?:\.\d+)?)\s?([kKMGT]i?B|B|bytes)?\s?/"
    r"\s?(\d+(?:\.\d+)?)\s?([kKMGT]i?B|B|bytes)?(?![\w/.]|\s?/)"
)


def parse(text: str) -> Progress | None:
    r"""Return the progress that a text shows; None if it shows none.

    It takes a bar, or a line in the full format of a tool: ``100% sure`` or ``3/4 of the files`` is
    not progress. Of several bars, the last one drawn counts.

    Args:
        text: one line, or the unfinished text at the end of a stream; may have escape sequences and
            ``\r``.
    """
    text = visible_end(text)
    return _tqdm(text) or _drawn(text) or _of_process(text) or _of_line(text)


def epoch(text: str) -> Epoch | None:
    """Return the epochs done according to a whole line; None if it does not say.

    Args:
        text: as for `parse`.
    """
    found = epoch_of(visible_end(text))
    return Epoch(_FULL * found[0] / found[1], int(found[0]), found[1]) if found else None


def visible_end(text: str) -> str:
    """Return the end of what a terminal shows of a text, without surrounding white space."""
    line = text[-_MAX_DRAWN_CHARS:].rstrip("\r\n").rpartition("\n")[2]
    if not line.isprintable():
        line = plain(final_text(seven_bit(line), MAX_MOVES))
    return line[-MAX_PARSED_CHARS:].strip()


def _of_process(text: str) -> Progress | None:
    found = _NEXTFLOW.match(text)
    return _counted(int(found[1]), int(found[2]), None, exact=True) if found else None


def _of_line(text: str) -> Line | None:
    found = figures(text)
    if found is None:
        return None
    done, total = found
    counted = (
        _counted(int(done), int(total), None, exact=True)
        if total
        else _counted(None, None, done, exact=False)
    )
    return Line(*counted) if counted else None


def _tqdm(text: str) -> Progress | None:
    if "[" not in text and "%|" not in text and "% |" not in text:
        return None
    if found := _last(_TQDM, text):
        percent, done, done_unit, total, total_unit = found.groups()
        return _counted(
            _scaled(done, done_unit),
            _scaled(total, total_unit),
            float(percent),
            exact=not (done_unit or total_unit),
        )
    if found := _last(_FASTPROGRESS, text) or _last(_TQDM_COUNT, text):
        done, done_unit, total, total_unit = found.groups()
        return _counted(_scaled(done, done_unit), _scaled(total, total_unit), None, exact=True)
    if found := _last(_TQDM_OPEN, text):
        return Progress(None, _scaled(found[1], found[2]), None)
    if found := _last(_TQDM_SHORT, text):
        return _counted(None, None, float(found[1]), exact=False)
    return None


def _drawn(text: str) -> Progress | None:
    """Parse bars of rich, pip and the like.

    A bar with a percentage, an amount, or both beside it.
    """
    bar = _last(_BAR, text)
    if bar is None:
        return None
    beside = text[bar.end() :]
    percent = _PERCENT.search(beside) or _last(_PERCENT, text[: bar.start()])
    sizes = _SIZES.search(beside)
    if sizes is None and percent is None and "poch" not in text[: bar.start()]:
        sizes = _last(_SIZES, text[: bar.start()])  # keras draws its count before the bar
    share = float(percent[1]) if percent is not None else None
    if sizes is None:
        return _counted(None, None, share, exact=True)
    unit = sizes[4] or sizes[2] or "B"
    done, total = (
        float(sizes[1]) * _BYTE_UNITS[sizes[2] or unit],
        float(sizes[3]) * _BYTE_UNITS[unit],
    )
    return _counted(
        round(done), round(total), _FULL * done / total if total else share, exact=False
    )


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return found


def _scaled(number: str, unit: str) -> int:
    return round(float(number) * _UNITS[unit])


def _counted(
    done: int | None, total: int | None, percent: float | None, *, exact: bool
) -> Progress | None:
    """Return the figures, checked against each other; None if they cannot be progress.

    Args:
        done: items done, if shown.
        total: items in all, if shown.
        percent: the percentage shown, if any.
        exact: the counts are exact, so the percentage is computed from them rather than taken as
            rounded.
    """
    if done is not None and total is not None and total > 0 and (exact or percent is None):
        percent = _FULL * done / total
    if percent is None or (total is not None and done is not None and done > total * 1.01):
        return None
    return Progress(min(percent, _FULL), done, total) if percent <= _FULL + 1 else None
