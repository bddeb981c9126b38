"""Programs that print in other encodings than UTF-8, through a real supervisor and server."""

from __future__ import annotations

import asyncio
import json

import pytest

CODE = """import sys, os
encoding, text = {encoding!r}, {text!r}
sys.stdout.buffer.write((text + "\\n").encode(encoding)); sys.stdout.flush()
sys.stderr.buffer.write(("ValueError: " + text + "\\n").encode(encoding)); sys.stderr.flush()
os._exit(3)
"""
CASES = [
    ("latin-1", "WARNING: café ÿ"),
    ("cp1252", "WARNING: “10 €”"),
    ("gbk", "WARNING: 乗\\誠 磁盘"),  # second bytes that are ASCII's backslash and bar
    ("gb18030", "WARNING: 㐀 磁盘"),
    ("big5", "WARNING: 功許蓋"),
    ("shift_jis", "WARNING: ソ表ポ"),
    ("euc_jp", "WARNING: 日本語"),
    ("euc_kr", "WARNING: 한국어"),
    ("koi8-r", "WARNING: диск"),
    ("utf-16", "WARNING: é😀"),
    ("utf-32-be", "WARNING: é😀"),
    ("iso2022_jp", "WARNING: 日本語"),
]


@pytest.mark.slow
async def test_output_is_readable_everywhere(api):
    """All at once on one server; the texts say which encoding failed."""
    await asyncio.gather(*(is_readable(api, encoding, text) for encoding, text in CASES))


async def is_readable(api, encoding, text):
    error, pattern = f"ValueError: {text}", f"^WARNING: .{{{len(text) - 9}}}$"
    run_id = await api.finished(CODE.format(encoding=encoding, text=text), encoding=encoding)
    run = (await api("GET", f"/{run_id}")).json
    assert error in run["error_message"]
    logs = (await api("GET", f"/{run_id}/logs")).json["logs"]
    levels = {each["message"]: each["level"] for each in logs}
    assert {text: "WARNING", error: "ERROR"} == levels
    found = (await api("GET", f"/{run_id}/logs", q=text[9:])).json["logs"]
    assert {text, error} == {each["message"] for each in found}
    found = (await api("GET", f"/{run_id}/logs", q=pattern, regex="true")).json["logs"]
    assert [text] == [each["message"] for each in found]
    lines = (await api("GET", f"/{run_id}/logs/download", format="jsonl")).body.splitlines()
    assert {text, error} == {json.loads(line)["message"] for line in lines}
    assert text in (await api("GET", f"/{run_id}/logs/download", format="text")).body.decode()


async def test_the_raw_log_keeps_the_bytes_unless_they_had_to_be_recoded(api):
    text = "WARNING: 磁盘"
    for encoding, is_recoded in (("gbk", False), ("utf-16", True)):
        code = f"import sys; sys.stdout.buffer.write({text!r}.encode({encoding!r}))"
        run_id = await api.finished(code, encoding=encoding)
        raw = (await api("GET", f"/{run_id}/logs/download", format="raw")).body
        notes = (await api("GET", f"/{run_id}")).json["notes"]
        assert text.encode("utf-8" if is_recoded else encoding) == raw
        assert is_recoded == any("recoded from utf-16" in note for note in notes)
