import pytest

from assistant.slack.app import quick_client, web_client
from assistant.slack.blocks.kit import section
from assistant.slack.payloads import Place
from assistant.slack.progress.faces import Thread
from assistant.slack.progress.turn import Pace, TurnProgress
from evals.emulators.slack.faults import rate_limited, refusal
from evals.emulators.slack.methods.streams import STREAM_SECONDS
from evals.emulators.slack.model import App
from tests.builders.slack_bot import MovableClock, make_workspace

AT_ONCE = Pace(grace=0, stream=0.01, update=0.01)
ANSWER = ("Confirmed: done", [section("All is well.")])


@pytest.fixture
def clock():
    return MovableClock()


@pytest.fixture
async def slack(clock):
    async with make_workspace(clock=clock) as workspace:
        yield workspace


def progress_in(slack, pace=AT_ONCE):
    """The progress of a turn that answers a message of alice in #shop, and that message."""
    asked = slack.as_user("alice").say("why?", "shop")
    clients = web_client(slack.app.bot_token, slack.api_url), quick_client(slack.app.bot_token, slack.api_url)
    thread = Thread(*clients, Place("T0SHOP", asked.channel, asked.ts), "T0SHOP", "U0ALICE")
    return TurnProgress(thread, "why?", pace), asked


def replies(slack, asked):
    return [message for message in slack.state.replies(asked.channel, asked.ts) if message.user == "U0BOT"]


def session(slack, asked):
    return slack.state.sessions.get((asked.channel, asked.ts))


async def test_the_thread_shows_at_once_that_work_goes_on(slack):
    progress, asked = progress_in(slack)

    async with progress:
        await slack.wait_for(lambda: session(slack, asked) and session(slack, asked).status == "processing")

        assert session(slack, asked).title == "why?"


async def test_steps_are_tasks_of_one_timeline_that_becomes_the_answer(slack):
    progress, asked = progress_in(slack)

    async with progress:
        await progress("Reading changes of checkout")
        await slack.wait_for(lambda: slack.find("Reading changes of checkout"))
        await progress("Diagnosing checkout")
        await slack.wait_for(lambda: slack.find("Diagnosing checkout"))
        await progress.finish(*ANSWER)

    (message,) = replies(slack, asked)
    tasks = [(block["title"], block["status"]) for block in message.blocks if block["type"] == "task_card"]
    assert tasks == [("Read changes of checkout", "complete"), ("Diagnosed checkout", "complete")]
    assert message.blocks[-1]["text"]["text"] == "All is well."
    assert session(slack, asked).status == "active"


async def test_a_turn_that_leaves_a_card_to_decide_suspends_its_session(slack):
    progress, asked = progress_in(slack)

    async with progress:
        await slack.wait_for(lambda: replies(slack, asked))
        await progress.finish(*ANSWER, "suspended")

    assert session(slack, asked).status == "suspended"


async def test_a_quick_answer_is_one_plain_message(slack):
    progress, asked = progress_in(slack, Pace(grace=60))

    async with progress:
        await progress("Reading changes of checkout")
        await progress.finish(*ANSWER)

    (message,) = replies(slack, asked)
    assert message.stream is None
    assert message.text == "Confirmed: done"


@pytest.mark.parametrize(
    "fault", [rate_limited(30), refusal("unknown_method"), refusal("missing_scope")], ids=["429", "old", "scope"]
)
async def test_without_streams_a_message_is_posted_and_becomes_the_answer(slack, fault):
    slack.faults.add("chat.startStream", fault)
    progress, asked = progress_in(slack)

    async with progress:
        await progress("Reading changes of checkout")
        await slack.wait_for(lambda: slack.find("Reading changes of checkout"))
        await progress("Diagnosing checkout")
        await slack.wait_for(lambda: slack.find("Diagnosing checkout"))
        await progress.finish(*ANSWER)

    (message,) = replies(slack, asked)
    assert message.stream is None
    assert message.text == "Confirmed: done"
    assert session(slack, asked).status == "active"


async def test_a_workspace_without_sessions_sees_a_message_at_once():
    async with make_workspace(App(is_agent=False)) as slack:
        progress, asked = progress_in(slack, Pace(grace=60))

        async with progress:
            await slack.wait_for(lambda: replies(slack, asked))
            await progress.finish(*ANSWER)

        (message,) = replies(slack, asked)
        assert "All is well." in str(message.blocks)


async def test_a_step_refused_for_its_rate_is_shown_with_the_next_one(slack):
    progress, asked = progress_in(slack)

    async with progress:
        await slack.wait_for(lambda: replies(slack, asked))
        slack.faults.add("chat.appendStream", rate_limited(30))
        await progress("Reading changes of checkout")
        await slack.wait_for(lambda: any(call.status == 429 for call in slack.calls))
        await progress("Diagnosing checkout")
        await slack.wait_for(lambda: slack.find("Diagnosing checkout"))
        await progress.finish(*ANSWER)

    assert "Read changes of checkout" in str(replies(slack, asked)[0].blocks)


async def test_an_expired_stream_is_still_one_message(slack, clock):
    progress, asked = progress_in(slack)

    async with progress:
        await slack.wait_for(lambda: replies(slack, asked))
        clock.forward(seconds=STREAM_SECONDS + 1)
        await progress.finish(*ANSWER)

    (message,) = replies(slack, asked)
    assert "All is well." in str(message.blocks)
    assert session(slack, asked).status == "active"


async def test_a_deleted_message_is_posted_anew(slack):
    slack.faults.add("chat.startStream", refusal("unknown_method"))
    progress, asked = progress_in(slack)

    async with progress:
        message = await slack.wait_for(lambda: replies(slack, asked))
        slack.state.remove_message(message[0])
        await progress.finish(*ANSWER)

    assert "All is well." in str(replies(slack, asked)[0].blocks)


async def test_a_step_cannot_mention_or_link(slack):
    progress, _asked = progress_in(slack)

    async with progress:
        await progress("Reading <!channel>")
        await slack.wait_for(lambda: slack.find("&lt;!channel&gt;"))
        await progress.finish(*ANSWER)


async def test_more_steps_than_a_message_holds_replace_the_last(slack):
    progress, asked = progress_in(slack)

    async with progress:
        for number in range(40):
            await progress(f"Reading file {number}")
        await slack.wait_for(lambda: slack.find("file 39"))
        await progress.finish(*ANSWER)

    (message,) = replies(slack, asked)
    assert len(message.blocks) < 10
