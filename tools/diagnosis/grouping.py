"""One root cause for many symptoms: which failing workloads fail of the same thing. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.contract import ObjectRef
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations
from tools.diagnosis.survey import FAILING, Examined

_BY_KEY = frozenset(
    (
        *("config-missing-configmap-or-secret", "node-not-ready", "node-pressure", "node-rebooted", "dns-failure"),
        *("app-dependency-unreachable", "network-policy-blocked"),
    )
)
"""Causes whose findings carry what is at fault in `key`: the missing object, the node, the host, the policy."""
_OF_REGISTRY = frozenset(("image-auth", "image-registry-unreachable", "image-rate-limit", "image-tls"))
_OF_STORAGE = frozenset(("pvc-provisioning-failed", "sched-pvc-unbound"))
_NAMED_IN_TEXT = {
    "quota-exceeded": re.compile(r"exceeded quota: (?P<name>[^,\s]+)"),
    "quota-must-specify": re.compile(r"failed quota: (?P<name>[^:\s]+)"),
    "webhook-denied": re.compile(r'admission webhook "(?P<name>[^"]+)"'),
    "webhook-unavailable": re.compile(r'webhook "(?P<name>[^"]+)"'),
    "vap-denied": re.compile(r"ValidatingAdmissionPolicy '(?P<name>[^']+)'"),
    "service-account-missing": re.compile(r'serviceaccounts? "?(?P<name>[^"\s]+)'),
}


@dataclass(frozen=True)
class Group:
    """Workloads that fail of one cause. `lead` is where it shows best; `callers` fail because they call what fails;
    `alike` meet the same fault themselves."""

    lead: Examined
    callers: tuple[Examined, ...] = ()
    alike: tuple[Examined, ...] = ()

    @property
    def members(self) -> tuple[Examined, ...]:
        return (self.lead, *self.alike, *self.callers)


def group(failing: Sequence[Examined]) -> tuple[Group, ...]:
    """Groups, worst first: those that stop most workloads altogether, then by how many they touch."""
    by_place = {_place(one.target): one for one in failing}
    ends = {_place(one.target): _end(one, by_place) for one in failing}
    held: dict[tuple[str, ...], list[Examined]] = {}
    for one in failing:
        held.setdefault(_fault(ends[_place(one.target)]), []).append(one)
    return tuple(sorted((_group(members, ends) for members in held.values()), key=_badness))


def _group(members: list[Examined], ends: dict[ObjectRef, Examined]) -> Group:
    sources = [one for one in members if ends[_place(one.target)] is one]
    lead, *alike = sorted(sources, key=_leading)
    return Group(lead, tuple(one for one in members if one not in sources), tuple(alike))


def _place(ref: ObjectRef) -> ObjectRef:
    """The reference without uid: a dependency is found by name."""
    return ref.model_copy(update={"uid": None})


def _end(one: Examined, by_place: dict[ObjectRef, Examined]) -> Examined:
    """The workload at the end of the chain of calls: the caller of a caller of it fails because of it."""
    passed: list[Examined] = []
    while one not in passed:
        passed.append(one)
        called = called_by(one)
        following = by_place.get(_place(called)) if called else None
        if following is None:
            return one
        one = following
    return min(passed[passed.index(one) :], key=_leading)  # they call each other


def called_by(one: Examined) -> ObjectRef | None:
    """The workload behind the dependency that its root cause names."""
    root = one.diagnosis.root_cause
    if root is None or root.cause != "app-dependency-unreachable":
        return None
    return next(
        (dep.behind.target for dep in one.observations.dependencies if dep.host == root.key and dep.behind), None
    )


def _fault(one: Examined) -> tuple[str, ...]:
    """What is at fault, the same for all workloads that meet it."""
    root, alone = one.diagnosis.root_cause, (str(one.target),)
    if root is None:
        return alone
    place = one.target.namespace or ""
    if root.cause in _BY_KEY and root.key:
        return ("node" if root.layer == "node" else root.cause, "" if root.layer == "node" else place, root.key)
    if root.cause in _OF_REGISTRY:
        return root.cause, root.key.rpartition(" ")[2].partition("/")[0]
    if root.cause in _OF_STORAGE:
        return ("storage", *classes) if (classes := _storage_classes(one.observations)) else alone
    named = _named(root)
    return (root.cause, place, named) if named else alone


def _storage_classes(observations: Observations) -> tuple[str, ...]:
    unbound = [claim for claim in observations.claims.values() if claim and claim.status.phase != "Bound"]
    return tuple(sorted({claim.spec.storage_class_name or "(default)" for claim in unbound}))


def _named(root: Finding) -> str:
    pattern = _NAMED_IN_TEXT.get(root.cause)
    hits = (pattern.search(fact.text) for fact in root.evidence) if pattern else ()
    return next((hit["name"] for hit in hits if hit), "namespace" if root.cause == "namespace-terminating" else "")


def _leading(one: Examined) -> tuple[int, float, str, str]:
    root = one.diagnosis.root_cause
    return _rank(one), -(root.confidence if root else 0), one.target.namespace or "", one.target.name


def _rank(one: Examined) -> int:
    return FAILING.index(one.diagnosis.health) if one.is_failing else len(FAILING)


def _badness(group: Group) -> tuple[int, int, int, str]:
    """A fault that takes several down comes before one that takes one; those that leave something running last."""
    down = sum(one.diagnosis.health == "down" for one in group.members)
    return -down, -len(group.members), _rank(group.lead), group.lead.target.name
