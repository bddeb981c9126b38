"""Notices: sent once when a run ends, by one of several servers, and caught up with after a crash.

Receivers are real ones on this machine, and so is the process that sends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import psutil
import pytest
from support.receivers import MailReceiver, WebReceiver
from support.runs import ended, everything_stored, until

from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine import run_notices
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.files import notice_state
from prismq_nb.engine.files.notice_state import Sender
from prismq_nb.engine.launch.notify_targets import Targets
from prismq_nb.engine.notices.notices import Notices, Pace
from prismq_nb.errors import PrismqError

pytestmark = pytest.mark.slow  # each sends from a process that loads apprise

WAIT_SECONDS = 90.0
QUICK = Pace(idle=0.1, active=0.1, settle=0.2, gather=5.0, again=(0.1, 0.1))


@pytest.fixture
def web():
    with WebReceiver() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def config_dir(tmp_path, monkeypatch):
    """Jupyter's configuration directory, without ``notify.json``."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    return tmp_path


class Server:
    """What a server has for notices, without HTTP."""

    def __init__(self, data_dir, targets, page=lambda _: None, sender=None):
        self.engine = Engine(
            data_dir, targets=Targets(targets, sender=sender or Sender.this_process())
        )
        self.pool = ThreadPoolExecutor(2)
        self.notices = Notices(self.engine, self.pool, page, pace=QUICK)

    def launch(self, code="1", **spec):
        return self.engine.launch(LaunchSpec(code=code, **spec)).run_id

    def ended(self, code="1", **spec):
        return ended(self.engine, self.launch(code, **spec)).run_id

    async def notified(self, run_id):
        """The run, when the result of its notice is known."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (run := await asyncio.to_thread(self.engine.get, run_id)).notified is None:
            assert time.monotonic() < deadline, f"no result: {run}"
            await asyncio.sleep(0.05)  # between two looks
        return run


@asynccontextmanager
async def serving(data_dir, targets, **options):
    """A server that sends, until the end of the block."""
    server = Server(data_dir, targets, **options)
    server.notices.start()
    try:
        yield server
    finally:
        await server.notices.stop()
        await asyncio.to_thread(server.engine.close)
        server.pool.shutdown()


def test_name_status_duration_and_link_are_sent(data_dir, web):
    async def main():
        page = "https://hub.example.org/user/ann/prismq/runs/{}".format
        async with serving(data_dir, {"team": web.address}, page=page) as server:
            run_id = server.launch("print('secret line'); raise SystemExit(3)", notify="team")
            return await server.notified(run_id)

    run = asyncio.run(main())
    assert (["team"], "sent", None) == (run.notify, run.notified, run.notify_problem)
    (sent,) = web.received
    assert ("code failed", "failure") == (sent["title"], sent["type"])
    first, link = sent["message"].split("\n")
    assert first.startswith("code failed after ")
    assert f"https://hub.example.org/user/ann/prismq/runs/{run.run_id}" == link


def test_lines_of_the_log_are_sent_only_if_asked_for(data_dir, web):
    code = "for n in range(50): print('\\x1b[31mline', n)"

    async def main():
        async with serving(data_dir, {"team": web.address}) as server:
            run_id = server.launch(code, notify="team", notify_lines=2)
            await server.notified(run_id)

    asyncio.run(main())
    (sent,) = web.received
    assert ["", "line 48", "line 49"] == sent["message"].split("\n")[1:]


def test_several_targets_and_an_address_get_a_mail_and_a_request_each(data_dir, web):
    with MailReceiver() as mail:

        async def main():
            async with serving(data_dir, {"mail": mail.address}) as server:
                run_id = server.launch(name="nightly", notify=["mail", web.address])
                return await server.notified(run_id)

        run = asyncio.run(main())
    assert (["mail", "******"], "sent") == (run.notify, run.notified)
    (sent,) = mail.received
    assert ("nightly completed", "ann@example.org") == (sent["Subject"], sent["To"])
    assert "nightly completed after" in sent.get_content()
    assert ["nightly completed"] == web.titles
    assert b"p4ssw0rd" not in everything_stored(data_dir)


def test_a_refusal_is_tried_three_times(data_dir, web, caplog):
    web.statuses = [503, 503]

    async def main():
        async with serving(data_dir, {"team": web.address}) as server:
            first = await server.notified(server.launch(notify="team"))
            web.statuses = [401, 401, 401]
            return first, await server.notified(server.launch(notify="team"))

    first, second = asyncio.run(main())
    assert ("sent", None) == (first.notified, first.notify_problem)
    problem = "team: the service refused: HTTP 401 (3 attempts)"
    assert ("failed", problem) == (second.notified, second.notify_problem)
    assert 6 == len(web.received)
    assert "p4ssw0rd" not in caplog.text
    assert problem in caplog.text


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("nothing-like://that", "team: its address is not one that apprise knows"),
        ("blink2://x", "team: its address is not one that apprise knows"),
    ],
)
def test_an_address_that_apprise_does_not_know_is_named_by_its_target(data_dir, address, problem):
    async def main():
        async with serving(data_dir, {"team": address}) as server:
            return await server.notified(server.launch(notify="team"))

    run = asyncio.run(main())
    assert ("failed", problem) == (run.notified, run.notify_problem)


def test_one_that_takes_the_notice_and_does_not_answer_is_not_asked_again(data_dir, web):
    web.answers.clear()

    async def main():
        async with serving(data_dir, {"team": web.address}) as server:
            return await server.notified(server.launch(notify="team"))

    run = asyncio.run(main())
    assert ("unknown", "team: the service did not answer") == (run.notified, run.notify_problem)
    assert 1 == len(web.received)


def test_many_ends_at_once_are_one_notice(data_dir, web):
    async def main():
        server = Server(data_dir, {"team": web.address})
        codes = ["raise SystemExit(1)" if number % 5 == 0 else "1" for number in range(15)]
        run_ids = [server.ended(code, notify="team") for code in codes]
        async with serving(data_dir, {"team": web.address}) as other:
            # of one process: the one that launched them lives
            other.engine._targets.sender = server.engine._targets.sender
            return [(await other.notified(run_id)).notified for run_id in run_ids]

    assert ["sent"] * 15 == asyncio.run(main())
    (sent,) = web.received
    assert ("15 runs ended, 3 failed", "failure") == (sent["title"], sent["type"])
    assert 15 == len(sent["message"].split("\n"))
    assert sent["message"].startswith("code failed after ")


def gone():
    """A sender whose process has ended."""
    sender = Sender.this_process()
    return Sender(sender.id, sender.pid, "1", sender.boot, sender.host)


def test_a_run_that_ended_without_a_server_is_caught_up_with(data_dir, web, config_dir):
    """Whether a server that is gone had launched it, or none had."""
    file = config_dir / "notify.json"
    file.write_text(json.dumps({"me": web.address}))
    file.chmod(0o600)
    killed = Server(data_dir, {}, sender=gone())
    alone = Engine(data_dir)
    run_ids = [killed.ended(name="of-a-server", notify=["me", web.address])]
    run_ids += [
        ended(alone, alone.launch(LaunchSpec(code="1", name="of-none", notify="me")).run_id).run_id
    ]
    alone.close()

    async def main():
        async with serving(data_dir, {}) as server:
            return [await server.notified(run_id) for run_id in run_ids]

    first, second = asyncio.run(main())
    lost = "an address: it was in the memory of a server that has ended"
    assert ("failed", lost) == (first.notified, first.notify_problem)
    assert ("sent", None) == (second.notified, second.notify_problem)
    assert ["of-a-server completed", "of-none completed"] == sorted(web.titles)


def test_a_notice_that_is_over_a_day_late_is_not_sent(data_dir, web, monkeypatch):
    killed = Server(data_dir, {"team": web.address}, sender=gone())
    run_id = killed.ended(notify="team")
    monkeypatch.setattr(run_notices, "MAX_AGE_SECONDS", 0.0)

    async def main():
        async with serving(data_dir, {"team": web.address}) as server:
            return await server.notified(run_id)

    run = asyncio.run(main())
    assert ("failed", []) == (run.notified, web.received)
    assert "within a day of the run's end" in run.notify_problem


def test_a_claim_of_a_dead_server_is_never_sent_again(data_dir, web):
    killed = Server(data_dir, {"team": web.address}, sender=gone())
    run_id = killed.ended(notify="team")
    assert killed.engine.claim_notice(run_id) is not None

    async def main():
        async with serving(data_dir, {"team": web.address}) as server:
            return await server.notified(run_id)

    run = asyncio.run(main())
    assert ("unknown", []) == (run.notified, web.received)
    assert "the server ended while it sent the notice" == run.notify_problem


def test_of_many_servers_one_claims(data_dir, web):
    killed = Server(data_dir, {"team": web.address}, sender=gone())
    run_ids = [killed.ended(notify="team") for _ in range(3)]

    async def main():
        async with contextlib.AsyncExitStack() as stack:
            servers = [
                await stack.enter_async_context(serving(data_dir, {"team": web.address}))
                for _ in range(4)
            ]
            return [
                (await server.notified(run_id)).notified for server in servers for run_id in run_ids
            ]

    assert ["sent"] * 12 == asyncio.run(main())
    assert 3 == len(web.received)


def test_a_server_leaves_the_runs_of_another_live_one(data_dir, web):
    """Which may have another address under the same name."""
    other = Server(data_dir, {"team": "json://127.0.0.1:1"})
    run_id = other.ended(notify="team")
    server = Server(data_dir, {"team": web.address})
    assert [] == server.engine.due_notices().run_ids
    assert [run_id] == other.engine.due_notices().run_ids


def test_a_server_that_stops_settles_what_it_has_claimed(data_dir, web):
    web.answers.clear()

    async def main():
        async with serving(data_dir, {"team": web.address}) as server:
            run_id = server.launch(notify="team")
            await asyncio.to_thread(until, lambda: web.received)
        return server.engine.get(run_id)

    began_s = time.monotonic()
    run = asyncio.run(main())
    assert run.notified == "unknown"
    assert time.monotonic() - began_s < 30


def test_a_server_that_stops_does_not_wait_for_another_attempt(data_dir, web):
    web.statuses = [503] * 9
    slow = QUICK._replace(again=(600.0, 600.0))

    async def main():
        server = Server(data_dir, {"team": web.address})
        server.notices._pace = slow
        run_ids = [server.ended(notify="team") for _ in range(5)]
        server.notices.start()
        await asyncio.to_thread(until, lambda: web.received and not senders())
        await server.notices.stop()
        return [server.engine.get(run_id) for run_id in run_ids]

    runs = asyncio.run(main())
    assert ["failed"] * 5 == [run.notified for run in runs]
    assert "team: the server ended before it could be sent" == runs[0].notify_problem


def test_a_stuck_sender_is_killed_and_stalls_nothing(data_dir, web, monkeypatch):
    monkeypatch.setattr("prismq_nb.engine.notices.sending.send.__defaults__", (1.0,))
    web.answers.clear()

    async def main():
        async with serving(data_dir, {"team": web.address}) as server:
            run = await server.notified(server.launch(notify="team"))
            return run, senders()

    run, left = asyncio.run(main())
    assert ("unknown", "team: no answer within 1 s", []) == (
        run.notified,
        run.notify_problem,
        left,
    )


def senders():
    """The children of this process that send a notice."""
    return [
        child.pid for child in psutil.Process().children() if "send_apprise" in str(child.cmdline())
    ]


def test_the_address_is_in_no_argument_and_no_variable(data_dir, web):
    web.answers.clear()

    async def main():
        async with serving(data_dir, {"team": web.address}) as server:
            server.launch(notify="team")
            await asyncio.to_thread(until, lambda: web.received)
            (pid,) = senders()
            sender = psutil.Process(pid)
            return f"{sender.cmdline()} {sender.environ()}"

    assert "p4ssw0rd" not in asyncio.run(main())


def test_a_claim_that_is_being_written_is_left_alone(data_dir, web):
    """And given up if it stays empty, as after a power cut."""
    killed = Server(data_dir, {"team": web.address}, sender=gone())
    run_id = killed.ended(notify="team")
    path = killed.engine.run_dir(run_id) / "notice.json"
    path.touch()
    server = Server(data_dir, {"team": web.address})
    assert [] == server.engine.due_notices().run_ids
    assert server.engine.get(run_id).notified is None
    long_ago = time.time() - 3600
    os.utime(path, (long_ago, long_ago))
    assert [] == server.engine.due_notices().run_ids
    assert "unknown" == server.engine.get(run_id).notified


@pytest.mark.parametrize("damage", ["{", "[]", '{"result": 3}'])
def test_a_damaged_claim_is_unknown_and_not_sent_again(data_dir, web, damage):
    killed = Server(data_dir, {"team": web.address}, sender=gone())
    run_id = killed.ended(notify="team")
    (killed.engine.run_dir(run_id) / "notice.json").write_text(damage)
    server = Server(data_dir, {"team": web.address})
    assert [] == server.engine.due_notices().run_ids
    assert "unknown" == server.engine.get(run_id).notified


def test_a_claim_that_cannot_be_written_sends_nothing(data_dir, web, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(notice_state, "claim", full)
    server = Server(data_dir, {"team": web.address})
    server.ended(notify="team")

    async def main():
        server.notices.start()
        await asyncio.sleep(1)  # nothing happens
        await server.notices.stop()

    asyncio.run(main())
    assert [] == web.received


def test_a_lost_data_directory_does_not_end_the_watch(data_dir, web, monkeypatch):
    real = Engine.due_notices
    failures = [PrismqError("lost")] * 2

    def sometimes(engine):
        if failures:
            raise failures.pop()
        return real(engine)

    monkeypatch.setattr(Engine, "due_notices", sometimes)

    async def main():
        async with serving(data_dir, {"team": web.address}) as server:
            return await server.notified(server.launch(notify="team"))

    assert "sent" == asyncio.run(main()).notified
