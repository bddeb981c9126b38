"""A password sent before the program asks for it is held in memory only, and never shown."""

from __future__ import annotations

import base64
import hashlib
import os
import signal
from pathlib import Path

import pytest
from support.runs import ended, everything_stored, output, until

from prismq_nb.common.base import state
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.journal.layout import format as fmt

PASSWORD = "correct-horse-battery"
NOTE = "A password was sent that the program never asked for; it was dropped."
WHEN_TOLD = "import os, time, getpass, hashlib\nwhile not os.path.exists('go'): time.sleep(0.001)\n"
ASKS = f"{WHEN_TOLD}print(hashlib.sha256(getpass.getpass().encode()).hexdigest())"


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


def launched(engine, folder, code):
    return engine.launch(LaunchSpec(code=code, terminal=True, cwd=str(folder))).run_id


def is_stored(engine):
    """Whether the password stands in any file of the data directory, as it is or in base64."""
    data = everything_stored(engine.data_dir)
    forms = [base64.b64encode(b"x" * shift + PASSWORD.encode())[4:-4] for shift in range(3)]
    return any(form in data for form in [PASSWORD.encode(), *forms])


def printed_by(engine, run_id):
    ended(engine, run_id)
    return b"".join(output(engine, run_id)).decode()


def test_it_is_held_until_the_program_asks_also_across_servers(engine, tmp_path):
    run_id = launched(engine, tmp_path, ASKS)
    assert engine.send(run_id, f"{PASSWORD}\n", secret=True)
    assert not is_stored(engine)
    engine.close()
    later = Engine(engine.data_dir)
    assert "running" == later.get(run_id).status
    (tmp_path / "go").touch()
    assert hashlib.sha256(PASSWORD.encode()).hexdigest() in printed_by(later, run_id)
    assert ([], False) == (later.get(run_id).notes, is_stored(later))
    later.close()


def test_it_is_given_at_once_to_a_program_that_asks(engine, tmp_path):
    (tmp_path / "go").touch()
    run_id = launched(engine, tmp_path, ASKS)
    until(lambda: engine.get(run_id).hides_input)
    assert not engine.send(run_id, f"{PASSWORD}\n", secret=True)
    assert hashlib.sha256(PASSWORD.encode()).hexdigest() in printed_by(engine, run_id)
    assert ([], False) == (engine.get(run_id).notes, is_stored(engine))


def test_the_second_of_two_lines_is_held(engine, tmp_path):
    (tmp_path / "go").touch()
    later = "while not os.path.exists('later'): time.sleep(0.001)"
    run_id = launched(engine, tmp_path, f"{ASKS}\n{later}\n{ASKS}")
    until(lambda: engine.get(run_id).hides_input)
    assert engine.send(run_id, f"first\n{PASSWORD}\n", secret=True)
    (tmp_path / "later").touch()
    assert hashlib.sha256(PASSWORD.encode()).hexdigest() in printed_by(engine, run_id)
    assert not is_stored(engine)


@pytest.mark.parametrize("end", ["by itself", "stopped", "killed", "with its supervisor"])
def test_it_is_dropped_where_the_program_ends_without_asking(engine, tmp_path, end):
    run_id = launched(engine, tmp_path, f"{WHEN_TOLD}print('done')")
    assert engine.send(run_id, f"{PASSWORD}\n", secret=True)
    assert not engine.send(run_id, "what is sent later waits behind it\n")
    pids = state.read_json(Path(engine.data_dir, "runs", run_id, fmt.STATE))
    if end == "by itself":
        (tmp_path / "go").touch()
    elif end == "stopped":
        engine.stop(run_id)
    elif end == "killed":
        os.kill(pids["pid"], signal.SIGKILL)
    else:
        os.kill(pids["supervisor_pid"], signal.SIGKILL)
        until(lambda: engine.get(run_id).status in state.ENDED)
    assert PASSWORD not in printed_by(engine, run_id)
    assert not is_stored(engine)
    if end != "with its supervisor":
        assert [NOTE] == engine.get(run_id).notes


def test_with_pipes_nothing_is_echoed_so_nothing_is_held(engine, tmp_path):
    code = "import hashlib\nprint(hashlib.sha256(input().encode()).hexdigest())"
    run_id = engine.launch(LaunchSpec(code=code, cwd=str(tmp_path))).run_id
    assert not engine.send(run_id, f"{PASSWORD}\n", secret=True)
    assert hashlib.sha256(PASSWORD.encode()).hexdigest() in printed_by(engine, run_id)
    assert not is_stored(engine)
