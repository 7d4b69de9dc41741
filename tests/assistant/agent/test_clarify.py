"""Questions that code asks when a name fits nothing or several things."""

import pytest

from assistant.agent.calls import ValidCall
from assistant.agent.clarify import question_for
from assistant.agent.models.port import ToolCall
from tests.builders.agent import WorkloadArgs
from tools.errors import Ambiguous, Forbidden, NotFound, ToolError

CALL = ValidCall(ToolCall("c1", "diagnose_workload", "{}"), WorkloadArgs(workload="cart"), None)
PLACES = ("cart in shop-staging", "cart in shop-production")


def test_an_ambiguous_name_is_asked_about_once():
    error = Ambiguous("'cart' could be 2 workloads: cart in shop-staging, cart in shop-production. Say which.", PLACES)

    question = question_for(CALL, error, "why is cart failing?")

    assert question is not None
    assert question.text == (
        "'cart' could be 2 workloads: cart in shop-staging, cart in shop-production. Which one do you mean?"
    )
    assert question.choices == ("why is cart in shop-staging failing?", "why is cart in shop-production failing?")


def test_the_nearest_names_are_offered_in_the_persons_own_words():
    question = question_for(CALL, NotFound("No workload 'cart'.", ("card",)), "restart cart")

    assert question is not None
    assert question.text == "No workload 'cart'. Do you mean one of these?"
    assert question.choices == ("restart card",)


@pytest.mark.parametrize("error", [NotFound("No workload 'cart'."), Forbidden("You may not look.")])
def test_without_candidates_there_is_nothing_to_ask(error: ToolError):
    assert question_for(CALL, error, "why is cart failing?") is None


def test_a_name_the_person_did_not_say_is_no_question_for_them():
    assert question_for(CALL, Ambiguous("Two of them. Say which.", PLACES), "why is it failing?") is None
