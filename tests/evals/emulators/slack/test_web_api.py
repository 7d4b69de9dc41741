"""The Web API through the real client: effects, error codes, limits, faults."""

import pytest
from aiohttp import ClientSession, ServerDisconnectedError
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from evals.emulators.slack.faults import disconnect, rate_limited, server_error, slow
from evals.emulators.slack.methods.table import METHODS
from evals.emulators.slack.model import App, app_from_manifest
from tests.builders.slack_bot import MovableClock, client_for, make_workspace
from tests.builders.slack_views import make_button, make_card, make_modal


async def refused(call) -> SlackApiError:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value


async def code_of(call) -> str:
    return (await refused(call)).response["error"]


async def test_tokens_are_checked_as_slack_does() -> None:
    async with make_workspace() as workspace:
        assert await code_of(client_for(workspace, " ").auth_test()) == "not_authed"
        assert await code_of(client_for(workspace, "xoxb-other").auth_test()) == "invalid_auth"
        assert await code_of(client_for(workspace, workspace.app.app_token).auth_test()) == "not_allowed_token_type"
        assert await code_of(client_for(workspace).api_call("no.such")) == "unknown_method"

        workspace.uninstall()

        assert await code_of(client_for(workspace).auth_test()) == "account_inactive"


async def test_scopes_come_from_the_manifest() -> None:
    manifest = {
        "features": {"bot_user": {"display_name": "helper"}, "app_home": {"home_tab_enabled": True}},
        "oauth_config": {"scopes": {"bot": ["chat:write", "channels:history"]}},
        "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
    }
    async with make_workspace(app_from_manifest(manifest, id="A1")) as workspace:
        client = client_for(workspace)
        found = await client.auth_test()
        error = await refused(client.users_info(user="U0ALICE"))
        workspace.as_user("alice").mention("hi", "shop")

        assert found.headers["X-OAuth-Scopes"] == "channels:history,chat:write"
        assert found["user"] == "helper"
        assert error.response["error"] == "missing_scope"
        assert error.response["needed"] == "users:read"
        assert error.response["provided"] == "channels:history,chat:write"
        assert [delivery.event_type for delivery in workspace.deliveries] == ["app_mention"]


async def test_messages_are_posted_updated_and_deleted() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace)
        posted = await client.chat_postMessage(channel="C0SHOP", text="one")
        await client.chat_postMessage(channel="C0SHOP", text="reply", thread_ts=posted["ts"])
        await client.chat_update(channel="C0SHOP", ts=posted["ts"], text="two")
        link = await client.chat_getPermalink(channel="C0SHOP", message_ts=posted["ts"])
        history = await client.conversations_history(channel="C0SHOP")
        thread = await client.conversations_replies(channel="C0SHOP", ts=posted["ts"])
        await client.chat_delete(channel="C0SHOP", ts=posted["ts"])

        assert [message["text"] for message in history["messages"]] == ["two"]
        assert history["messages"][0]["reply_count"] == 1
        assert [message["text"] for message in thread["messages"]] == ["two", "reply"]
        assert link["permalink"].endswith("/p" + posted["ts"].replace(".", ""))
        assert await code_of(client.chat_update(channel="C0SHOP", ts=posted["ts"], text="x")) == "message_not_found"


async def test_what_cannot_be_posted_says_why() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace)
        theirs = workspace.as_user("alice").say("mine", "shop")
        workspace.add_channel("lobby", ["alice"], bot=False)

        assert await code_of(client.chat_postMessage(channel="C0NONE", text="x")) == "channel_not_found"
        assert await code_of(client.chat_postMessage(channel="G0OPS", text="x")) == "channel_not_found"
        assert await code_of(client.chat_postMessage(channel="C0LOBBY", text="x")) == "not_in_channel"
        assert await code_of(client.chat_postMessage(channel="C0SHOP", text="x" * 40_001)) == "msg_too_long"
        assert await code_of(client.api_call("chat.postMessage", json={"channel": "C0SHOP"})) == "no_text"
        assert await code_of(client.chat_update(channel="C0SHOP", ts=theirs.ts, text="x")) == "cant_update_message"
        assert await code_of(client.chat_delete(channel="C0SHOP", ts=theirs.ts)) == "cant_delete_message"
        ephemeral = client.chat_postEphemeral(channel="C0SHOP", user="U0NOBODY", text="x")
        assert await code_of(ephemeral) == "user_not_in_channel"


async def test_invalid_blocks_are_named_by_pointer() -> None:
    async with make_workspace() as workspace:
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}]
        error = await refused(client_for(workspace).chat_postMessage(channel="C0SHOP", text="x", blocks=blocks))

        assert error.response["error"] == "invalid_blocks"
        assert error.response["response_metadata"]["messages"] == [
            "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"
        ]
        assert workspace.messages("shop") == []


async def test_an_ephemeral_message_is_seen_by_one_person_and_not_in_history() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace)
        await client.chat_postEphemeral(channel="C0SHOP", user="U0ALICE", text="only you")
        history = await client.conversations_history(channel="C0SHOP")

        assert history["messages"] == []
        assert [message.text for message in workspace.as_user("alice").sees("shop")] == ["only you"]
        assert workspace.as_user("bob").sees("shop") == []


async def test_people_channels_and_groups_are_listed_page_by_page() -> None:
    async with make_workspace() as workspace:
        workspace.add_group("platform", ["alice"])
        workspace.add_user("carol", team_id="T0OTHER", id="U0CAROL")
        client = client_for(workspace)
        first = await client.users_list(limit=2)
        rest = await client.users_list(limit=2, cursor=first["response_metadata"]["next_cursor"])
        found = await client.users_lookupByEmail(email="ALICE@example.com")
        carol = await client.users_info(user="U0CAROL")
        groups = await client.usergroups_list(include_users=True)
        channels = await client.conversations_list(types="public_channel,private_channel")
        members = await client.conversations_members(channel="C0SHOP")

        assert [user["name"] for user in [*first["members"], *rest["members"]]] == [
            "infra-assistant",
            "alice",
            "bob",
            "carol",
        ]
        assert rest["response_metadata"]["next_cursor"] == ""
        assert found["user"]["id"] == "U0ALICE"
        assert carol["user"]["is_stranger"] is True
        assert groups["usergroups"][0]["users"] == ["U0ALICE"]
        assert (await client.usergroups_users_list(usergroup="S0PLATFORM"))["users"] == ["U0ALICE"]
        assert [channel["name"] for channel in channels["channels"]] == ["shop"]
        assert members["members"] == ["U0ALICE", "U0BOB", "U0BOT"]
        assert await code_of(client.users_lookupByEmail(email="x@example.com")) == "users_not_found"


async def test_a_direct_message_is_opened_once() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace)
        first = await client.conversations_open(users="U0ALICE")
        again = await client.conversations_open(users=["U0ALICE"], return_im=True)
        posted = await client.chat_postMessage(channel="U0ALICE", text="psst")

        assert again["already_open"] is True
        assert again["channel"]["is_im"] is True
        assert posted["channel"] == first["channel"]["id"]


async def test_views_need_a_fresh_trigger() -> None:
    clock = MovableClock()
    async with make_workspace(clock=clock) as workspace:
        client = client_for(workspace)
        used, old = workspace.state.new_trigger("U0ALICE"), workspace.state.new_trigger("U0ALICE")
        opened = await client.views_open(trigger_id=used, view=make_modal())
        clock.forward(seconds=4)

        assert await code_of(client.views_open(trigger_id=used, view=make_modal())) == "exchanged_trigger_id"
        assert await code_of(client.views_open(trigger_id=old, view=make_modal())) == "expired_trigger_id"
        assert await code_of(client.views_open(trigger_id="1.2.x", view=make_modal())) == "invalid_trigger_id"
        stale = client.views_update(view_id=opened["view"]["id"], view=make_modal(), hash="0")
        assert await code_of(stale) == "hash_conflict"
        assert await code_of(client.views_update(view_id="V0", view=make_modal())) == "not_found"


async def test_an_invalid_view_is_invalid_arguments() -> None:
    async with make_workspace() as workspace:
        trigger = workspace.state.new_trigger("U0ALICE")
        view = make_modal(title={"type": "plain_text", "text": "x" * 25})
        error = await refused(client_for(workspace).views_open(trigger_id=trigger, view=view))

        assert error.response["error"] == "invalid_arguments"
        assert "json-pointer:/view/title/text" in error.response["response_metadata"]["messages"][0]


async def test_modals_stack_three_high_and_update_keeps_what_was_typed() -> None:
    async with make_workspace() as workspace:
        client, alice = client_for(workspace), workspace.as_user("alice")
        first = await client.views_open(trigger_id=workspace.state.new_trigger("U0ALICE"), view=make_modal())
        alice.modal.values["name"]["value"]["value"] = "typed"
        await client.views_update(view_id=first["view"]["id"], view=make_modal())
        assert alice.modal.values["name"]["value"]["value"] == "typed"

        for _ in range(2):
            await client.views_push(trigger_id=workspace.state.new_trigger("U0ALICE"), view=make_modal())
        push = client.views_push(trigger_id=workspace.state.new_trigger("U0ALICE"), view=make_modal())

        assert await code_of(push) == "push_limit_reached"
        assert alice.modal.root_id == first["view"]["id"]


async def test_a_file_is_uploaded_in_three_steps_and_can_be_read() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace)
        answer = await client.files_upload_v2(
            channel="C0SHOP", file=b"line one", filename="checkout.log", title="Log", initial_comment="the log"
        )
        info = await client.files_info(file=answer["file"]["id"])
        headers = {"Authorization": f"Bearer {workspace.app.bot_token}"}
        async with ClientSession() as http, http.get(info["file"]["url_private"], headers=headers) as response:
            content = await response.read()

        [message] = workspace.messages("shop")
        assert (message.text, message.subtype) == ("the log", "file_share")
        assert info["file"]["title"] == "Log"
        assert content == b"line one"
        assert "[file checkout.log]" in workspace.transcript("shop")
        assert await code_of(client.files_info(file="F0")) == "file_not_found"


async def test_reactions_are_counted_once() -> None:
    async with make_workspace() as workspace:
        client, message = client_for(workspace), workspace.as_user("alice").say("hi", "shop")
        await client.reactions_add(channel="C0SHOP", timestamp=message.ts, name="eyes")
        again = client.reactions_add(channel="C0SHOP", timestamp=message.ts, name="eyes")

        assert await code_of(again) == "already_reacted"
        assert message.reactions == {"eyes": ["U0BOT"]}
        await client.reactions_remove(channel="C0SHOP", timestamp=message.ts, name="eyes")
        assert message.reactions == {}


async def test_session_states_titles_and_prompts() -> None:
    async with make_workspace(App(events=frozenset({"app_mention"}))) as workspace:
        client, root = client_for(workspace), workspace.as_user("alice").say("hi", "shop")
        where = {"channel_id": "C0SHOP", "thread_ts": root.ts}
        answer = await client.agents_sessions_setStatus(**where, status="processing", title="Checkout")
        await client.assistant_threads_setStatus(**where, status="is thinking")
        session = workspace.state.sessions["C0SHOP", root.ts]

        assert answer["warning"] == "missing_agent_session_stopped_event_subscription"
        assert (session.status, session.title, session.thinking) == ("processing", "Checkout", "is thinking")
        await client.chat_postMessage(channel="C0SHOP", thread_ts=root.ts, text="here")
        assert session.thinking == ""
        await client.agents_sessions_rename(**where, title="Cart")
        assert session.title == "Cart"
        prompts = [{"title": "Why", "message": "why?"}]
        await client.assistant_threads_setSuggestedPrompts(**where, prompts=prompts)
        assert session.prompts == prompts
        assert await code_of(client.agents_sessions_setStatus(**where, status="busy")) == "invalid_arguments"
        too_many = client.assistant_threads_setSuggestedPrompts(**where, prompts=prompts * 5)
        assert await code_of(too_many) == "invalid_arguments"


async def test_blocks_validate_needs_no_token_and_lists_problems() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace, " ")
        good = await client.blocks_validate(blocks=make_card("x"))
        error = await refused(client.blocks_validate(view={"type": "modal"}))

        assert good["ok"] is True
        assert error.response["error"] == "invalid_view"
        assert {problem["message"] for problem in error.response["errors"]} >= {"missing required field: title"}
        assert await code_of(client.blocks_validate()) == "invalid_arguments"


async def test_a_429_is_honoured_by_the_clients_retry_handler() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace)
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
        workspace.faults.add("chat.postMessage", rate_limited(0))
        await client.chat_postMessage(channel="C0SHOP", text="there")

        assert [call.status for call in workspace.calls] == [429, 200]
        assert len(workspace.messages("shop")) == 1


async def test_a_limited_method_names_the_seconds_to_wait() -> None:
    clock = MovableClock()
    async with make_workspace(clock=clock) as workspace:
        client, root = client_for(workspace), workspace.as_user("alice").say("hi", "shop")
        workspace.rate_limits.enabled = True
        arguments = {"channel": "C0SHOP", "thread_ts": root.ts, "recipient_team_id": "T", "recipient_user_id": "U"}
        for _ in range(20):
            await client.chat_startStream(**arguments)
        error = await refused(client.chat_startStream(**arguments))
        clock.forward(seconds=61)

        assert error.response.status_code == 429
        assert 55 <= int(error.response.headers["Retry-After"]) <= 60
        assert (await client.chat_startStream(**arguments))["ok"] is True


async def test_planned_faults_happen_in_order() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace)
        client.retry_handlers.clear()
        workspace.faults.add("chat.postMessage", server_error(503))
        workspace.faults.add("chat.postMessage", disconnect(after_effect=True))
        workspace.faults.add("*", slow(0.01))

        assert (await refused(client.chat_postMessage(channel="C0SHOP", text="1"))).response.status_code == 503
        with pytest.raises(ServerDisconnectedError):
            await client.chat_postMessage(channel="C0SHOP", text="2")
        await client.chat_postMessage(channel="C0SHOP", text="3")
        assert [message.text for message in workspace.messages("shop")] == ["2", "3"]


async def test_a_button_keeps_the_ids_it_was_given_and_gets_those_it_lacks() -> None:
    async with make_workspace() as workspace:
        blocks = [{"type": "actions", "elements": [make_button("a"), {**make_button(), "action_id": None}]}]
        await client_for(workspace).chat_postMessage(channel="C0SHOP", text="x", blocks=blocks)

        [block] = workspace.messages("shop")[0].blocks
        assert block["block_id"]
        assert block["elements"][0]["action_id"] == "a"
        assert block["elements"][1]["action_id"] not in {None, "a"}


def test_every_method_is_one_that_the_client_has() -> None:
    missing = [name for name in METHODS if not hasattr(AsyncWebClient, name.replace(".", "_"))]

    assert missing == []


async def test_conversations_that_the_app_may_not_know_are_not_found() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace)
        workspace.add_channel("lobby", ["alice"], bot=False)
        root = workspace.as_user("alice").say("hi", "shop")
        dm = workspace.as_user("alice").dm("hi")
        found = await client.conversations_info(channel="C0SHOP")
        direct = await client.conversations_info(channel=dm.channel)

        assert (found["channel"]["name"], found["channel"]["is_member"]) == ("shop", True)
        assert direct["channel"]["user"] == "U0ALICE"
        assert await code_of(client.conversations_info(channel="G0OPS")) == "channel_not_found"
        assert await code_of(client.conversations_history(channel="C0LOBBY")) == "not_in_channel"
        assert await code_of(client.conversations_replies(channel="C0LOBBY", ts=root.ts)) == "not_in_channel"
        assert await code_of(client.conversations_replies(channel="C0SHOP", ts="1.0")) == "thread_not_found"
        assert await code_of(client.conversations_list(types="channels")) == "invalid_types"
        assert await code_of(client.conversations_open(users="U0NOBODY")) == "user_not_found"
        assert await code_of(client.users_info(user="U0NOBODY")) == "user_not_found"
        assert await code_of(client.usergroups_users_list(usergroup="S0")) == "no_such_subteam"


async def test_the_home_tab_is_published_when_the_app_has_one() -> None:
    view = {"type": "home", "blocks": make_card("x")}
    async with make_workspace() as workspace:
        client = client_for(workspace)
        first = await client.views_publish(user_id="U0ALICE", view=view)
        stale = client.views_publish(user_id="U0ALICE", view=view, hash="0")

        assert workspace.as_user("alice").home.id == first["view"]["id"]
        assert await code_of(stale) == "hash_conflict"
        assert await code_of(client.views_publish(user_id="U0NOBODY", view=view)) == "user_not_found"
    async with make_workspace(App(home_tab=False)) as workspace:
        assert await code_of(client_for(workspace).views_publish(user_id="U0ALICE", view=view)) == "not_enabled"


async def test_the_app_and_its_team_are_described() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace)

        assert (await client.auth_test())["user_id"] == "U0BOT"
        assert (await client.team_info())["team"]["id"] == "T0SHOP"
        assert (await client.bots_info(bot="B0BOT"))["bot"]["app_id"] == "A0INFRA"
        assert await code_of(client.bots_info(bot="B0OTHER")) == "bot_not_found"


async def test_markdown_text_is_a_message_of_its_own() -> None:
    async with make_workspace() as workspace:
        client = client_for(workspace)
        await client.chat_postMessage(channel="#shop", markdown_text="**bold**")
        both = client.chat_postMessage(channel="C0SHOP", text="x", markdown_text="y")

        assert workspace.messages("shop")[0].blocks[0]["type"] == "markdown"
        assert await code_of(both) == "markdown_text_conflict"
        too_long = client.chat_postMessage(channel="C0SHOP", markdown_text="x" * 12_001)
        assert await code_of(too_long) == "msg_too_long"
