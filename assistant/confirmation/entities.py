"""People, teams, targets and changes as Cedar entities: the one place that knows their shape."""

from typing import Any

from assistant.confirmation.limits import Limits
from assistant.confirmation.subject import Subject
from assistant.identity.principal import Principal

PLATFORM, ON_CALL = "platform", "on-call"

Entity = dict[str, Any]


def reference(kind: str, name: str) -> dict[str, str]:
    """A Cedar entity uid. The dict form takes any character in a name."""
    return {"type": kind, "id": name}


def user_entities(who: Principal, limits: Limits) -> list[Entity]:
    """A person and their teams. The operator of the command line belongs to the platform team."""
    teams = [PLATFORM] if who.kind == "operator" else list(who.teams)
    user = _entity("User", who.id, {"kind": who.kind}, [reference("Team", team) for team in teams])
    return [user, *(_team(team, limits) for team in sorted({*teams, PLATFORM, ON_CALL}))]


def target_entities(subject: Subject, limits: Limits) -> list[Entity]:
    """The object that a change is about, in its tier."""
    ref = subject.target
    facts = {"cluster": ref.cluster, "namespace": ref.namespace or "", "kind": ref.kind, "name": ref.name}
    return [_in_tier("Target", subject, facts | _owner(subject, limits)), _tier(subject)]


def change_entities(subject: Subject, requester: Principal, limits: Limits) -> list[Entity]:
    """A change that waits for a decision, in the tier of its target."""
    facts = {"requester": {"__entity": reference("User", requester.id)}} | _owner(subject, limits)
    return [_in_tier("Change", subject, facts), _tier(subject)]


def _owner(subject: Subject, limits: Limits) -> Entity:
    trusted = subject.owner is not None and limits.trusts(subject.owner_location)
    named = {} if subject.owner is None else {"owner": {"__entity": reference("Team", subject.owner)}}
    return named | {"ownerApproves": trusted}


def _in_tier(kind: str, subject: Subject, facts: Entity) -> Entity:
    return _entity(kind, subject.key, facts, [reference("Tier", subject.tier)])


def _tier(subject: Subject) -> Entity:
    return _entity("Tier", subject.tier, {}, [])


def _team(team: str, limits: Limits) -> Entity:
    """A real team is part of the special ones that settings put it into; nothing else can be."""
    special = ((PLATFORM, limits.platform_teams), (ON_CALL, limits.on_call_groups))
    return _entity("Team", team, {}, [reference("Team", name) for name, teams in special if team in teams])


def _entity(kind: str, name: str, attributes: Entity, parents: list[dict[str, str]]) -> Entity:
    return {"uid": reference(kind, name), "attrs": attributes, "parents": parents}
