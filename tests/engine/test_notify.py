"""Notifications about a run directory, and errors where watching is impossible."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import subprocess
import sys
from functools import partial

import pytest
from support.journals import MadeRun
from support.waiting import WAIT_SECONDS

from prismq_nb.engine.live import inotify
from prismq_nb.engine.live.notify import Change, Notifier
from prismq_nb.journal.layout import lock

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")

holder = partial(subprocess.Popen, stdout=subprocess.PIPE)
HOLDER = "import sys, time; file = open(sys.argv[1], 'ab'); print(flush=True); time.sleep(100)"


class Heard(list):
    """The notifications, in order."""

    async def until(self, count: int) -> list[Change]:
        """Wait for so many."""
        async with asyncio.timeout(WAIT_SECONDS):
            while len(self) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        return list(self)


async def rest() -> None:
    """Let pending notifications arrive: run the loop twice."""
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.fixture
def run(data_dir) -> MadeRun:
    return MadeRun(data_dir)


async def test_growth_of_the_index_is_notified_once_until_the_watch_is_rearmed(run):
    heard = Heard()
    watch = Notifier().watch(run.path, heard.append)
    assert watch.arm()
    for _ in range(1000):
        run.write("a\n")
    assert [Change.INDEX] == await heard.until(1)
    await rest()
    assert [Change.INDEX] == heard
    assert watch.arm()
    await rest()
    assert [Change.INDEX] == heard
    run.write("b\n")
    assert [Change.INDEX] * 2 == await heard.until(2)
    watch.close()


async def test_checking_the_lock_notifies_nothing(run):
    lock.is_free(run.path)  # creates the file
    heard = Heard()
    watch = Notifier().watch(run.path, heard.append)
    watch.arm()
    lock.is_free(run.path)
    run.write("a\n")
    assert [Change.INDEX] == await heard.until(1)
    watch.close()


async def test_closing_a_file_is_not_mistaken_for_the_end_of_the_writer(run):
    heard = Heard()
    watch = Notifier().watch(run.path, heard.append)
    watch.arm()
    (run.path / "usage.bin").write_bytes(b"1")
    assert [Change.DIRECTORY] == await heard.until(1)
    watch.close()


async def test_a_replaced_state_and_a_removed_directory_are_notified(run):
    heard = Heard()
    watch = Notifier().watch(run.path, heard.append)
    watch.arm()
    run.state("running", stopping=True)
    assert [Change.DIRECTORY] == await heard.until(1)
    watch.arm()
    run.path.rename(run.path.with_name(".gone-1"))
    assert [Change.DIRECTORY] * 2 == await heard.until(2)
    assert not watch.arm()
    watch.close()


async def test_a_file_written_in_place_and_a_removed_file_are_notified(run):
    heard = Heard()
    watch = Notifier().watch(run.path, heard.append)
    watch.arm()
    (run.path / "output.part").write_bytes(b"50%")
    assert [Change.DIRECTORY] == await heard.until(1)
    watch.arm()
    (run.path / "output.part").unlink()
    assert [Change.DIRECTORY] * 2 == await heard.until(2)
    watch.close()


async def test_the_death_of_the_writer_of_the_index_is_notified(run):
    heard = Heard()
    watch = Notifier().watch(run.path, heard.append)
    command = [sys.executable, "-c", HOLDER, str(run.path / "output.idx")]
    with holder(command) as process:
        process.stdout.readline()
        watch.arm()
        process.kill()
        assert Change.INDEX | Change.WRITER in await heard.until(2)
    watch.close()


async def test_pending_events_are_notified_although_the_watch_is_rearmed(run):
    """A process that ends closes one file after the other."""
    heard = Heard()
    watch = Notifier().watch(run.path, lambda what: (heard.append(what), watch.arm()))
    watch.arm()
    for _ in range(50):
        heard.clear()
        (run.path / "output.part").write_bytes(b"50%")
        run.write("a\n")
        assert {Change.DIRECTORY, Change.INDEX} == set(await heard.until(2))
    watch.close()


async def test_a_replaced_index_is_watched_under_its_name(run):
    heard = Heard()
    watch = Notifier().watch(run.path, heard.append)
    watch.arm()
    index = run.path / "output.idx"
    shutil.copy(index, run.path / "new")
    (run.path / "new").rename(index)
    await heard.until(1)
    await rest()
    heard.clear()
    watch.arm()
    with index.open("ab", buffering=0) as file:
        file.write(b"x")
        assert Change.INDEX == (await heard.until(1))[0]
    watch.close()


async def test_a_new_run_without_an_index_is_watched_by_its_directory(run):
    (run.path / "output.idx").unlink()
    heard = Heard()
    watch = Notifier().watch(run.path, heard.append)
    assert watch.arm()
    run.state("running")
    assert [Change.DIRECTORY] == await heard.until(1)
    watch.close()


async def test_two_watches_of_one_directory_are_both_notified(run, data_dir):
    link = data_dir / "link"
    link.symlink_to(run.path)
    one, two, notifier = Heard(), Heard(), Notifier()
    watches = [notifier.watch(run.path, one.append), notifier.watch(link, two.append)]
    for watch in watches:
        watch.arm()
    run.write("a\n")
    assert [Change.INDEX] == await one.until(1) == await two.until(1)
    watches[0].arm()
    watches[0].close()
    watches[1].arm()
    run.write("b\n")
    await two.until(2)
    assert [Change.INDEX] == one
    watches[1].close()


async def test_a_read_between_an_event_and_its_end_loses_nothing(run):
    """The kernel reports IGNORED when it removes a watch that was rearmed meanwhile."""
    heard = Heard()
    notifier = Notifier()
    watch = notifier.watch(run.path, heard.append)
    watch.arm()
    (number,) = (number for number, what in watch.armed.items() if what is Change.INDEX)
    notifier._backend._inotify.rm_watch(number)
    await heard.until(1)
    assert Change.INDEX not in watch.armed.values()
    assert watch.arm()
    run.write("a\n")
    await heard.until(2)
    watch.close()


async def test_descriptors_are_open_only_while_something_is_watched(data_dir):
    runs = [MadeRun(data_dir, f"run_20251031_120000_made_{i:06x}") for i in range(20)]
    notifier = Notifier()
    before = len(os.listdir("/proc/self/fd"))
    watches = [notifier.watch(run.path, print) for run in runs]
    assert all(watch.arm() for watch in watches)
    assert before + 1 == len(os.listdir("/proc/self/fd"))
    for watch in watches:
        watch.close()
    assert before == len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EMFILE], ids=["watches", "instances"])
async def test_an_exhausted_limit_is_reported(run, monkeypatch, code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    refused = "add_watch" if code == errno.ENOSPC else "__init__"
    monkeypatch.setattr(inotify.INotify, refused, refuse)
    watch = Notifier().watch(run.path, print)
    assert not watch.arm()
    watch.close()
