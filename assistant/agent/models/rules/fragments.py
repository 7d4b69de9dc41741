"""Short messages that mean something only after another: "and in production?", "the second one", "3"."""

import re
from dataclasses import replace

from assistant.agent.models.rules.lexicon import Lexicon
from assistant.agent.models.rules.tasks import Asked
from assistant.agent.models.rules.tokens import Token


def filled(ask: Asked, pointer: Asked) -> Asked:
    """The ask with what the pointer names in place of what it had."""
    return replace(
        ask,
        workloads=pointer.workloads or ask.workloads,
        doubtful=None if pointer.workloads else ask.doubtful,
        environments=pointer.environments or ask.environments,
        team=(pointer.team or next(iter(pointer.workloads), None)) if "team" in ask.spec.needs else ask.team,
        since_minutes=pointer.since_minutes or ask.since_minutes,
        replicas=ask.replicas if ask.replicas.is_known else pointer.replicas,
        settings=ask.settings or pointer.settings,
    )


def chosen_index(words: tuple[Token, ...], lexicon: Lexicon) -> int | None:
    """The place of a choice said as "2", "#2", "option 2" or "the second one"; -1 is the last."""
    said = [token.text for token in words if not token.is_mark]
    kept = [word for word in said if word not in {"the", "one", "option", "number", "choice", "please", "no"}]
    if len(kept) != 1:
        return None
    digits = re.fullmatch(r"#?(\d)", kept[0])
    return int(digits[1]) if digits else lexicon.words.ordinals.get(kept[0], lexicon.words.numbers.get(kept[0]))
