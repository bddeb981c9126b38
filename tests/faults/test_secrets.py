"""Values named by `mask` reach no file of the data directory, however the module writes or ends."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import signal
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import requests
from support.jupyter_process import JupyterProcess
from support.runs import ended, everything_stored, until
from support.waiting import WAIT_SECONDS

from prismq_nb.capture.run_directory import slug
from prismq_nb.common.base import state
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.errors import InvalidRequest
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.format import MAX_LINE_BYTES

SECRET, QUOTED, LINES = "s3cr3t-abcdefghij", 'pa"ss\\wörd-123', "alpha line of it\nomega line of it"
TOKENS = [SECRET.encode(), QUOTED.encode(), b"alpha line of it", b"omega line of it"]
ENV = {"API_KEY": SECRET, "PASSWORD": QUOTED, "PRIVATE_KEY": LINES}


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


def leaked(data_dir, shortest=6):
    """Which beginnings of secrets, of `shortest` bytes or more, stand anywhere on disk."""
    data = everything_stored(data_dir)
    return [token[:shortest] for token in TOKENS if token[:shortest] in data]


PIECES = """
import os, sys, time
secret = os.environ["API_KEY"].encode()
folder = os.path.join(os.environ["PRISMQ_DATA_DIR"], "runs", os.environ["PRISMQ_RUN_ID"])
part = folder + "/output.part"
def seen(text):  # wait until the text written so far is on disk as unfinished text
    while not os.path.exists(part) or text not in open(part, "rb").read(): time.sleep(0.001)
for stream in (1, 2):
    for cut in range(1, len(secret)):
        os.write(stream, b"%d " % cut + secret[:cut])
        if cut % 5 == 0: seen(b"%d " % cut)
        os.write(stream, secret[cut:] + b"|\\n")
os.write(1, b"\\r".join([secret] * 3) + b"\\n" + b"\\x1b[31m" + secret + b"\\x1b[0m\\n")
"""


def test_a_secret_in_two_writes_split_anywhere_on_both_streams(engine):
    run_id = engine.launch(LaunchSpec(code=PIECES, env=ENV, mask=list(ENV))).run_id
    leaks = set()
    until(lambda: leaks.update(leaked(engine.data_dir)) or engine.get(run_id).status in state.ENDED)
    assert ended(engine, run_id).status == "completed"
    assert not leaks | set(leaked(engine.data_dir))
    with engine.reader(run_id) as reader:
        assert reader.total_lines == 2 * (len(SECRET) - 1) + 2


@pytest.mark.parametrize("where", range(-len(SECRET), 2))
def test_a_secret_where_a_long_line_is_cut(engine, where):
    code = f"""
import os, sys
sys.stdout.write('x' * {MAX_LINE_BYTES + where} + os.environ['API_KEY'] + 'y' * 100 + '\\n')
"""
    run = ended(engine, engine.launch(LaunchSpec(code=code, env=ENV, mask=["API_KEY"])).run_id)
    assert (run.status, leaked(engine.data_dir)) == ("completed", [])
    log = (engine.data_dir / "runs" / run.run_id / fmt.LOG).read_bytes()
    assert log == b"x" * (MAX_LINE_BYTES + where) + b"******" + b"y" * 100 + b"\n"


@pytest.mark.parametrize("end", ["exit", "kill the child", "kill the supervisor"])
def test_half_a_secret_during_which_the_module_dies(engine, end):
    code = f"""
import os, sys, time
os.write(1, b'key ' + os.environ['API_KEY'].encode()[:12])
time.sleep({0 if end == "exit" else 1000})
"""
    run_id = engine.launch(LaunchSpec(code=code, env=ENV, mask=["API_KEY"])).run_id
    if end != "exit":
        with engine.reader(run_id) as reader:
            until(lambda: reader.refresh() == 0 and reader.pending()[0] == b"key ")
        pids = state.read_json(engine.data_dir / "runs" / run_id / fmt.STATE)
        os.kill(pids["pid" if end == "kill the child" else "supervisor_pid"], signal.SIGKILL)
    ended(engine, run_id)
    assert leaked(engine.data_dir) == []
    assert (engine.data_dir / "runs" / run_id / fmt.LOG).read_bytes() == b"key " + (
        b"" if end == "kill the supervisor" else b"******"
    )


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


def test_overlapping_and_nested_secrets(engine):
    env = {"A": "abcdefgh", "B": "efghijkl", "C": "xyxyxy", "D": "abcdefghijklmnop"}
    code = "print('1 abcdefghijkl 2 xyxyxyxy 3 abcdefghijklmnop 4 abcdefghijklmn')"
    run = ended(
        engine,
        engine.launch(
            LaunchSpec(
                command=["sh", "-c", code.replace("print(", "echo ").replace(")", "")],
                env=env,
                mask=list(env),
            )
        ).run_id,
    )
    assert (
        engine.data_dir / "runs" / run.run_id / fmt.LOG
    ).read_bytes() == b"1 ****** 2 ****** 3 ****** 4 ******mn\n"


def test_code_that_holds_a_secret_is_refused_because_it_is_kept_in_a_file(engine):
    with pytest.raises(InvalidRequest, match="pass the value with env") as error:
        engine.launch(LaunchSpec(code=f"print({SECRET!r})", mask=[SECRET]))
    assert SECRET not in str(error.value)
    assert everything_stored(engine.data_dir) == b"runs"


def test_several_lines_are_masked_line_by_line(engine):
    run = ended(
        engine,
        engine.launch(
            LaunchSpec(
                code="import os; print(os.environ['PRIVATE_KEY'])",
                env=ENV,
                mask=list(ENV),
                terminal=True,
            )
        ).run_id,
    )
    assert (engine.data_dir / "runs" / run.run_id / fmt.LOG).read_bytes() == b"******\n******\n"
    assert leaked(engine.data_dir) == []


ODD = 'to/ken "x\\y+z ü1'
"""A secret that every encoding writes in another way, and that has a directory's name in it."""


def encoded(secret):
    """What must not be anywhere: the secret in each covered encoding, and as a name in an id."""
    quoted = json.dumps(secret)[1:-1]
    texts = [
        secret,
        quoted,
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(quoted)[1:-1],
        quoted.replace("/", "\\/"),
        repr(secret)[1:-1],
    ]
    texts += [
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        quote(secret, safe="").lower(),
        shlex.quote(secret),
    ]
    texts += [
        coder(text.encode()).decode().rstrip("=")
        for coder in (base64.b64encode, base64.urlsafe_b64encode)
        for text in (secret, f"{secret}\n")
    ]
    return [
        text.encode()
        for text in [*texts, "".join(f"\\u{ord(one):04x}" for one in secret), slug(secret)]
    ]


PRINTS = r"""
import base64, json, os, sys, urllib.parse
secret = os.environ["API_KEY"]
quoted = json.dumps(secret)
url, b64, data = urllib.parse, base64, secret.encode()
forms = [secret, quoted, json.dumps(secret, ensure_ascii=False), json.dumps(quoted), repr(secret)]
forms += [quoted.replace("/", "\\/")]
forms += [url.quote(secret), url.quote(secret, safe=""), url.quote_plus(secret)]
forms += [b64.b64encode(data).decode(), b64.urlsafe_b64encode(data + b"\n").decode()]
forms += ["".join(f"\\u{ord(one):04x}" for one in secret)]
for form in forms:
    print("printed", form)
    print("printed", form, file=sys.stderr)
    print("printed", "\x1b[31m".join(form), "\x1b[0m")
print("arguments", sys.argv, os.getcwd())
sys.stdout.write("unfinished " + "\x1b[1m".join(secret[:9]))
sys.stdout.flush()
raise ValueError("failed with " + secret)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = JupyterProcess.start(tmp_path_factory.mktemp("jupyter"), "--debug")
    yield server
    server.end_runs()
    server.stop()


def test_no_form_of_a_secret_is_on_disk_in_a_response_or_in_the_servers_log(server, tmp_path):
    folder = tmp_path / ODD
    folder.mkdir(parents=True)
    script = folder / f"run {Path(ODD).name}.py"
    script.write_text(PRINTS)
    answers = []

    def ask(method, path, **options):
        answer = requests.request(
            method, f"{server.url}{path}", headers=server.headers, timeout=WAIT_SECONDS, **options
        )
        assert answer.status_code < 500, answer.text
        answers.append(repr(answer.headers).encode() + answer.content)
        return answer

    usual = {"env": {"API_KEY": ODD}, "mask": ["API_KEY"], "cwd": str(folder)}
    launches = [
        usual
        | {
            "script": str(script),
            "args": [ODD, f"--key={ODD}", *ODD.split()],
            "parameters": {"key": ODD, "keys": [ODD, 1]},
        },
        usual | {"script": str(script), "name": ODD},
        usual | {"script": str(script), "name": f"the {ODD} of mine"},
        usual | {"command": ["sh", "-c", "env; pwd; exit 3", ODD], "name": f"x{ODD}"},
        usual | {"command": f": {shlex.quote(ODD)}; env; pwd >&2; false"},
        usual | {"code": PRINTS, "pty": True, "merge": True},
        usual | {"module": "platform", "name": ODD, "args": [ODD]},
    ]
    for body in launches:
        run_id = ask("POST", "api/runs", json=body).json()["run_id"]
        ask("POST", f"api/runs/{run_id}/input", json={"text": "x", "eof": True})
        until(
            lambda run_id=run_id: ask("GET", f"api/runs/{run_id}").json()["status"] in state.ENDED
        )
        for path in (
            "logs",
            "logs?batch=true",
            "logs/stream",
            "logs/search?q=e",
            "logs/timeline",
            "usage",
            "logs/download?format=raw",
        ):
            ask("GET", f"api/runs/{run_id}/{path}")
        for form in ("text", "jsonl"):
            ask("GET", f"api/runs/{run_id}/logs/download?format={form}")
        ask("GET", f"prismq/runs/{run_id}")
    refused = [
        usual | {"script": f"{ODD}.py"},
        usual | {"script": str(script), "cwd": f"/nowhere/{ODD}"},
        usual | {"script": str(script), "python": ODD},
        usual | {"command": [ODD]},
        usual | {"command": ["true"], "args": [f"{ODD}\0"]},
        usual | {"module": ODD},
        usual | {"notebook": ODD},
        usual | {"command": ["true"], "parameters": {ODD: 1}},
        usual | {"command": ["true"], "parameters": {"a": {"b": ODD}}},
        usual | {"command": ["true"], "launcher": ODD},
        usual | {"command": ["true"], "env": {"API_KEY": ODD, f"={ODD}": ""}},
        usual | {"code": f"print({ODD!r})"},
        usual | {"code": f"print({json.dumps(ODD)})"},
        usual | {"command": [str(folder)]},
    ]
    for body in refused:
        assert ask("POST", "api/runs", json=body).status_code == 400
    ask("GET", "api/runs")
    for place, data in (
        ("disk", everything_stored(server.data_dir)),
        ("answers", b"\0".join(answers)),
        ("log", server.log.encode()),
    ):
        assert not [form for form in encoded(ODD) if form in data], place
        assert b"printed ******" in data or place == "log"
        plainly = re.sub(rb"\x1b\[\d*m|\\\\u001b\[\d*m", b"", data)
        assert not [form for form in encoded(ODD) if form in plainly], place


BAD_MASKS = {
    "101 values": (
        [f"value-{number}" for number in range(101)],
        "mask has 101 entries; use at most 100",
    ),
    "short": (["long enough", "hush5"], r"mask\[1\] has a value of fewer than 6 characters"),
    "short variable": (["PIN"], r"mask\[0\], the variable 'PIN', has a value of fewer than 6"),
    "blank": (["          "], r"mask\[0\] has a value of fewer than 6"),
    "empty variable": (["EMPTY"], "the variable 'EMPTY', has a value of fewer than 6"),
    "short line": (
        ["one line\n\nhush5\nlast one"],
        (
            r"line 3 of mask\[0\] has fewer than 6 characters.*pass the other lines "
            r"one by one"
        ),
    ),
    "short line of a variable": (["KEY"], r"line 2 of mask\[0\], the variable 'KEY', has fewer"),
    "too long": (["x" * 65_537], r"mask\[0\] has a value of 65,537 bytes; at most 65,536"),
    "too many lines": (
        ["\n".join(["long enough"] * 1001)],
        "values of 1,001 lines together; use at most 1,000",
    ),
    "lone surrogate": (["abcdef\ud83d"], r"mask\[0\] has a lone surrogate at index 6"),
}


@pytest.mark.parametrize(("mask", "words"), BAD_MASKS.values(), ids=BAD_MASKS.keys())
def test_a_value_that_cannot_be_masked_is_named_and_not_shown(engine, mask, words):
    env = {"PIN": "hush5", "EMPTY": "", "KEY": "first line\nhush5"}
    with pytest.raises(InvalidRequest, match=words) as error:
        engine.launch(LaunchSpec(code="pass", env=env, mask=mask))
    assert "hush5" not in str(error.value)


def test_100_values_are_masked(engine):
    values = [f"{number}-secret" for number in range(100)]
    code = "import os\nfor number in range(100): print(number, os.environ[f'S{number}'])"
    run = ended(
        engine,
        engine.launch(
            LaunchSpec(
                code=code, env={f"S{n}": value for n, value in enumerate(values)}, mask=values
            )
        ).run_id,
    )
    assert (engine.data_dir / "runs" / run.run_id / fmt.LOG).read_text() == "".join(
        f"{number} ******\n" for number in range(100)
    )
