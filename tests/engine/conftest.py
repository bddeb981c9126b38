"""Fixtures that most tests of the engine use."""

from __future__ import annotations

import pytest
from support.journals import MadeRun

from prismq_nb.engine.engine import Engine


@pytest.fixture
def run(data_dir) -> MadeRun:
    return MadeRun(data_dir)


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()
