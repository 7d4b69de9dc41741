"""What a thread is about, and whether what is asked can be carried out."""

from dataclasses import dataclass, field

from assistant.agent.models.rules.lexicon import Slot
from assistant.agent.models.rules.objects import Object
from assistant.agent.models.rules.settings import READERS
from assistant.agent.models.rules.tasks import Asked

MAX_KNOWN = 40


@dataclass(frozen=True)
class Topic:
    """What the thread was about, newest first. `workloads`, `environments`: asked about; `seen`: what tools saw.

    `choices`: what the last turn offered when it ended with a question, else None.
    """

    asks: tuple[Asked, ...] = ()
    workloads: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    choices: tuple[str, ...] | None = None

    @property
    def known(self) -> frozenset[str]:
        """Names of services in this thread."""
        return frozenset((*self.workloads, *self.seen))


@dataclass(frozen=True)
class Understood:
    """What the message asks for, names filled in from the thread. `reply`: the rules' own reply when it asks nothing.

    `missing`: what must be asked for before the first of `asks` can be done.
    """

    asks: tuple[Asked, ...] = ()
    reply: str | None = None
    missing: Slot | None = None
    topic: Topic = field(default_factory=Topic)


def checked(asks: tuple[Asked, ...], topic: Topic) -> Understood:
    """Whether the asks can be carried out: a reply instead, or what is missing, when they cannot."""
    asks = tuple(ask for index, ask in enumerate(asks) if ask not in asks[:index])
    reply = next((name for ask in asks if (name := _own_reply(ask, topic))), None)
    if reply:
        doable = tuple(ask for ask in asks if not _own_reply(ask, topic))
        if not doable or any(ask.spec.writes for ask in doable):
            refused = next(ask for ask in asks if _own_reply(ask, topic))
            return Understood((refused,), reply, topic=topic)
        asks = doable
    complete = tuple(ask for ask in asks if not missing(ask))
    lacking = [ask for ask in asks if missing(ask) and (ask.spec.writes or not complete)]
    if lacking:
        return Understood((lacking[0], *complete), missing=missing(lacking[0]), topic=topic)
    return Understood(complete, topic=topic)


def _own_reply(ask: Asked, topic: Topic) -> str | None:
    """The reply that needs no tool, or None when the ask is to be carried out."""
    if ask.spec.tool is None:
        return ask.spec.name
    if ask.object is Object.NOTHING:
        return "declined"
    if ask.conditional:
        return "about_change"
    if ask.doubtful and not ask.workloads and "workload" in ask.spec.needs:
        return "doubtful_name"
    if ask.revision.version and ask.revision.number is None:
        return "missing_revision"
    return "undo_card" if _undoes_other(ask, topic) else None


def _undoes_other(ask: Asked, topic: Topic) -> bool:
    before = {earlier.spec.name for earlier in topic.asks if earlier.spec.writes}
    return ask.spec.name == "rollback" and ask.undo and bool(before) and "rollback" not in before


def missing(ask: Asked) -> Slot | None:
    """The first thing the ask needs and does not have."""
    has = {
        "workload": bool(ask.workloads),
        "environment": bool(ask.environments),
        "replicas": ask.replicas.is_known,
        "team": ask.team is not None,
        **dict.fromkeys(READERS, bool(ask.settings)),
    }
    return next((slot for slot in ask.spec.needs if not has[slot]), None)


def newest(names: list[str]) -> tuple[str, ...]:
    """Names once each, in order, at most MAX_KNOWN."""
    return tuple(dict.fromkeys(names))[:MAX_KNOWN]
