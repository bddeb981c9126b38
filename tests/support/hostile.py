"""Hostile text: shapes made of what the patterns look for, repeated to any size.

A shape is a prefix, a unit that is repeated, and a suffix. Cost that is worse than linear shows
when a shape is made longer, so nothing here depends on a stopwatch.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

__all__ = [
    "FRAGMENTS",
    "KNOWN",
    "PREFIXES",
    "SUFFIXES",
    "TERMINAL_TOKENS",
    "TOO_MUCH",
    "WORST_LINES",
    "Shape",
    "cost",
    "growth",
    "shapes",
    "worst_growth",
]

#: Growth for a text four times as long that is no longer linear; quadratic cost gives 16.
TOO_MUCH: Final = 9.0

#: Keys, quotes, brackets, digits, escapes, times, words and separators: the beginnings of the
#: patterns of levels, bars, masks and escapes.
FRAGMENTS: Final = (
    b'lvl="', b"level=", b'level="', b"log_level=", b'msg="', b"msg='", b"a=", b"at=", b'a="b" ',
    b"a=b ", b"severity='x", b"levelname", b"=", b'"', b"'", b"\\", b'\\"', b'"a":', b'"a":1,',
    b'"a":"b",', b'"level":', b'{"a":', b'{"a":{', b"{", b"}", b"[", b"]", b"(", b")", b"<", b">",
    b"|", b"{}", b"[a]", b"(a) ", b"<a> ", b"[[", b"]]", b"a", b"A", b"1", b"0", b".", b"-", b"_",
    b"/", b":", b",", b";", b"#", b"*", b"%", b"@", b"$", b"~", b"+", b"!", b"?", b"&", b"^",
    b"`", b" ", b"  ", b"\t", b"\r", b"\x0b", b"\x00", b"a ", b"A ", b"1 ", b"a.b ", b"a.A",
    b"a: ", b"a - ", b"- ", b"| ", b"* ", b"a::", b"::a", b": ", b"1:", b"1:1:", b"a:1: ",
    b"a:1:1: ", b"x.py:1: ", b"1%|", b"1%", b"100%", b"1/1 ", b"1/1 [", b"[1:1:", b"1 [00:00<",
    b"00:00:00", b"00:00:00 ", b"2024-01-02 ", b"2024-01-02T00:00:00Z ",
    b"[2024-01-02 00:00:00] ", b"Jan 2 ", b"Jan ", b"Mon ", b"01-02 00:00:00.1 ", b"ERROR",
    b"ERROR ", b"ERROR: ", b"[ERROR", b"[ERROR] ", b"error", b"error: ", b"error ", b"[error",
    b"| error", b"INFO", b" - INFO", b"WARN 5 ", b"a - ERRORx ", b"Error", b"Error: ",
    b"a.Error: ", b"Warning: ", b"XWarning", b"Exception", b"Traceback (most recent call last)",
    b'File "', b"at ", b"at a", b"at a.b(", b"... 1 more", b"Caused by: ", b"In a : ",
    b"thread '", b"panic(", b"main.", b"main.f(", b")\x0b", b"exit status 1", b"| | ", b"+ ",
    b"Warning in ", b"Error in ", b"make[1]: *** ", b"package ", b"FAILED", b" FAILED", b"test a",
    b"test_a (", b" ... ", b" (a) ", b"runtime error: ", b"**", b" ** ", b"-ERROR **:", b"HTTP/1",
    b'] "G', b"CONTEXT: ", b"pid=1) ", b"[1,1]<stdout>: ", b"[rank1]:", b"a-1 | ", b"\x1b",
    b"\x1b[", b"\x1b[1", b"\x1b[1m", b"\x1b[A", b"\x1b[K", b"\x1b]", b"\x1b]0;", b"\x1b\\",
    b"\x07", b"\x1bP", b"\x1b(", b"\x1b ", b"\x1b[ ", b"\xe2\x94\x81", b"\xe2\x96\x88",
    b"\xe2\x9c\x93", b"\xe2\x95\xad", b"\xc3\xa9", b"\xe6\x97\xa5", b"\xf0\x9f\x98\x80", b"\xff",
    b"\xc3", b"\xa9", b"secret", b"secre", b"#########", b"=========", b"1.1MB/1.1MB ",
    b"1.1/1.1 MB ", b"it/s", b"npm ERR! ", b"goroutine 1 [", b"E/a(", b"<11>",
    b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
)  # fmt: skip
PREFIXES: Final = (
    b"", b"  ", b"x ", b"{", b'{"', b'{"a":"', b"[", b"<3>", b"2024-01-02 00:00:00 ",
    b"2024-01-02 00:00:00,123 - ", b"level=", b"a ", b"test ", b"Warning in ", b"thread '",
    b"\xe2\x9c\x93 ", b'  File "', b"at ", b"| ", b"[00:00:00] ", b"I0102 00:00:00", b"a-1 | ",
    b"\x1b]", b"\x1b[1m", b"1%|",
)  # fmt: skip
SUFFIXES: Final = (
    b"", b" level=info x", b' "level":"info"}', b" ERROR", b": x", b" 1", b"\x1b[0m", b"%", b")",
    b"] x",
)  # fmt: skip
#: Shapes that were super-linear once, each of its own kind.
KNOWN: Final = (
    (b"", b'x lvl="', b""), (b"", b"a", b" level=info x"), (b"level=info msg=", b'"a" ', b""),
    (b"x ", b"level='", b" x"), (b"", b"\x1b", b""), (b"", b"\x1b]0;", b""), (b"", b"secre", b""),
)  # fmt: skip

#: Terminal tokens: sequences, complete and cut off, controls, combining and wide characters.
TERMINAL_TOKENS: Final = (
    b"\x1b", b"\x1b[", b"\x1b[1", b"\x1b[1m", b"\x1b[K", b"\x1b[2K", b"\x1b[J", b"\x1b[A",
    b"\x1b[C",
    b"\x1b[999C", b"\x1b[b", b"\x1b[5@", b"\x1b7", b"\x1b8", b"\x08", b"x\x08", b"\r", b"\rx",
    b"\t",
    b"\x1b]8;;", b"\x1b]8;;\x07", b"\x1bP", b"\xcc\x81", b"\xe6\x97\xa5", b"\xf0\x9f\x98\x80",
    b"\xc2\x9b", b"\xc2\x9bA", b"\xff",
)  # fmt: skip


class Shape(NamedTuple):
    """The repeated unit, and what stands around it."""

    prefix: bytes
    unit: bytes
    suffix: bytes

    def of(self, size: int) -> bytes:
        """Return about so many bytes of this shape, without a newline."""
        room = max(1, size - len(self.prefix) - len(self.suffix))
        return self.prefix + (self.unit * (room // len(self.unit) + 1))[:room] + self.suffix


#: Lines that once took longest in a step, each in its own way: units of three, a long text before
#: or behind them, characters of another width, far columns, very many 8-bit forms.
WORST_LINES: Final = tuple(
    Shape(*parts)
    for parts in (
        (b"", b"\xff\x1b[b", b""), (b"", b"\x1b[J\xff", b""), (b"", b"\x1b7\t", b""),
        (b"\r", b"\xc2\x85", b"\r"), (b"", b"\xe0\xb8\xb1\xc2\x9b\x1b[999b", b""),
        (b"", b"\xc2\x9b\x1b[2J\xe0\xb8\xb1", b"\x08x"),
        (b"", b"\x1b]8;;\x07\xe0\xb8\xb1", b"\x08x"),
        (b"\xe6\x97\xa5" * 30_000, b"\x1b[ua", b"\x1b[31m" * 3_000), (b"", b"\x1b[999@\xff", b""),
        (b"\xe6\x97\xa5" * 30_000, b"\xc2\x9cx\x08", b"a" * 70_000), (b"", b"\x1b[2Ja", b""),
        (b"a" * 70_000, b"\xe0\xb8\xb1" + b"a" * 997, b"\x1b[A"), (b"a\x08", b"a" * 997, b""),
        (b"", b"\x08\x08 10%|##|\x1b[999@", b"\x1b[A"), (b"", b"\x1b[A\x1b[5@", b""),
        (b"", b"\x1b[A\xcc\x81", b""), (b"", b"\x1b[b\xc2\x9bA", b""),
        (b"", b"a" * 2_000 + b"\x08", b""),
        (b"", b"\x1b[38;2;1;2;3mx\x1b[1;2;3;4;5;6;7;8;9;21;22;23;24;25;26my", b"\x1b[D"),
        (b"\r", b"\x1bM\x1b[J", b""),
        (b"", b"\xc2\x90\xc2\x98\xc2\x9b\xc2\x9c\xc2\x9d\xc2\x9e\xc2\x9f", b""),
        (b"\xc2\x90", b"\xe6\x97\xa5", b"\x1b[C"), (b"", b"\xe0\xb8\x81\x1b[I\x1b]0;t\x07", b"\r"),
    )
)  # fmt: skip


def shapes(seed: int, count: int) -> Iterator[Shape]:
    """Yield the known ones, one of each fragment, and random ones: `count` in all.

    They are always the same for one seed.
    """
    source = random.Random(seed)
    made = [Shape(*parts) for parts in KNOWN] + [
        Shape(b"", fragment, b"") for fragment in FRAGMENTS
    ]
    yield from made[:count]
    for _ in range(count - len(made)):
        unit = b"".join(source.choices(FRAGMENTS, k=source.choice((1, 2, 2, 3, 4))))
        yield Shape(source.choice(PREFIXES), unit, source.choice(SUFFIXES))


def cost(work: Callable[[bytes], object], data: bytes, times: int = 3) -> float:
    """Return the least processor time of so many runs, in seconds."""

    def once() -> float:
        begin = time.thread_time()
        work(data)
        return time.thread_time() - begin

    return min(once() for _ in range(times))


def growth(work: Callable[[bytes], object], shape: Shape, size: int, floor: float) -> float:
    """Return how many times the cost grows when a shape is made four times as long.

    Linear work gives about 4, quadratic work 16.

    Args:
        work: is given the text.
        shape: of the text.
        size: of the shorter text.
        floor: seconds; less than that for the longer text is taken for no growth at all.
    """
    short, long = shape.of(size), shape.of(4 * size)
    found = 0.0
    for times in (1, 3, 10):  # the machine may be busy: only growth that recurs counts
        after = cost(work, long, times)
        if after < floor:
            return 0.0
        found = after / cost(work, short, times + 2)
        if found < TOO_MUCH:
            break
    return found


def worst_growth(
    work: Callable[[bytes], object], size: int, floor: float, *, seed: int = 1, count: int = 400
) -> tuple[float, Shape | None]:
    """Return the worst growth over generated shapes, and its shape. Stop at the first that is too
    much.
    """
    worst: tuple[float, Shape | None] = (0.0, None)
    for shape in shapes(seed, count):
        found = growth(work, shape, size, floor)
        if found > worst[0]:
            worst = (found, shape)
        if found >= TOO_MUCH:
            break
    return worst
