"""Questions that code asks when a name fits nothing or several things."""

import re

from assistant.agent.calls import ValidCall
from assistant.agent.naming import words
from assistant.conversation import Question
from tools.errors import Ambiguous, NotFound, ToolError

MAX_CHOICES = 5

_SAY_WHICH = re.compile(r"\s*Say which(?: one)?\.$")


def question_for(call: ValidCall, error: ToolError, text: str) -> Question | None:
    """Which candidate is meant, each choice the person's own message with the candidate in place of the name.

    None when there are no candidates, or the person did not say the name: the model made it up and corrects itself.
    """
    if not isinstance(error, NotFound | Ambiguous) or not error.candidates:
        return None
    name = _said_name(call, text)
    if name is None:
        return None
    choices = tuple(_restated(text, name, candidate, call) for candidate in error.candidates[:MAX_CHOICES])
    lead = "Which one do you mean?" if isinstance(error, Ambiguous) else "Do you mean one of these?"
    return Question(text=f"{told(error.message)} {lead}", choices=tuple(dict.fromkeys(choices)))


def told(message: str) -> str:
    """What an error says, without its own "Say which." where a question follows."""
    return _SAY_WHICH.sub("", message.rstrip())


def _said_name(call: ValidCall, text: str) -> str | None:
    given = [value for value in call.args.model_dump().values() if isinstance(value, str)]
    said = words([text])
    return next((value for value in given if words([value]) & said), None)


def _restated(text: str, name: str, candidate: str, call: ValidCall) -> str:
    environment = call.args.model_dump().get("environment")
    rest = text
    if " in " in candidate and isinstance(environment, str) and environment != name:
        rest = re.sub(rf"\s+in\s+{re.escape(environment)}\b", "", text, flags=re.IGNORECASE)
    pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
    if pattern.search(rest):
        return pattern.sub(lambda _: candidate, rest, count=1)
    return f"{rest.rstrip(' ?!.')}: {candidate}"
