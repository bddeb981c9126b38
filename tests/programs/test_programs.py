"""Popular programs, each as a real run: its log, its levels, its progress.

Without a server, because the run is the same.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from support.package_index import WHEEL, PackageIndex
from support.runs import until
from support.waiting import WAIT_SECONDS

import prismq_nb
from prismq_nb import Run

HERE = Path(__file__).parent
MEGABYTES = 64


def launch(program: str, **options) -> Run:
    return prismq_nb.launch(HERE / f"{program}.py", **options)


def ended(run: Run, status: str = "completed") -> list:
    assert run.wait(WAIT_SECONDS) == status, run.error_message
    lines = run.logs(after=-1)
    assert [line.line for line in lines] == list(range(run.lines))
    return lines


def levels(lines: list) -> Counter[str]:
    return Counter(line.level for line in lines)


def level_of(lines: list, text: str) -> str:
    (level,) = {line.level for line in lines if text in line.message}
    return level


def progress_seen(run: Run) -> list[tuple[float | None, int | None, int | None]]:
    """The progress that the run reports, from its start to its end."""
    seen: list = []

    def look() -> bool:
        over = run.refresh().status != "running"
        said = run.progress_percent, run.items_processed, run.items_total
        if said[0] is not None and said not in seen:
            seen.append(said)
        return over

    until(look)
    return seen


def test_one_bar_of_tqdm():
    run = launch("tqdm_one")
    seen = progress_seen(run)
    assert seen[-1] == (100.0, 40, 40)
    assert seen == sorted(seen)
    (line,) = ended(run)
    assert (line.stream, line.level) == ("stderr", "INFO")
    assert line.message.startswith("train: 100%|")


def test_three_nested_bars_of_tqdm():
    run = launch("tqdm_nested")
    seen = progress_seen(run)
    assert {total for _, _, total in seen} == {3}
    assert seen[-1] == (100.0, 3, 3)
    lines = ended(run)
    assert set(levels(lines)) == {"INFO"}  # including the blanks that erase a bar
    assert [line.message for line in lines if line.message.startswith("epoch ")] == [
        f"epoch {n}: loss {1 / (n + 1):.3f}" for n in range(3)
    ]


def test_rich():
    run = launch("rich_bars", terminal=True)
    seen = progress_seen(run)
    assert {total for _, _, total in seen} == {4}
    assert seen[-1] == (100.0, 4, 4)
    lines = ended(run)
    assert any(
        re.search(r"\x1b\[[0;]*1mfile \x1b\[[0;]*1;36m2\x1b\[0m done", line.message)
        for line in lines
    )
    assert level_of(lines, "3.pdf") == "INFO"
    assert level_of(lines, "KeyError: ") == "ERROR"


def test_pip_download(tmp_path):
    """From the test's own index, whose download stands still until its bar was seen."""
    with PackageIndex() as index:
        options = [
            "--isolated",
            "--no-deps",
            "--no-cache-dir",
            "--disable-pip-version-check",
            "--index-url",
            index.url,
            "-d",
            str(tmp_path),
        ]
        run = prismq_nb.launch(
            command=[sys.executable, "-m", "pip", "download", *options, "heavy"],
            env={"PIP_CONFIG_FILE": os.devnull},
            terminal=True,
        )
        until(
            lambda: (run.refresh().progress_percent or 0) > 50 or run.status != "running",
            what="a bar that is half full",
        )
        assert run.status == "running"
        assert run.progress_percent < 70
        index.go_on.set()
        lines = ended(run)
    assert run.refresh().progress_percent in {None, 100.0}
    assert [WHEEL] == [path.name for path in tmp_path.iterdir()]
    assert level_of(lines, "Successfully downloaded") == "INFO"
    assert "ERROR" not in levels(lines)


STOPPED_SHORT = "print('\\r 63%|######    | 63/100 [00:01<00:01, 30.1it/s]', end='', flush=True)"


@pytest.mark.parametrize(
    ("end", "status", "progress"),
    [
        ("", "completed", (None, None, None)),
        ("; raise SystemExit(1)", "failed", (63.0, 63, 100)),
    ],
)
def test_an_abandoned_bar_says_how_far_a_run_came_unless_it_completed(end, status, progress):
    run = prismq_nb.launch(code=STOPPED_SHORT + end)
    assert run.wait(WAIT_SECONDS) == status
    assert progress == (run.progress_percent, run.items_processed, run.items_total)


def test_pytest_v():
    run = prismq_nb.launch(
        module="pytest",
        args=[
            "-v",
            "--noconftest",
            "-p",
            "no:cacheprovider",
            "--import-mode=importlib",
            "-c",
            "/dev/null",
            str(HERE / "checked.py"),
        ],
        terminal=True,
        # the plugins installed for our own tests take a minute to import from a cold disk
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    lines = ended(run, "failed")
    assert run.exit_code == 1
    assert any("test_addition \x1b[32mPASSED" in line.message for line in lines)
    assert "1 skipped" in lines[-1].message
    assert level_of(lines, " - AssertionError: ") == "ERROR"


def test_a_training_loop():
    lines = ended(launch("training"))
    assert level_of(lines, "[DEBUG]") == "DEBUG"
    assert level_of(lines, "[INFO]") == "INFO"
    assert level_of(lines, "errors: 0") == "INFO"
    assert level_of(lines, "[WARNING]") == "WARNING"
    assert level_of(lines, "RuntimeWarning") == "WARNING"
    assert level_of(lines, "UserWarning: the model was not saved") == "WARNING"
    assert level_of(lines, "np.array([1.0, 0.0]) /") == "WARNING"
    assert level_of(lines, "could not write") == "ERROR"
    assert level_of(lines, "weights:") == "INFO"
    assert levels(lines)["ERROR"] == 1


def test_loguru():
    lines = ended(launch("loguru_log"))
    for text, level in {
        "connecting": "DEBUG",
        "no errors found": "INFO",
        "saved": "INFO",
        "slow query": "WARNING",
        "query failed": "ERROR",
        "giving up": "CRITICAL",
        "in the last step": "ERROR",
        "ZeroDivisionError": "ERROR",
        "after it": "INFO",
    }.items():
        assert level_of(lines, text) == level, text


def test_structlog_as_json():
    lines = ended(launch("structlog_json"))
    assert [line.level for line in lines] == [
        "INFO",
        "DEBUG",
        "WARNING",
        "ERROR",
        "ERROR",
        "CRITICAL",
    ]


def test_a_stack_trace_of_java():
    lines = ended(launch("java_trace"))
    assert [line.level for line in lines] == ["INFO", *["ERROR"] * 7, "WARNING"]


def test_a_flood_of_yes():
    run = prismq_nb.launch(command=f"yes | head -c {MEGABYTES}M")
    assert run.wait(WAIT_SECONDS) == "completed"
    assert (run.lines, run.bytes) == (MEGABYTES << 19, MEGABYTES << 20)
    assert {line.message for line in run.logs(tail=10_000)} == {"y"}


@pytest.mark.parametrize("pty", [False, True])
def test_a_question_is_shown_and_answered(pty, data_dir):
    run = launch("asking", terminal=pty)
    part = data_dir / "runs" / run.run_id / "output.part"
    until(lambda: part.exists() and b"Your name: " in part.read_bytes())
    run.send("Ada\n")
    lines = ended(run)
    assert [line.message for line in lines] == (
        ["Your name: ", "Ada", "Hello, Ada!"] if pty else ["Your name: Hello, Ada!"]
    )


def test_a_terminal_program_has_a_terminal():
    run = prismq_nb.launch(
        command="tty; stty size; test -t 0 && test -t 1 && test -t 2 && echo all; tput colors",
        terminal=True,
        merge=True,
    )
    lines = [line.message for line in ended(run)]
    assert lines[0].startswith("/dev/")
    assert lines[1:] == ["40 100", "all", "256"]
