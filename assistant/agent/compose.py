"""Words a tool's conclusion as an answer: what it proves, in its order, with the numbers of the evidence."""

from collections.abc import Iterable

from assistant.conversation import Answer, CitedClaim
from tools.contract import Cite, Claim, Conclusion, SuggestedAction, Verdict

MAX_CLAIMS = 12
MAX_CITED = 6
MAX_NEXT_STEPS = 5
MAX_ACTIONS = 3  # a row of buttons; more choices are not read


def compose(conclusion: Conclusion, cite: Cite) -> Answer:
    """The answer that a conclusion is. The summary, in one line, comes first; the channel shows the verdict beside it.

    Claims keep their order, most important first; one without evidence is left out, and an answer of which nothing is
    proven is inconclusive. What is said twice is said once.
    """
    claims = tuple(_cited(claim, cite) for claim in _different_claims(conclusion.claims)[:MAX_CLAIMS])
    steps = dict.fromkeys(step.strip() for step in conclusion.next_steps if step.strip())
    return Answer(
        verdict=conclusion.verdict if claims else Verdict.INCONCLUSIVE,
        summary=" ".join(conclusion.summary.split()),
        claims=claims,
        next_steps=tuple(steps)[:MAX_NEXT_STEPS],
        actions=_different_actions(conclusion.actions)[:MAX_ACTIONS],
    )


def _cited(claim: Claim, cite: Cite) -> CitedClaim:
    return CitedClaim(text=claim.text, evidence=tuple(dict.fromkeys(map(cite, claim.evidence)))[:MAX_CITED])


def _different_claims(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    proven: dict[str, Claim] = {}
    for claim in claims:
        if claim.evidence:
            proven.setdefault(claim.text, claim)
    return tuple(proven.values())


def _different_actions(actions: Iterable[SuggestedAction]) -> tuple[SuggestedAction, ...]:
    """Actions that would call the same tool with the same arguments are one."""
    first: list[SuggestedAction] = []
    for action in actions:
        if not any((action.tool, action.args) == (other.tool, other.args) for other in first):
            first.append(action)
    return tuple(first)
