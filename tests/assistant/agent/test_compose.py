"""A conclusion becomes an answer."""

from datetime import UTC, datetime

import pytest

from assistant.agent.compose import MAX_ACTIONS, MAX_CITED, MAX_CLAIMS, MAX_NEXT_STEPS, compose
from assistant.agent.ledger import Ledger
from tools.contract import Claim, Conclusion, Evidence, Source, SuggestedAction, Verdict

AT = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def evidence(text: str = "Back-off pulling image") -> Evidence:
    return Evidence(source=Source.EVENT, subject="Pod shop/checkout-1", where="Failed", text=text, at=AT)


def restart(label: str = "Restart checkout", **args: object) -> SuggestedAction:
    return SuggestedAction(label=label, tool="restart_workload", args={"workload": "checkout", **args})


def conclusion(**changes: object) -> Conclusion:
    given = {
        "subject": "Deployment shop/checkout",
        "verdict": Verdict.CONFIRMED,
        "summary": "checkout is down: its image does not exist.",
        "claims": (Claim(text="The image cannot be pulled.", evidence=(evidence(),)),),
        **changes,
    }
    return Conclusion.model_validate(given)


def test_says_summary_and_verdict_of_the_conclusion() -> None:
    answer = compose(conclusion(), Ledger().cite)

    assert answer.verdict is Verdict.CONFIRMED
    assert answer.summary == "checkout is down: its image does not exist."


def test_a_summary_of_several_lines_becomes_one() -> None:
    answer = compose(conclusion(summary="checkout is down:\n  its image\tdoes not exist."), Ledger().cite)

    assert answer.summary == "checkout is down: its image does not exist."


def test_claims_carry_the_numbers_the_ledger_gives() -> None:
    ledger = Ledger()
    ledger.cite(evidence("seen before"))

    answer = compose(conclusion(), ledger.cite)

    assert [(claim.text, claim.evidence) for claim in answer.claims] == [("The image cannot be pulled.", ("E2",))]


def test_the_most_important_claim_stays_first() -> None:
    claims = tuple(Claim(text=f"Claim {number}.", evidence=(evidence(str(number)),)) for number in (3, 1, 2))

    answer = compose(conclusion(claims=claims), Ledger().cite)

    assert [claim.text for claim in answer.claims] == ["Claim 3.", "Claim 1.", "Claim 2."]


def test_evidence_cited_twice_by_a_claim_is_numbered_once() -> None:
    claim = Claim(text="The image cannot be pulled.", evidence=(evidence(), evidence()))

    answer = compose(conclusion(claims=(claim,)), Ledger().cite)

    assert answer.claims[0].evidence == ("E1",)


def test_a_claim_made_twice_is_said_once_with_its_first_evidence() -> None:
    claims = (
        Claim(text="It crashes.", evidence=(evidence("a"),)),
        Claim(text="It crashes.", evidence=(evidence("b"),)),
    )

    answer = compose(conclusion(claims=claims), Ledger().cite)

    assert [claim.evidence for claim in answer.claims] == [("E1",)]


def test_a_claim_without_evidence_is_left_out() -> None:
    claims = (Claim(text="Trust me.", evidence=()), Claim(text="It crashes.", evidence=(evidence(),)))

    answer = compose(conclusion(claims=claims), Ledger().cite)

    assert [claim.text for claim in answer.claims] == ["It crashes."]


@pytest.mark.parametrize("claims", [(), (Claim(text="Trust me.", evidence=()),)])
def test_nothing_proven_is_inconclusive(claims: tuple[Claim, ...]) -> None:
    answer = compose(conclusion(claims=claims, verdict=Verdict.CONFIRMED), Ledger().cite)

    assert answer.verdict is Verdict.INCONCLUSIVE


def test_an_answer_stays_short() -> None:
    many = range(40)
    whole = conclusion(
        claims=[Claim(text=f"Claim {n}.", evidence=tuple(evidence(f"{n}.{m}") for m in range(9))) for n in many],
        next_steps=[f"Step {n}." for n in many],
        actions=[restart(environment=str(n)) for n in many],
    )

    answer = compose(whole, Ledger().cite)

    assert len(answer.claims) == MAX_CLAIMS
    assert {len(claim.evidence) for claim in answer.claims} == {MAX_CITED}
    assert answer.next_steps == tuple(f"Step {n}." for n in range(MAX_NEXT_STEPS))
    assert len(answer.actions) == MAX_ACTIONS


def test_steps_and_actions_are_offered_once() -> None:
    whole = conclusion(
        next_steps=("Fix the tag.", " Fix the tag. ", "", "Roll back."),
        actions=(restart("Restart it"), restart("Restart it again"), restart("Restart it there", environment="prod")),
    )

    answer = compose(whole, Ledger().cite)

    assert answer.next_steps == ("Fix the tag.", "Roll back.")
    assert [action.label for action in answer.actions] == ["Restart it", "Restart it there"]
