"""Values named by `mask` reach no file of the data directory, however the module writes them and however it ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from support.runs import ended, until

from prismq_nb.engine.engine import Engine
from prismq_nb.errors import InvalidRequest
from prismq_nb.journal import format as fmt
from prismq_nb.journal import state
from prismq_nb.journal.format import MAX_LINE_BYTES
from prismq_nb.models import LaunchSpec

SECRET, QUOTED, LINES = "s3cr3t-abcdefghij", 'pa"ss\\wörd-123', "first line of it\nsecond line of it"
TOKENS = [SECRET.encode(), QUOTED.encode(), b"first line of it", b"second line of it"]
ENV = {"API_KEY": SECRET, "PASSWORD": QUOTED, "PRIVATE_KEY": LINES}


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


def everything(data_dir):
    """All bytes of all files, and all names, below the data directory."""
    found = []
    for folder, folders, names in os.walk(data_dir):
        found += [name.encode() for name in (*folders, *names)]
        for name in names:
            path = Path(folder, name)
            try:
                if path.is_file():
                    found.append(path.read_bytes())
            except FileNotFoundError:
                continue  # rewritten by rename
    return b"\0".join(found)


def leaked(data_dir, shortest=6):
    """Which beginnings of secrets, of `shortest` bytes or more, stand anywhere on disk."""
    data = everything(data_dir)
    return [token[:shortest] for token in TOKENS if token[:shortest] in data]


PIECES = """
import os, sys, time
secret = os.environ["API_KEY"].encode()
folder = os.path.join(os.environ["PRISMQ_DATA_DIR"], "runs", os.environ["PRISMQ_RUN_ID"])
def seen(text):  # until what was written so far is on disk as unfinished text
    while not os.path.exists(folder + "/output.part") or text not in open(folder + "/output.part", "rb").read(): time.sleep(0.001)
for stream in (1, 2):
    for cut in range(1, len(secret)):
        os.write(stream, b"%d " % cut + secret[:cut])
        if cut % 5 == 0: seen(b"%d " % cut)
        os.write(stream, secret[cut:] + b"|\\n")
os.write(1, b"\\r".join([secret] * 3) + b"\\n" + b"\\x1b[31m" + secret + b"\\x1b[0m\\n")
"""


def test_a_secret_in_two_writes_at_every_place_of_it_on_both_streams(engine):
    run_id = engine.launch(LaunchSpec(code=PIECES, env=ENV, mask=list(ENV))).run_id
    leaks = set()
    until(lambda: leaks.update(leaked(engine.data_dir)) or engine.get(run_id).status in state.ENDED)
    assert ended(engine, run_id).status == "completed"
    assert not leaks | set(leaked(engine.data_dir))
    with engine.reader(run_id) as reader:
        assert reader.total_lines == 2 * (len(SECRET) - 1) + 2


@pytest.mark.parametrize("where", range(-len(SECRET), 2))
def test_a_secret_where_a_long_line_is_cut(engine, where):
    code = f"import os, sys; sys.stdout.write('x' * {MAX_LINE_BYTES + where} + os.environ['API_KEY'] + 'y' * 100 + '\\n')"
    run = ended(engine, engine.launch(LaunchSpec(code=code, env=ENV, mask=["API_KEY"])).run_id)
    assert (run.status, leaked(engine.data_dir)) == ("completed", [])
    log = (engine.data_dir / "runs" / run.run_id / fmt.LOG).read_bytes()
    assert log == b"x" * (MAX_LINE_BYTES + where) + b"******" + b"y" * 100 + b"\n"


@pytest.mark.parametrize("end", ["exit", "kill the child", "kill the supervisor"])
def test_half_a_secret_that_the_module_dies_in(engine, end):
    code = f"import os, sys, time; os.write(1, b'key ' + os.environ['API_KEY'].encode()[:12]); time.sleep({0 if end == 'exit' else 1000})"
    run_id = engine.launch(LaunchSpec(code=code, env=ENV, mask=["API_KEY"])).run_id
    if end != "exit":
        with engine.reader(run_id) as reader:
            until(lambda: reader.refresh() == 0 and reader.pending()[0] == b"key ")
        pids = state.read_json(engine.data_dir / "runs" / run_id / fmt.STATE)
        os.kill(pids["pid" if end == "kill the child" else "supervisor_pid"], signal.SIGKILL)
    ended(engine, run_id)
    assert leaked(engine.data_dir) == []
    assert (engine.data_dir / "runs" / run_id / fmt.LOG).read_bytes() == b"key " + (b"" if end == "kill the supervisor" else b"******")


def test_arguments_parameters_names_and_messages(engine, tmp_path):
    folder = tmp_path / SECRET
    folder.mkdir()
    script = folder / f"{SECRET}.py"
    script.write_text("import os; raise ValueError(os.environ['PASSWORD'] + os.environ['API_KEY'])")
    spec = LaunchSpec(
        script=str(script),
        cwd=str(folder),
        args=[QUOTED, f"--key={SECRET}"],
        parameters={"key": QUOTED, SECRET: [SECRET, 1, None]},
        env=ENV,
        mask=list(ENV),
    )
    run = ended(engine, engine.launch(spec).run_id)
    assert run.error_message == "exit code 1: ValueError: ************"
    assert run.parameters == {"key": "******", "******": ["******", 1, None]}
    assert leaked(engine.data_dir) == []


def test_what_overlaps_and_what_stands_within_another(engine):
    env = {"A": "abcdefgh", "B": "efghijkl", "C": "xyxyxy", "D": "abcdefghijklmnop"}
    code = "print('1 abcdefghijkl 2 xyxyxyxy 3 abcdefghijklmnop 4 abcdefghijklmn')"
    run = ended(
        engine, engine.launch(LaunchSpec(command=["sh", "-c", code.replace("print(", "echo ").replace(")", "")], env=env, mask=list(env))).run_id
    )
    assert (engine.data_dir / "runs" / run.run_id / fmt.LOG).read_bytes() == b"1 ****** 2 ****** 3 ****** 4 ******mn\n"


def test_code_that_holds_a_secret_is_refused_as_it_is_kept_in_a_file(engine):
    with pytest.raises(InvalidRequest, match="hand the value over by env") as error:
        engine.launch(LaunchSpec(code=f"print({SECRET!r})", mask=[SECRET]))
    assert SECRET not in str(error.value)
    assert everything(engine.data_dir) == b"runs"


def test_several_lines_are_masked_line_by_line(engine):
    run = ended(engine, engine.launch(LaunchSpec(code="import os; print(os.environ['PRIVATE_KEY'])", env=ENV, mask=list(ENV), pty=True)).run_id)
    assert (engine.data_dir / "runs" / run.run_id / fmt.LOG).read_bytes() == b"******\r\n******\r\n"
    assert leaked(engine.data_dir) == []
