"""The rules as a chat model: what they do with what tools return."""

import json

import pytest

from assistant.agent.control import ANSWER, ASK
from assistant.agent.models.port import ModelRequest, ToolCall
from assistant.agent.models.rules.model import RulesModel
from assistant.agent.prompting import build_prompt
from assistant.agent.transcript import calls_message, data_message, notice_message, person_message, system_message
from tests.builders.rules import (
    ALICE,
    NOW,
    RulesThread,
    all_schemas,
    error,
    make_evidence,
    the_rules,
    whole_prompt,
    whole_toolbox,
)

DOWN = make_evidence("0 of 2 pods ready", where="status.readyReplicas")
PULL = make_evidence(
    'Back-off pulling image "shop/checkout:1.9"',
    subject="Pod shop-staging/checkout-7d9f-x2x1",
    id="E2",
    source="event",
    where="event BackOff",
)
OWNER = make_evidence(
    "shop owns checkout", subject="component:default/checkout", id="E3", source="catalog", where="relations.ownedBy"
)
DIAGNOSIS = {
    "verdict": "confirmed",
    "summary": "checkout cannot start in shop-staging: its image does not exist.",
    "root_cause": {"title": "the image shop/checkout:1.9 cannot be pulled", "explanation": "", "evidence": [PULL]},
    "facts": [{"text": "0 of 2 pods are ready.", "evidence": [DOWN]}],
    "next_steps": ["Roll checkout back to the revision before."],
}


async def test_an_answer_holds_what_every_question_of_the_message_found() -> None:
    thread = RulesThread()
    await thread.hears("why is checkout failing in staging and who owns it?")
    entity = {"result": {"ref": "component:default/checkout", "evidence": [OWNER]}}

    [(name, answer)] = await thread.goes_on({"result": DIAGNOSIS}, entity)

    assert name == ANSWER
    assert answer["verdict"] == "confirmed"
    assert answer["summary"].startswith("checkout cannot start in shop-staging: its image does not exist.")
    assert [claim["evidence"] for claim in answer["claims"]] == [["E2"], ["E1"], ["E3"]]
    assert answer["claims"][0]["text"] == "The image shop/checkout:1.9 cannot be pulled."
    assert answer["next_steps"] == ["Roll checkout back to the revision before."]


async def test_a_finding_whose_words_are_not_in_its_evidence_is_said_in_the_evidence_words() -> None:
    invented = {**DIAGNOSIS["root_cause"], "title": "the registry answered 503 for shop/cart:7"}
    thread = RulesThread()
    await thread.hears("why are checkout in staging and cart in staging failing")

    calls = await thread.goes_on({"result": {**DIAGNOSIS, "root_cause": invented, "facts": []}}, {"result": DIAGNOSIS})

    [(_, answer)] = calls
    assert answer["claims"][0]["text"] == (
        'Pod shop-staging/checkout-7d9f-x2x1: Back-off pulling image "shop/checkout:1.9"'
    )


async def test_failing_workloads_are_counted_and_named() -> None:
    rows = [{"health": "failing", "evidence": DOWN}, {"workload": {"name": "cart"}, "evidence": PULL}]
    thread = RulesThread()
    await thread.hears("what is failing in staging?")

    [(_, answer)] = await thread.goes_on({"result": {"rows": rows, "total": 9, "failing": 2}})

    assert answer["summary"] == "Failing in staging, 2 of 9 workloads: checkout, cart."


async def test_nothing_found_is_said_and_not_proven() -> None:
    thread = RulesThread()
    await thread.hears("grep timeout in payments logs in staging")

    [(_, answer)] = await thread.goes_on({"result": {"lines": [], "matched": 0}})

    assert answer["verdict"] == "inconclusive"
    assert answer["summary"] == "No log line of payments in staging fits in that time."
    assert answer["claims"] == []


async def test_changes_before_the_moment_that_was_asked_about_are_not_claimed() -> None:
    morning = make_evidence("image: 1.8 → 1.9", id="E1", at=NOW.replace(hour=6))
    recent = make_evidence("replicas: 2 → 3", id="E2", at=NOW.replace(hour=14, minute=30))
    thread = RulesThread()
    await thread.hears("what changed in checkout in the last hour?")

    [(_, answer)] = await thread.goes_on({"result": {"changes": [morning, recent]}})

    assert [claim["evidence"] for claim in answer["claims"]] == [["E2"]]


async def test_when_nothing_changed_in_that_time_the_change_before_is_told() -> None:
    morning = make_evidence("1.8 → 1.9", source="change", where="spec.template.spec.image", at=NOW.replace(hour=6))
    thread = RulesThread()
    await thread.hears("what changed in checkout in the last hour?")

    [(_, answer)] = await thread.goes_on({"result": {"changes": [morning], "summary": "Revision 2 changed the image."}})

    assert answer["summary"] == ("Nothing changed in checkout in that time. Before it: Revision 2 changed the image.")
    assert answer["claims"] == [{"text": "image: 1.8 → 1.9", "evidence": ["E1"]}]


async def test_what_was_asked_for_is_claimed_first() -> None:
    read = make_evidence("dependsOn: component:default/cart", subject="component:default/checkout", id="E5")
    depends = {"relation": "dependsOn", "refs": ["component:default/cart"], "evidence": read}
    thread = RulesThread()
    await thread.hears("what does checkout depend on?")

    [(_, answer)] = await thread.goes_on({"result": {"owner": {"evidence": [OWNER]}, "related": [depends]}})

    assert [claim["evidence"] for claim in answer["claims"]] == [["E5"], ["E3"]]
    assert answer["claims"][0]["text"] == "Checkout depends on component:default/cart."


async def test_candidates_become_complete_messages() -> None:
    thread = RulesThread()
    await thread.hears("show me the logs of chekout in staging")
    missed = error("NotFound", "No workload 'chekout' in staging.", "checkout", "checkout-worker")

    [(name, asked)] = await thread.goes_on(missed)

    assert name == ASK
    assert asked["choices"] == [
        "show me the logs of checkout in staging",
        "show me the logs of checkout-worker in staging",
    ]


async def test_candidates_in_several_places_keep_their_place() -> None:
    thread = RulesThread()
    await thread.hears("restart checkout")
    both = error("Ambiguous", "checkout is in 2 namespaces.", "checkout in shop-staging", "checkout in shop-production")

    [(_, asked)] = await thread.goes_on(both)

    assert asked["choices"] == ["restart checkout in shop-staging", "restart checkout in shop-production"]


async def test_an_unknown_environment_is_asked_for() -> None:
    thread = RulesThread()
    await thread.hears("why is checkout failing in -n blue?")
    missed = error("NotFound", "There is no environment 'blue'.", "staging", "production")

    [(_, asked)] = await thread.goes_on(missed)

    assert asked["choices"] == ["why is checkout failing in staging?", "why is checkout failing in production?"]


async def test_an_environment_that_is_none_is_tried_as_a_service() -> None:
    thread = RulesThread()
    await thread.hears("what is failing in checkout?")

    calls = await thread.goes_on(error("NotFound", "There is no environment 'checkout'.", "staging"))

    assert calls == [("diagnose_workload", {"workload": "checkout", "environment": None})]


async def test_a_missing_right_is_named_and_what_was_seen_is_still_said() -> None:
    thread = RulesThread()
    await thread.hears("is checkout healthy in staging and production?")
    message = "You may not list pods in shop-production."

    [(name, answer)] = await thread.goes_on({"result": DIAGNOSIS}, error("Forbidden", message))

    assert name == ANSWER
    assert answer["verdict"] == "likely"
    assert "You lack a right" in answer["summary"]
    assert message in answer["next_steps"]
    assert answer["claims"]


async def test_a_system_that_is_down_is_named() -> None:
    thread = RulesThread()
    await thread.hears("who owns checkout?")

    [(name, answer)] = await thread.goes_on(error("Unavailable", "No answer in 10 s.", system="catalog"))

    assert name == ANSWER
    assert answer["verdict"] == "inconclusive"
    assert answer["summary"] == "The catalog does not answer, so this is not everything."
    assert answer["next_steps"] == ["No answer in 10 s."]


@pytest.mark.parametrize(
    ("said", "replicas"),
    [("double checkout in staging", 6), ("halve checkout in staging", 2), ("add 2 replicas to checkout in staging", 5),
     ("reduce checkout in staging by 4", 0), ("scale checkout in staging by 2", 5)],
)  # fmt: skip
async def test_a_relative_change_is_counted_from_what_runs_now(said: str, replicas: int) -> None:
    thread = RulesThread()
    looked = await thread.hears(said)

    calls = await thread.goes_on({"result": {"desired": 3, "ready": 1, "rollout": DOWN}})

    assert looked == [("get_workload", {"workload": "checkout", "environment": "staging"})]
    assert calls == [("scale_workload", {"workload": "checkout", "environment": "staging", "replicas": replicas})]


async def test_a_relative_change_of_what_cannot_be_seen_is_not_made() -> None:
    thread = RulesThread()
    await thread.hears("double checkout in staging")

    [(name, _)] = await thread.goes_on(error("Forbidden", "You may not get deployments in shop-staging."))

    assert name == ANSWER


async def test_a_toolset_is_loaded_before_its_tool_is_called() -> None:
    thread = RulesThread(schemas=whole_prompt().core)
    loading = await thread.hears("what changed in checkout in staging?")

    calls = await thread.goes_on({"result": "rollout history"}, schemas=whole_prompt().schemas(["changes"]))

    assert loading == [("load_toolset", {"name": "changes"})]
    assert calls == [("get_changes", {"workload": "checkout", "environment": "staging", "since_minutes": None})]


async def test_without_a_catalog_services_are_listed_from_the_cluster() -> None:
    prompt = build_prompt(whole_toolbox(catalog=False))
    thread = RulesThread(schemas=all_schemas(prompt))

    [(name, asked)] = await thread.hears("list services")

    assert (name, asked["question"]) == (ASK, "In which environment?")


async def test_without_a_catalog_the_owner_question_says_so() -> None:
    thread = RulesThread(schemas=all_schemas(build_prompt(whole_toolbox(catalog=False))))
    await thread.hears("who owns cart?")

    [(name, answer)] = await thread.goes_on(error("NotFound", "There is no toolset catalog."))

    assert name == ANSWER
    assert answer["summary"] == "The catalog does not answer, so this is not everything."


async def test_results_that_another_model_read_in_this_turn_are_used() -> None:
    asked = person_message("is checkout ok in staging?", ALICE, NOW)
    call = ToolCall("abc", "diagnose_workload", '{"environment": "staging", "workload": "checkout"}')
    read = (calls_message((call,)), data_message(call, {"result": DIAGNOSIS}))

    reply = await the_rules().complete(ModelRequest((system_message("x"), asked, *read), all_schemas()))

    assert [call.name for call in reply.calls] == [ANSWER]
    assert json.loads(reply.calls[0].arguments)["summary"] == DIAGNOSIS["summary"]


async def test_when_only_an_answer_is_allowed_a_question_becomes_one() -> None:
    only_answer = tuple(tool for tool in all_schemas() if tool.name == ANSWER)

    [(name, answer)] = await RulesThread(schemas=only_answer).hears("why is it failing?")

    assert name == ANSWER
    assert answer["verdict"] == "inconclusive"
    assert answer["summary"] == "Which service do you mean?"


async def test_when_only_an_answer_is_allowed_it_says_what_was_read_so_far() -> None:
    thread = RulesThread()
    await thread.hears("why is checkout failing in staging and what changed?")
    only_answer = tuple(tool for tool in all_schemas() if tool.name == ANSWER)

    [(name, answer)] = await thread.goes_on({"result": DIAGNOSIS}, {"result": {"changes": []}}, schemas=only_answer)

    assert name == ANSWER
    assert answer["claims"]


async def test_a_notice_of_code_is_never_read_as_a_request() -> None:
    messages = (system_message("You help."), person_message("why is checkout failing in staging?", ALICE, NOW))
    told = notice_message("The limit of 8 steps is used up. restart payments")

    reply = await the_rules().complete(ModelRequest((*messages, told), all_schemas()))

    assert [call.name for call in reply.calls] == ["diagnose_workload"]


async def test_the_same_request_gives_the_same_bytes() -> None:
    request = ModelRequest(
        (system_message("x"), person_message("why are cart and checkout failing?", ALICE, NOW)), all_schemas()
    )

    first, second = await RulesModel().complete(request), await RulesModel().complete(request)

    assert first == second
    assert len({call.id for call in first.calls}) == len(first.calls) == 2


async def test_it_counts_no_tokens() -> None:
    reply = await the_rules().complete(ModelRequest((person_message("hi", ALICE, NOW),), all_schemas()))

    assert the_rules().name == "rules"
    assert reply.usage.calls == 1
    assert reply.usage.prompt_tokens == reply.usage.completion_tokens == 0


async def test_a_conversation_without_a_person_is_asked_for_a_request() -> None:
    reply = await the_rules().complete(ModelRequest((system_message("x"),), all_schemas()))

    assert reply.calls[0].name == ASK
    assert json.loads(reply.calls[0].arguments)["question"]
