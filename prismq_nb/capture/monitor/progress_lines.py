"""Progress lines of single tools without a bar: a table of their formats, each with its source.

Pure.

To extend it, add a pattern for the whole format of a line's beginning. One group is a percentage;
two are the amount done and the total. Samples are in ``tests/capture/samples/progress.txt``.
Standard library only.
"""

from __future__ import annotations

import re
from typing import Final

_SIZE: Final = r"[\d.]{1,12}[kKMGTP]?"
_CLOCK: Final = r"(?:--:--:--|\d{1,3}:\d\d:\d\d|\d{1,3}d \d\dh)"
# The action that a build tool reports; not a stack frame, and not `[1/2] of it`.
_ACTION: Final = (
    r"(?:[A-Z][a-z\-]*ing\b"
    r"|(?:Built|Build|Link|Linked|Copy|Install|Generate|Run|Compile|Test|Re-run)\b"
    r"|(?!ERROR|WARN|FAIL|INFO|DEBUG|FATAL|CRITICAL|TODO)[A-Z]{2,}\b|:|cd (?=/)"
    r"|[\w./+\-]{0,200}?(?:cc|\+\+|clang|ld|ar|ranlib|nvcc|python3?|cmake|rustc|sh)"
    r"(?:-[\d.]+)?(?= -| /| \w+/))"
)
# git: the titles that it gives to `start_progress`, and those of git-lfs.
_GIT: Final = (
    r"(?:Enumerating|Counting|Compressing|Receiving|Resolving|Writing|Unpacking|Indexing|Checking"
    r"|Updating|Filtering|Refreshing|Finding|Reusing|Loading|Selecting|Computing|Building|Scanning"
    r"|Rewriting|Verifying|Merging|Collecting|Removing|Expiring|Propagating|Expanding|Searching"
    r"|Reading|Downloading|Uploading|Delta)(?: [A-Za-z\-]{1,20}){0,6}"
)
_SHAPES: Final = (
    # ninja (manual, NINJA_STATUS: "[%f/%t] "), Meson, Swift; yarn 1 with a picture behind it; Bazel
    r"\[(\d{1,7})/(\d{1,7})\] (?:[^\x00-\x7f]{1,3} {1,3})?(?=" + _ACTION + r")",
    r"\[([\d,]{1,9}) / ([\d,]{1,9})\] (?=" + _ACTION + r"|\d{1,6} actions? )",
    # Android's Soong (ui/terminal/format.go)
    r"\[ {0,2}\d{1,3}% (\d{1,9})/(\d{1,9})(?: [\w ]{1,40})?\] ",
    # the makefiles of CMake (Source/cmcmd.cxx: "[%3d%%]"); ctest (cmCTestRunTest.cxx)
    r"\[(?=[ \d]{3}%) {0,2}(\d{1,3})%\] (?=[A-Z])",
    r"(\d{1,7})/(\d{1,7}) +(?:Mem)?Test +#\d+: ",
    # Meson's test runner (mtest.py)
    (
        r"(\d{1,7})/(\d{1,7}) \S[^\n]{0,200}? {2,}"
        r"(?:OK|SKIP|FAIL|EXPECTEDFAIL|TIMEOUT|ERROR) +[\d.]+s\b"
    ),
    # git (progress.c: "%s: %3u%% (%u/%u)")
    r"(?:remote: )?" + _GIT + r": +\d{1,3}% \((\d+)/(\d+)\)",
    # curl: -# (src/tool_cb_prg.c), the full meter (lib/progress.c), in which the first number is
    # that of all
    r"#+ +(\d{1,3}(?:\.\d))%$",
    r"(\d{1,3}) +(?!0 )" + _SIZE + r"(?: +\d{1,3} +" + _SIZE + r"){2} +" + _SIZE + r" +" + _SIZE
    + r"(?: +" + _CLOCK + r"){3} +" + _SIZE + r"$",
    # wget without a terminal (src/progress.c, dot_draw)
    r"\d{1,12}[KM] (?:[ ,.]{10,90}) {0,60}(\d{1,3})% +[\d.,]+[KMGT]?(?: +\S|=)",
    # ConsoleProgressBar of Spark; print_progress of joblib
    r"\[Stage \d+:[=> ]*\((\d{1,9}) \+ \d+\) / (\d{1,9})\]",
    r"\[Parallel\(n_jobs=-?\d+\)\]: Done +(\d{1,9}) out of +(\d{1,9}) \|",
    # apt: install-progress.cc, acqprogress.cc; dpkg
    r"Progress: \[ *(\d{1,3})%\]",
    r"(\d{1,3})% \[(?:\d+ [\w.+\-]|Working|Waiting for headers|Connecting to |Connected to )",
    r"\(Reading database \.\.\. (\d{1,3})%",
    # rsync: progress.c; scp and sftp: progressmeter.c
    r"[\d,.]{1,24}[kMGT]? +(\d{1,3})% +[\d.]+[kMGT]?B/s +\d+:\d\d:\d\d",
    r"\S{1,200} +(\d{1,3})% +[\d.]+ ?[KMGT]?B +[\d.]+[KMGT]?B/s +(?:\d+:)?\d\d:\d\d(?: ETA)?\s*$",
    # pytest-xdist -v (terminal.py of pytest: "[%s] [%3d%%] %s ")
    r"\[gw\d{1,3}\] \[ *(\d{1,3})%\] [A-Z]+ ",
    # snakemake, its logging.py
    r"(\d{1,9}) of (\d{1,9}) steps \(\d{1,3}(?:\.\d+)?%\) done",
    # pip --progress-bar=raw (cli/progress_bars.py); uv
    r"Progress (\d{1,15}) of (\d{1,15})$",
    r"(?:\S )?(?:Preparing|Building|Downloading|Installing) packages\.\.\. \((\d{1,6})/(\d{1,6})\)",
    # BuildKit and Compose on a terminal (util/progress/progressui, cmd/compose)
    (
        r"\[\+\] (?:Building|Running|Pulling|Creating|Stopping|up|down|Up|Down) "
        r"(?:[\d.]+m?s \()?(\d{1,5})/(\d{1,5})\b"
    ),
    # BuildProgressLogger of Gradle, Maven
    r"<=*-*> (\d{1,3})% (?:INITIALIZING|CONFIGURING|EXECUTING|WAITING)\b",
    r"\[INFO\] Building \S[^\n]{0,200} {2,}\[(\d{1,5})/(\d{1,5})\]$",
    # rclone, fs accounting stats
    r"(?:Transferred:\s{1,12})[\d.]+ [KMGT]?i?B / [\d.]+ [KMGT]?i?B, (\d{1,3})%, ",
    # PyTorch's examples: mnist, imagenet; torchvision/references
    r"Train Epoch: \d+ \[(\d{1,12})/(\d{1,12}) \(\d{1,3}%\)\]",
    r"Epoch: \[\d+\] {0,2}\[ *(\d{1,9})/(\d{1,9})\]",
)  # fmt: skip
_LINES = re.compile("|".join(_SHAPES))
_PYTEST = re.compile(
    r"(?:[.FEsxX]{1,200}|\S{1,200}\.py(?:::\S{1,200})? .{0,200}) +\[(?=[ \d]{3}%) *(\d{1,3})%\]$"
)
"""pytest (terminal.py): at the end of a line of dots, or behind a test's name."""
# An epoch followed by other text is over. Keras prints the epoch alone, before it begins.
_EPOCH = re.compile(
    r"\[?[Ee](?:poch|POCH):? +\[?(\d{1,6})/(\d{1,6})\]?(?:(?P<alone>\s*$)"
    r"|, (?:Step|Iter(?:ation)?|Batch):? \[?(?P<step>\d{1,9})/(?P<steps>\d{1,9})\]?"
    r"|[,:;|)]| +[-|(\[]| +[A-Za-z][\w ]{0,30}[:=])"
)


def figures(text: str) -> tuple[float, float | None] | None:
    """Return the progress in a tool's line: a percentage, or the amount done and the total.

    Args:
        text: what the line shows, without surrounding white space.
    """
    found = _LINES.match(text)
    if found is None and text.endswith("%]"):
        found = _PYTEST.match(text)
    if found is None:
        return None
    first, *others = [
        float(group.replace(",", "")) for group in found.groups() if group is not None
    ]
    return first, others[0] if others else None


def epoch_of(text: str) -> tuple[float, int] | None:
    """Return epochs done, a fraction if steps are given, and epochs in all.

    ``Epoch 3/10`` is a line.

    Args:
        text: what the line shows, without surrounding white space.
    """
    found = _EPOCH.match(text)
    if found is None:
        return None
    number, total = int(found[1]), int(found[2])
    if not 0 < total >= number:
        return None
    if found["alone"] is not None:
        return max(number - 1, 0), total
    if found["steps"]:
        return max(number - 1, 0) + min(int(found["step"]) / max(int(found["steps"]), 1), 1), total
    return number, total
