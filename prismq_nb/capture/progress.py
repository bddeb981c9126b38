"""Progress in what a program draws: tqdm, rich.progress and pip, from the text of one unfinished or redrawn line.

Pure, and about one drawing of one bar; `bars.py` knows which of several bars counts. Standard library only; knows nothing of the house.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["Progress", "parse"]

#: Only this many characters at the end of the text are looked at: a bar is redrawn at the end, and the cost stays the same for any line.
LOOKED_AT: Final = 512

_FULL: Final = 100.0
_UNITS: Final = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_BYTE_UNITS: Final = {"B": 1, "bytes": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12} | {
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip


class Progress(NamedTuple):
    """How far a program says it is.

    Attributes:
        percent: 0 to 100; None when the total is unknown.
        done: items (or bytes) done; None when only a percentage is shown.
        total: items (or bytes) in all; None when unknown.
    """

    percent: float | None
    done: int | None
    total: int | None


_ESCAPE = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|[ -/]?[0-~])")
_AMOUNT = r"(\d+(?:\.\d+)?)([kKMGTP]?)i?"
_TIMES = r"\s?[^\[\]\d]{0,16}\s?\[(?:\d+:)?\d+:\d\d(?:<[^,\]]{1,16})?"

#: ``desc: 45%|####  | 45/100 [00:01<00:02, 30.1it/s]``
_TQDM = re.compile(r"(\d{1,3}(?:\.\d+)?)%\|[^|]{0,400}\|\s{0,4}" + _AMOUNT + "/" + _AMOUNT + _TIMES)
#: The same without the figures, when the terminal is narrow or the format was changed.
_TQDM_SHORT = re.compile(r"(\d{1,3}(?:\.\d+)?)%\s?\|[\s#\d=>.\u2580-\u259f-]{0,400}\|")
#: ``123it [00:01, 99.9it/s]``: no total; a name of the unit may stand before the bracket.
_TQDM_OPEN = re.compile(r"(?:^|[\s:])" + _AMOUNT + r"[A-Za-z]{1,12} \[(?:\d+:)?\d+:\d\d, ")
#: ``45/100 [00:01<00:02, ...]``: a bar of tqdm without a percentage.
_TQDM_COUNT = re.compile(r"(?:^|[\s:])" + _AMOUNT + "/" + _AMOUNT + r" [^\[\]\d]{0,16}\[(?:\d+:)?\d+:\d\d<")

# A bar of rich or pip: heavy lines (U+2501, with the half ones U+2578 and U+257A), blocks, or ASCII in brackets.
_BAR = re.compile(r"[\u2501\u2578\u257a]{5,}|[\u2588-\u258f]{2,}|\[[=#>.\- ]{5,}+\]|\|[#=> ]{5,}+\|")
_PERCENT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s?%")
_SIZES = re.compile(r"(?<![\d./])(\d+(?:\.\d+)?)\s?([kKMGT]i?B|B|bytes)?\s?/\s?(\d+(?:\.\d+)?)\s?([kKMGT]i?B|B|bytes)?(?![\w/.]|\s?/)")


def parse(text: str) -> Progress | None:
    r"""The progress that a text shows, None when it draws no bar.

    A bar is needed: words such as ``100% sure`` or ``3/4 of the files`` are none. Of several bars the last that is drawn counts.

    Args:
        text: one line, or the unfinished text at the end of a stream; it may hold escape sequences and ``\r``.
    """
    text = _ESCAPE.sub("", text[-LOOKED_AT:]).rstrip()
    text = text[max(text.rfind("\r"), text.rfind("\n")) + 1 :]
    return _tqdm(text) or _drawn(text) or _of_tool(text)


# What single tools print without a bar: each at the start of the text, in its full shape.
_TOOLS = re.compile(
    r"\[(?P<ninja>\d{1,7}/\d{1,7})\] (?=[A-Z:/])"
    r"|\[ {0,2}(?P<make>\d{1,3})%\] (?=[A-Z])"
    r"|(?:remote: )?[A-Z][a-z]+(?: [a-z]+)?: +(?P<git>\d{1,3})% \(\d+/\d+\)"
    r"|#* +(?P<curl>\d{1,3}(?:\.\d))%$"
    r"|\[Stage \d+:[=> ]*\((?P<spark>\d{1,9}) \+ \d+\) / (?P<stages>\d{1,9})\]"
    r"|\[Parallel\(n_jobs=-?\d+\)\]: Done +(?P<joblib>\d{1,9}) out of +(?P<tasks>\d{1,9}) \|"
    r"|Progress: \[ *(?P<apt>\d{1,3})%\]"
    r"|[\d,.]+[kMGT]? +(?P<rsync>\d{1,3})% +[\d.]+[kMGT]?B/s +\d+:\d\d:\d\d"
)
_PYTEST = re.compile(r"(?:[.FEsxX]{1,200}|\S{1,200}\.py(?:::\S{1,200})? .{0,200}) +\[(?=[ \d]{3}%) *(\d{1,3})%\]$")


def _of_tool(text: str) -> Progress | None:
    text = text.lstrip()
    found = _TOOLS.match(text)
    if found is None:
        ended = _PYTEST.match(text) if text.endswith("%]") else None
        percent = ended[1] if ended is not None else None
        return _counted(None, None, float(percent), exact=False) if percent else None
    if found["ninja"]:
        done, total = map(int, found["ninja"].split("/"))
        return _counted(done, total, None, exact=True)
    for count, all_of in (("spark", "stages"), ("joblib", "tasks")):
        if found[count]:
            return _counted(int(found[count]), int(found[all_of]), None, exact=True)
    if found["git"]:
        done, total = map(int, found[0][found[0].index("(") + 1 : -1].split("/"))
        return _counted(done, total, None, exact=True)
    percent = next(found[name] for name in ("make", "curl", "apt", "rsync") if found[name])
    return _counted(None, None, float(percent), exact=False)


def _tqdm(text: str) -> Progress | None:
    if "[" not in text and "%|" not in text and "% |" not in text:
        return None
    if found := _last(_TQDM, text):
        percent, done, done_unit, total, total_unit = found.groups()
        return _counted(_scaled(done, done_unit), _scaled(total, total_unit), float(percent), exact=not (done_unit or total_unit))
    if found := _last(_TQDM_COUNT, text):
        done, done_unit, total, total_unit = found.groups()
        return _counted(_scaled(done, done_unit), _scaled(total, total_unit), None, exact=True)
    if found := _last(_TQDM_OPEN, text):
        return Progress(None, _scaled(found[1], found[2]), None)
    if found := _last(_TQDM_SHORT, text):
        return _counted(None, None, float(found[1]), exact=False)
    return None


def _drawn(text: str) -> Progress | None:
    """Bars of rich, pip and their like: a bar, and beside it a percentage, an amount, or both."""
    bar = _last(_BAR, text)
    if bar is None:
        return None
    beside = text[bar.end() :]
    percent = _PERCENT.search(beside) or _last(_PERCENT, text[: bar.start()])
    sizes = _SIZES.search(beside) or (_last(_SIZES, text[: bar.start()]) if percent is None else None)  # keras draws its count before the bar
    if percent is None and sizes is None:
        return None
    done = total = None
    if sizes is not None:
        unit = sizes[4] or sizes[2] or "B"
        done, total = _bytes(sizes[1], sizes[2] or unit), _bytes(sizes[3], unit)
    return _counted(done, total, float(percent[1]) if percent is not None else None, exact=True)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return found


def _scaled(number: str, unit: str) -> int:
    return round(float(number) * _UNITS[unit])


def _bytes(number: str, unit: str) -> int:
    return round(float(number) * _BYTE_UNITS[unit])


def _counted(done: int | None, total: int | None, percent: float | None, *, exact: bool) -> Progress | None:
    """The figures, checked against each other; None where they cannot be progress.

    Args:
        done: items done, if shown.
        total: items in all, if shown.
        percent: the percentage shown, if any.
        exact: the counts are exact, so the percentage is worked out from them rather than taken as rounded.
    """
    if done is not None and total is not None and total > 0 and (exact or percent is None):
        percent = _FULL * done / total
    if percent is None or (total is not None and done is not None and done > total * 1.01):
        return None
    return Progress(min(percent, _FULL), done, total) if percent <= _FULL + 1 else None
