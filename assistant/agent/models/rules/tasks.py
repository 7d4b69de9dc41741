"""What one message asks for, with every name and number it gives."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from assistant.agent.models.rules import amounts, names, patterns, places
from assistant.agent.models.rules.lexicon import IntentSpec, Lexicon
from assistant.agent.models.rules.moments import since_minutes
from assistant.agent.models.rules.names import Names, Sure
from assistant.agent.models.rules.objects import Object, object_of
from assistant.agent.models.rules.pairs import pair
from assistant.agent.models.rules.requests import Request
from assistant.agent.models.rules.settings import READERS, Settings
from assistant.agent.models.rules.sheet import Sheet
from assistant.agent.models.rules.tokens import pod_as_written


@dataclass(frozen=True)
class Asked:
    """One request with what it says. `pronoun`: it means what was talked about before. `undo`: "undo it", unnamed.
    `everything`: "all", "everything". `object`: of a change that names no service. `settings`: what a change sets.

    Names are as the person said them, several when the request is about several.
    """

    spec: IntentSpec
    workloads: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    doubtful: str | None = None
    pronoun: bool = False
    team: str | None = None
    replicas: amounts.Replicas = field(default_factory=amounts.Replicas)
    revision: amounts.Revision = field(default_factory=amounts.Revision)
    since_minutes: int | None = None
    pattern: str | None = None
    previous: bool = False
    conditional: bool = False
    questioned: bool = False
    undo: bool = False
    everything: bool = False
    object: Object = Object.OPEN
    settings: Settings = field(default_factory=dict)

    @property
    def names_something(self) -> bool:
        """Whether it names a service, a place or a team."""
        return bool(self.workloads or self.environments or self.team or self.doubtful)

    @property
    def may_mean_it(self) -> bool:
        """Whether the service may be one that was named elsewhere."""
        named = self.workloads or self.doubtful or self.team or self.spec.names_other
        return not named and self.object is Object.OPEN


@dataclass(frozen=True)
class When:
    """When the message was written (UTC, None: unknown) and the person's time zone."""

    at: datetime | None = None
    zone: str = "UTC"


def asked(request: Request, spec: IntentSpec, lexicon: Lexicon, known: frozenset[str], when: When) -> Asked:
    """Read a request's words. Readers that are surest of their words come first, names last."""
    said = tuple(map(pod_as_written, request.tokens)) if spec.as_ == "pod" else request.tokens
    sheet = Sheet(said, request.used, lexicon)
    settings = _settings(sheet, spec)
    since = since_minutes(sheet, when.at, when.zone)
    placed = places.environments(sheet, needed="environment" in spec.needs)
    settings |= pair(sheet, placed) if spec.pairs else {}
    team = names.team(sheet)
    revision = amounts.revision(sheet) if spec.name == "rollback" else amounts.Revision()
    replicas = amounts.replicas(sheet) if spec.name == "scale" else amounts.Replicas()
    pattern = patterns.pattern(sheet) if spec.name == "logs" else None
    found = names.workloads(sheet, known, writes=spec.writes)
    return Asked(
        spec=_instead(spec, found, placed, lexicon),
        workloads=_wanted(found, spec),
        environments=placed,
        doubtful=found.doubtful,
        pronoun=any(token.text in lexicon.words.pronouns and not token.quoted for token in request.tokens),
        team=team or (found.sure[0] if "team" in spec.needs and found.sure else None),
        replicas=replicas,
        revision=revision,
        since_minutes=since,
        pattern=pattern,
        previous=spec.name == "logs" and amounts.previous(sheet),
        conditional=request.conditional,
        everything=any(token.text in {"all", "everything", "every", "each"} for token in request.tokens),
        object=object_of(sheet) if spec.writes else Object.OPEN,
        settings=settings,
        undo=any(token.text == "undo" for token in request.tokens) and not found.sure,
        questioned=any(token.text == "?" for token in request.tokens),
    )


def _settings(sheet: Sheet, spec: IntentSpec) -> Settings:
    """Read before names are: an image looks like one."""
    reader = next((READERS[slot] for slot in spec.needs if slot in READERS), None)
    return reader(sheet) if reader else {}


def _instead(spec: IntentSpec, found: Names, placed: tuple[str, ...], lexicon: Lexicon) -> IntentSpec:
    """The intent that fits what was named: "what is failing" with a service is a diagnosis of it."""
    if spec.named and found.sure and found.rating >= Sure.PLACED:
        return lexicon.by_name[spec.named]
    if spec.unplaced and not placed:
        return lexicon.by_name[spec.unplaced]
    return spec


def _wanted(found: Names, spec: IntentSpec) -> tuple[str, ...]:
    """Where a service is not needed, only a word that surely names one counts."""
    if "workload" in spec.needs or spec.tool is None:
        return found.sure
    return found.sure if found.rating >= Sure.PLACED and "team" not in spec.needs else ()


def merged(asks: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """The requests of one message: an environment said once holds for all, a repeated intent without names goes."""
    places_said = tuple(dict.fromkeys(place for ask in asks for place in ask.environments))
    kept: list[Asked] = []
    for ask in asks:
        repeats = any(other.spec.tool == ask.spec.tool for other in asks if other is not ask and other.names_something)
        if len(asks) > 1 and repeats and not ask.names_something:
            continue
        whole = ask if ask.environments or len(places_said) != 1 else replace(ask, environments=places_said)
        if whole not in kept:
            kept.append(whole)
    return _without_preamble(tuple(kept))


def _without_preamble(asks: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """ "checkout is stuck, please restart it": the statement only says why, but its names hold for the command."""
    said = next((ask.workloads for ask in asks if ask.workloads), ())
    filled = tuple(ask if not ask.may_mean_it else replace(ask, workloads=said) for ask in asks)
    if not any(ask.spec.writes for ask in filled):
        return filled
    return tuple(ask for ask in filled if ask.questioned or ask.spec.name != "diagnose")
