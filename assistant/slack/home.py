"""The Home tab and the help text."""

from typing import Any

from assistant.conversation import ProposalView
from assistant.slack.blocks.kit import paragraphs, section
from assistant.slack.escape import escape

HELP = """*Ask in plain words*, by mention, in a direct message, or with `/infra`:
• why is checkout failing in staging?
• what changed in checkout?
• who owns cart?
*Change something*; you see exactly what will happen before you confirm:
• restart checkout in staging
• scale cart to 3 in staging
• roll back payments in production
`/infra approvals` lists what waits for you."""


def view(approvals: str) -> dict[str, Any]:
    """The Home tab: what waits for this person, and what can be asked."""
    return {"type": "home", "blocks": [section(f"*Waits for you*\n{approvals}"), *paragraphs([HELP])]}


def waiting_lines(waiting: tuple[ProposalView, ...]) -> str:
    """Proposals that wait for somebody, a line each."""
    lines = [f"• {escape(view.plan.summary)} ({view.id}), asked by {escape(view.requester_name)}" for view in waiting]
    return "\n".join(lines) or "Nothing waits for you."
