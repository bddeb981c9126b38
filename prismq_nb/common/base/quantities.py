"""Numbers and durations in words. Standard library only."""

from __future__ import annotations


def counted(count: int, noun: str, more: str = "") -> str:
    """Return a count with its noun, such as "1 line" or "2,000 lines".

    Args:
        count: the number, 0 or more.
        noun: singular; its plural ends in "s".
        more: "+" where the real number may be higher.
    """
    return f"1 {noun}" if count == 1 and not more else f"{count:,}{more} {noun}s"


def duration(seconds: float) -> str:
    """Return a duration as the viewer shows it: "0.42 s", "12.3 s", "3 min 20 s", "1 h 2 min".

    Args:
        seconds: 0 or more.
    """
    for decimals, limit in ((2, 9.995), (1, 59.95)):  # what is below is not rounded up to 10 or 60
        if seconds < limit:
            return f"{seconds:.{decimals}f} s"
    minutes, rest = divmod(int(seconds + 0.5), 60)  # as JavaScript rounds
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next(index for index, (count, _) in enumerate(units) if count)
    return " ".join(f"{count:,} {unit}" for count, unit in units[first : first + 2] if count)
