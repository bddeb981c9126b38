"""Programs that print in other encodings than UTF-8, through a real supervisor and server."""

from __future__ import annotations

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


@pytest.mark.parametrize(("encoding", "text"), CASES, ids=[case[0] for case in CASES])
async def test_output_is_readable_everywhere(api, encoding, text):
    run_id = await api.finished(CODE.format(encoding=encoding, text=text), encoding=encoding)
    run = (await api("GET", f"/{run_id}")).json
    assert f"ValueError: {text}" in run["error_message"]
    logs = (await api("GET", f"/{run_id}/logs")).json["logs"]
    assert {("WARNING", text), ("ERROR", f"ValueError: {text}")} == {(line["level"], line["message"]) for line in logs}
    found = (await api("GET", f"/{run_id}/logs", q=text[9:])).json["logs"]
    assert 2 == len(found)
    found = (await api("GET", f"/{run_id}/logs", q=f"^WARNING: .{{{len(text) - 9}}}$", regex="true")).json["logs"]
    assert [text] == [line["message"] for line in found]
    lines = (await api("GET", f"/{run_id}/logs/download", format="jsonl")).body.decode().splitlines()
    assert {text, f"ValueError: {text}"} == {json.loads(line)["message"] for line in lines}
    assert text in (await api("GET", f"/{run_id}/logs/download", format="text")).body.decode()


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
async def test_the_raw_log_keeps_the_bytes_unless_they_had_to_be_recoded(api, encoding):
    text = "WARNING: 磁盘"
    run_id = await api.finished(f"import sys; sys.stdout.buffer.write({text!r}.encode({encoding!r}))", encoding=encoding)
    raw = (await api("GET", f"/{run_id}/logs/download", format="raw")).body
    notes = (await api("GET", f"/{run_id}")).json["notes"]
    recoded = encoding == "utf-16"
    assert text.encode("utf-8" if recoded else encoding) == raw
    assert recoded == any("recoded from utf-16" in note for note in notes)
