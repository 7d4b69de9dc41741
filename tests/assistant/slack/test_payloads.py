from assistant.slack.payloads import MAX_TEXT, Place, incoming

BOT = "U0BOT"


def body(**event):
    fields = {
        "type": "app_mention",
        "user": "U0ALICE",
        "channel": "C1",
        "ts": "1795348800.000100",
        "text": f"<@{BOT}> hi",
    }
    return {"team_id": "T1", "event": {**fields, **event}}


def test_a_mention_is_addressed_and_loses_the_mention():
    said = incoming(body(text=f"<@{BOT}> why is <@U2> paged?"), bot_user=BOT)

    assert said.addressed
    assert said.message.text == "why is <@U2> paged?"
    assert said.message.account == "slack:T1:U0ALICE"


def test_a_secret_that_somebody_pasted_goes_no_further():
    said = incoming(body(text=f"<@{BOT}> login with password=hunter2x fails"), bot_user=BOT)

    assert "hunter2x" not in said.message.text


def test_both_events_of_one_mention_make_one_message_id():
    mention = incoming(body(), bot_user=BOT)
    message = incoming(body(type="message", channel_type="channel"), bot_user=BOT)

    assert mention.message.id == message.message.id


def test_a_reply_belongs_to_the_thread_of_its_root():
    said = incoming(body(type="message", text="and in production?", thread_ts="1795348700.000001"), bot_user=BOT)

    assert said.message.thread == "T1:C1:1795348700.000001"
    assert not said.addressed


def test_a_direct_message_is_addressed_without_a_mention():
    assert incoming(body(type="message", channel_type="im", text="hi"), bot_user=BOT).addressed


def test_edits_deletions_bots_and_the_assistant_itself_say_nothing():
    silent = [
        body(type="message", subtype="message_changed"),
        body(type="message", subtype="message_deleted"),
        body(type="message", bot_id="B1"),
        body(user=BOT),
        body(type="reaction_added"),
        {"team_id": "T1"},
    ]

    assert [incoming(one, bot_user=BOT) for one in silent] == [None] * 6


def test_a_file_with_words_is_speech():
    assert incoming(body(type="message", subtype="file_share", text="this log"), bot_user=BOT) is not None


def test_a_guest_of_another_organisation_is_not_taken_for_a_colleague():
    said = incoming(body(user_team="T9"), bot_user=BOT)

    assert said.message.account == "slack:T9:U0ALICE"


def test_a_shared_channel_is_marked():
    assert incoming({**body(), "is_ext_shared_channel": True}, bot_user=BOT).shared


def test_a_long_text_is_bounded():
    assert len(incoming(body(text="x" * 50_000), bot_user=BOT).message.text) == MAX_TEXT


def test_a_place_survives_the_thread_id():
    place = Place("T1", "C1", "1.2")

    assert Place.parse(str(place)) == place
