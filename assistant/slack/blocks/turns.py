"""An answer, a question back or a refusal as one message."""

from assistant.conversation import Answer, CitedClaim, NumberedEvidence, Question, Turn
from assistant.slack.blocks.feedback import thumbs
from assistant.slack.blocks.kit import (
    MAX_BLOCKS,
    MAX_BUTTON_TEXT,
    MAX_FALLBACK,
    Block,
    actions,
    button,
    clip,
    context,
    modal,
    paragraphs,
    section,
)
from assistant.slack.escape import code_block, escape, inline_code, visible, when
from assistant.slack.links import Links
from tools.contract import Verdict

EVIDENCE = "turn.evidence"
CHOICE = "turn.choice"
ACTION = "turn.action"
MARKS = {
    Verdict.CONFIRMED: ":white_check_mark: *Confirmed*",
    Verdict.LIKELY: ":large_yellow_circle: *Likely*",
    Verdict.INCONCLUSIVE: ":grey_question: *Inconclusive*",
}
MAX_CHOICES = 5
MAX_CLAIMS, MAX_STEPS = 8, 5  # more is a wall: the rest is in the modal
WHOLE = "turn.whole"
BY_RULES = "rules"


def render(turn: Turn) -> tuple[str, list[Block]]:
    """Top-level text (notifications, screen readers) and blocks of a turn; proposals are cards of their own."""
    if turn.answer:
        return clip(f"{turn.answer.verdict.value.capitalize()}: {escape(turn.answer.summary)}", MAX_FALLBACK), _answer(
            turn, turn.answer
        )
    if turn.question:
        return clip(escape(turn.question.text), MAX_FALLBACK), _question(turn.question)
    text = escape(turn.refusal or _proposed(turn))
    return clip(text, MAX_FALLBACK), [section(text)]


def whole_modal(answer: Answer) -> Block:
    """Every claim and step of a long answer."""
    blocks = [section(f"{MARKS[answer.verdict]}  {escape(answer.summary)}"), *paragraphs(map(_claim, answer.claims))]
    return modal("The whole answer", [*blocks, *_steps(answer.next_steps)])


def evidence_modal(evidence: tuple[NumberedEvidence, ...], links: Links) -> Block:
    """Every piece of evidence of a turn, verbatim, with its source and time, and where to look further."""
    blocks: list[Block] = []
    for item in evidence[:MAX_BLOCKS]:
        fact = item.evidence
        further = "".join(f"  <{address}|{label}>" for label, address in links.of(fact))
        head = f"*{item.id}*  {escape(fact.subject)}\n{inline_code(fact.where)}  {when(fact.at)}{further}"
        blocks += [section(head), section(code_block(fact.text or " "))]
    if len(evidence) > MAX_BLOCKS:
        blocks = [*blocks[:98], context(f"{len(evidence) - MAX_BLOCKS + 1} more pieces are kept with this answer.")]
    return modal("Evidence", blocks or [section("This answer cites no evidence.")])


def _answer(turn: Turn, answer: Answer) -> list[Block]:
    blocks = [section(f"{MARKS[answer.verdict]}  {escape(answer.summary)}")]
    blocks += paragraphs(map(_claim, answer.claims[:MAX_CLAIMS]))[:MAX_CLAIMS]
    blocks += _steps(answer.next_steps[:MAX_STEPS])
    blocks += _buttons(turn, answer)
    blocks += [context(f":warning: {escape(notice)}") for notice in answer.notices[:5]]
    return [*blocks, context(_footer(turn)), *thumbs(turn.id)]


def _claim(claim: CitedClaim) -> str:
    return f"• {escape(claim.text)}  _[{', '.join(claim.evidence)}]_"


def _steps(steps: tuple[str, ...]) -> list[Block]:
    lines = [f"{number}. {escape(step)}" for number, step in enumerate(steps, 1)]
    return paragraphs(["*Next*", *lines]) if lines else []


def _buttons(turn: Turn, answer: Answer) -> list[Block]:
    """Each suggested action makes a proposal, never a change; then the evidence."""
    offered = [
        button(action.label, f"{ACTION}.{index}", f"{index}:{turn.id}")
        for index, action in enumerate(answer.actions[:MAX_CHOICES])
        if action.label.strip()
    ]
    if turn.evidence:
        offered.append(button("Show evidence", EVIDENCE, turn.id))
    if len(answer.claims) > MAX_CLAIMS or len(answer.next_steps) > MAX_STEPS:
        offered.append(button("Show all", WHOLE, turn.id))
    return [actions("turn", *offered)] if offered else []


def parse_action(value: str) -> tuple[int, str] | None:
    """Index and turn id of a suggested action's button; None for anything we did not make."""
    index, separator, turn_id = value.partition(":")
    return (int(index), turn_id) if separator and index.isdecimal() and len(index) < 3 and turn_id else None


def _question(question: Question) -> list[Block]:
    """Pressing a choice says it, so a button says all of it; one that is longer is shown to be copied."""
    choices = [shown for choice in question.choices if (shown := " ".join(visible(choice).split()))][:MAX_CHOICES]
    short = [choice for choice in choices if len(choice) <= MAX_BUTTON_TEXT]
    long = [f"• {escape(choice)}" for choice in choices if choice not in short]
    buttons = [button(choice, f"{CHOICE}.{number}", choice) for number, choice in enumerate(short)]
    return [section(escape(question.text)), *paragraphs(long), *([actions("choices", *buttons)] if buttons else [])]


def _proposed(turn: Turn) -> str:
    count = len(turn.proposals)
    return "Please check this change." if count == 1 else f"Please check these {count} changes."


def _footer(turn: Turn) -> str:
    calls = len(turn.tool_calls)
    by = escape(turn.model) if turn.model == BY_RULES else f"Written with AI ({escape(turn.model)}), check the evidence"
    return f"{by} · {calls} tool call{'' if calls == 1 else 's'} · {turn.seconds:.1f} s"
