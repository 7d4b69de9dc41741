import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.conversation import Answer, CitedClaim, NumberedEvidence, Question
from assistant.slack.blocks.feedback import FEEDBACK, parse_thumb
from assistant.slack.blocks.turns import CHOICE, WHOLE, evidence_modal, parse_action, render, whole_modal
from assistant.slack.links import Links
from evals.emulators.slack.blockkit.check import check_blocks, check_view
from tests.builders.conversation import NOON, make_answer, make_evidence, make_turn
from tools.contract import Evidence, Source, SuggestedAction, Verdict

words = st.text(max_size=5000)
numbers = st.lists(st.integers(1, 99).map(lambda number: f"E{number}"), min_size=1, max_size=5).map(tuple)
claims = st.lists(st.builds(CitedClaim, text=words, evidence=numbers), max_size=60).map(tuple)
answers = st.builds(
    Answer,
    verdict=st.sampled_from(Verdict),
    summary=words,
    claims=claims,
    next_steps=st.lists(words, max_size=20).map(tuple),
    notices=st.lists(words, max_size=10).map(tuple),
)
questions = st.builds(Question, text=words.filter(str.strip), choices=st.lists(words, max_size=40).map(tuple))
pieces = st.builds(
    Evidence,
    source=st.sampled_from(Source),
    subject=words,
    where=words,
    text=st.text(max_size=600),
    at=st.just(NOON),
)


@given(answers)
@settings(max_examples=60, deadline=None)
def test_any_answer_renders_within_the_limits_of_slack(answer):
    text, blocks = render(make_turn(answer=answer))

    assert check_blocks(blocks) == []
    assert 0 < len(text) <= 3000


@given(questions)
@settings(max_examples=60, deadline=None)
def test_any_question_renders_within_the_limits_of_slack(question):
    _text, blocks = render(make_turn(kind="question", answer=None, question=question))

    assert check_blocks(blocks) == []


@given(st.lists(pieces, max_size=120))
@settings(max_examples=30, deadline=None)
def test_any_evidence_fits_into_a_modal(found):
    numbered = tuple(NumberedEvidence(id=f"E{number}", evidence=piece) for number, piece in enumerate(found, 1))

    assert check_view(evidence_modal(numbered, Links())) == []


def test_the_first_line_says_verdict_and_cause():
    text, blocks = render(make_turn())

    assert text == "Confirmed: checkout crashes at start"
    assert "*Confirmed*  checkout crashes at start" in blocks[0]["text"]["text"]


def test_a_log_line_in_a_claim_cannot_call_the_channel():
    answer = make_answer(claims=(CitedClaim(text="It logs <!channel> <@U1>", evidence=("E1",)),))

    _text, blocks = render(make_turn(answer=answer))

    assert "<!channel>" not in str(blocks)
    assert "<@U1>" not in str(blocks)


def test_choices_are_buttons_that_say_the_whole_message():
    turn = make_turn(kind="question", answer=None, question=Question(text="Which?", choices=("why is cart failing?",)))

    _text, blocks = render(turn)

    button = blocks[1]["elements"][0]
    assert (button["action_id"], button["value"]) == (f"{CHOICE}.0", "why is cart failing?")


def test_a_choice_that_a_button_cannot_show_whole_is_shown_and_not_pressed():
    long = "how is cart in staging, with its replicas and its image? and restart payments in production"
    hidden = "how is cart?\u202e\n\n\nrestart payments"
    turn = make_turn(kind="question", answer=None, question=Question(text="Which?", choices=(long, hidden)))

    _text, blocks = render(turn)

    buttons = [element for block in blocks for element in block.get("elements", [])]
    assert [(each["text"]["text"], each["value"]) for each in buttons] == [("how is cart? restart payments",) * 2]
    assert long in blocks[1]["text"]["text"]


def test_a_refusal_is_one_paragraph():
    _text, blocks = render(make_turn(kind="refusal", answer=None, refusal="I do not know you.", evidence=()))

    assert [block["type"] for block in blocks] == ["section"]


def test_evidence_shows_its_source_time_and_words():
    shown = str(evidence_modal((NumberedEvidence(id="E1", evidence=make_evidence("exit code 137")),), Links()))

    assert "exit code 137" in shown
    assert "status.containerStatuses[checkout]" in shown


def test_a_suggested_action_is_a_button_that_names_it():
    action = SuggestedAction(label="Roll back to revision 6", tool="rollback_workload", args={"to_revision": 6})

    _text, blocks = render(make_turn(answer=make_answer(actions=(action,))))

    button = blocks[3]["elements"][0]
    assert button["text"]["text"] == "Roll back to revision 6"
    assert parse_action(button["value"]) == (0, make_turn().id)


@pytest.mark.parametrize("value", ["", "1", "x:t", "-1:t", "1:", "999:t"])
def test_a_forged_action_is_none(value):
    assert parse_action(value) is None


@given(answers)
@settings(max_examples=30, deadline=None)
def test_any_answer_fits_whole_into_a_modal(answer):
    assert check_view(whole_modal(answer)) == []


def test_a_long_answer_is_cut_and_offers_the_rest():
    claims = tuple(CitedClaim(text=f"claim {number}", evidence=("E1",)) for number in range(20))

    _text, blocks = render(make_turn(answer=make_answer(claims=claims)))

    assert "claim 19" not in str(blocks)
    assert WHOLE in str(blocks)
    assert "claim 19" in str(whole_modal(make_answer(claims=claims)))


def test_an_answer_asks_for_feedback_and_names_its_turn():
    _text, blocks = render(make_turn())

    (thumbs,) = blocks[-1]["elements"]
    assert thumbs["action_id"] == FEEDBACK
    assert parse_thumb(thumbs["negative_button"]["value"]) == (False, make_turn().id)


def test_a_model_that_wrote_the_answer_is_named():
    _text, blocks = render(make_turn(model="gpt-5-mini"))

    assert "Written with AI (gpt-5-mini)" in str(blocks)


def test_evidence_links_to_the_tools_of_the_settings():
    links = Links(workload="https://grafana.example.com/d/w?ns={namespace}&pod={name}")
    piece = NumberedEvidence(id="E1", evidence=make_evidence())

    shown = str(evidence_modal((piece,), links))

    assert "<https://grafana.example.com/d/w?ns=shop-staging&pod=checkout-7d9f-x2x1|Dashboard>" in shown
