"""The form that asks why a change is denied or withdrawn."""

from assistant.slack.blocks.kit import Block, context, form
from assistant.slack.escape import escape

FORM = "proposal.deny_form"
REASON = "reason"
MAX_REASON = 500


def deny_form(summary: str, token: str) -> Block:
    """One question; the reason is shown to who asked, and kept in the audit log."""
    reason = {
        "type": "input",
        "block_id": REASON,
        "label": {"type": "plain_text", "text": "Why?"},
        "element": {
            "type": "plain_text_input",
            "action_id": REASON,
            "multiline": True,
            "min_length": 1,
            "max_length": MAX_REASON,
        },
    }
    note = context(f"{escape(summary)}. The reason is shown in the thread and kept in the audit log.")
    return form("Deny", FORM, [note, reason], submit="Deny", metadata=token)
