"""One iteration of the event loop stays short and every task has a turn, however many there are."""

from __future__ import annotations

import asyncio
from time import thread_time

import pytest

from prismq_nb.engine.live.turns import Turns

STEP_SECONDS = 0.001


def work(seconds: float = STEP_SECONDS) -> None:
    """Use the processor, whatever else the machine does."""
    end = thread_time() + seconds
    while thread_time() < end:
        pass


async def test_an_iteration_has_room_for_a_few_steps_however_many_wait():
    turns, workers, steps, passes = Turns(), 60, 3, 0

    async def worker() -> None:
        for _ in range(steps):
            await turns.next()
            work()

    async def bystander() -> None:
        nonlocal passes
        while True:
            await asyncio.sleep(0)
            passes += 1

    watching = asyncio.ensure_future(bystander())
    await asyncio.gather(*(worker() for _ in range(workers)))
    watching.cancel()
    assert workers * steps == turns.steps
    assert passes > turns.steps / 4  # with `sleep(0)` in place of turns: as many as one has steps


async def test_short_steps_share_an_iteration():
    turns = Turns()

    async def worker() -> None:
        for _ in range(200):
            await turns.next()

    await asyncio.gather(*(worker() for _ in range(20)))
    assert turns.passes < turns.steps / 2


async def test_every_task_has_a_turn_before_any_has_a_second_one():
    turns, order = Turns(), []

    async def worker(number: int) -> None:
        for _ in range(3):
            await turns.next(bulk=True)
            order.append(number)
            work()

    await asyncio.gather(*(worker(number) for number in range(10)))
    assert list(range(10)) * 3 == order


@pytest.mark.parametrize("bulk", [False, True], ids=["live", "bulk"])
async def test_one_kind_of_work_does_not_delay_the_other(bulk):
    turns, done, busy = Turns(), 0, True

    async def worker() -> None:
        nonlocal done
        while busy:
            await turns.next(bulk=not bulk)
            work()
            done += 1

    workers = [asyncio.ensure_future(worker()) for _ in range(100)]
    await turns.next(bulk=not bulk)
    before = done
    for _ in range(3):
        await turns.next(bulk=bulk)
        work()
    assert done - before < 20
    busy = False
    await asyncio.gather(*workers)


async def test_a_cancelled_waiter_takes_no_turn():
    turns = Turns()
    waiting = [asyncio.ensure_future(turns.next()) for _ in range(5)]
    await asyncio.sleep(0)
    for task in waiting[:4]:
        task.cancel()
    await waiting[4]
    assert 1 == turns.steps


async def test_calls_have_turns_and_a_failing_one_ends_nothing(jp_asyncio_loop):
    turns, called, failures = Turns(), [], []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(type(context["exception"])))
    for number in range(3):
        turns.call(lambda number=number: called.append(number) or 1 // number)
    await turns.next(bulk=True)
    while len(called) < 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert ([0, 1, 2], [ZeroDivisionError]) == (called, failures)
