"""Levels of single lines: real lines of each format, and lines that only look similar."""

from __future__ import annotations

import re
from typing import Final

import pytest
from support.level_formats import FORMATS
from support.level_lines import STDERR, STDOUT, only

from prismq_nb.journal.levels.classifier import Level

D, I, W, E, C = Level  # noqa: E741 - one letter each keeps the tables readable

CASES: Final = [
    pytest.param(level, line, id=f"{name}: {line[:60]!r}")
    for name, lines in FORMATS.items()
    for level, line in lines
]


@pytest.mark.parametrize(("level", "line"), CASES)
def test_a_format_has_its_level_on_stdout(level: Level, line: str) -> None:
    assert level == only(line)


NO_LEVEL: Final = {"Regular output", "ERROR: broken\rall is well again"}
UNRECOGNISED = re.compile(r'"no level here"|"user": \{"level": "error"\}, |pam_unix')


@pytest.mark.parametrize(
    ("level", "line"),
    [
        case
        for case in CASES
        if case.values[1] not in NO_LEVEL and not UNRECOGNISED.search(case.values[1])
    ],
)
def test_a_format_has_the_same_level_on_stderr(level: Level, line: str) -> None:
    assert level == only(line, STDERR)


@pytest.mark.parametrize(
    "line",
    [
        "0 errors",
        "0 errors, 0 warnings",
        "errors: 0",
        "Errors: 0",
        "warnings: 12",
        "error: 0.0123",
        "Error: 0.5",
        "Error rate: 0.1",
        "error rate 0.1",
        "ERROR RATE: 0.1",
        "ERROR_COUNT=5",
        "==123== ERROR SUMMARY: 0 errors from 0 contexts",
        "MeanSquaredError: 0.123",
        "/var/log/error.log",
        "/var/log/error.log: 12 lines",
        "reading /var/log/warning.log",
        "error.log",
        "INFO: no errors found",
        "INFO worker failed to warn",
        "2024-01-02 10:00:00 INFO ERROR handling is on",
        "2024-01-02 10:00:00,123 - app - INFO - ERROR: quoted",
        "GET http://example.org/?debug=1",
        "https://example.org/?level=error",
        '127.0.0.1 - - [02/Jan/2024:10:00:00 +0000] "GET /error?level=error HTTP/1.1" 500 12',
        '127.0.0.1 - - [02/Jan/2024 10:00:00] "GET /ERROR HTTP/1.1" 404 -',
        "Got an ERROR from the server",
        "The server returned ERROR 500",
        "Setting the log level to DEBUG",
        "Log level: DEBUG",
        "status: ERROR",
        "no error",
        "warning signs are everywhere",
        "debug mode is on",
        "Errors are normal",
        "Warnings will be shown",
        "Information about warnings",
        "critical path length 5",
        "fatality rate 0.1",
        "trace of the matrix: 5",
        "Error",
        "errorless",
        "NoErrorsHere: yes",
        "0 failed, 12 passed",
        "12 passed, 1 warning in 0.12s",
        "x = [error, warning]",
        "def error(): pass",
        'logging.error("x")',
        "print('ERROR: x')",
        "2024-01-02 10:00:00 connection error while reading",
        "2024-01-02 10:00:00 error rate is 0.1",
        "Epoch 1/10 - loss: 0.5 - error: 0.1",
        "epoch 3: train error 0.2, test error: 0.3",
        "100%|##########| 100/100 [00:01<00:00, 99.9it/s]",
        "ALERTS: none",
        "LOG file is here",
        "NOTE that errors are fine",
        "| level | count |",
        "| ERRORS | 3 |",
        "level of detail: error",
        "--debug",
        "  --error-level LEVEL   one of debug, info, warning, error",
        "<html>",
        "<999>",
        "{error}",
        '{"errors": 0, "warnings": 3}',
        "",
        " ",
    ],
)  # fmt: skip
def test_a_line_that_only_looks_like_a_format_has_no_level(line: str) -> None:
    assert only(line) == I


@pytest.mark.parametrize(
    "line",
    [
        " 45%|####5     | 45/100 [00:01<00:02, 30.1it/s]",
        "train: 45%|####5     | 45/100 [00:01<00:02, 30.1it/s, loss=0.1]",
        "123it [00:01, 99.9it/s]",
        "\r  0%|          | 0/10 [00:00<?, ?it/s]\r100%|##########| 10/10 [00:00<00:00, 99it/s]",
        "   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 1.2/10.5 MB 3.4 MB/s eta 0:00:03",
        "Working... ━━━━━━━━━╸━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  45% 0:00:12",
        "Downloading: 100%|██████████| 1.20k/10.0k [00:00<00:00, 1.2MB/s]",
        "[=========>          ] 45%",
    ],
)
@pytest.mark.parametrize("stream", [STDOUT, STDERR])
def test_a_progress_bar_is_info(line: str, stream: int) -> None:
    assert only(line, stream) == I


def test_a_record_behind_an_unfinished_progress_bar_has_its_level() -> None:
    assert only("  0%|          | 0/10 [00:00<?, ?it/s]WARNING:root:careful", STDERR) == W


@pytest.mark.parametrize(
    ("level", "line"),
    [
        (W, "warning package.json: No license field"),
        (I, "info Visit https://yarnpkg.com"),
        (E, "some text"),
    ],
)
def test_stderr_has_additional_level_rules(level: Level, line: str) -> None:
    assert level == only(line, STDERR)


@pytest.mark.parametrize(
    "line",
    [
        "ERRR: x",
        "2024-01-02 10:00:00 ERRR x",
        '{"a":1}"name":"level"',
        '{"a":1}}"name":"x","level":3',
        "{}{}",
    ],
)
def test_a_truncated_or_altered_format_does_no_harm(line: str) -> None:
    assert only(line) == I
