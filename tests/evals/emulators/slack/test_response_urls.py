"""response_url: five answers in thirty minutes."""

from aiohttp import ClientSession

from tests.builders.slack_bot import MovableClock, client_for, make_workspace
from tests.builders.slack_views import make_card


async def answer(url: str, **body) -> int:
    async with ClientSession() as http, http.post(url, json=body) as response:
        return response.status


async def test_answers_are_private_unless_they_say_otherwise() -> None:
    async with make_workspace() as workspace:
        url = workspace.response_urls.issue("U0ALICE", "C0SHOP")
        await answer(url, text="secret")
        await answer(url, text="public", response_type="in_channel")

        assert [message.text for message in workspace.messages("shop", "bob")] == ["public"]
        assert [message.text for message in workspace.messages("shop", "alice")] == ["secret", "public"]


async def test_the_original_is_replaced_and_deleted() -> None:
    async with make_workspace() as workspace:
        await client_for(workspace).chat_postMessage(channel="C0SHOP", text="card", blocks=make_card("p"))
        [card] = workspace.messages("shop")
        url = workspace.response_urls.issue("U0ALICE", "C0SHOP", card)
        await answer(url, text="done", replace_original=True)
        assert (card.text, card.blocks) == ("done", [])

        await answer(url, delete_original=True)

        assert workspace.messages("shop") == []


async def test_a_url_is_used_up_after_five_answers_or_thirty_minutes() -> None:
    clock = MovableClock()
    async with make_workspace(clock=clock) as workspace:
        url = workspace.response_urls.issue("U0ALICE", "C0SHOP")
        fresh = workspace.response_urls.issue("U0ALICE", "C0SHOP")
        statuses = [await answer(url, text=str(number)) for number in range(6)]
        clock.forward(minutes=31)

        assert statuses == [200, 200, 200, 200, 200, 404]
        assert await answer(fresh, text="late") == 404


async def test_an_invalid_answer_is_refused() -> None:
    async with make_workspace() as workspace:
        url = workspace.response_urls.issue("U0ALICE", "C0SHOP")

        assert await answer(url, text="x", blocks=[{"type": "spinner"}]) == 400
        assert await answer(url) == 400
