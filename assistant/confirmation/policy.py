"""Who may propose, confirm, approve and run a change: typed questions to the Cedar policies."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel

from assistant.confirmation.approvals import MOST, NOBODY, Approvals
from assistant.confirmation.cedar import CedarPolicies
from assistant.confirmation.entities import (
    Entity,
    change_entities,
    reference,
    target_entities,
    user_entities,
)
from assistant.confirmation.facts import facts_of, words_of
from assistant.confirmation.limits import Limits
from assistant.confirmation.subject import Subject
from assistant.identity.principal import Principal
from tools.clock import Clock

Step = Literal["confirm", "approve", "cancel", "breakGlass"]


class Decision(BaseModel, frozen=True):
    """A policy's answer. `rules`: ids of the deciding policies; `messages`: their sentences, for a person.

    `needed`: who, other than the requester, must approve before it runs. `glass_only`: it can run now only by
    breaking the glass, and this person may do that.
    """

    allowed: bool
    rules: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    needed: Approvals = NOBODY
    glass_only: bool = False


@dataclass(frozen=True)
class Run:
    """Under what a change would run: whose approvals, an intact plan, the glass broken, or agreed to in advance."""

    approvals: Approvals = NOBODY
    hash_matches: bool = True
    break_glass: bool = False
    automatic: bool = False


class Policy:
    """The rules in force. `hash` changes with any rule or limit, but not with a freeze."""

    def __init__(self, policies: CedarPolicies, limits: Limits, clock: Clock) -> None:
        self._policies = policies
        self._clock = clock
        self.limits = limits
        ceilings = sorted((tier, asdict(most)) for tier, most in limits.ceilings.items())
        teams = [sorted(limits.platform_teams), sorted(limits.on_call_groups), sorted(limits.owner_locations)]
        self.hash = hashlib.sha256(orjson.dumps([policies.hash, ceilings, teams, limits.denials])).hexdigest()

    @classmethod
    def load(cls, limits: Limits, extra: Path | None = None, *, clock: Clock) -> "Policy":
        """The shipped rules and those of an extra folder. Raises PolicyError."""
        return cls(CedarPolicies.load(extra), limits, clock)

    def may_propose(self, who: Principal, subject: Subject) -> Decision:
        """Whether a person may ask for this change, and how many approvals it will need.

        Denied also when the change could never run, however many approve; during a freeze it may still be proposed
        by somebody who may break the glass.
        """
        asked = self._ask(who, subject.action, reference("Target", subject.key), self._facts(subject), subject)
        if not asked.allowed:
            return asked
        needed = self._needed(who, subject, Run())
        if needed is not None:
            return self._reasons(who, subject, needed)
        stopped = self.may_apply(who, subject, Run(_of_all(MOST)))
        by_force = self._needed(who, subject, Run(break_glass=True)) is not None
        if by_force and self.may(who, "breakGlass", subject, who).allowed:
            return stopped.model_copy(update={"allowed": True, "glass_only": True})
        return stopped

    def may_apply(self, requester: Principal, subject: Subject, run: Run) -> Decision:
        """Whether a change may run now, on behalf of the person who asked."""
        context = {
            **self._facts(subject),
            "change": subject.action,
            "approvals": run.approvals.total,
            "ownerApprovals": run.approvals.owner,
            "platformApprovals": run.approvals.platform,
            "planHashMatches": run.hash_matches,
            "breakGlass": run.break_glass,
            "automatic": run.automatic,
        }
        return self._ask(requester, "apply", reference("Target", subject.key), context, subject)

    def may(
        self, who: Principal, step: Step, subject: Subject, requester: Principal, *, hash_matches: bool = True
    ) -> Decision:
        """Whether this person may take this step of a change that waits. Who may approve may also deny."""
        people = [*user_entities(requester, self.limits), *user_entities(who, self.limits)]
        unique = {tuple(one["uid"].values()): one for one in people}.values()
        entities = [*unique, *change_entities(subject, requester, self.limits)]
        request = _request(who, step, reference("Change", subject.key), {"planHashMatches": hash_matches})
        return self._decide(request, entities, subject)

    def counts_as(self, who: Principal, subject: Subject) -> Approvals:
        """What one approval of this person is worth."""
        owner = subject.owner is not None and self.limits.trusts(subject.owner_location) and subject.owner in who.teams
        platform = who.kind == "operator" or not set(who.teams).isdisjoint(self.limits.platform_teams)
        return NOBODY.and_one(owner=owner, platform=platform)

    def _needed(self, who: Principal, subject: Subject, run: Run) -> Approvals | None:
        """The fewest approvals with which it may run; None when none suffice."""

        def suffices(given: Approvals) -> bool:
            tried = Run(given, run.hash_matches, run.break_glass, run.automatic)
            return self.may_apply(who, subject, tried).allowed

        total = _fewest(MOST, lambda count: suffices(_of_all(count)))
        if total is None:
            return None
        owner = _fewest(total, lambda count: suffices(Approvals(total=total, owner=count, platform=total))) or 0
        platform = _fewest(total, lambda count: suffices(Approvals(total=total, owner=owner, platform=count))) or 0
        return Approvals(total=total, owner=owner, platform=platform)

    def _reasons(self, who: Principal, subject: Subject, needed: Approvals) -> Decision:
        """Allowed, with the rules that ask for the approvals."""
        if not needed.total:
            answer = self.may_apply(who, subject, Run())
            return answer.model_copy(update={"messages": ()})
        asking = self.may_apply(who, subject, Run())
        return asking.model_copy(update={"allowed": True, "needed": needed})

    def _facts(self, subject: Subject) -> dict[str, Any]:
        return facts_of(subject, self.limits.of(subject.tier), freeze=bool(self.freeze(subject.tier)))

    def freeze(self, tier: str) -> str:
        """The freeze that covers a tier now, in words, or nothing."""
        return self.limits.freeze(tier, self._clock())

    def _ask(
        self, who: Principal, action: str, resource: dict[str, str], context: dict[str, Any], subject: Subject
    ) -> Decision:
        entities = [*user_entities(who, self.limits), *target_entities(subject, self.limits)]
        return self._decide(_request(who, action, resource, context), entities, subject)

    def _decide(self, request: dict[str, Any], entities: list[Entity], subject: Subject) -> Decision:
        rules = self._policies.decide(request, entities)
        words = words_of(subject, self.limits.of(subject.tier), self.freeze(subject.tier))
        return Decision(
            allowed=rules.allowed, rules=rules.names, messages=tuple(_filled(text, words) for text in rules.messages)
        )


def _request(who: Principal, action: str, resource: dict[str, str], context: dict[str, Any]) -> dict[str, Any]:
    return {
        "principal": reference("User", who.id),
        "action": reference("Action", action),
        "resource": resource,
        "context": context,
    }


def _of_all(count: int) -> Approvals:
    return Approvals(total=count, owner=count, platform=count)


def _fewest(most: int, suffices: Callable[[int], bool]) -> int | None:
    return next((count for count in range(most + 1) if suffices(count)), None)


def _filled(text: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text
