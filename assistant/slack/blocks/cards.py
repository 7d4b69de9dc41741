"""The confirmation card and what it becomes after the decision."""

from collections.abc import Sequence

from assistant.conversation import ProposalView, Reminder
from assistant.slack.blocks.kit import (
    MAX_BLOCKS,
    MAX_FALLBACK,
    Block,
    actions,
    button,
    clip,
    context,
    paragraphs,
    section,
)
from assistant.slack.escape import code_block, escape, inline_code, when
from tools.contract import Change

CONFIRM, CANCEL, UNDO = "proposal.confirm", "proposal.reject", "proposal.undo"
EDIT, DENY = "proposal.edit", "proposal.deny"
WAITING = frozenset({"awaiting_confirmation", "awaiting_approval"})
DIFF_PIECE = 2800
STATES = {
    "awaiting_confirmation": ":hourglass: Waits for confirmation",
    "awaiting_approval": ":hourglass: Waits for another person's approval",
    "approved": ":arrow_forward: Approved, starting",
    "applying": ":arrow_forward: Being applied",
    "verifying": ":mag: Applied, being verified",
    "succeeded": ":white_check_mark: Done",
    "failed": ":x: Failed",
    "denied": ":no_entry: Denied",
    "cancelled": ":no_entry_sign: Cancelled",
    "expired": ":alarm_clock: Expired",
    "superseded": ":leftwards_arrow_with_hook: Superseded",
}


def token(view: ProposalView) -> str:
    """What a button carries: the proposal and which plan of it was shown."""
    return f"{view.id}:{view.plan_hash}"


def parse_token(value: str) -> tuple[str, str] | None:
    """Proposal id and plan hash of a button's value; None for anything we did not make."""
    proposal, separator, plan_hash = value.partition(":")
    return (proposal, plan_hash) if separator and proposal and plan_hash else None


def card(view: ProposalView) -> tuple[str, list[Block]]:
    """The card as it stands now: controls while it waits, a line on who decided and how it ended afterwards.

    A change that does not fit is shown without controls: nobody approves what was not shown whole.
    """
    body = _body(view)
    whole = len(body) <= MAX_BLOCKS - 2
    head = f"{view.plan.summary} ({STATES.get(view.state, view.state).partition(': ')[2] or view.state})"
    if view.state not in WAITING:
        return clip(escape(head), MAX_FALLBACK), [*body[: MAX_BLOCKS - 2], *_decided(view)]
    controls = (
        _controls(view) if whole else [context(f"Too large to show here. Use `infra-assistant confirm {view.id}`.")]
    )
    return clip(escape(head), MAX_FALLBACK), [*body[: MAX_BLOCKS - 2], *controls]


def outcome(view: ProposalView) -> tuple[str, list[Block]]:
    """The message that ends a change, with Undo when there is one."""
    text = f"{STATES.get(view.state, view.state)}: *{escape(view.plan.summary)}*"
    lines = [text, *([escape(view.outcome)] if view.outcome else []), *_seen(view)]
    blocks = paragraphs(lines)
    if view.plan.inverse and view.state in {"succeeded", "failed"}:
        blocks.append(actions("outcome", button(f"Undo: {view.plan.inverse.label}", UNDO, token(view))))
    return clip(escape(f"{view.plan.summary}: {view.outcome or view.state}"), MAX_FALLBACK), blocks


def _seen(view: ProposalView) -> list[str]:
    """How the target was before the change, and how it was when it was last looked at."""
    sides = [("Before", view.plan.before), ("After", view.after)] if view.after else []
    return [f"_{label}_  {escape(fact.subject)}: {escape(fact.text)}" for label, facts in sides for fact in facts]


def reminder(told: Reminder, link: str, people: Sequence[str] = ()) -> tuple[str, list[Block]]:
    """Words that bring a waiting proposal to mind. `people`: Slack users to mention; `link`: to its card."""
    view = told.view
    opening = ":rotating_light: Still waits for approval" if told.escalated else ":bell: Waits for approval"
    summary = f"<{link}|{escape(view.plan.summary)}>" if link else f"*{escape(view.plan.summary)}*"
    asked = f" {' '.join(f'<@{user}>' for user in people)}" if people else ""
    lines = [
        f"{opening}: {summary}, asked by {escape(view.requester_name)}.{asked}",
        f"It has {escape(view.progress)} and expires {when(view.expires_at)} · {view.id}",
    ]
    return clip(f"Waits for approval: {escape(view.plan.summary)}", MAX_FALLBACK), paragraphs(lines)


def status(view: ProposalView) -> str:
    """One paragraph of mrkdwn on where a proposal stands."""
    by = f" by {escape(view.decided_by)}" if view.decided_by else ""
    until = f" until {when(view.expires_at)}" if view.state in WAITING else ""
    asked = f"{view.id}, asked by {escape(view.requester_name)}: *{escape(view.plan.summary)}*"
    return f"{asked}\n{STATES.get(view.state, escape(view.state))}{by}{until}\n{escape(view.outcome or '')}".strip()


def _body(view: ProposalView) -> list[Block]:
    plan = view.plan
    arguments = ", ".join(f"{key}={value!r}" for key, value in plan.args.items())
    undo = plan.inverse.label if plan.inverse else f"cannot be undone: {plan.no_inverse_reason or 'no inverse'}"
    facts = [
        f"*Target*  {escape(str(plan.target))}  (cluster {escape(plan.target.cluster)}, {escape(view.tier)})",
        f"*Call*  {inline_code(f'{plan.tool}({arguments})')}",
        f"*Runs as*  {escape(view.requester_name or view.requester)}",
        f"*Risk*  {plan.risk}   *Undo*  {escape(undo)}",
    ]
    blocks = [section(f"*{escape(plan.summary)}?*"), *paragraphs(facts), *_diff(plan.diff)]
    blocks += paragraphs(f"• {escape(effect)}" for effect in plan.effects)
    blocks += paragraphs(f":warning: {escape(warning)}" for warning in plan.warnings)
    blocks += paragraphs(f":scroll: {escape(reason)}" for reason in view.reasons)
    return blocks


def _diff(changes: tuple[Change, ...]) -> list[Block]:
    lines: list[str] = []
    for change in changes:
        lines.append(f"  {change.path}")
        lines += [f"{sign} {text}" for sign, text in change.lines()]
    return [section(code_block(piece)) for piece in _pieces("\n".join(lines))]


def _pieces(text: str) -> list[str]:
    pieces, current = [], ""
    for line in text.splitlines():
        for start in range(0, max(len(line), 1), DIFF_PIECE // 6):
            part = line[start : start + DIFF_PIECE // 6]
            if len(escape(current)) + len(escape(part)) + 1 > DIFF_PIECE:
                pieces.append(current)
                current = ""
            current = f"{current}\n{part}" if current else part
    return [*pieces, current] if current else pieces


def _controls(view: ProposalView) -> list[Block]:
    high = view.plan.risk == "high"
    verb = "Approve" if view.state == "awaiting_approval" else "Confirm"
    confirm = button(
        f"{verb}: {view.plan.summary}",
        CONFIRM,
        token(view),
        style="danger" if high else "primary",
        confirm=f"{view.plan.summary}. Risk: high." if high else "",
    )
    who = f"{escape(view.approver)}. " if view.approver else ""
    note = f"{who}{STATES[view.state]} until {when(view.expires_at)} · {view.id}"
    end = button("Deny", DENY, token(view)) if verb == "Approve" else button("Cancel", CANCEL, token(view))
    return [actions("proposal", confirm, button("Edit", EDIT, token(view)), end), context(note)]


def _decided(view: ProposalView) -> list[Block]:
    by = f" by {escape(view.decided_by)}" if view.decided_by else ""
    at = f", {when(view.decided_at)}" if view.decided_at else ""
    text = f"{STATES.get(view.state, escape(view.state))}{by}{at} · {view.id}"
    return [context(text + (f"\n{escape(view.outcome)}" if view.outcome else ""))]
