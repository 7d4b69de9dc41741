"""Questions back, each choice a complete message that the rules themselves would understand."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from assistant.agent.clarify import told
from assistant.agent.models.rules.amounts import Replicas
from assistant.agent.models.rules.calling import named
from assistant.agent.models.rules.lexicon import Lexicon, Replies
from assistant.agent.models.rules.settings import READERS, in_words
from assistant.agent.models.rules.tasks import Asked
from assistant.agent.models.rules.thread import Called
from assistant.agent.models.rules.topic import Topic, Understood

MAX_CHOICES = 5
MAX_CHARS = 200
MAX_QUESTION = 300

_UNNAMED = frozenset({"unclear", "confirm", "cancel", "greeting", "thanks", "help", "declined"})  # name no service


class Asking:
    """Makes `ask` arguments."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._replies: Replies = lexicon.replies
        self._diagnose = lexicon.by_name["diagnose"]

    def reply(self, understood: Understood) -> dict[str, Any]:
        """The rules' own reply to what is no request, not clear, or not done on words alone."""
        name = understood.reply or "unclear"
        ask = understood.asks[0] if understood.asks and name not in _UNNAMED else None
        if ask and name in {"doubtful_name", "about_change", "again_there"}:
            return self._asks(name, self._again_choices(name, ask, understood.topic), ask, understood.topic)
        return self._asks(name, self._templates(name, ask, understood.topic), ask, understood.topic)

    def missing(self, understood: Understood) -> dict[str, Any]:
        """Asks for what the first request lacks; names of this thread are the choices."""
        ask, topic = understood.asks[0], understood.topic
        slot = understood.missing or "workload"
        name = f"missing_{ask.spec.as_}" if slot == "workload" and ask.spec.names_other else f"missing_{slot}"
        values: Mapping[str, Iterable[Asked]] = {
            "workload": [replace(ask, workloads=(name,)) for name in (*topic.workloads, *topic.seen)],
            "environment": [
                replace(ask, environments=(place,)) for place in (*topic.environments, *self._replies.environments)
            ],
            "replicas": [replace(ask, replicas=Replicas(count=number)) for number in self._replies.replicas],
        }
        known = [] if ask.spec.names_other and slot == "workload" else values.get(slot, [])
        choices = [self.again(each) for each in known]
        return self._asks(name, choices or self._templates(name, ask, topic), ask, topic)

    def candidates(self, ask: Asked, call: Called, message: str, names: list[str]) -> dict[str, Any]:
        """Which of the tool's candidates is meant: names from the cluster or catalog."""
        place = call.args.get("environment")
        workload = named(call.args)
        is_place = bool(place) and str(place) in message and (not workload or workload not in message)
        choices = [self._with_candidate(ask, name, is_place=is_place) for name in names]
        question = "not_found" if choices else "not_found_none"
        return self._asks(question, choices, ask, Topic(), message=told(message))

    def told(self, message: str) -> dict[str, Any]:
        """A tool's own words about wrong arguments."""
        return self._asks("invalid", [], None, Topic(), message=message)

    def again(self, ask: Asked) -> str:
        """The request said again in full, with the names it now has."""
        name = ask.spec.name
        if name == "rollback" and ask.revision.number is not None:
            name = "rollback_to"
        if name == "events" and not ask.workloads:
            name = "events_of_all"
        text = self._replies.again.get(name, self._replies.again["diagnose"]).format_map(_values(ask))
        if not ask.environments or ask.spec.pairs:
            return text
        where = self._replies.again["in"].format(environment=ask.environments[0])
        return f"{text[:-1]}{where}?" if text.endswith("?") else f"{text}{where}"

    def _again_choices(self, name: str, ask: Asked, topic: Topic) -> list[str]:
        looks = replace(ask, spec=self._diagnose)
        if name == "doubtful_name":
            return [self.again(replace(ask, workloads=(f'"{ask.doubtful}"',)))]
        if not ask.workloads:
            return self._templates("unclear", ask, topic)
        if name == "about_change" and not ask.spec.writes:
            return [*self._templates(name, ask, topic), self.again(looks)]
        return [self.again(ask), self.again(looks)] if self._is_whole(ask) else [self.again(looks)]

    def _is_whole(self, ask: Asked) -> bool:
        whole = bool(ask.settings) or not set(ask.spec.needs) & READERS.keys()
        return whole and ("replicas" not in ask.spec.needs or ask.replicas.count is not None)

    def _with_candidate(self, ask: Asked, name: str, *, is_place: bool) -> str:
        if is_place:
            return self.again(replace(ask, environments=(name,)))
        workload, _, place = name.partition(" in ")
        return self.again(replace(ask, workloads=(workload,), environments=(place,) if place else ask.environments))

    def _templates(self, name: str, ask: Asked | None, topic: Topic) -> list[str]:
        """Choices whose names are known; a service that the thread has not named is never made up."""
        known = _known(ask, topic)
        place = known.get("environment")
        values = {
            **known,
            "in": self._replies.again["in"].format(environment=place) if place else "",
            "environment": place or self._replies.environments[0],
        }
        return [
            choice.format_map(values)
            for choice in self._replies.questions[name].choices
            if "workload" in known or "{workload}" not in choice
        ]

    def _asks(
        self, name: str, choices: Iterable[str], ask: Asked | None, topic: Topic, message: str = ""
    ) -> dict[str, Any]:
        text = self._replies.questions[name].text.format_map(
            {"workload": "", "version": "", "message": message[:200]} | _known(ask, topic)
        )
        unique = dict.fromkeys(choice for choice in choices if len(choice) <= MAX_CHARS)
        return {"question": text[:MAX_QUESTION], "choices": list(unique)[:MAX_CHOICES]}


def _known(ask: Asked | None, topic: Topic) -> dict[str, str]:
    """Names for templates: of the request, else of the thread."""
    workloads = [*(ask.workloads if ask else ()), *topic.workloads]
    places = [*(ask.environments if ask else ()), *topic.environments]
    known = {"workload": next(iter(workloads), ""), "environment": next(iter(places), "")}
    if ask:
        known |= {"version": ask.revision.version or ""}
        known["workload"] = known["workload"] or ask.doubtful or ""
    return {name: value for name, value in known.items() if value}


def _values(ask: Asked) -> dict[str, Any]:
    return {
        "workload": ", ".join(ask.workloads) or ask.doubtful or "",
        "team": ask.team or "",
        "replicas": ask.replicas.count if ask.replicas.count is not None else "",
        "revision": ask.revision.number,
        "settings": in_words(ask.settings),
        "working": ask.settings.get("working", ""),
        "failing": ask.settings.get("failing", ""),
    }
