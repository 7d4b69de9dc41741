"""Understands a message in its thread: follow-ups, answers to questions, "it" and "there"."""

import re
from collections.abc import Container
from dataclasses import dataclass, field, replace

from assistant.agent.models.rules.amounts import Replicas, count
from assistant.agent.models.rules.lexicon import Lexicon, Slot
from assistant.agent.models.rules.normalise import plain
from assistant.agent.models.rules.phrases import Speller
from assistant.agent.models.rules.requests import Reader, Request
from assistant.agent.models.rules.sheet import Sheet
from assistant.agent.models.rules.tasks import Asked, When, asked, merged
from assistant.agent.models.rules.thread import Earlier, Thread
from assistant.agent.models.rules.tokens import Token, tokens

MAX_KNOWN = 40
MAX_EARLIER = 12  # turns: what was said before is not what "it" means


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


class Understanding:
    """Reads messages by the vocabulary. Pure: equal threads are understood equally."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._reader = Reader(lexicon, Speller(lexicon))

    def of(self, thread: Thread) -> Understood:
        """What the last message of the thread asks for."""
        topic = Topic()
        for turn in thread.earlier[-MAX_EARLIER:]:
            topic = self._after(turn, topic)
        return self._understand(thread.text, topic, thread.when)

    def within(self, understood: Understood, tools: Container[str]) -> Understood:
        """The same with what is there: without a catalog, services are listed from the cluster."""
        asks = tuple(
            replace(ask, spec=self._lexicon.by_name[ask.spec.without])
            if ask.spec.without and ask.spec.tool not in tools
            else ask
            for ask in understood.asks
        )
        if asks == understood.asks or understood.reply or understood.missing:
            return understood
        return self._checked(tuple(self._placed(ask, understood.topic) for ask in asks), understood.topic)

    def _after(self, turn: Earlier, topic: Topic) -> Topic:
        """The topic once a turn is over. What a model called says better than the words what was meant."""
        understood = self._understand(turn.text, topic, When())
        workloads = [str(name) for call in turn.calls if (name := call.args.get("workload") or call.args.get("name"))]
        places = [str(place) for call in turn.calls if (place := call.args.get("environment"))]
        said = [name for ask in understood.asks for name in ask.workloads]
        said_places = [place for ask in understood.asks for place in ask.environments]
        saw = tuple(ref.rpartition("/")[2].rpartition(" ")[2] for call in turn.calls for ref in call.saw)
        only = saw if len(set(saw)) == 1 and not workloads else ()
        return Topic(
            asks=understood.asks or topic.asks,
            workloads=_newest([*only, *workloads, *said, *topic.workloads]),
            environments=_newest([*places, *said_places, *topic.environments]),
            seen=_newest([*saw, *topic.seen]),
            choices=turn.question,
        )

    def _understand(self, text: str, topic: Topic, when: When) -> Understood:
        words = tokens(plain(text), self._lexicon.words)
        requests = self._reader.requests(words)
        if not any(request.spec for request in requests):
            return self._fragment(words, requests, topic, when)
        asks = merged(tuple(self._asked(request, topic, when) for request in requests if request.spec))
        return self._checked(tuple(self._placed(ask, topic) for ask in asks), topic)

    def _asked(self, request: Request, topic: Topic, when: When) -> Asked:
        assert request.spec is not None
        return asked(request, request.spec, self._lexicon, topic.known, when)

    def _placed(self, ask: Asked, topic: Topic) -> Asked:
        """Names that were left out, from the thread. A change never takes its environment over to another service."""
        needs = ask.spec.needs
        takes_place = "workload" in needs or "environment" in needs
        same = not ask.workloads or ask.workloads == topic.workloads[: len(ask.workloads)]
        workloads = ask.workloads
        if not workloads and not ask.doubtful and "workload" in needs:
            workloads = topic.workloads[:1]
        environments = ask.environments
        if not environments and takes_place and (same or not ask.spec.writes):
            environments = topic.environments[:1]
        return self._listed(replace(ask, workloads=workloads, environments=environments))

    def _listed(self, ask: Asked) -> Asked:
        """ "what is wrong in staging": with no service named or known, all that fail there."""
        if ask.spec.unnamed and not ask.workloads and not ask.doubtful and not ask.pronoun and ask.environments:
            return replace(ask, spec=self._lexicon.by_name[ask.spec.unnamed])
        return ask

    def _checked(self, asks: tuple[Asked, ...], topic: Topic) -> Understood:
        reply = next((name for ask in asks if (name := self._own_reply(ask, topic))), None)
        if reply:
            doable = tuple(ask for ask in asks if not self._own_reply(ask, topic))
            if not doable:
                return Understood(asks[:1], reply, topic=topic)
            asks = doable
        complete = tuple(ask for ask in asks if not self.missing(ask))
        lacking = [ask for ask in asks if self.missing(ask) and (ask.spec.writes or not complete)]
        if lacking:
            return Understood((lacking[0], *complete), missing=self.missing(lacking[0]), topic=topic)
        return Understood(complete, topic=topic)

    def _own_reply(self, ask: Asked, topic: Topic) -> str | None:
        """The reply that needs no tool, or None when the ask is to be carried out."""
        if ask.spec.tool is None:
            return ask.spec.name
        if ask.conditional:
            return "about_change"
        if ask.doubtful and not ask.workloads and "workload" in ask.spec.needs:
            return "doubtful_name"
        if ask.revision.version and ask.revision.number is None:
            return "missing_revision"
        return "undo_card" if self._undoes_other(ask, topic) else None

    def _undoes_other(self, ask: Asked, topic: Topic) -> bool:
        before = {earlier.spec.name for earlier in topic.asks if earlier.spec.writes}
        return ask.spec.name == "rollback" and ask.undo and bool(before) and "rollback" not in before

    def missing(self, ask: Asked) -> Slot | None:
        """The first thing the ask needs and does not have."""
        has = {
            "workload": bool(ask.workloads),
            "environment": bool(ask.environments),
            "replicas": ask.replicas.is_known,
            "team": ask.team is not None,
        }
        return next((slot for slot in ask.spec.needs if not has[slot]), None)

    def _fragment(
        self, words: tuple[Token, ...], requests: tuple[Request, ...], topic: Topic, when: When
    ) -> Understood:
        """No request by itself: names a choice, fills in what was asked for, or repeats the last request elsewhere."""
        if any(request.negated for request in requests):
            return Understood(reply="declined", topic=topic)
        pointer = self._read_fragment(requests, topic, when)
        if topic.choices is not None and topic.asks:
            picked = self._picked(words, topic, when)
            if picked:
                return picked
            if pointer.names_something or pointer.replicas.is_known:
                return self._checked(tuple(_filled(ask, pointer) for ask in topic.asks[:1]), topic)
        return self._follow_up(pointer, topic)

    def _read_fragment(self, requests: tuple[Request, ...], topic: Topic, when: When) -> Asked:
        every = tuple(token for request in requests for token in request.tokens)
        about = self._lexicon.by_name["diagnose"]
        pointer = asked(Request(about, every), about, self._lexicon, topic.known, when)
        sheet = Sheet(every, (), self._lexicon)
        numbers = [number for place in range(len(every)) if (number := count(sheet, place)) is not None]
        return replace(pointer, replicas=Replicas(count=numbers[-1])) if numbers else pointer

    def _picked(self, words: tuple[Token, ...], topic: Topic, when: When) -> Understood | None:
        """A choice by its number. A change must have been asked for in the person's own words before."""
        choices = topic.choices or ()
        index = _index(words, self._lexicon)
        wants_number = bool(topic.asks) and self.missing(topic.asks[0]) == "replicas"
        if index is None or wants_number or not -len(choices) <= index - (index > 0) < len(choices):
            return None
        chosen = self._understand(choices[index - (index > 0)], replace(topic, choices=None, asks=()), when)
        own = {ask.spec.name for ask in topic.asks}
        spoken = "about_change" in own or all(not ask.spec.writes or ask.spec.name in own for ask in chosen.asks)
        return chosen if spoken else None

    def _follow_up(self, pointer: Asked, topic: Topic) -> Understood:
        """ "and in production?", "and payments?": the last questions again; a change is never repeated by itself."""
        if not pointer.names_something:
            return Understood(reply="unclear", topic=topic)
        if not topic.asks:
            return self._bare_name(pointer, topic)
        again = tuple(_filled(ask, pointer) for ask in topic.asks if ask.spec.tool)
        if not again or any(ask.spec.writes for ask in again):
            return Understood(again[:1] or (pointer,), "again_there" if again else "unclear_name", topic=topic)
        return self._checked(tuple(self._placed(ask, topic) for ask in again), topic)

    def _bare_name(self, pointer: Asked, topic: Topic) -> Understood:
        """ "checkout@staging" with nothing before: with a place it is surely about its health."""
        if pointer.workloads and pointer.environments:
            return Understood((pointer,), topic=topic)
        return Understood((pointer,), "unclear_name" if pointer.workloads else "unclear", topic=topic)


def _newest(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:MAX_KNOWN]


def _filled(ask: Asked, pointer: Asked) -> Asked:
    """The ask with what the pointer names in place of what it had."""
    return replace(
        ask,
        workloads=pointer.workloads or ask.workloads,
        doubtful=None if pointer.workloads else ask.doubtful,
        environments=pointer.environments or ask.environments,
        team=(pointer.team or next(iter(pointer.workloads), None)) if "team" in ask.spec.needs else ask.team,
        replicas=ask.replicas if ask.replicas.is_known else pointer.replicas,
    )


def _index(words: tuple[Token, ...], lexicon: Lexicon) -> int | None:
    """The place of a choice said as "2", "#2", "option 2" or "the second one"; -1 is the last."""
    said = [token.text for token in words if not token.is_mark]
    kept = [word for word in said if word not in {"the", "one", "option", "number", "choice", "please", "no"}]
    if len(kept) != 1:
        return None
    digits = re.fullmatch(r"#?(\d)", kept[0])
    return int(digits[1]) if digits else lexicon.words.ordinals.get(kept[0], lexicon.words.numbers.get(kept[0]))
