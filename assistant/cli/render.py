"""What a person sees in the terminal: turns, confirmation cards, outcomes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from assistant.conversation import Answer, NumberedEvidence, ProposalView, Question, Turn
from tools.contract import Verdict

MARKS = {
    Verdict.CONFIRMED: ("✔ confirmed", "bold green"),
    Verdict.LIKELY: ("≈ likely", "bold yellow"),
    Verdict.INCONCLUSIVE: ("? inconclusive", "bold magenta"),
}
STATES = {
    "awaiting_confirmation": "waits for your confirmation",
    "awaiting_approval": "waits for another person's approval",
    "approved": "approved, starting",
    "applying": "being applied",
    "verifying": "applied, being verified",
    "succeeded": "done",
    "failed": "failed",
    "denied": "denied",
    "cancelled": "cancelled",
    "expired": "expired",
    "superseded": "superseded",
}
SIGNS = {"-": "red", "+": "green", "~": "yellow"}
MAX_EVIDENCE = 12


def turn(turn: Turn, *, now: datetime) -> RenderableType:
    """One whole turn."""
    parts: list[RenderableType] = []
    if turn.answer:
        parts.append(answer(turn.answer, turn.evidence, now=now))
    if turn.question:
        parts.append(question(turn.question))
    if turn.refusal:
        parts.append(Text(turn.refusal, style="yellow"))
    parts += [card(view, now=now) for view in turn.proposals]
    parts.append(Text(_footer(turn), style="dim"))
    return Group(*parts)


def answer(answer: Answer, evidence: Iterable[NumberedEvidence], *, now: datetime) -> RenderableType:
    """Verdict and root cause first, then claims, next steps, and the evidence they cite."""
    label, style = MARKS[answer.verdict]
    parts: list[RenderableType] = [Text.assemble((label, style), "  ", (answer.summary, "bold")), Text()]
    parts += [_bullet("•", claim.text, " ".join(claim.evidence)) for claim in answer.claims]
    if answer.next_steps:
        parts += [Text(), Text("Next", style="bold")]
        parts += [_bullet(f"{number}.", step) for number, step in enumerate(answer.next_steps, 1)]
    if answer.actions:
        parts.append(Text())
        parts += [_bullet(f"do {number}", action.label) for number, action in enumerate(answer.actions, 1)]
    cited = {number for claim in answer.claims for number in claim.evidence}
    shown = [item for item in evidence if item.id in cited]
    if shown:
        parts += [Text(), Text("Evidence", style="bold"), _evidence(shown[:MAX_EVIDENCE], now=now)]
    parts += [Text(f"! {notice}", style="yellow") for notice in answer.notices]
    return Group(*parts, Text())


def question(question: Question) -> RenderableType:
    """A question back, its choices as messages that can be typed."""
    choices = [_bullet(f"{number}.", choice) for number, choice in enumerate(question.choices, 1)]
    return Group(Text(question.text, style="bold cyan"), *choices, Text())


def card(view: ProposalView, *, now: datetime) -> RenderableType:
    """The confirmation card: target, every argument, diff, effects, reasons, undo, expiry."""
    plan = view.plan
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(view, now=now):
        facts.add_row(name, value)
    body: list[RenderableType] = [facts]
    if plan.diff:
        body += [Text(), _diff(view)]
    body += [Text(f"• {effect}") for effect in plan.effects]
    body += [Text(f"! {warning}", style="yellow") for warning in plan.warnings]
    body += [Text(f"§ {reason}", style="cyan") for reason in view.reasons]
    return Panel(Group(*body), title=escape(plan.summary), title_align="left", border_style="yellow", padding=(1, 2))


def outcome(view: ProposalView) -> RenderableType:
    """How a change ended, and how its target was before and after."""
    style = {"succeeded": "bold green", "failed": "bold red"}.get(view.state, "bold yellow")
    mark = {"succeeded": "✔", "failed": "✘"}.get(view.state, "•")
    ended = Text.assemble((f"{mark} {view.id} {STATES.get(view.state, view.state)}", style), f"  {view.outcome or ''}")
    seen = [("before", view.plan.before), ("after", view.after)] if view.after else []
    facts = [Text(f"  {label:<7} {fact.subject}: {fact.text}", style="dim") for label, facts in seen for fact in facts]
    return Group(ended, *facts)


def _facts(view: ProposalView, *, now: datetime) -> Iterable[tuple[str, str]]:
    plan = view.plan
    yield "proposal", f"{view.id}, {STATES.get(view.state, view.state)}"
    yield "target", escape(f"{plan.target} (cluster {plan.target.cluster}, tier {view.tier})")
    yield "call", escape(f"{plan.tool}({', '.join(f'{key}={value!r}' for key, value in plan.args.items())})")
    yield "requested by", escape(view.requester_name or view.requester)
    if view.approver:
        yield "to confirm", escape(view.approver)
    if view.progress:
        yield "approvals", escape(view.progress)
    if view.roll_back:
        yield "if unhealthy", "it is taken back by itself"
    yield "risk", plan.risk
    yield "undo", escape(plan.inverse.label if plan.inverse else f"cannot be undone: {plan.no_inverse_reason or ''}")
    yield "expires", f"in {duration(view.expires_at - now)} ({view.expires_at:%H:%M} UTC)"


def _diff(view: ProposalView) -> RenderableType:
    lines = Table.grid(padding=(0, 1))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    for change in view.plan.diff:
        lines.add_row("", Text(change.path, style="bold"))
        for sign, text in change.lines():
            style = SIGNS[sign]
            lines.add_row(Text(sign, style=style), Text(text, style=style))
    return lines


def _evidence(items: Iterable[NumberedEvidence], *, now: datetime) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for item in items:
        fact = item.evidence
        head = f"{fact.subject}  {fact.where}  {duration(now - fact.at)} ago"
        table.add_row(item.id, Group(Text(head, style="dim"), Text(fact.text)))
    return Padding(table, (0, 0, 0, 2))


def _bullet(mark: str, text: str, cited: str = "") -> RenderableType:
    row = Table.grid(padding=(0, 1))
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(f"  {mark}", Text.assemble(text, (f"  [{cited}]" if cited else "", "cyan")))
    return row


def _footer(turn: Turn) -> str:
    calls = len(turn.tool_calls)
    tokens = turn.usage.prompt_tokens + turn.usage.completion_tokens
    used = f", {tokens} tokens" if tokens else ""
    return f"{turn.model} · {calls} tool call{'' if calls == 1 else 's'}{used} · {turn.seconds:.1f} s"


def duration(span: timedelta) -> str:
    """A span as people say it: "12 s", "7 min", "3 h", "5 d"."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
