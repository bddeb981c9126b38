"""Sample tables and short ways to ask for levels, for the tests of levels."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from prismq_nb.journal.levels.classifier import Classifier, Level
from support.level_formats import FORMATS

STDOUT, STDERR = 0, 1
FOLDER: Final = Path(__file__).parent.parent / "journal" / "samples"


class Sample(NamedTuple):
    """Lines printed one after the other, with their true levels.

    Attributes:
        name: where they come from.
        stream: 0 for stdout, 1 for stderr.
        letters: the first letter of each line's level.
        lines: what was printed.
    """

    name: str
    stream: int
    letters: str
    lines: list[str]


def samples(table: str) -> list[Sample]:
    r"""Read the samples of one table.

    A heading is ``## name (stderr)``. Each other line has a letter, a space and the text, with
    ``\e`` and ``\r`` for control bytes.
    """
    found: list[Sample] = []
    for row in (FOLDER / table).read_text(encoding="utf-8").splitlines():
        if row.startswith("## "):
            found.append(
                Sample(f"{table} {row[3:]}", STDERR if row.endswith("(stderr)") else STDOUT, "", [])
            )
        else:
            found[-1].lines.append(row[2:].replace("\\e", "\x1b").replace("\\r", "\r"))
            found[-1] = found[-1]._replace(letters=found[-1].letters + row[0])
    return found


TABLES: Final = (
    "records_of_several_lines.txt",
    "public_log_datasets_and_frameworks.txt",
    "cloud_databases_and_science.txt",
    "services_and_build_tools.txt",
    "network_science_and_engineering.txt",
    "logging_libraries.txt",
    "lookalikes_and_tracebacks.txt",
    "loggers_of_many_languages.txt",
    "stderr_that_is_no_error.txt",
    "command_line_tools.txt",
)
SAMPLES: Final = [sample for table in TABLES for sample in samples(table)]


def levels_of(text: str | bytes, stream: int = STDOUT) -> list[Level]:
    """Levels of some lines."""
    data = text if isinstance(text, bytes) else text.encode()
    return [Level(value) for value in Classifier().classify(data, stream)]


def only(line: str, stream: int = STDOUT) -> Level:
    """The level of one line."""
    (level,) = levels_of(line + "\n", stream)
    return level


def all_lines() -> list[str]:
    """The lines of all tables."""
    lines = {line for rows in FORMATS.values() for _, text in rows for line in text.split("\n")}
    return sorted(lines | {line for sample in SAMPLES for line in sample.lines})
