from tests.builders.kubernetes import NOW
from tests.builders.observations import diagnose
from tests.builders.shop_faults import current_set, deployment, pod
from tools.contract import Change, Claim, Evidence, ObjectRef, Source, SuggestedAction
from tools.diagnosis.bound import MAX_CHARACTERS, fit, size
from tools.diagnosis.causes import CAUSES
from tools.diagnosis.models import Diagnosis, Finding, WhatChanged

LONG = "x" * 600
FACT = Evidence(source=Source.CLUSTER, subject="Pod shop/" + "p" * 120, where="w" * 120, text=LONG, at=NOW)


def worst_case():
    """Everything as long and as many as the analyzers could ever make it."""
    action = SuggestedAction(label="l" * 100, tool="rollback_workload", args={"workload": "w" * 100})
    finding = Finding(
        cause="app-dependency-unreachable",
        title=LONG,
        explanation=LONG,
        subject="s" * 200,
        evidence=(FACT,) * 6,
        confidence=0.95,
        next_steps=(LONG,) * 4,
        actions=(action,) * 3,
        since=NOW,
    )
    many = tuple(finding.model_copy(update={"cause": cause}) for cause in sorted(CAUSES)[:40])
    return Diagnosis(
        target=ObjectRef(cluster="c" * 60, namespace="n" * 60, kind="Deployment", name="w" * 60, uid="u" * 36),
        resolved=LONG[:200],
        owner="group:default/" + "o" * 60,
        health="down",
        state="0 of 3 pods ready",
        verdict="confirmed",
        summary=LONG * 2,
        since=NOW,
        root_cause=finding,
        facts=(Claim(text=LONG, evidence=(FACT,) * 3),) * 2,
        change=WhatChanged(
            summary=LONG,
            explains=True,
            at=NOW,
            fields=(Change(path="p" * 100, before=LONG, after=LONG),) * 4,
            evidence=(FACT,),
        ),
        effects=many,
        others=many,
        ruled_out=tuple("r" * 80 for _ in range(15)),
        not_read=tuple("n" * 300 for _ in range(15)),
        next_steps=(LONG,) * 5,
        actions=(action,) * 4,
        related=(ObjectRef(cluster="c", namespace="n", kind="Deployment", name="x" * 60),) * 4,
        examined_at=NOW,
    )


def test_the_worst_case_fits_into_a_models_context():
    found = fit(worst_case())

    assert size(found) <= MAX_CHARACTERS <= 6000
    assert found.cut


def test_what_matters_most_survives_the_cut():
    found = fit(worst_case())

    assert found.root_cause is not None
    assert found.root_cause.evidence
    assert found.summary
    assert found.verdict == "confirmed"
    assert found.actions


def test_the_ids_that_the_ledger_adds_are_counted():
    one = worst_case().model_copy(update={"effects": (), "others": ()})

    assert size(one) > len(one.model_dump_json())


async def test_a_small_diagnosis_is_left_as_it_is():
    found = await diagnose(deployment(ready=1), current_set(), pod())

    assert fit(found) == found
    assert not found.cut
