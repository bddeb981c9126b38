"""What programs see with terminals and with pipes, in real runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest
from support.runs import ended, output, until

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.launch import run_environment

pytestmark = pytest.mark.slow  # real programs

BOTH = pytest.mark.parametrize("terminal", [False, True], ids=["pipes", "terminal"])
KERNEL = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm-color"}


@pytest.fixture
def engine(data_dir, tmp_path, monkeypatch):
    """Force colours, as a kernel does."""
    for name, value in KERNEL.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "PYTHONUNBUFFERED", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    engine = Engine(data_dir, default_cwd=tmp_path)
    yield engine
    engine.close()


def printed(engine, **spec):
    run = ended(engine, engine.launch(LaunchSpec(**spec)).run_id)
    assert run.status == "completed", output(engine, run.run_id)
    return output(engine, run.run_id)[0].decode()


@BOTH
def test_programs_see_the_kind_of_their_output(engine, terminal):
    code = (
        "import os, sys; print([f.isatty() for f in (sys.stdin, sys.stdout, sys.stderr)], "
        "os.environ['TERM'])"
    )
    name = "xterm-256color" if terminal else "dumb"
    assert printed(engine, code=code, terminal=terminal) == f"{[terminal] * 3} {name}\n"


@BOTH
@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
def test_colours_reach_terminals_but_not_files(engine, tmp_path, terminal):
    shown = printed(
        engine,
        command="node -p '({a: 1})' > o.txt; node -p '({a: 1})' | cat; node -p '({a: 1})'",
        terminal=terminal,
    )
    assert (tmp_path / "o.txt").read_text() == "{ a: 1 }\n"
    assert shown.splitlines()[0] == "{ a: 1 }"
    assert ("\x1b[33m1" in shown.splitlines()[1]) == terminal


@BOTH
def test_a_reader_of_stdin_ends_or_waits_as_usual(engine, tmp_path, terminal):
    (tmp_path / "hay.txt").write_text("a needle\n")
    command = ["sh", "-c", "test -t 0 && grep -r needle . || cat"]
    assert printed(engine, command=command, terminal=terminal) == (
        "./hay.txt:a needle\n" if terminal else ""
    )


@BOTH
def test_a_pipeline_fails_if_any_part_of_it_fails(engine, terminal):
    run = ended(
        engine, engine.launch(LaunchSpec(command="sh -c 'exit 3' | cat", terminal=terminal)).run_id
    )
    assert (run.status, run.exit_code) == ("failed", 3)


@BOTH
def test_a_pipeline_whose_reader_ends_early_is_completed(engine, terminal):
    run = ended(
        engine, engine.launch(LaunchSpec(command="yes | head -1", terminal=terminal)).run_id
    )
    assert (run.status, run.exit_code, output(engine, run.run_id)[0]) == ("completed", 0, b"y\n")


def test_a_note_says_that_nohup_was_left_out(engine, tmp_path):
    run = ended(
        engine, engine.launch(LaunchSpec(command=["nohup", "echo", "hi"], terminal=True)).run_id
    )
    assert output(engine, run.run_id)[0] == b"hi\n"
    assert [note for note in run.notes if note.startswith("nohup was left out")]
    assert not (tmp_path / "nohup.out").exists()


WORKERS = """
import subprocess, sys
code = '''
import sys, time
for i in range(100):
    print('worker', sys.argv[1], 'says', i, 'x' * 40)
    time.sleep(0.0005)
'''
workers = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range(6)]
print([worker.wait() for worker in workers])
"""


@BOTH
def test_lines_of_workers_are_not_interleaved(engine, terminal):
    lines = printed(engine, code=WORKERS, terminal=terminal).splitlines()
    assert len(lines) == 601
    assert [
        line for line in lines[:-1] if not re.fullmatch(r"worker \d says \d+ x{40}", line)
    ] == []


LIVE = "print('asked'); print(input() + '!')"


@BOTH
@pytest.mark.parametrize(
    "spec",
    [
        {"code": LIVE},
        {"script": "a.py"},
        {"module": "a"},
        {"command": [sys.executable, "a.py"], "stdin": True},
        {"command": f"{sys.executable} a.py", "stdin": True},
        {"code": f"import subprocess; subprocess.run([{sys.executable!r}, 'a.py'])"},
    ],
    ids=["code", "script", "module", "command", "text", "grandchild"],
)
def test_python_prints_lines_at_once(engine, tmp_path, spec, terminal):
    (tmp_path / "a.py").write_text(LIVE)
    run_id = engine.launch(LaunchSpec(**spec, terminal=terminal)).run_id
    until(lambda: b"asked\n" in output(engine, run_id)[0])
    engine.send(run_id, "yes\n")
    assert ended(engine, run_id).status == "completed"
    assert output(engine, run_id)[0].endswith(b"yes!\n")


def python(folder, code, *path):
    """What Python prints into a pipe with our directory in front of `path`."""
    env = {"PYTHONPATH": ":".join([run_environment._LINE_BUFFERING, *map(str, path)])}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )


def test_line_buffering_leaves_no_trace_in_python(tmp_path):
    code = (
        "import sys; print(sys.stdout.line_buffering, [p for p in sys.path if "
        "'prismq_line' in p], 'sitecustomize' in sys.modules)"
    )
    found = python(tmp_path, code)
    assert (found.stdout, found.stderr) == ("True [] False\n", "")


def test_the_user_s_own_sitecustomize_is_run(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.own = __file__")
    found = python(
        tmp_path, "import sitecustomize, sys; print(sys.own == sitecustomize.__file__)", tmp_path
    )
    assert (found.stdout, found.stderr) == ("True\n", "")


def test_a_failing_sitecustomize_is_reported_as_without_ours(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("1/0")
    found = python(tmp_path, "print('ran')", tmp_path)
    without = subprocess.run(
        [sys.executable, "-c", "print('ran')"],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (without.stdout, without.stderr) == (found.stdout, found.stderr)


def test_a_closed_stdout_does_no_harm(tmp_path):
    command = [sys.executable, "-c", "import sys; sys.exit(7)"]
    env = {"PYTHONPATH": run_environment._LINE_BUFFERING}
    assert (
        subprocess.run(
            ["sh", "-c", '"$@" >&- 2>&-', "sh", *command], env=env, check=False
        ).returncode
        == 7
    )


def test_a_run_of_an_earlier_version_can_be_restarted(engine, data_dir):
    """Its launch.json has `pty`, `color` and `unbuffered`."""
    import json

    run = ended(
        engine, engine.launch(LaunchSpec(code="import sys; print(sys.stdout.isatty())")).run_id
    )
    path = data_dir / "runs" / run.run_id / "launch.json"
    record = json.loads(path.read_bytes())
    record["spec"] |= {"pty": True, "color": False, "unbuffered": False}
    path.write_text(json.dumps(record))
    other = Engine(data_dir)
    again = ended(other, other.restart(run.run_id).run_id)
    assert output(other, again.run_id) == (b"True\n", b"")
    assert list(again.terminal or ()) == [100, 40]
    other.close()
