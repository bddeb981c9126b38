"""A made-up collector of short videos: it fetches nothing, but prints what real collectors print.

The quickstart launches it. It has everything that makes logs difficult: records of every level, a
caught traceback, a progress bar that is redrawn with carriage returns, colours, text in many
languages, both streams, and a long line. The same ``--seed`` gives the same output.

    python collect.py --max-results 50 --pause 0.02
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time

log = logging.getLogger("collect")

TITLES = [
    "How to tie a bowline in five seconds",
    "東京の朝、始発電車の音",
    "¿Por qué el cielo es azul?",
    "Борщ за 60 секунд 🍲",
    "고양이가 피아노를 칩니다 🐈🎹",
    "صوت المطر في الصحراء",
    "Übergrößen im Möbelhaus, ein Märchen",
    "ने एक मिनट में योग 🧘",
]
BOLD, DIM, GREEN, YELLOW, RESET = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
RATE_LIMIT = 40
# The carriage return and the "erase to the end of the line" remove the unfinished bar, so that a
# record does not end up behind it.
LOG_FORMAT = "\r\x1b[K%(asctime)s %(levelname)s %(name)s: %(message)s"


class RateLimitError(Exception):
    """The service asks for fewer requests."""


def fetch(number: int, rng: random.Random) -> dict[str, object]:
    """Pretend to fetch one video."""
    log.debug("GET /v1/videos/%d (attempt 1)", number)
    if number % 17 == 16:
        raise RateLimitError(f"HTTP 429 for video {number}: retry after {rng.randint(1, 9)} s")
    return {
        "title": TITLES[number % len(TITLES)],
        "views": int(rng.paretovariate(0.8) * 1000),
        "seconds": rng.randint(7, 60),
    }


def collect(max_results: int, pause: float, rng: random.Random) -> list[dict[str, object]]:
    """Fetch `max_results` videos, `pause` seconds apart, and print each."""
    videos: list[dict[str, object]] = []
    for number in progress(range(max_results)):
        time.sleep(pause)
        try:
            video = fetch(number, rng)
        except RateLimitError:
            log.exception("Video %d was skipped", number)
            continue
        videos.append(video)
        colour = GREEN if int(str(video["views"])) > 5000 else DIM
        print(
            f"{number:4d}  {colour}{video['views']:>9,} views{RESET}  {video['seconds']:>2} s "
            f" {BOLD}{video['title']}{RESET}"
        )
        if number == int(RATE_LIMIT * 0.8):
            log.warning("Rate limit approaching (%d%% used)", 80)
    return videos


def progress(items: range):
    """Show a bar on stderr: tqdm's if it is installed, or one that looks the same."""
    try:
        from tqdm import tqdm  # noqa: PLC0415 - it may be missing
    except ImportError:
        return _bar(items)
    return tqdm(items, desc="collecting", unit="video", mininterval=0.05)


def _bar(items: range):
    begin = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        rate = done / max(time.monotonic() - begin, 1e-9)
        filled = 20 * done // len(items)
        bar = "█" * filled + " " * (20 - filled)
        sys.stderr.write(
            f"\rcollecting: {100 * done // len(items):3d}%|{bar}| {done}/{len(items)}"
            f" [{rate:.2f}video/s]"
        )
        sys.stderr.flush()
    sys.stderr.write("\n")


def report(videos: list[dict[str, object]]) -> None:
    """Print a summary."""
    if not videos:
        log.critical("Nothing was collected")
        return
    best = max(videos, key=lambda video: int(str(video["views"])))
    total = sum(int(str(video["views"])) for video in videos)
    print(f"{YELLOW}{'─' * 60}{RESET}")
    print(f"{len(videos)} videos, {total:,} views; most watched: {BOLD}{best['title']}{RESET}")
    print("views by video: " + ", ".join(str(video["views"]) for video in videos))
    log.info("Done")


def main() -> int:
    """Parse the arguments, collect, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--max-results", type=int, default=50, help="videos to collect (default: %(default)s)"
    )
    parser.add_argument(
        "--pause",
        type=float,
        default=0.02,
        help="seconds between two requests (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=20251031,
        help="makes the output repeatable (default: %(default)s)",
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.DEBUG, format=LOG_FORMAT, stream=sys.stderr)
    log.info("Starting the collector: %d results, %g s apart", options.max_results, options.pause)
    report(collect(options.max_results, options.pause, random.Random(options.seed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
