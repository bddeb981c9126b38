"""Restarts over HTTP, and what the API says about attempts."""

from __future__ import annotations

import pytest

SECRET = "open-sesame-4711"


@pytest.fixture
def forget(jp_serverapp):
    """Make the server forget its launches, like a restart."""
    app = jp_serverapp.extension_manager.extension_apps["prismq_nb"].pop()
    jp_serverapp.extension_manager.extension_apps["prismq_nb"].add(app)
    return app.services.engine._restarts._history._specs.clear


async def test_a_restarted_run_is_the_next_attempt(api):
    first = await api.finished("pass")
    answer = await api("POST", f"/{first}/restart")
    assert (202, first, 2) == (answer.status, answer.json["restart_of"], answer.json["attempt"])
    second = answer.json["run_id"]
    await api.ended(second)
    for run_id in (first, second):
        found = (await api("GET", f"/{run_id}/attempts")).json
        runs = found["attempts"]
        assert [first, second] == [run["run_id"] for run in runs]
        assert [1, 2] == [run["attempt"] for run in runs]
        assert (run_id, True, None) == (
            found["run_id"],
            found["can_restart"],
            found["restart_problem"],
        )
    saved = (await api("GET", f"/{second}/saved")).json
    assert f"{second} · attempt 2 · " in saved["plain"]
    assert "attempt" not in (await api("GET", f"/{first}/saved")).json["plain"]


async def test_a_variable_that_was_not_kept_is_named_and_can_be_given(api, forget):
    launch = {"code": "import os; print(len(os.environ['MINE']))", "env": {"MINE": SECRET}}
    run_id = (await api("POST", "", body=launch)).json["run_id"]
    await api.ended(run_id)
    forget()
    found = (await api("GET", f"/{run_id}/attempts")).json
    assert (False, ["MINE"], ["MINE"], 0) == (
        found["can_restart"],
        found["restart_needs"],
        found["restart_chosen"],
        found["restart_masks"],
    )
    answer = await api("POST", f"/{run_id}/restart")
    assert (409, "NotRepeatable") == (answer.status, answer.json["reason"])
    assert found["restart_problem"] == answer.json["message"]
    answer = await api("POST", f"/{run_id}/restart", body={"env": {"MINE": SECRET}})
    assert 202 == answer.status
    await api.ended(answer.json["run_id"])
    logs = (await api("GET", f"/{answer.json['run_id']}/logs")).json["logs"]
    assert [str(len(SECRET))] == [line["message"] for line in logs]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "object"),
        ({"env": {"A": 1}}, "str"),
        ({"env": {"A=B": "1"}}, "'A=B'"),
        ({"env": {"A": "\0"}}, "env['A']"),
        ({"mask": "x"}, "array"),
        ({"mask": ["short"]}, "fewer than 6 characters"),
        ({"mask": ["x" * 9] * 101}, "mask has 1"),
        ({"args": []}, "args"),
    ],
)
@pytest.mark.slow
async def test_an_unusable_value_is_refused_with_the_reason(api, body, word):
    run_id = await api.finished("pass")
    answer = await api("POST", f"/{run_id}/restart", body=body)
    assert (400, "InvalidRequest") == (answer.status, answer.json["reason"])
    assert word in answer.json["message"]
