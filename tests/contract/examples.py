"""The examples of `log-streaming.md`, taken from the document itself.

So the tests run exactly what it prints.

`log-streaming.md` is the contract in the words of the person who asked for it, byte for byte.
`adapt` is the only place where an example is changed, and it changes names of places only: host and
port, the path of a server that does not live at the root, the token, the run id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DOCUMENT = Path(__file__).parent / "log-streaming.md"
PRINTED_ORIGIN = "http://localhost:8000"
PRINTED_RUN_ID = "run_20251031_120000_youtube_abc123"
_FENCE = re.compile(r"```(\w*)")
_HEADING = re.compile(r"#+ (.+)")


@dataclass(frozen=True)
class Example:
    """One fenced block: the heading it stands under, its language ("" for none), its text."""

    heading: str
    language: str
    text: str


@cache
def examples() -> tuple[Example, ...]:
    """All fenced blocks, in order."""
    found: list[Example] = []
    heading, language, block = "", None, []
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if language is None:
            if fence := _FENCE.fullmatch(line):
                language, block = fence[1], []
            elif title := _HEADING.fullmatch(line):
                heading = title[1]
        elif line == "```":
            found.append(Example(heading, language, "\n".join(block) + "\n"))
            language = None
        else:
            block.append(line)
    assert language is None, f"the last block under {heading!r} has no end"
    return tuple(found)


def example(heading: str, language: str) -> str:
    """The text of the one block of that language under that heading.

    Raises:
        LookupError: there is none, or more than one.
    """
    found = [
        block.text for block in examples() if (block.heading, block.language) == (heading, language)
    ]
    if len(found) != 1:
        raise LookupError(
            f"{len(found)} blocks of {language!r} under {heading!r}:"
            f" {[(block.heading, block.language) for block in examples()]}"
        )
    return found[0]


def commands(heading: str) -> list[str]:
    """The command lines of the `bash` block under a heading, without its comments."""
    return [
        line for line in example(heading, "bash").splitlines() if line and not line.startswith("#")
    ]


def inline_command(start: str) -> str:
    """The command between backquotes in the running text that begins with `start`."""
    (found,) = re.findall(rf"`({re.escape(start)}[^`]*)`", DOCUMENT.read_text(encoding="utf-8"))
    return str(found)


def adapt(text: str, url: str, run_id: str = PRINTED_RUN_ID, token: str = "") -> str:
    """An example for a certain server and run.

    - ``http://localhost:8000`` becomes the server's address, base URL included; in JavaScript a
      relative URL gets the base URL before its ``/api``.
    - The printed run id becomes `run_id`; so does the placeholder ``{run_id}`` of a command line
      (in Python it is an f-string's and stays).
    - With a token, ``curl`` gets the option ``-H "Authorization: token ..."``, and Python sends the
      same header with each ``requests.get``. A browser is logged in by its cookie and its examples
      stay as they are.

    Args:
        url: the server's address with its base URL; a slash at the end is ignored.
        token: of the server; "" for one that asks for none.
    """
    url = url.rstrip("/")
    base_path = url.partition("://")[2].partition("/")[2]
    is_python, is_command = "import requests" in text, text.startswith("curl ")
    text = text.replace(PRINTED_ORIGIN, url).replace(PRINTED_RUN_ID, run_id)
    if base_path:
        text = text.replace("(`/api/", f"(`/{base_path}/api/")
    if is_command:
        text = text.replace("{run_id}", run_id)
    if token and is_command:
        text = text.replace("curl ", f'curl -H "Authorization: token {token}" ', 1)
    if token and is_python:
        header = {"Authorization": f"token {token}"}
        text = (
            "import functools, requests\nrequests.get = functools.partial(requests.get,"
            f" headers={header!r})\n{text}"
        )
    return text
