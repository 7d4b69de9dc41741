"""The Home tab, the help text and the prompts that fit a person."""

from collections.abc import Sequence
from typing import Any

from assistant.conversation import ProposalView
from assistant.overview import FAILING, Place, Service, Services
from assistant.slack.blocks.cards import STATES, UNDO, token
from assistant.slack.blocks.kit import Block, actions, button, clip, context, paragraphs, section
from assistant.slack.escape import escape, when

HELP = """*Ask in plain words*, by mention, in a direct message, or with `/infra`:
• why is checkout failing in staging?
• what changed in checkout?
• who owns cart?
*Change something*; you see exactly what will happen before you confirm:
• restart checkout in staging
• scale cart to 3 in staging
• roll back payments in production
`/infra approvals` lists what waits for you, `/infra status p-7f3kq` tells how a change stands."""

ASK, REVIEW = "home.ask", "home.review"
MAX_REASON, MAX_WAITING, MAX_PROMPTS = 200, 10, 4
MARKS = {
    "failing": ":x: failing",
    "degraded": ":warning: degraded",
    "unstable": ":warning: unstable",
    "progressing": ":arrows_counterclockwise: rolling out",
    "stopped": ":black_square_for_stop: stopped",
    "healthy": ":white_check_mark: healthy",
}


def skeleton() -> dict[str, Any]:
    """What is shown at once, while the rest is read."""
    return _home([section("*My services*"), context(":hourglass_flowing_sand: Reading them ..."), *_help()])


def stranger(why: str) -> dict[str, Any]:
    """For people nobody mapped yet: whom to ask."""
    return _home([section(escape(why)), *_help()])


def view(services: Services, waiting: Sequence[ProposalView], changes: Sequence[ProposalView]) -> dict[str, Any]:
    """Everything that concerns one person."""
    blocks = [section("*My services*")]
    blocks += [block for service in services.rows for block in _service(service)]
    blocks += [context(escape(services.note))] if services.note else []
    blocks += [{"type": "divider"}, section("*Waits for you*"), *_waiting(waiting)]
    blocks += [{"type": "divider"}, section("*My recent changes*"), *_changes(changes)]
    return _home([*blocks, {"type": "divider"}, *_help()])


def prompts(services: Services) -> list[dict[str, str]]:
    """At most four first messages, failing services first; empty when nothing is known of the person."""
    failing = [(one, place) for one in services.rows if (place := one.failing)]
    found = [why(service, place) for service, place in failing[: MAX_PROMPTS - 1]]
    calm = [service for service in services.rows if service.failing is None]
    found += [f"what changed in {service.name}?" for service in calm]
    return [{"title": text[:1].upper() + text[1:], "message": text} for text in found[:MAX_PROMPTS]]


def why(service: Service, place: Place) -> str:
    """The question that a failing service raises."""
    return f"why is {service.name} failing in {place.environment}?"


def waiting_lines(waiting: Sequence[ProposalView]) -> str:
    """Proposals that wait for somebody, a line each."""
    lines = [f"• {escape(view.plan.summary)} ({view.id}), asked by {escape(view.requester_name)}" for view in waiting]
    return "\n".join(lines) or "Nothing waits for you."


def _home(blocks: list[Block]) -> dict[str, Any]:
    return {"type": "home", "blocks": blocks[:100]}


def _help() -> list[Block]:
    return paragraphs([HELP])


def _service(service: Service) -> list[Block]:
    lines = [f"*{escape(service.title)}*", *map(_line, service.places)]
    made = section("\n".join(lines if service.places else [*lines, "not read yet"]))
    if place := service.failing:
        made["accessory"] = button("Why?", ASK, clip(why(service, place), 500))
    return [made]


def _line(place: Place) -> str:
    where = f"{escape(place.environment)}: " if place.environment else ""
    mark = MARKS.get(place.health, ":grey_question: unknown")
    counted = f", {place.ready} of {place.desired} pods ready" if place.health in MARKS else ""
    reason = (
        f" ({escape(clip(place.reason, MAX_REASON))})" if place.reason and place.health in {*FAILING, "unknown"} else ""
    )
    return f"{where}{mark}{counted}{reason}"


def _waiting(waiting: Sequence[ProposalView]) -> list[Block]:
    blocks: list[Block] = []
    for one in waiting[:MAX_WAITING]:
        text = f"*{escape(one.plan.summary)}*\nasked by {escape(one.requester_name)}, until {when(one.expires_at)}"
        blocks.append({**section(text), "accessory": button("Review", REVIEW, token(one))})
    if len(waiting) > MAX_WAITING:
        blocks.append(context(f"{len(waiting) - MAX_WAITING} more: `/infra approvals`"))
    return blocks or [context("Nothing waits for you.")]


def _changes(changes: Sequence[ProposalView]) -> list[Block]:
    blocks: list[Block] = []
    for one in changes:
        at = f", {when(one.decided_at)}" if one.decided_at else ""
        blocks.append(section(f"{STATES.get(one.state, escape(one.state))}: {escape(one.plan.summary)}{at}"))
        if one.plan.inverse and one.state in {"succeeded", "failed"}:
            blocks.append(actions(f"undo.{one.id}", button(f"Undo: {one.plan.inverse.label}", UNDO, token(one))))
    return blocks or [context("None in the last seven days.")]
