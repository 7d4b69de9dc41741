from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from assistant.slack.escape import code_block, escape, inline_code, when


def test_a_broadcast_is_shown_as_written():
    assert escape("<!channel> deploy <@U1>") == "&lt;!channel&gt; deploy &lt;@U1&gt;"


def test_a_link_cannot_show_another_text_than_its_address():
    assert "<" not in escape("<https://evil.example|https://bank.example>")


def test_characters_that_reorder_text_are_dropped():
    assert escape("abc\u202edcba\u200b") == "abcdcba"


@given(st.text())
def test_escaped_text_holds_no_control_sequence_of_slack(text):
    assert "<" not in escape(text)
    assert ">" not in escape(text)


@given(st.text())
def test_nothing_inside_a_code_block_closes_it(text):
    inner = code_block(text).removeprefix("```\n").removesuffix("\n```")

    assert "```" not in inner


@given(st.text())
def test_inline_code_stays_one_line(text):
    made = inline_code(text)

    assert made.count("`") == 2
    assert "\n" not in made


def test_a_time_is_shown_in_the_readers_zone_with_a_fallback():
    assert when(datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) == (
        "<!date^1795348800^{date_short_pretty} {time}|2026-11-22 12:00 UTC>"
    )
