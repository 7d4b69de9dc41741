"""Understands a message in its thread: follow-ups, answers to questions, "it" and "there"."""

from collections.abc import Container
from dataclasses import replace

from assistant.agent.models.rules.amounts import Replicas, count
from assistant.agent.models.rules.fragments import chosen_index, filled
from assistant.agent.models.rules.lexicon import Lexicon
from assistant.agent.models.rules.normalise import plain
from assistant.agent.models.rules.phrases import Speller
from assistant.agent.models.rules.requests import Reader, Request
from assistant.agent.models.rules.settings import READERS, Settings
from assistant.agent.models.rules.sheet import Sheet
from assistant.agent.models.rules.tasks import Asked, When, asked, merged
from assistant.agent.models.rules.thread import Earlier, Thread
from assistant.agent.models.rules.tokens import Token, tokens
from assistant.agent.models.rules.topic import Topic, Understood, checked, missing, newest

_PLACES = ("environment", "failing", "working")
MAX_EARLIER = 12  # turns: what was said before is not what "it" means


class Understanding:
    """Reads messages by the vocabulary. Pure: equal threads are understood equally."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._reader = Reader(lexicon, Speller(lexicon))
        self._others = frozenset(spec.tool for spec in lexicon.intents if spec.names_other)

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
        return checked(tuple(self._placed(ask, understood.topic) for ask in asks), understood.topic)

    def _after(self, turn: Earlier, topic: Topic) -> Topic:
        """The topic once a turn is over. What a model called says better than the words what was meant."""
        understood = self._understand(turn.text, topic, When())
        calls = [call for call in turn.calls if call.tool not in self._others]
        workloads = [str(name) for call in calls if (name := call.args.get("workload") or call.args.get("name"))]
        places = [str(place) for call in turn.calls for key in _PLACES if (place := call.args.get(key))]
        said = [name for ask in understood.asks if not ask.spec.names_other for name in ask.workloads]
        said_places = [place for ask in understood.asks for place in ask.environments]
        saw = tuple(ref.rpartition("/")[2].rpartition(" ")[2] for call in turn.calls for ref in call.saw)
        only = saw if len(set(saw)) == 1 and not workloads else ()
        return Topic(
            asks=understood.asks if _is_topic(understood.asks) else topic.asks,
            workloads=newest([*only, *workloads, *said, *topic.workloads]),
            environments=newest([*places, *said_places, *topic.environments]),
            seen=newest([*saw, *topic.seen]),
            choices=turn.question,
        )

    def _understand(self, text: str, topic: Topic, when: When) -> Understood:
        words = tokens(plain(text), self._lexicon.words)
        requests = self._reader.requests(words)
        if _agrees(requests) and topic.choices is not None and topic.asks and topic.asks[0].doubtful:
            return checked((_taken_for_name(topic.asks[0]),), topic)
        if not any(request.spec for request in requests):
            return self._fragment(words, requests, topic, when)
        asks = merged(tuple(self._asked(request, topic, when) for request in requests if request.spec))
        spoken_of = [self._pointer((request,), topic, when) for request in requests if request.negated]
        near = replace(topic, workloads=newest([*(n for each in spoken_of for n in each.workloads), *topic.workloads]))
        return checked(tuple(self._placed(ask, near) for ask in asks), topic)

    def _asked(self, request: Request, topic: Topic, when: When) -> Asked:
        """After "show me the logs", "only errors" says which lines."""
        assert request.spec is not None
        ask = asked(request, request.spec, self._lexicon, topic.known, when)
        logs = next((before.spec for before in topic.asks if before.spec.name == "logs"), None)
        narrows = ask.spec.name == "diagnose" and not (ask.names_something or ask.questioned or ask.pronoun)
        return asked(request, logs, self._lexicon, topic.known, when) if logs and narrows else ask

    def _placed(self, ask: Asked, topic: Topic) -> Asked:
        """Names that were left out, from the thread. A change never takes its environment over to another service."""
        needs = ask.spec.needs
        takes_place = "workload" in needs or "environment" in needs
        same = not ask.workloads or ask.workloads == topic.workloads[: len(ask.workloads)]
        workloads = ask.workloads
        everything = ask.spec.writes and ask.everything
        if ask.may_mean_it and not everything and "workload" in needs:
            workloads = topic.workloads[:1]
        environments = ask.environments
        if ask.spec.pairs:
            return self._paired(replace(ask, workloads=workloads), topic)
        if not environments and takes_place and not ask.spec.everywhere and (same or not ask.spec.writes):
            environments = topic.environments[:1]
        return self._listed(replace(ask, workloads=workloads, environments=environments))

    def _paired(self, ask: Asked, topic: Topic) -> Asked:
        """ "compare it with production": the other environment is the one that was talked about."""
        known = tuple(dict.fromkeys((*ask.environments, *topic.environments)))[:2]
        if ask.settings:
            return ask
        if len(known) == 2:
            return replace(ask, environments=known, settings={"working": known[0], "failing": known[1]})
        other = self._lexicon.by_name[ask.spec.unpaired or "diagnose"]
        return self._placed(replace(ask, spec=other), topic)

    def _listed(self, ask: Asked) -> Asked:
        """ "what is wrong in staging": with no service named or known, all that fail there."""
        if ask.spec.unnamed and not ask.workloads and not ask.doubtful and not ask.pronoun and ask.environments:
            return replace(ask, spec=self._lexicon.by_name[ask.spec.unnamed])
        return ask

    def _named(self, ask: Asked) -> Asked:
        """ "what is failing" and then "and cart?": with a service named it is about that service."""
        return replace(ask, spec=self._lexicon.by_name[ask.spec.named]) if ask.spec.named and ask.workloads else ask

    def _fragment(
        self, words: tuple[Token, ...], requests: tuple[Request, ...], topic: Topic, when: When
    ) -> Understood:
        """No request by itself: names a choice, fills in what was asked for, or repeats the last request elsewhere."""
        if any(request.negated for request in requests):
            return Understood(reply="declined", topic=topic)
        pointer = self._pointer(requests, topic, when)
        picked = self._picked(words, topic, when)
        if picked:
            return picked
        is_reply = topic.choices is not None and bool(topic.asks) and topic.asks[0].spec.tool is not None
        settings = self._settings(requests, topic.asks[0]) if is_reply else {}
        if settings:
            pointer = replace(pointer, settings=settings, workloads=())  # "1Gi" looks like a name
        if is_reply and (pointer.names_something or pointer.replicas.is_known or pointer.settings):
            return checked(tuple(filled(ask, pointer) for ask in topic.asks[:1]), topic)
        return self._follow_up(pointer, topic)

    def _pointer(self, requests: tuple[Request, ...], topic: Topic, when: When) -> Asked:
        every = tuple(token for request in requests for token in request.tokens)
        about = self._lexicon.by_name["diagnose"]
        pointer = asked(Request(about, every), about, self._lexicon, topic.known, when)
        sheet = Sheet(every, (), self._lexicon)
        numbers = [number for place in range(len(every)) if (number := count(sheet, place)) is not None]
        return replace(pointer, replicas=Replicas(count=numbers[-1])) if numbers else pointer

    def _settings(self, requests: tuple[Request, ...], ask: Asked) -> Settings:
        """ "2.4.2" to "To which image?"."""
        slot = missing(ask)
        every = tuple(token for request in requests for token in request.tokens)
        return READERS[slot](Sheet(every, (), self._lexicon)) if slot in READERS else {}

    def _picked(self, words: tuple[Token, ...], topic: Topic, when: When) -> Understood | None:
        """A choice by its number. A change must have been asked for in the person's own words before."""
        choices = topic.choices or ()
        index = chosen_index(words, self._lexicon)
        wants_number = bool(topic.asks) and missing(topic.asks[0]) == "replicas"
        if index is None or wants_number or not -len(choices) <= index - (index > 0) < len(choices):
            return None
        chosen = self._understand(choices[index - (index > 0)], replace(topic, choices=None, asks=()), when)
        own = {ask.spec.name for ask in topic.asks}
        spoken = "about_change" in own or all(not ask.spec.writes or ask.spec.name in own for ask in chosen.asks)
        return chosen if spoken else None

    def _follow_up(self, pointer: Asked, topic: Topic) -> Understood:
        """ "and in production?", "and payments?": the last questions again; a change is never repeated by itself."""
        if not pointer.names_something and pointer.since_minutes is None:
            return Understood(reply="unclear", topic=topic)
        again = tuple(self._named(filled(ask, pointer)) for ask in topic.asks if ask.spec.tool)
        if not again:
            return self._bare_name(pointer, topic)
        if any(ask.spec.writes for ask in again):
            return Understood(again[:1], "again_there", topic=topic)
        return checked(tuple(self._placed(ask, topic) for ask in again), topic)

    def _bare_name(self, pointer: Asked, topic: Topic) -> Understood:
        """ "checkout@staging" with nothing before: with a place it is surely about its health."""
        if pointer.workloads and pointer.environments:
            return Understood((pointer,), topic=topic)
        return Understood((pointer,), "unclear_name" if pointer.workloads else "unclear", topic=topic)


def _is_topic(asks: tuple[Asked, ...]) -> bool:
    """Thanks and greetings do not change what the thread is about."""
    return any(ask.spec.tool or ask.spec.match != "whole" for ask in asks)


def _agrees(requests: tuple[Request, ...]) -> bool:
    """ "yes" to "is that a service's name?": this alone is what it can confirm."""
    return len(requests) == 1 and requests[0].spec is not None and requests[0].spec.name == "confirm"


def _taken_for_name(ask: Asked) -> Asked:
    return replace(ask, workloads=(ask.doubtful or "",), doubtful=None)
