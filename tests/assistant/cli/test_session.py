"""The commands as a person runs them, on the embedded shop; each call opens and closes the whole assistant."""

import json

import pytest

from assistant.cli import session
from assistant.cli.audit import sentence
from assistant.cli.doctor.command import doctor
from assistant.confirmation.audit import AuditVerdict
from assistant.conversation import ProposalView
from assistant.settings import CatalogSettings, ClusterSettings
from tests.builders.assistant_bot import embedded_cluster


@pytest.fixture
async def shop(tmp_path):
    async with embedded_cluster(tmp_path) as (cluster, settings):
        yield cluster, settings


async def ask(question, settings, *, user="alice", thread="t"):
    return await session.ask(question, user=user, thread=thread, as_json=True, settings=settings)


def printed(capsys) -> dict:
    return json.loads(capsys.readouterr().out)


async def test_json_holds_the_whole_turn(shop, capsys):
    code = await ask("why is checkout failing in staging?", shop[1])

    turn = printed(capsys)
    assert code == 0
    assert turn["verdict"] == "confirmed"
    assert "PAYMENTS_TIMEOUT_MS is not a number" in turn["summary"]
    assert [(call["tool"], call["args"]["environment"]) for call in turn["tool_calls"]] == [
        ("diagnose_workload", "staging")
    ]
    cited = {number for claim in turn["claims"] for number in claim["evidence"]}
    assert cited <= {item["id"] for item in turn["evidence"]}


async def test_people_read_verdict_cause_and_next_step(shop, capsys):
    await session.ask("why is payments failing in staging?", user="alice", thread="t", as_json=False, settings=shop[1])

    shown = " ".join(capsys.readouterr().out.split())
    assert "✔ confirmed" in shown
    assert "payments:1.9.0-rc4 does not exist" in shown
    assert "Next" in shown
    assert "Evidence" in shown


async def test_a_proposal_of_one_run_is_confirmed_by_the_next(shop, capsys):
    cluster, settings = shop
    await ask("roll back checkout in staging", settings)
    (proposal,) = printed(capsys)["proposals"]

    code = await session.confirm(proposal["id"], user="alice", as_json=True, settings=settings)

    view = ProposalView.model_validate_json(capsys.readouterr().out)
    assert (code, view.state) == (0, "succeeded")
    assert len(cluster.mutations()) == 1


async def test_production_waits_for_another_person_who_then_approves(shop, capsys):
    cluster, settings = shop
    await ask("restart products in production", settings)
    (proposal,) = printed(capsys)["proposals"]

    asked = await session.confirm(proposal["id"], user="alice", as_json=True, settings=settings)
    alone = await session.confirm(proposal["id"], user="alice", as_json=True, settings=settings)
    assert cluster.mutations() == []
    approved = await session.confirm(proposal["id"], user="bob", as_json=True, settings=settings)

    assert (asked, alone, approved) == (0, 1, 0)
    assert len(cluster.mutations()) == 1


async def test_a_rejected_proposal_cannot_be_confirmed_any_more(shop, capsys):
    cluster, settings = shop
    await ask("restart products in staging", settings)
    (proposal,) = printed(capsys)["proposals"]

    rejected = await session.reject(proposal["id"], user="alice", reason="not now", as_json=True, settings=settings)
    confirmed = await session.confirm(proposal["id"], user="alice", as_json=True, settings=settings)

    assert (rejected, confirmed) == (0, 1)
    assert "cancelled" in capsys.readouterr().err.lower()
    assert cluster.mutations() == []


async def test_an_unknown_proposal_is_one_sentence(shop, capsys):
    code = await session.confirm("p-nope1", user="alice", as_json=False, settings=shop[1])

    assert code == 1
    assert "p-nope1" in capsys.readouterr().err


async def test_somebody_unknown_is_refused_and_told_whom_to_ask(shop, capsys):
    await ask("why is cart failing in staging?", shop[1], user="mallory")

    turn = printed(capsys)
    assert turn["kind"] == "refusal"
    assert "carol of the platform team" in turn["refusal"]


async def test_an_unknown_service_is_answered_with_the_nearest_as_choices(shop, capsys):
    await ask("why is chekout failing in staging?", shop[1])

    turn = printed(capsys)
    assert turn["kind"] == "question"
    assert any("checkout" in choice for choice in turn["choices"])


async def test_nonsense_gets_one_question_back(shop, capsys):
    await ask("blorp zap quux", shop[1])

    turn = printed(capsys)
    assert turn["kind"] == "question"
    assert turn["tool_calls"] == []


async def test_a_missing_right_is_named(shop, capsys):
    await ask("why is coredns failing in kube-system?", shop[1])

    turn = printed(capsys)
    assert turn["kind"] in {"answer", "question"}
    assert "Forbidden" in str(turn) or "may not" in str(turn) or "not found" in str(turn).lower()


async def test_a_follow_up_in_the_same_thread_is_understood(shop, capsys):
    await ask("why is checkout failing in staging?", shop[1])
    capsys.readouterr()

    await ask("and in production?", shop[1])

    assert "checkout is healthy in shop-production" in printed(capsys)["summary"]


async def test_a_cluster_that_is_down_is_said_and_nothing_crashes(shop, capsys, tmp_path):
    gone = tmp_path / "gone"
    gone.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
        "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}]\n"
        "users: [{name: u, user: {token: t}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
    )
    settings = shop[1].model_copy(update={"cluster": ClusterSettings(name="gone", kubeconfig=gone)})

    code = await ask("why is checkout failing in staging?", settings)

    turn = printed(capsys)
    assert code == 0
    assert turn["verdict"] == "inconclusive"
    assert "gone" in str(turn)


async def test_doctor_finds_the_embedded_world_in_order(shop, capsys):
    code = await doctor(as_json=True, settings=shop[1])

    findings = {finding["name"]: finding["state"] for finding in json.loads(capsys.readouterr().out)}
    assert code == 0
    assert findings["catalog"] == "ok"
    assert findings["database"] == "ok"
    assert findings["slack"] == "skip"
    assert findings["cluster"] == "ok"


def test_the_audit_verdict_names_the_first_broken_record():
    assert "record 7" in sentence(AuditVerdict(intact=False, records=9, broken_seq=7, reason="its hash differs"))


async def test_without_catalog_and_mapping_the_terminal_names_people_as_the_cluster_does(shop, capsys):
    cluster, settings = shop
    alone = settings.model_copy(update={"catalog": CatalogSettings()})

    await ask("why is cart failing in staging?", alone, user="alice@example.com")

    turn = printed(capsys)
    assert turn["requester"] == "cluster-user:alice@example.com"
    assert {request.impersonated_user for request in cluster.requests} == {"alice@example.com"}


@pytest.mark.parametrize("user", ["alice", "alice@example.com", "user:default/alice"])
async def test_a_person_may_be_named_by_name_address_or_ref(shop, capsys, user):
    await ask("who owns cart?", shop[1], user=user)

    assert printed(capsys)["requester"] == "user:default/alice"


async def test_doctor_says_that_nobody_can_approve_in_production(shop, capsys):
    rules = shop[1].confirmation.model_copy(update={"owner_locations": (), "platform_group": "group:default/nobody"})

    await doctor(as_json=True, settings=shop[1].model_copy(update={"confirmation": rules}))

    findings = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert findings["approvers"]["state"] == "warn"
    assert "CONFIRMATION__OWNER_LOCATIONS" in findings["approvers"]["fix"]
