"""Whether a pod fits a node, in the words of the scheduler's plugins."""

from collections import defaultdict
from decimal import Decimal

from evals.emulators.kubernetes.objects import Json, dig, labels_of, name_of, uid_of
from evals.emulators.kubernetes.pod_defaults import containers_of
from evals.emulators.kubernetes.quantities import parse_quantity
from evals.emulators.kubernetes.selectors import expression, matches

Refusal = tuple[str, bool]  # the reason, and whether evicting other pods could help
_TERMINAL = ("Succeeded", "Failed")


class Placement:
    """Which pods are where, and what they have asked for; told of every change of a pod."""

    def __init__(self) -> None:
        self._pods: dict[str, dict[str, Json]] = defaultdict(dict)
        self._requested: dict[tuple[str, str], Decimal] = defaultdict(Decimal)

    def follow(self, before: Json | None, after: Json | None) -> None:
        """Note that a pod changed, came (`before` None) or went (`after` None)."""
        for pod, sign in ((before, -1), (after, 1)):
            node = dig(pod, "spec", "nodeName")
            if pod is None or not node or dig(pod, "status", "phase") in _TERMINAL:
                continue
            if sign > 0:
                self._pods[node][uid_of(pod)] = pod
            elif self._pods[node].pop(uid_of(pod), None) is None:
                continue
            for resource in resources_of(pod):
                self._requested[node, resource] += sign * requests_of(pod, resource)

    def pods_on(self, node: Json) -> list[Json]:
        return list(self._pods[name_of(node)].values())

    def load(self, node: Json) -> int:
        return len(self._pods[name_of(node)])

    def requested(self, node: Json, resource: str) -> Decimal:
        return self._requested[name_of(node), resource]


def resources_of(pod: Json) -> set[str]:
    """The resources that a pod asks for."""
    return {key for c in containers_of(pod["spec"]) for key in dig(c, "resources", "requests") or {}}


def requests_of(pod: Json, resource: str) -> Decimal:
    """What a pod asks of a resource: its containers together, or its largest init container."""
    spec = pod["spec"]
    main = sum((_request(c, resource) for c in spec.get("containers") or []), Decimal(0))
    init = max((_request(c, resource) for c in spec.get("initContainers") or []), default=Decimal(0))
    return max(main, init)


def _request(container: Json, resource: str) -> Decimal:
    return parse_quantity(dig(container, "resources", "requests", resource) or 0)


def node_refusal(pod: Json, node: Json, placement: Placement) -> Refusal | None:
    """Why a node does not take a pod; None when it does. The first failing plugin speaks."""
    if dig(node, "spec", "unschedulable") and not _tolerates(pod, {"key": "node.kubernetes.io/unschedulable"}):
        return "node(s) were unschedulable", False
    if any(not _tolerates(pod, taint) for taint in dig(node, "spec", "taints") or [] if _repels(taint)):
        return "node(s) had untolerated taint(s)", False
    if not _affine(pod, node):
        return "node(s) didn't match Pod's node affinity/selector", False
    if _anti_affine(pod, node, placement):
        return "node(s) didn't match pod anti-affinity rules", True
    return _lacking(pod, node, placement)


def _repels(taint: Json) -> bool:
    return taint.get("effect") in ("NoSchedule", "NoExecute")


def _tolerates(pod: Json, taint: Json) -> bool:
    return any(_matches_taint(toleration, taint) for toleration in pod["spec"].get("tolerations") or [])


def _matches_taint(toleration: Json, taint: Json) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    exists = toleration.get("operator") == "Exists"
    if not toleration.get("key"):
        return exists
    same_key = toleration["key"] == taint["key"]
    return same_key and (exists or toleration.get("value", "") == taint.get("value", ""))


def _affine(pod: Json, node: Json) -> bool:
    labels = labels_of(node)
    selector = pod["spec"].get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in selector.items()):
        return False
    required = dig(pod, "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    if not required:
        return True
    return any(_term_matches(term, node) for term in required.get("nodeSelectorTerms") or [])


def _term_matches(term: Json, node: Json) -> bool:
    fields = {"metadata.name": name_of(node)}
    by_label = all(expression(item)(labels_of(node)) for item in term.get("matchExpressions") or [])
    return by_label and all(expression(item)(fields) for item in term.get("matchFields") or [])


def _anti_affine(pod: Json, node: Json, placement: Placement) -> bool:
    terms = dig(pod, "spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution") or []
    namespace = pod["metadata"]["namespace"]
    for term in terms:
        spaces = term.get("namespaces") or [namespace]
        for other in placement.pods_on(node):
            if other["metadata"]["namespace"] in spaces and matches(term.get("labelSelector"), labels_of(other)):
                return True
    return False


def _lacking(pod: Json, node: Json, placement: Placement) -> Refusal | None:
    allocatable: dict[str, str] = dig(node, "status", "allocatable") or {}
    if "pods" in allocatable and placement.load(node) + 1 > int(parse_quantity(allocatable["pods"])):
        return "Too many pods", True
    for resource in sorted(resources_of(pod)):
        asked, total = requests_of(pod, resource), parse_quantity(allocatable.get(resource, 0))
        if asked > total - placement.requested(node, resource):
            return f"Insufficient {resource}", asked <= total
    return None
