"""A list of runs as it is printed."""

from __future__ import annotations

from typing import Any, cast

import pytest
from IPython.core.formatters import DisplayFormatter
from msgspec import convert
from support.fake_server import RUN_ID, record

from prismq_nb.client.base.interface import Client
from prismq_nb.client.run.run import Run
from prismq_nb.client.runs_table import Runs
from prismq_nb.common.models import RunInfo

ENDED = {"started_at": "2025-10-31T12:00:01.500000Z", "duration_seconds": 7384.2, "lines": 12_345}


def listed(*fields: dict[str, Any], total: int | None = None, **query: Any) -> Runs:
    # a table makes no requests
    runs = [Run(cast("Client", None), convert(record(**each), RunInfo)) for each in fields]
    return Runs(runs, len(runs) if total is None else total, query)


def test_it_prints_as_a_table_with_ids() -> None:
    counted = {"ERROR": 2, "CRITICAL": 1, "complete": True}
    runs = listed({}, {**ENDED, "status": "failed", "module_name": "train", "records": counted})
    assert repr(runs).splitlines() == [
        "status   name     started (UTC)         duration   lines  errors  run id",
        f"running  collect  2025-10-31 12:00:00                  0       0  {RUN_ID}",
        f"failed   train    2025-10-31 12:00:01  2 h 3 min  12,345       3  {RUN_ID}",
    ]


def test_it_says_how_many_more_there_are() -> None:
    assert repr(listed({}, {}, total=1234)).endswith("\n... 1,232 more")
    assert "more" not in repr(listed({}, {}, total=52, offset=50))
    assert listed({}, {}, total=1234).text(1).endswith("\n... 1,233 more")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"waiting_for_input": True}, "running, waiting for input "),
        ({"module_name": "\x1b[31mred\x1b[0m\nnext"}, " rednext "),
        ({"module_name": "n" * 100}, f" {'n' * 39}… "),
        ({"records": {"ERROR": 22, "complete": False}}, " 22+ "),
        ({"records": {"ERROR": 0, "complete": False}}, " 0 "),
    ],
    ids=["waits", "hostile", "long", "not counted", "none so far"],
)
def test_a_row_is_one_line_of_plain_text(fields: dict[str, Any], words: str) -> None:
    assert words in repr(listed(fields)).splitlines()[1]


def test_without_runs_it_says_so() -> None:
    assert repr(listed()) == "(no runs)"


def test_in_ipython_without_a_notebook_it_is_its_text() -> None:
    """By IPython's formatter alone: a shell would stay in this process, with its `sys.ps1` and
    `__main__`.
    """
    runs = listed({})
    assert DisplayFormatter().format(runs)[0] == {"text/plain": repr(runs)}
