"""What a run inherits and how it is connected before it starts."""

from __future__ import annotations

import os
import sys

import pytest

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.launch.launch_record import launch_record
from prismq_nb.engine.launch.prepare import prepare
from prismq_nb.engine.launch.streams import DEFAULT_SIZE
from prismq_nb.errors import InvalidRequest

PAGERS = {"PAGER": "cat", "GIT_PAGER": "cat", "MANPAGER": "cat"}
KERNEL = {
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    "CLICOLOR": "1",
    "TERM": "xterm-color",
    "PAGER": "less",
    "COLUMNS": "80",
    "LINES": "24",
}


@pytest.fixture
def prepared(tmp_path):
    def make(environ=None, **spec):
        environ = {"PATH": os.defpath} | (environ or {})
        return prepare(
            LaunchSpec(
                **(
                    {"command": ["true"]}
                    if not spec.keys() & {"code", "command", "script", "module"}
                    else {}
                ),
                **spec,
            ),
            tmp_path,
            environ,
        )

    return make


def test_with_a_terminal_nothing_is_forced_and_the_terminal_is_named(prepared):
    env = prepared(KERNEL, terminal=True).env
    assert {
        "PATH": os.defpath,
        "CLICOLOR": "1",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        **PAGERS,
    } == env


def test_with_pipes_nothing_is_forced_and_python_is_line_buffered(prepared):
    env = prepared(KERNEL).env
    assert env.pop("PYTHONPATH").endswith("/prismq_line_buffering")
    assert {
        "PATH": os.defpath,
        "CLICOLOR": "1",
        "TERM": "dumb",
        "COLUMNS": "80",
        "LINES": "24",
        **PAGERS,
    } == env


@pytest.mark.parametrize("terminal", [False, True])
def test_variables_that_differ_from_a_kernel_s_are_inherited(prepared, terminal):
    assert {"FORCE_COLOR": "3", "CLICOLOR_FORCE": "0"}.items() <= prepared(
        {"FORCE_COLOR": "3", "CLICOLOR_FORCE": "0"}, terminal=terminal
    ).env.items()


@pytest.mark.parametrize("terminal", [False, True])
def test_the_launch_takes_precedence(prepared, terminal):
    said = {
        "FORCE_COLOR": "1",
        "TERM": "vt100",
        "PAGER": "less",
        "COLUMNS": "200",
        "COLORTERM": "no",
    }
    env = prepared(KERNEL, terminal=terminal, env={**said, "GIT_PAGER": None}).env
    assert said.items() <= env.items()
    assert "GIT_PAGER" not in env


def test_pythonpath_begins_with_ours_once_and_keeps_the_user_s(prepared):
    first = prepared({"PYTHONPATH": "/mine:/other"}).env["PYTHONPATH"]
    assert first.endswith("/prismq_line_buffering:/mine:/other")
    assert first == prepared({"PYTHONPATH": first}).env["PYTHONPATH"]
    assert prepared({"PYTHONPATH": first}, terminal=True).env["PYTHONPATH"] == "/mine:/other"
    assert "PYTHONPATH" not in prepared(prepared().env, terminal=True).env


def test_block_buffering_can_still_be_requested(prepared):
    assert "PYTHONPATH" not in prepared(unbuffered=False).env


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, (None, False, False)),
        ({"terminal": True}, (DEFAULT_SIZE, True, False)),
        ({"terminal": (132, 50)}, ((132, 50), True, False)),
        ({"terminal": True, "terminal_required": False}, (DEFAULT_SIZE, False, False)),
        ({"terminal_required": True}, (None, False, False)),
        ({"pty": True}, (DEFAULT_SIZE, True, True)),
        ({"merge": True}, (None, False, True)),
    ],
    ids=str,
)
def test_terminals(prepared, spec, expected):
    found = prepared(**spec).streams
    assert expected == (found.terminal, found.terminal_required, found.merge)


@pytest.mark.parametrize("size", [(19, 40), (4097, 40), (80, 4), (80, 1001), (-1, -1)])
def test_an_impossible_terminal_size_is_refused(prepared, size):
    with pytest.raises(
        InvalidRequest,
        match=r"terminal=\(.*out of bounds; use (20 to 4,096 columns|5 to 1,000 rows), or true",
    ):
        prepared(terminal=size)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"command": ["cat"]}, False),
        ({"command": "cat"}, False),
        ({"command": ["cat"], "stdin": True}, True),
        ({"code": "1"}, True),
        ({"module": "this"}, True),
        ({"script": "a.py"}, True),
        ({"script": "a.sh"}, False),
        ({"script": "a.sh", "stdin": True}, True),
    ],
    ids=str,
)
def test_stdin_is_open_for_python_and_where_requested(prepared, tmp_path, spec, expected):
    for name in ("a.py", "a.sh"):
        (tmp_path / name).write_text("")
    assert expected == prepared(**spec).streams.stdin


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("latin-1", "iso8859-1"),
        ("Shift_JIS", "shift_jis"),
        ("GBK", "gbk"),
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
    ],
)
def test_an_encoding_has_pythons_name(prepared, encoding, expected):
    made = prepared(encoding=encoding)
    assert expected == made.streams.encoding
    assert expected == launch_record(LaunchSpec(encoding=encoding), made)["encoding"]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("", "not an encoding that Python knows"),
        ("utf-7", "not used for the output"),
        ("utf-9", "not an encoding that Python knows"),
        ("a\0b", "not an encoding that Python knows"),
        ("x" * 100_000, "not an encoding that Python knows"),
        ("rot13", "does not encode text"),
        ("hex", "does not encode text"),
        ("unicode_escape", "does not encode text"),
        ("cp500", "has another newline than ASCII"),
    ],
    ids=lambda value: value[:20],
)
def test_an_unsupported_output_encoding_is_refused(prepared, encoding, words):
    with pytest.raises(InvalidRequest, match=words) as error:
        prepared(encoding=encoding)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["nohup", "echo", "a"], ["echo", "a"]),
        (["/usr/bin/nohup", "--", "echo"], ["echo"]),
        ("nohup echo a &", "echo a &"),
        ("  /usr/bin/nohup -- echo", "echo"),
    ],
    ids=str,
)
def test_nohup_is_dropped_with_a_note(prepared, command, expected):
    made = prepared(command=command)
    assert expected == (
        made.argv[made.argv.index("-c") + 1] if isinstance(command, str) else made.argv
    )
    assert made.name == "echo"
    assert [note for note in made.source.notes if note.startswith("nohup was left out")]


@pytest.mark.parametrize(
    "command",
    [["echo", "nohup"], "echo nohup x", "nohupx; true", "nohup --version", "'nohup' true"],
    ids=str,
)
def test_nohup_elsewhere_in_a_command_stays(prepared, command):
    made = prepared(command=command)
    assert command in (made.argv, made.argv[-2])
    assert made.source.notes == ()


def test_a_text_command_is_run_by_sh_where_there_is_no_bash(prepared, tmp_path):
    (tmp_path / "bash").write_text("")
    (tmp_path / "bash").chmod(0o755)
    found = prepared(command="make | tee log", env={"PATH": str(tmp_path)})
    assert found.argv == [str(tmp_path / "bash"), "-o", "pipefail", "-c", "make | tee log", "bash"]
    assert found.source.text_command
    without = prepared(command="make | tee log", env={"PATH": "/no/such"})
    assert without.argv == ["/bin/sh", "-c", "make | tee log", "sh"]
    assert not without.source.text_command


def test_a_python_script_is_run_by_the_interpreter_of_the_launch(prepared, tmp_path):
    (tmp_path / "a").write_text("#!/usr/bin/env python3\nprint(1)")
    assert prepared(script="a").argv == [sys.executable, str(tmp_path / "a")]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"code": "pass"}, ""),
        (
            {"code": "pass", "args": ["a b", "-v"], "parameters": {"n": 3, "x": True}},
            "'a b' -v --n=3 --x",
        ),
        ({"command": ["make", "-j4"], "args": ["all"]}, "-j4 all"),
        ({"command": "make | tee 'a b'"}, "make | tee 'a b'"),
        (
            {"command": ["echo", "hunter22", "x", "it's hunter22"], "mask": ["hunter22"]},
            "'******' x 'it'\"'\"'s ******'",
        ),
        ({"command": ["echo", "one", "two"], "mask": ["one two"]}, "******"),
        (
            {"command": ["true", "x" * 1995 + " hunter22"], "mask": ["hunter22"]},
            f"'{'x' * 1995} **…",
        ),
    ],
    ids=["none", "quoted", "words", "text", "masked", "masked together", "cut"],
)
def test_arguments_are_quoted_as_one_would_type_them(prepared, spec, expected):
    assert expected == launch_record(LaunchSpec(**spec), prepared(**spec))["arguments"]
