"""How a run was started, over HTTP."""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from prismq_nb.engine.files import lenient
from prismq_nb.engine.launch.launch_info import launch_info, shell_quoted

USER = pwd.getpwuid(os.geteuid()).pw_name


async def launch(api, **spec):
    """Start a run; return how it was started."""
    answer = await api("POST", "", body=spec)
    assert answer.status == 202, answer.json
    await api.ended(answer.json["run_id"])
    return (await api("GET", f"/{answer.json['run_id']}/launch")).json


async def test_a_script_with_every_option(api, tmp_path, jp_root_dir):
    (tmp_path / "my train.py").write_text("print('ok')")
    found = await launch(
        api,
        script="my train.py",
        cwd=str(tmp_path),
        args=["it's"],
        parameters={"epochs": 2},
        timeout=60,
        env={"A": "b"},
    )
    assert "_my-train_" in found.pop("run_id")
    assert found == {
        "kind": "script",
        "command": shlex.join(
            [sys.executable, str(tmp_path / "my train.py"), "it's", "--epochs=2"]
        ),
        "shell": f"cd {shlex.quote(str(tmp_path))} && {found['command']}",
        "code": None,
        "parameters": {"epochs": 2},
        "abridged": False,
        "cwd": str(tmp_path),
        "interpreter": sys.executable,
        "host": os.uname().nodename,
        "user": USER,
        "timeout": 60,
        "masked": False,
        "variables": ["A"],
        "roots": list(dict.fromkeys([str(jp_root_dir), str(jp_root_dir.resolve())])),
        "home": str(Path.home()),
    }


@pytest.mark.parametrize(
    ("spec", "shell"),
    [
        ({"code": "pass"}, None),
        ({"command": ["echo", "s3cret-value"], "mask": ["s3cret-value"]}, None),
        ({"command": ["echo", "s3cret", "value"], "mask": ["s3cret value"]}, None),
        ({"command": ["echo", "a\nb"], "mask": ["s3cret-value"]}, None),
        ({"command": ["echo", "a"], "env": {"T": "s3cret-value"}, "mask": ["T"]}, "cd / && echo a"),
        ({"command": ["echo", "x" * 100_000]}, None),
        ({"command": ["echo", "$HOME; rm -rf *"]}, "cd / && echo '$HOME; rm -rf *'"),
    ],
    ids=[
        "code",
        "secret",
        "secret in two",
        "secret and newline",
        "secret elsewhere",
        "long",
        "signs",
    ],
)
@pytest.mark.slow
async def test_a_shell_line_is_given_only_where_it_starts_the_same(api, spec, shell):
    found = await launch(api, cwd="/", **spec)
    assert found["shell"] == shell
    assert "s3cret" not in str(found)
    assert len(found["command"]) <= 100_000


async def test_no_interpreter_is_named_for_a_command_or_source_text(api):
    assert (await launch(api, command="echo $0"))["interpreter"] is None
    found = await launch(api, code="pass")
    assert (sys.executable, f"{sys.executable} (code)") == (found["interpreter"], found["command"])


def test_a_damaged_file_gives_its_readable_part(tmp_path):
    data = (
        b'{"argv": 7, "cwd": [], "timeout": "******", "command_line": null, "kind": {},'
        b' "masked": 3}'
    )
    launch = lenient.decode(data, "launch.json").values
    found = launch_info(
        SimpleNamespace(run_id="run_1", launch=launch, path=tmp_path, is_cell=False)
    )
    assert ("", None, None, None) == (found.command, found.cwd, found.shell, found.timeout)


async def test_a_purged_run_is_404(api):
    run_id = await api.finished("pass")
    await api("DELETE", f"/{run_id}", purge="true")
    answer = await api("GET", f"/{run_id}/launch")
    assert (404, "RunNotFound") == (answer.status, answer.json["reason"])


@pytest.mark.parametrize(
    "text", ["", "a b", "it's", "a\nb", "\x1b[201~ls\r", "\x9b31m \\ ' \t", "$(x) `y` !z", "é\x85ü"]
)
def test_a_quoted_argument_is_one_line_and_round_trips(text):
    line = shell_quoted(text)
    assert line.isprintable()
    printed = subprocess.run(["bash", "-c", f"printf %s {line}"], capture_output=True, check=True)
    assert text == printed.stdout.decode()
