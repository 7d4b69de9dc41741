"""Who may propose, confirm, approve and run a change: typed questions to the Cedar policies."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
from pydantic import BaseModel

from assistant.confirmation.cedar import CedarPolicies
from assistant.confirmation.entities import change_entities, reference, target_entities, user_entities
from assistant.confirmation.subject import Subject
from assistant.identity.principal import Principal

MAX_APPROVALS = 5  # a policy that asks for more is taken as a denial


class Decision(BaseModel, frozen=True):
    """A policy's answer. `rules`: ids of the deciding policies; `messages`: their sentences, for a person.

    `required_approvals`: people other than by their own confirmation who must approve before it runs.
    """

    allowed: bool
    rules: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    required_approvals: int = 0


@dataclass(frozen=True)
class Limits:
    """What differs by deployment. `replica_ceiling` by tier; a tier not named has the smallest of them.

    `platform_teams`: catalog refs of the groups that run the platform. `freeze`: no changes in production now.
    """

    replica_ceiling: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({"prod": 50, "nonprod": 10}))
    platform_teams: tuple[str, ...] = ()
    freeze: bool = False

    def ceiling(self, tier: str) -> int:
        """Most replicas a change may ask for in this tier."""
        return self.replica_ceiling.get(tier, min(self.replica_ceiling.values(), default=0))


class Policy:
    """The rules in force. `hash` changes with any rule or limit, but not with the freeze."""

    def __init__(self, policies: CedarPolicies, limits: Limits) -> None:
        self._policies = policies
        self.limits = limits
        ceilings, teams = sorted(limits.replica_ceiling.items()), sorted(limits.platform_teams)
        self.hash = hashlib.sha256(orjson.dumps([policies.hash, ceilings, teams])).hexdigest()

    @classmethod
    def load(cls, limits: Limits, extra: Path | None = None) -> "Policy":
        """The shipped rules and those of an extra folder. Raises PolicyError."""
        return cls(CedarPolicies.load(extra), limits)

    def may_propose(self, who: Principal, subject: Subject) -> Decision:
        """Whether a person may ask for this change, and how many approvals it will need.

        Denied also when the change could never run, however many approve.
        """
        entities = [*user_entities(who, self.limits.platform_teams), *target_entities(subject)]
        asked = self._ask(who, subject.action, reference("Target", subject.key), self._facts(subject), entities)
        return self._with_approvals(who, subject) if asked.allowed else asked

    def may_apply(self, requester: Principal, subject: Subject, *, approvals: int, hash_matches: bool) -> Decision:
        """Whether a change may run now, on behalf of the person who asked."""
        entities = [*user_entities(requester, self.limits.platform_teams), *target_entities(subject)]
        context = {
            **self._facts(subject),
            "change": subject.action,
            "approvals": approvals,
            "planHashMatches": hash_matches,
            "breakGlass": False,
        }
        return self._ask(requester, "apply", reference("Target", subject.key), context, entities)

    def may_confirm(self, who: Principal, subject: Subject, requester: Principal, *, hash_matches: bool) -> Decision:
        """Whether this person may confirm what the requester was shown."""
        return self._decide("confirm", who, subject, requester, hash_matches)

    def may_approve(self, who: Principal, subject: Subject, requester: Principal, *, hash_matches: bool) -> Decision:
        """Whether this person's approval counts (who may approve may also deny)."""
        return self._decide("approve", who, subject, requester, hash_matches)

    def may_cancel(self, who: Principal, subject: Subject, requester: Principal) -> Decision:
        """Whether this person may withdraw the change."""
        return self._decide("cancel", who, subject, requester, True)

    def _with_approvals(self, who: Principal, subject: Subject) -> Decision:
        """The smallest number of approvals with which it may run, and the rules that ask for them."""
        first = self.may_apply(who, subject, approvals=0, hash_matches=True)
        answer = first
        for approvals in range(MAX_APPROVALS + 1):
            answer = self.may_apply(who, subject, approvals=approvals, hash_matches=True)
            if answer.allowed:
                asking = first if approvals else answer.model_copy(update={"messages": ()})
                return asking.model_copy(update={"allowed": True, "required_approvals": approvals})
        return answer

    def _decide(
        self, action: str, who: Principal, subject: Subject, requester: Principal, hash_matches: bool
    ) -> Decision:
        teams = self.limits.platform_teams
        people = [*user_entities(requester, teams), *user_entities(who, teams)]
        entities = [*{tuple(one["uid"].values()): one for one in people}.values(), *change_entities(subject, requester)]
        return self._ask(who, action, reference("Change", subject.key), {"planHashMatches": hash_matches}, entities)

    def _facts(self, subject: Subject) -> dict[str, Any]:
        replicas = {} if subject.replicas is None else {"replicas": subject.replicas}
        return {**replicas, "replicaCeiling": self.limits.ceiling(subject.tier), "freeze": self.limits.freeze}

    def _ask(
        self, who: Principal, action: str, resource: dict[str, str], context: dict[str, Any], entities: list[Any]
    ) -> Decision:
        request = {
            "principal": reference("User", who.id),
            "action": reference("Action", action),
            "resource": resource,
            "context": context,
        }
        rules = self._policies.decide(request, entities)
        return Decision(allowed=rules.allowed, rules=rules.names, messages=rules.messages)
