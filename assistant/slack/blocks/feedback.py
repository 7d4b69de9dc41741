"""What people think of an answer: two thumbs, and two questions after the one that points down."""

from assistant.slack.blocks.kit import MAX_BUTTON_VALUE, Block, form, option

FEEDBACK = "turn.feedback"
FORM = "turn.feedback_form"
WRONG, WANTED = "wrong", "wanted"
REASONS = {
    "wrong_cause": "The cause is wrong",
    "no_evidence": "The evidence does not show it",
    "not_understood": "It did not understand me",
    "no_help": "It is right, but does not help",
    "other": "Something else",
}
MAX_WANTED = 1000


def thumbs(turn_id: str) -> list[Block]:
    """The block below an answer."""
    if len(turn_id) > MAX_BUTTON_VALUE - 8:
        return []
    buttons = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": _thumb("Helpful", f"good:{turn_id}"),
        "negative_button": _thumb("Not helpful", f"bad:{turn_id}"),
    }
    return [{"type": "context_actions", "elements": [buttons]}]


def parse_thumb(value: str) -> tuple[bool, str] | None:
    """Whether it points up, and the turn; None for anything we did not make."""
    kind, separator, turn_id = value.partition(":")
    return (kind == "good", turn_id) if separator and turn_id and kind in {"good", "bad"} else None


def feedback_form(turn_id: str) -> Block:
    """The two questions."""
    wrong = {
        "type": "input",
        "block_id": WRONG,
        "label": {"type": "plain_text", "text": "What was wrong with it?"},
        "element": {
            "type": "radio_buttons",
            "action_id": WRONG,
            "options": [option(text, value) for value, text in REASONS.items()],
        },
    }
    wanted = {
        "type": "input",
        "block_id": WANTED,
        "optional": True,
        "label": {"type": "plain_text", "text": "What should it have said?"},
        "element": {"type": "plain_text_input", "action_id": WANTED, "multiline": True, "max_length": MAX_WANTED},
    }
    return form("Feedback", FORM, [wrong, wanted], submit="Send", metadata=turn_id)


def _thumb(text: str, value: str) -> Block:
    return {"text": {"type": "plain_text", "text": text}, "value": value, "accessibility_label": text}
