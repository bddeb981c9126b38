"""`notify` over HTTP: names from everybody, addresses from the server's own kernels only."""

from __future__ import annotations

import pytest
from traitlets.config import Config

SECRET = "json://ann:p4ssw0rd-xyz@localhost:1/hook"


@pytest.fixture
def jp_server_config(jp_server_config):
    """With two targets, one of which is the default."""
    own = {
        "notify_targets": {"team": "json://localhost:1", "ops": "json://localhost:1"},
        "notify": ["ops"],
    }
    jp_server_config.PrismQApp.merge(Config({"PrismQApp": own}).PrismQApp)
    return jp_server_config


@pytest.fixture
def kernel(extension, jp_serverapp, jp_asyncio_loop):
    """The headers of a kernel."""
    jp_asyncio_loop.run_until_complete(jp_serverapp.extension_manager.start_all_extensions())
    return {"Authorization": f"prismq {extension.services.secret()}"}


@pytest.mark.parametrize(
    ("given", "notified"),
    [
        ({"notify": "team"}, ["team"]),
        ({"notify": ["team", "ops"], "notify_lines": 20}, ["team", "ops"]),
        ({}, ["ops"]),
        ({"notify": []}, []),
    ],
    ids=["a name", "names", "the default", "nobody"],
)
async def test_a_run_says_whom_it_notifies(api, given, notified):
    answer = await api("POST", "", body={"code": "1", **given})
    assert (202, notified, None) == (
        answer.status,
        answer.json["notify"],
        answer.json["notified"],
    )


@pytest.mark.parametrize("given", [SECRET, ["team", SECRET]])
async def test_an_address_is_refused(api, given):
    answer = await api("POST", "", body={"code": "1", "notify": given})
    assert (400, "notify") == (answer.status, answer.json["parameter"])
    assert "define a name for the address in PrismQApp.notify_targets" in answer.json["message"]
    assert "p4ssw0rd" not in answer.body.decode()


async def test_an_address_of_a_kernel_is_accepted_and_masked(api, kernel):
    answer = await api("POST", "", body={"code": "1", "notify": SECRET}, headers=kernel)
    assert (202, ["******"]) == (answer.status, answer.json["notify"])
    await api.ended(answer.json["run_id"])
    listed = await api("GET", "")
    assert ["******"] == listed.json["runs"][0]["notify"]
    assert "p4ssw0rd" not in listed.body.decode()


async def test_an_unknown_name_is_refused_with_the_known_ones(api):
    answer = await api("POST", "", body={"code": "1", "notify": "taem"})
    assert (400, "notify") == (answer.status, answer.json["parameter"])
    assert answer.json["message"].endswith("(known: 'ops', 'team'); did you mean 'team'?")
