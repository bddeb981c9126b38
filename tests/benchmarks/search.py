"""Searching a log of a gigabyte, by the engine and over HTTP, beside `grep -c`.

HTTP is under a real Jupyter server; `rg -c` is measured where it is installed.

    python tests/benchmarks/search.py [--lines 10000000] [--rounds 3] [--json FILE]
    python tests/benchmarks/search.py --runs 200 [--lines 5000000] [--rounds 3] [--json FILE]

With `--runs`, so many runs have the lines together (0.5 GB; `--lines 100000000` are 10 GB), and all
of them are searched over HTTP, beside `rg -c`, or `grep -rc` if there is no `rg`, over their files.

The log lies in $TMPDIR and is read once before, so all of them find it in the page cache. `grep` is
run in the C locale and in C.UTF-8; "of grep" is its time in C.UTF-8 (what people have) divided by
ours, "cpu of grep" the same of processor seconds, which other work on the machine disturbs less.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import arguments, median, percentile, report, workspace
from support.bulk import fill
from support.journals import MadeRun
from support.probe import Watched

from prismq_nb.engine.read.context import Context, ContextSearch
from prismq_nb.engine.read.filters import matcher
from prismq_nb.engine.read.search import LogSearch
from prismq_nb.journal.reader import JournalReader

BLOCK_LINES = 100_000
_WORDS = (
    "alpha",
    "beta",
    "request",
    "handled",
    "in",
    "ms",
    "user",
    "id",
    "connection",
    "open",
    "cache",
    "miss",
)
CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("rare, any case", {"q": "LOST connection"}, ["-ciF", "LOST connection"]),
    ("rare, literal", {"q": "lost connection", "case": True}, ["-cF", "lost connection"]),
    ("rare, pattern", {"q": "needle [0-9]+", "regex": True}, ["-cE", "needle [0-9]+"]),
    (
        "rare, pattern, any case",
        {"q": "NEEDLE [0-9]+", "regex": True, "case": False},
        ["-ciE", "NEEDLE [0-9]+"],
    ),
    ("rare, no literal first", {"q": "[0-9]+ lost", "regex": True}, ["-cE", "[0-9]+ lost"]),
    (
        "rare, alternatives",
        {"q": "(FATAL|needle) [0-9]", "regex": True},
        ["-cE", "(FATAL|needle) [0-9]"],
    ),
    ("rare, of two words", {"q": ["worker", "needle"]}, ["-ciE", "worker.*needle"]),
    ("rare, without another", {"q": "needle", "exclude": "beta gamma"}, ["-ciF", "needle"]),
    ("rare, whole word", {"q": "lost", "word": True}, ["-ciwF", "lost"]),
    ("rare, with lines around", {"q": "needle", "lines_before": 2}, ["-ciF", "needle"]),
    ("every line", {"q": "worker", "case": True}, ["-cF", "worker"]),
]


def block() -> bytes:
    """Lines of 100 bytes; one in 100,000 is another."""
    lines = [
        f"2025-10-31 12:00:{i % 60:02d} INFO worker-{i % 7} "
        + " ".join(_WORDS[i * k * k % 13 % len(_WORDS)] for k in range(1, 11))
        for i in range(BLOCK_LINES)
    ]
    lines[BLOCK_LINES // 2] = (
        "2025-10-31 12:00:00 ERROR worker-1 needle 4711 lost connection to host"
    )
    return "".join(f"{line[:99]:.<99}\n" for line in lines).encode()


def measured(work: Callable[[], int], who: int = resource.RUSAGE_SELF) -> tuple[float, float, int]:
    """Seconds, processor seconds, and the result of `work`."""
    before, begin = resource.getrusage(who), time.perf_counter()
    found = work()
    seconds, after = time.perf_counter() - begin, resource.getrusage(who)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found


def by_engine(reader: JournalReader, query: dict[str, Any]) -> int:
    """Hits of one search."""
    names = ("regex", "case", "word")
    how = {"regex": False, **{name: query[name] for name in names if name in query}}
    wanted = matcher(*(listed(query.get(name, [])) for name in ("q", "exclude")), **how)
    assert wanted is not None
    context = Context(query.get("lines_before", 0))
    work = ContextSearch(lambda first: LogSearch(reader, wanted, first=first), context)
    while not work.done:
        work.step()
    return work.hits // (1 + context.before)


def listed(texts: str | list[str]) -> list[str]:
    """One text or several."""
    return [texts] if isinstance(texts, str) else texts


def by_command(log: Path, command: list[str], locale: str) -> int:
    """The count of matching lines by another program."""
    return int(
        subprocess.run(
            [*command, str(log)],
            env={**os.environ, "LC_ALL": locale},
            capture_output=True,
            check=False,
        ).stdout
    )


def by_http(server: Watched, run_id: str, query: dict[str, Any]) -> None:
    """Read a whole search."""
    tail = b""
    texts = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
    }
    with server.get(f"{run_id}/logs/search", **texts) as answer:
        for chunk in answer.iter_content(1 << 16):
            tail = (tail + chunk)[-300:]
    assert b"event: complete" in tail


def cancelled(server: Watched, path: str) -> float:
    """Seconds from closing a search in full flight until the server has ended it."""
    answer = server.get(path, q="[a-z]+ [0-9]+ lost", regex="true")
    next(answer.iter_content(10))
    begin = time.perf_counter()
    answer.close()
    while server.probe()["streams"]:
        pass
    return time.perf_counter() - begin


def row(
    case: tuple[str, dict[str, Any], list[str]],
    journal: JournalReader,
    run: MadeRun,
    server: Watched,
    rounds: int,
) -> dict[str, Any]:
    """All rounds of one case, each with every way in turn."""
    (name, query, grep), log = case, run.path / "output.log"
    commands = {"grep C": (["grep", *grep], "C"), "grep UTF-8": (["grep", *grep], "C.UTF-8")}
    if shutil.which("rg"):
        commands["rg"] = (
            [
                "rg",
                "--no-config",
                *(word.replace("E", "") if word.startswith("-") else word for word in grep),
            ],
            "C.UTF-8",
        )
    engine, http, late = [], [], []
    other: dict[str, list[tuple[float, float, int]]] = {name: [] for name in commands}
    for _ in range(rounds):
        engine.append(measured(lambda: by_engine(journal, query)))
        begin = time.perf_counter()
        late += server.lateness(lambda: by_http(server, run.run_id, query))
        http.append(time.perf_counter() - begin)
        for each, (command, locale) in commands.items():
            other[each].append(
                measured(
                    lambda c=command, w=locale: by_command(log, c, w), resource.RUSAGE_CHILDREN
                )
            )  # type: ignore[misc]
    assert engine[0][2] == other["grep C"][0][2], (name, engine[0][2], other["grep C"][0][2])
    seconds = median([s for s, _, _ in engine])
    return {
        "search": name,
        "hits": engine[0][2],
        "s": seconds,
        "GB/s": journal.log_bytes / seconds / 1e9,
        "by HTTP s": median(http),
        "hits/s by HTTP": round(engine[0][2] / median(http)),
        **{f"{each} s": median([s for s, _, _ in values]) for each, values in other.items()},
        "of grep": median([s for s, _, _ in other["grep UTF-8"]]) / seconds,
        "cpu of grep": (
            median([c for _, c, _ in other["grep UTF-8"]]) / median([c for _, c, _ in engine])
        ),
        "cpu of grep C": (
            median([c for _, c, _ in other["grep C"]]) / median([c for _, c, _ in engine])
        ),
        "loop late p99 ms": percentile(late, 99) * 1e3,
    }


RUNS_CASES = [case for case in CASES if "lines_before" not in case[1] and case[0] != "every line"]


def fill_runs(folder: Path, runs: int, lines: int) -> int:
    """Make runs that have `lines` lines together; return how many they have."""
    each, whole = max(1, lines // runs), block()
    pieces = [whole[at : at + 2_500_000] for at in range(0, len(whole), 2_500_000)]
    for number in range(runs):
        run = MadeRun(folder, f"run_20251031_{120_000 + number % 60:06d}_bulk_{number:06x}")
        piece = pieces[number % len(pieces)]
        if each < len(piece) // 100:
            piece = piece[: each * 100]
        fill(run, each, piece)
    return each * runs


def found_by_http(server: Watched, query: dict[str, Any]) -> tuple[int, float]:
    """Hits in all runs, and the seconds to the first event ``run``."""
    texts = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
    }
    begin, first, tail = time.perf_counter(), 0.0, b""
    with server.get("search", **texts, max_hits=1_000_000) as answer:
        for chunk in answer.iter_content(None):
            first = first or (time.perf_counter() - begin if b"event: run" in chunk else 0.0)
            tail = (tail + chunk)[-500:]
    end = json.loads(tail.partition(b"event: complete\ndata: ")[2])
    return int(end["hits"]), first


def found_by_command(folder: Path, command: list[str]) -> int:
    """Hits in all logs by another program."""
    counts = subprocess.run([*command, str(folder)], capture_output=True, check=False).stdout
    return sum(int(line.rpartition(b":")[2]) for line in counts.splitlines())


def runs_row(
    case: tuple[str, dict[str, Any], list[str]], folder: Path, server: Watched, rounds: int
) -> dict[str, Any]:
    """All rounds of one case, by us and by the peer in turn."""
    name, query, grep = case
    if shutil.which("rg"):
        peer = ["rg", "--no-config", "-g", "output.log"]
        peer += [word.replace("E", "") if word.startswith("-") else word for word in grep]
    else:
        peer = ["grep", "-r", "--include=output.log", *grep]
    ours, firsts, theirs, late, hits, expected = [], [], [], [], 0, 0
    processor, other = [], []
    for _ in range(rounds):
        server.probe()
        before, begin = server.cpu, time.perf_counter()
        hits, first = found_by_http(server, query)
        ours.append(time.perf_counter() - begin)
        processor.append(server.cpu - before)
        late += server.probe()["late"]
        firsts.append(first)
        seconds, used, expected = measured(
            lambda: found_by_command(folder / "runs", peer), resource.RUSAGE_CHILDREN
        )
        theirs.append(seconds)
        other.append(used)
    assert hits == expected or "exclude" in query or len(grep[1:]) > 1, (name, hits, expected)
    return {
        "search": name,
        "hits": hits,
        "s": median(ours),
        "first s": median(firsts),
        f"{peer[0]} s": median(theirs),
        f"times {peer[0]}": median(ours) / median(theirs),
        f"cpu times {peer[0]}": median(processor) / median(other),
        "loop late p99 ms": percentile(late, 99) * 1e3,
    }


def all_runs(options: Any) -> None:
    """Measure the search over all runs."""
    with workspace() as folder:
        lines = fill_runs(folder, options.runs, options.lines or 5_000_000)
        with Watched(folder / "home", folder, "--PrismQApp.keep_runs=0") as server:
            found_by_http(server, {"q": "warm"})
            found_by_command(folder / "runs", ["grep", "-rc", "warm"])
            rows = [runs_row(case, folder, server, options.rounds) for case in RUNS_CASES]
            ends = [cancelled(server, "search") for _ in range(10)]
    report(f"searching {options.runs:,} runs of {lines / 1e7:.2f} GB together", rows, options.json)
    print(f"a search is gone {median(ends) * 1e3:.1f} ms after its end (median)")


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, lines=0, rounds=3, runs=0)
    if options.runs:
        all_runs(options)
    else:
        one_log(options)


def one_log(options: Any) -> None:
    """Measure the search of one log."""
    options.lines = options.lines or 10_000_000
    with workspace() as folder:
        run = MadeRun(folder)
        fill(run, options.lines, block())
        with Watched(folder / "home", folder) as server, JournalReader(run.path) as journal:
            by_engine(journal, {"q": "warm"})
            idle = server.lateness(lambda: time.sleep(1))
            rows = [row(case, journal, run, server, options.rounds) for case in CASES]
            ends = [cancelled(server, f"{run.run_id}/logs/search") for _ in range(10)]
    report("searching a log", rows, options.json)
    print(
        f"event loop late when idle: p99 {percentile(idle, 99) * 1e3:.1f} ms; a search is gone"
        f" {median(ends) * 1e3:.1f} ms after its end (median)"
    )


if __name__ == "__main__":
    main()
