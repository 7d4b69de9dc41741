import asyncio

import pytest

from assistant.slack.running import Running, Stopped


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_turn_that_ends_by_itself_gives_its_result():
    async def work() -> int:
        return 7

    assert await Running().run("T:C:1", work()) == 7


async def test_a_stopped_turn_says_who_stopped_it():
    running = Running()
    turn = asyncio.create_task(running.run("T:C:1", forever()))
    await asyncio.sleep(0)

    assert running.stop("T:C:1", "U0ALICE")
    with pytest.raises(Stopped) as stopped:
        await turn

    assert stopped.value.by == "U0ALICE"


async def test_only_the_turn_of_that_thread_is_stopped():
    running = Running()
    turn = asyncio.create_task(running.run("T:C:1", forever()))
    await asyncio.sleep(0)

    assert not running.stop("T:C:2", "U0ALICE")

    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn


async def test_a_shutdown_ends_the_turn_too():
    running, ended = Running(), asyncio.Event()

    async def work() -> None:
        try:
            await forever()
        finally:
            ended.set()

    turn = asyncio.create_task(running.run("T:C:1", work()))
    await asyncio.sleep(0.01)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn

    await asyncio.wait_for(ended.wait(), 1)


async def test_a_failure_of_the_turn_comes_out_as_it_is():
    async def work() -> None:
        raise LookupError("broken")

    with pytest.raises(LookupError):
        await Running().run("T:C:1", work())
