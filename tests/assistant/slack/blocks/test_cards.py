import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.slack.blocks.cards import CANCEL, CONFIRM, EDIT, STATES, UNDO, card, outcome, parse_token, token
from evals.emulators.slack.blockkit.check import check_blocks
from tests.builders.conversation import NOON, make_plan, make_view
from tools.contract import Change

words = st.text(max_size=4000)
changes = st.lists(st.builds(Change, path=words, before=st.none() | words, after=st.none() | words), max_size=30)


def buttons(blocks):
    return [element for block in blocks if block["type"] == "actions" for element in block["elements"]]


@given(changes, words, st.lists(words, max_size=30), st.sampled_from(sorted(STATES)))
@settings(max_examples=60, deadline=None)
def test_any_proposal_renders_within_the_limits_of_slack(diff, summary, sentences, state):
    plan = make_plan(diff=tuple(diff), summary=summary, effects=tuple(sentences), warnings=tuple(sentences))
    view = make_view(plan=plan, state=state, outcome=summary, decided_by=summary, decided_at=NOON)

    for text, blocks in (card(view), outcome(view)):
        assert check_blocks(blocks) == []
        assert text


def test_the_card_shows_target_call_diff_effects_and_undo():
    shown = str(card(make_view())[1])

    for part in (
        "Scale checkout in shop-staging from 2 to 3 replicas?",
        "Deployment shop-staging/checkout",
        "replicas=3",
        "- 2",
        "+ 3",
        "1 pod starts.",
        "scale back to 2 replicas",
    ):
        assert part in shown


def test_the_button_names_the_action_and_carries_id_and_plan_hash():
    confirm, edit, cancel = buttons(card(make_view())[1])

    assert confirm["text"]["text"].startswith("Confirm: Scale checkout")
    assert parse_token(confirm["value"]) == ("p-7f3k", "ab" * 32)
    assert [one["action_id"] for one in (confirm, edit, cancel)] == [CONFIRM, EDIT, CANCEL]


def test_a_risky_change_asks_once_more():
    confirm, *_others = buttons(card(make_view(plan=make_plan(risk="high")))[1])

    assert confirm["style"] == "danger"
    assert "Risk: high" in confirm["confirm"]["text"]["text"]


@pytest.mark.parametrize("state", sorted(set(STATES) - {"awaiting_confirmation", "awaiting_approval"}))
def test_a_decided_card_has_no_controls(state):
    assert buttons(card(make_view(state=state, decided_by="Bob", decided_at=NOON))[1]) == []


def test_a_decided_card_says_who_and_how_it_ended():
    view = make_view(state="succeeded", decided_by="Bob Bussard", decided_at=NOON, outcome="3 of 3 pods are ready.")

    shown = str(card(view)[1])

    assert "Bob Bussard" in shown
    assert "3 of 3 pods are ready." in shown


def test_a_change_too_large_to_show_whole_cannot_be_confirmed_here():
    huge = tuple(Change(path=f"spec.f{number}", before="a" * 3000, after="b" * 3000) for number in range(60))

    _text, blocks = card(make_view(plan=make_plan(diff=huge)))

    assert buttons(blocks) == []
    assert "infra-assistant confirm p-7f3k" in str(blocks)


def test_an_applied_change_offers_its_undo():
    (undo,) = buttons(outcome(make_view(state="succeeded", outcome="Done."))[1])

    assert undo["action_id"] == UNDO
    assert undo["text"]["text"] == "Undo: scale back to 2 replicas"


@pytest.mark.parametrize("value", ["", "p-1", ":", "p-1:", ":abc"])
def test_a_forged_value_is_no_token(value):
    assert parse_token(value) is None


def test_a_token_survives_the_button():
    view = make_view()

    assert parse_token(token(view)) == (view.id, view.plan_hash)
