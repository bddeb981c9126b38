"""Log Levels: the table of the document, through a real run."""

from __future__ import annotations

import re

from contract.api import Api
from contract.examples import example

ROW = re.compile(
    r'(?:"(?P<quoted>[^"]+)"|(?P<stderr>stderr output))\s+→ level: "(?P<level>[A-Z]+)"(?: '
    r"\(default\))?"
)


def test_each_printed_line_has_the_printed_level(api: Api):
    rows = [ROW.fullmatch(line) for line in example("Log Levels", "").splitlines()]
    assert None not in rows
    expected = {
        (row["quoted"] or row["stderr"], "stderr" if row["stderr"] else "stdout"): row["level"]
        for row in rows
        if row
    }
    assert len(expected) == 6

    run_id = api.finished(f"""
import sys
for text, stream in {list(expected)!r}: print(text, file=getattr(sys, stream))
""")

    assert expected == {(log["message"], log["stream"]): log["level"] for log in api.logs(run_id)}


def test_each_row_of_the_table_holds_alone(api: Api):
    """A level does not come from the lines before."""
    for row in map(ROW.fullmatch, example("Log Levels", "").splitlines()):
        assert row
        text, stream = (row["quoted"], "stdout") if row["quoted"] else (row["stderr"], "stderr")
        (log,) = api.logs(api.finished(f"import sys; print({text!r}, file=sys.{stream})"))
        assert (text, row["level"]) == (log["message"], log["level"])
