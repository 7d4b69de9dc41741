"""What small models make up: a service that nobody named, a change that nobody asked for."""

import re

from rapidfuzz import fuzz, process

from assistant.agent.calls import ValidCall
from assistant.agent.naming import words

NAMES = ("workload", "service", "name", "pod", "job", "cronjob", "node")
"""Arguments of read tools that name one thing."""

NEAR = 80  # "chekout" and "checkout" are 93 apart in rapidfuzz's ratio, "cart" and "checkout" 33
_PARTS = re.compile(r"[^a-z0-9]+")
_ASKS = re.compile(
    r"^\W*(?:\w+[,:] )?(who|whose|what|what's|whats|why|which|when|where|how|is|are|was|were|does|did|has)\b"
)


def invented_name(call: ValidCall, heard: str) -> str | None:
    """A name that a call is about and that nobody said and no tool returned, or None.

    `heard`: everything that people and tools said in this thread, in lower case.
    """
    given = call.args.model_dump()
    names = (value for key in NAMES if isinstance(value := given.get(key), str))
    return next((name for name in names if not _was_heard(name, heard)), None)


def only_asks(text: str) -> bool:
    """Whether a message is a question for information: then no tool may propose a change.

    Requests in the form of a question ("can you restart it?") are not, and what is not English never is: a proposal
    is harmless, since a person confirms it.
    """
    low = text.strip().lower()
    return low.endswith("?") and bool(_ASKS.match(low))


def _was_heard(name: str, heard: str) -> bool:
    plain = name.lower().rpartition("/")[2].rpartition(":")[2].strip()
    if not plain or plain in heard:
        return True
    spoken = words([heard])
    if all(part in spoken for part in _PARTS.split(plain) if part):
        return True
    return process.extractOne(plain, spoken, scorer=fuzz.ratio, score_cutoff=NEAR) is not None
