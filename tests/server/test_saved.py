"""The text of a run for a saved notebook, over HTTP."""

from __future__ import annotations

CODE = "print('ERROR: <b>one</b>')\nfor i in range(300): print('line', i)"


async def test_it_has_the_newest_lines_as_text_and_html(api):
    run_id = await api.finished(CODE, name="train")
    answer = await api("GET", f"/{run_id}/saved")
    saved = answer.json
    assert (200, run_id, "completed", 301) == (
        answer.status,
        saved["run_id"],
        saved["status"],
        saved["total_lines"],
    )
    assert "train: completed (exit code 0)" == saved["plain"].splitlines()[0]
    assert 200 == saved["plain"].count(" line ")
    assert saved["html"].count(" line ") == 200


async def test_it_accepts_the_filters_of_a_poll(api):
    run_id = await api.finished(CODE)
    html = ""
    while "one" not in html:  # a poll stops after 0.2 s and returns what it has
        html = (await api("GET", f"/{run_id}/saved", level="ERROR", q="ONE")).json["html"]
    assert "&lt;b&gt;one&lt;/b&gt;" in html
    assert " line " not in html


async def test_a_purged_run_is_404_and_an_invalid_filter_400(api):
    run_id = await api.finished("pass")
    assert (400, "InvalidRequest") == (
        (answer := await api("GET", f"/{run_id}/saved", level="LOUD")).status,
        answer.json["reason"],
    )
    await api("DELETE", f"/{run_id}", purge="true")
    assert (404, "RunNotFound") == (
        (answer := await api("GET", f"/{run_id}/saved")).status,
        answer.json["reason"],
    )
