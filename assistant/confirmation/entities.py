"""People, teams, targets and changes as Cedar entities: the one place that knows their shape."""

from typing import Any

from assistant.confirmation.subject import Subject
from assistant.identity.principal import Principal

PLATFORM = "platform"

Entity = dict[str, Any]


def reference(kind: str, name: str) -> dict[str, str]:
    """A Cedar entity uid. The dict form takes any character in a name."""
    return {"type": kind, "id": name}


def user_entities(who: Principal, platform_teams: tuple[str, ...]) -> list[Entity]:
    """A person and their teams. The operator of the command line belongs to the platform team."""
    teams = [PLATFORM] if who.kind == "operator" else list(who.teams)
    parents = [reference("Team", team) for team in teams]
    user = _entity("User", who.id, {"kind": who.kind}, parents)
    return [user, *(_team(team, platform_teams) for team in sorted({*teams, PLATFORM}))]


def target_entities(subject: Subject) -> list[Entity]:
    """The object that a change is about, in its tier."""
    ref = subject.target
    facts = {"cluster": ref.cluster, "namespace": ref.namespace or "", "kind": ref.kind, "name": ref.name}
    return [_entity("Target", subject.key, facts | _owner(subject), [reference("Tier", subject.tier)]), _tier(subject)]


def change_entities(subject: Subject, requester: Principal) -> list[Entity]:
    """A change that waits for a decision, in the tier of its target."""
    facts = {"requester": {"__entity": reference("User", requester.id)}} | _owner(subject)
    return [_entity("Change", subject.key, facts, [reference("Tier", subject.tier)]), _tier(subject)]


def _owner(subject: Subject) -> Entity:
    return {} if subject.owner is None else {"owner": {"__entity": reference("Team", subject.owner)}}


def _tier(subject: Subject) -> Entity:
    return _entity("Tier", subject.tier, {}, [])


def _team(team: str, platform_teams: tuple[str, ...]) -> Entity:
    return _entity("Team", team, {}, [reference("Team", PLATFORM)] if team in platform_teams else [])


def _entity(kind: str, name: str, attributes: Entity, parents: list[dict[str, str]]) -> Entity:
    return {"uid": reference(kind, name), "attrs": attributes, "parents": parents}
