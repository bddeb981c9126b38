"""Whom a launch may notify: names with their addresses, and addresses, which stay in memory."""

from __future__ import annotations

import importlib.util
import json

import pytest
from support.runs import ended, everything_stored

from prismq_nb.common.models import LaunchSpec, RestartRequest
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.files.notice_state import Sender
from prismq_nb.engine.launch.notify_targets import LOCAL_SCHEMES, Targets
from prismq_nb.errors import InvalidRequest

SECRET = "json://ann:p4ssw0rd-xyz@localhost:1/hook"
TEAM = {"team": "mailto://bot:s3cr3t-abc@example.org", "ops": "json://localhost"}


@pytest.fixture
def file(tmp_path, monkeypatch):
    """``notify.json``, which is missing at first."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    return tmp_path / "notify.json"


@pytest.fixture
def server(file):
    """The targets of a server."""
    return Targets(TEAM, sender=Sender.this_process())


@pytest.fixture
def engine(data_dir, server):
    engine = Engine(data_dir, targets=server)
    yield engine
    engine.close()


def write(file, content, mode=0o600):
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    file.chmod(mode)


def refusal(targets, *entries, lines=0):
    with pytest.raises(InvalidRequest) as caught:
        targets.recipients(entries, lines)
    return str(caught.value)


def test_names_are_those_of_the_configuration_and_of_the_file(file, server):
    write(file, {"me": "json://elsewhere", "team": "json://not-this-one"})
    assert ["team", "me"] == server.recipients(["team", "me", "team"], 20).names
    assert [TEAM["team"], "json://elsewhere"] == [server.address("team"), server.address("me")]


def test_one_name_is_as_good_as_a_list(server):
    assert ["team"] == server.recipients("team", 0).names


def test_a_launch_that_says_nothing_notifies_the_default(file):
    targets = Targets(TEAM, ["ops"])
    assert ["ops"] == targets.recipients(None, 0).names
    assert [] == targets.recipients([], 0).names


def test_a_default_that_cannot_be_used_is_refused_with_a_way_around_it(file):
    with pytest.raises(InvalidRequest) as caught:
        Targets(TEAM, ["taem"]).recipients(None, 0)
    message = str(caught.value)
    assert message.startswith("the server's default, PrismQApp.notify, cannot be used: notify=")
    assert message.endswith("; a launch with notify=[] notifies nobody")


def test_an_unknown_name_is_refused_with_the_known_ones(server, file):
    assert (
        "notify='taem' is not a known target (known: 'ops', 'team'); did you mean 'team'?"
    ) == refusal(server, "taem")
    where = f"define it in PrismQApp.notify_targets or {str(file)!r}"
    assert f"notify='x9' is not a known target (known: 'ops', 'team'); {where}" == refusal(
        server, "x9"
    )
    assert f"notify='x9': no targets are configured; {where}" == refusal(Targets(), "x9")


def test_what_is_neither_name_nor_address_is_not_repeated(server):
    """It may be an address with a typo."""
    message = refusal(server, "mailto:ann:p4ssw0rd@example.org")
    assert message.startswith("notify has an entry that is neither a name")
    assert "p4ssw0rd" not in message


@pytest.mark.parametrize("scheme", sorted({*LOCAL_SCHEMES, "DBus"}))
def test_schemes_that_act_on_this_machine_are_refused(scheme, file):
    targets = Targets({"here": f"{scheme}://"}, sender=Sender.this_process())
    assert refusal(targets, "here").startswith(
        f"the target 'here' has the scheme {scheme.lower()!r}"
    )
    assert "which acts on the machine" in refusal(targets, f"{scheme}://")


def test_a_target_without_an_address_is_refused_by_its_name(file):
    targets = Targets({"team": "s3cr3t-abc"})
    assert "the target 'team' has no valid address (scheme://...)" == refusal(targets, "team")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_is_refused(file, mode):
    write(file, {"me": "json://elsewhere"}, mode)
    message = refusal(Targets(), "me")
    assert f"has mode {mode:04o}, so other users can read" in message
    assert f"run chmod 600 {file}" in message


def test_a_file_that_others_can_read_does_not_matter_where_no_name_needs_it(file, server):
    write(file, {"me": "json://elsewhere"}, 0o644)
    assert ["team"] == server.recipients("team", 0).names


@pytest.mark.parametrize(
    "content", ['{"me": "json://s3cr3t-abc"', '["json://s3cr3t-abc"]', '{"me": ["s3cr3t-abc"]}', ""]
)
def test_a_damaged_file_is_refused_without_its_content(file, content):
    write(file, content)
    message = refusal(Targets(), "me")
    assert "is not a JSON object of addresses by name" in message
    assert "s3cr3t" not in message


def test_a_file_may_be_a_link_as_in_a_mounted_secret(file, tmp_path):
    target = tmp_path / "secret"
    write(target, {"me": "json://elsewhere"})
    file.symlink_to(target)
    assert "json://elsewhere" == Targets().address("me")


def test_too_many_entries_and_lines_are_refused(server):
    assert refusal(server, *["team"] * 11) == "notify has 11 entries; at most 10 are notified"
    assert refusal(server, lines=101) == "notify_lines=101 is not between 0 and 100"
    assert refusal(server, lines=-1) == "notify_lines=-1 is not between 0 and 100"


def test_without_apprise_a_server_names_the_remedy(server, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert 'pip install "prismq-nb[notify]"' in refusal(server, "team")
    assert [] == server.recipients([], 0).names


def test_an_address_needs_a_server(file):
    message = refusal(Targets(), SECRET)
    assert f"define a name for it in {str(file)!r}" in message
    assert "p4ssw0rd" not in message


def test_an_address_is_nowhere_but_in_memory(engine, server):
    code = "import sys; print(sys.argv)"
    spec = LaunchSpec(code=code, args=[SECRET], notify=["team", SECRET])
    run = ended(engine, engine.launch(spec).run_id)
    assert ["team", "******"] == run.notify
    assert (SECRET,) == server.given(run.run_id)
    assert b"p4ssw0rd" not in everything_stored(engine.data_dir)
    assert b"s3cr3t-abc" not in everything_stored(engine.data_dir)
    assert "p4ssw0rd" not in repr(run)


def test_a_restart_notifies_the_same_while_the_server_remembers_it(engine, server):
    first = ended(engine, engine.launch(LaunchSpec(code="1", notify=[SECRET, "ops"])).run_id)
    second = ended(engine, engine.restart(first.run_id, RestartRequest()).run_id)
    assert (["ops", "******"], (SECRET,)) == (second.notify, server.given(second.run_id))


def test_a_restart_by_another_server_notifies_the_names(engine, data_dir):
    first = ended(engine, engine.launch(LaunchSpec(code="1", notify=[SECRET, "ops"])).run_id)
    other = Engine(data_dir, targets=Targets(TEAM, sender=Sender.this_process()))
    second = ended(other, other.restart(first.run_id, RestartRequest()).run_id)
    assert ["ops"] == second.notify
    other.close()


def test_a_wrong_target_leaves_no_run(engine):
    with pytest.raises(InvalidRequest, match="not a known target"):
        engine.launch(LaunchSpec(code="1", notify="nobody"))
    assert 0 == engine.list().total
