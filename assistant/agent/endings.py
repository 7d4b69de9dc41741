"""How a turn ends: each way makes an `End` whose every sentence is grounded or written by code."""

from collections.abc import Sequence

from assistant.agent.compose import compose
from assistant.agent.control import AnswerArgs, AskArgs
from assistant.agent.grounding import evidence_texts, is_grounded, lowered, ungrounded
from assistant.agent.turn import End, TurnLog
from assistant.conversation import Answer, CitedClaim, Question
from tools.contract import Conclusion, Evidence, Verdict

MAX_SHOWN = 5
MAX_CLOSING = 800


def answered(args: AnswerArgs, log: TurnLog, person_texts: Sequence[str]) -> End:
    """The model's answer without what it cannot prove. Nothing left, but a tool concluded: the tool's answer."""
    kept = [claim for claim in (_cited(text.text, text.evidence, log) for text in args.claims) if claim]
    dropped = len(args.claims) - len(kept)
    if dropped:
        log.notice(
            f"{dropped} {'statement was' if dropped == 1 else 'statements were'} left out: no evidence shows it."
        )
    conclusion = log.conclusion()
    if not kept and conclusion:
        return concluded(conclusion, log)
    verdict = lowered(args.verdict, len(kept), dropped)
    summary = _summary(args, kept, log, person_texts)
    return _ended(Answer(verdict=verdict, summary=summary, claims=tuple(kept), next_steps=tuple(args.next_steps)), log)


def is_empty_handed(args: AnswerArgs, log: TurnLog) -> bool:
    """Whether evidence was read, but no claim of the answer holds: worth one more try."""
    return bool(len(log.ledger) and args.claims) and not any(_cited(c.text, c.evidence, log) for c in args.claims)


def concluded(conclusion: Conclusion, log: TurnLog) -> End:
    """The answer that a tool's conclusion is, composed by code."""
    return _ended(compose(conclusion, log.ledger.cite), log)


def asked(args: AskArgs) -> End:
    """The model's question back."""
    return questioned(Question(text=args.question, choices=tuple(choice for choice in args.choices if choice.strip())))


def questioned(question: Question) -> End:
    """A question back."""
    choices = "".join(f"\n- {choice}" for choice in question.choices)
    return End("question", f"{question.text}{choices}"[:MAX_CLOSING], question=question)


def proposed(log: TurnLog) -> End:
    """Proposals wait, or policy refused them all. What a tool concluded on the way is told too."""
    conclusion = log.conclusion()
    answer = _with_notices(compose(conclusion, log.ledger.cite), log) if conclusion else None
    refusal = "\n".join(log.refusals) or None
    lines = [f"Proposed {view.id}: {view.plan.summary}" for view in log.proposals] + log.refusals
    closing = "\n".join(lines)[:MAX_CLOSING]
    return End("proposal" if log.proposals else "refusal", closing, answer=answer, refusal=refusal)


def partial(reason: str, log: TurnLog) -> End:
    """What was checked so far and what to do next, when the turn cannot be finished. `reason` is a sentence."""
    log.notice(reason)
    conclusion = log.conclusion()
    if conclusion:
        return concluded(conclusion, log)
    claims = [
        CitedClaim(text=_sentence(entry.evidence), evidence=(entry.id,)) for entry in log.ledger.entries()[:MAX_SHOWN]
    ]
    checked = ", ".join(dict.fromkeys(_checked(log))) or "nothing yet"
    summary = f"I did not get to an answer. {reason} Checked so far: {checked}."
    return _ended(
        Answer(verdict=Verdict.INCONCLUSIVE, summary=summary, claims=tuple(claims), next_steps=_next_steps(log)), log
    )


def _ended(answer: Answer, log: TurnLog) -> End:
    noted = _with_notices(answer, log)
    steps = "".join(f"\n- {step}" for step in noted.next_steps)
    return End("answer", f"{noted.summary}{steps}"[:MAX_CLOSING], answer=noted)


def _with_notices(answer: Answer, log: TurnLog) -> Answer:
    return answer.model_copy(update={"notices": tuple(dict.fromkeys((*answer.notices, *log.all_notices())))})


def _cited(text: str, ids: Sequence[str], log: TurnLog) -> CitedClaim | None:
    known = [found for found in dict.fromkeys(_plain_id(each) for each in ids) if log.ledger.get(found)]
    evidence = [item for item in (log.ledger.get(each) for each in known) if item]
    return CitedClaim(text=text, evidence=tuple(known)) if is_grounded(text, evidence) else None


def _plain_id(written: str) -> str:
    digits = "".join(char for char in written if char.isdigit())
    return f"E{digits}"


def _summary(args: AnswerArgs, kept: Sequence[CitedClaim], log: TurnLog, person_texts: Sequence[str]) -> str:
    seen = [entry.evidence for entry in log.ledger.entries()]
    results = [result.model_dump_json() for _, result in log.results]
    sources = [*evidence_texts(seen), *results, *map(str, log.observed), *person_texts, *log.down.values()]
    counts = range(max(len(seen), len(log.observed)) + 1)
    if not ungrounded(args.summary, sources, counts):
        return args.summary
    conclusion = log.conclusion()
    if conclusion:
        return compose(conclusion, log.ledger.cite).summary
    return kept[0].text if kept else "What was read so far does not answer this."


def _sentence(evidence: Evidence) -> str:
    return f"{evidence.subject}: {evidence.text}"[:300]


def _checked(log: TurnLog) -> list[str]:
    return [
        f"{record.tool}({', '.join(str(value) for value in record.args.values() if value not in (None, ''))})"
        + (f" failed ({record.error.split(':', 1)[0]})" if record.error else "")
        for record in log.records
    ]


def _next_steps(log: TurnLog) -> tuple[str, ...]:
    again = "Ask again, about one workload in one environment."
    return (*(f"Check that the {system} answers." for system in log.down), again)
