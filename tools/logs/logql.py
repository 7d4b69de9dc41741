"""Queries of Loki's language, built so that no name or text can break out of its place (pure)."""

import json
import re
from dataclasses import dataclass

from tools.contract import ObjectRef
from tools.errors import Unavailable

_NAMESPACE = ("namespace", "k8s_namespace_name", "kubernetes_namespace_name", "kubernetes_namespace", "namespace_name")
_POD = ("pod", "k8s_pod_name", "kubernetes_pod_name", "pod_name")
_CONTAINER = ("container", "k8s_container_name", "kubernetes_container_name", "container_name")

_LONGEST_STEM = 46  # of a pod's name: Kubernetes cuts what comes before the random end of a long name
_SUFFIXES = {
    "Deployment": "-[a-z0-9]+-[a-z0-9]{5}",
    "ReplicaSet": "-[a-z0-9]{5}",
    "DaemonSet": "-[a-z0-9]{5}",
    "StatefulSet": "-[0-9]+",
    "Job": "(-[0-9]+)?-[a-z0-9]{5}",
    "CronJob": "-[0-9]+(-[0-9]+)?-[a-z0-9]{5}",
    "Pod": "",
}


@dataclass(frozen=True)
class Labels:
    """How an installation names what tells streams apart. A name that is no index label is kept with each line
    ("structured metadata"): then it cannot select streams, only filter lines."""

    namespace: str
    pod: str
    container: str
    indexed: frozenset[str]

    @classmethod
    def known(cls, names: list[str]) -> "Labels":
        """The labels among `names` (GET /labels). Raises Unavailable when none names the namespace."""
        namespace = next((name for name in _NAMESPACE if name in names), None)
        if namespace is None:
            some = ", ".join(sorted(names)[:12]) or "none"
            raise Unavailable(
                f"The log store has no label for the namespace (it has {some}). Its collector must set one.",
                "logs",
            )
        like = _NAMESPACE.index(namespace)
        pod = next((name for name in _POD if name in names), _POD[min(like, len(_POD) - 1)])
        container = next((name for name in _CONTAINER if name in names), _CONTAINER[min(like, len(_CONTAINER) - 1)])
        return cls(namespace, pod, container, frozenset(names))


@dataclass(frozen=True)
class Wanted:
    """Which lines. `pods` and `without` are names; `pods_like` is a regular expression of whole names."""

    namespace: str
    pods: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    pods_like: str = ""
    container: str = ""
    contains: str | None = None


def selector(wanted: Wanted, labels: Labels) -> str:
    """The stream selector, which index statistics and patterns take too: '{namespace="shop",pod=~"cart-.+"}'."""
    matchers = [f"{labels.namespace}={quoted(wanted.namespace)}"]
    matchers += [matcher for name, matcher in _conditions(wanted, labels) if name in labels.indexed]
    return "{" + ",".join(matchers) + "}"


def query(wanted: Wanted, labels: Labels) -> str:
    """The whole log query."""
    parts = [selector(wanted, labels)]
    if wanted.contains:
        parts.append(f"|~ {quoted('(?i)' + re.escape(wanted.contains))}")
    parts += [f"| {matcher}" for name, matcher in _conditions(wanted, labels) if name not in labels.indexed]
    return " ".join(parts)


def quoted(text: str) -> str:
    """A string of the language: the escapes of JSON are also those of Go."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def pods_like(workload: ObjectRef) -> str:
    """A regular expression of the names that the pods of a workload have or had."""
    suffix = _SUFFIXES.get(workload.kind, "-.+")
    if len(workload.name) > _LONGEST_STEM:
        return f"{re.escape(workload.name[:_LONGEST_STEM])}[a-z0-9.-]*"
    return re.escape(workload.name) + suffix


def _conditions(wanted: Wanted, labels: Labels) -> list[tuple[str, str]]:
    """(label, matcher) of all but the namespace. Loki anchors regular expressions at both ends."""
    found: list[tuple[str, str]] = []
    if wanted.pods:
        found.append((labels.pod, f"{labels.pod}=~{quoted(_any_of(wanted.pods))}"))
    elif wanted.pods_like:
        found.append((labels.pod, f"{labels.pod}=~{quoted(wanted.pods_like)}"))
    if wanted.without:
        found.append((labels.pod, f"{labels.pod}!~{quoted(_any_of(wanted.without))}"))
    if wanted.container:
        found.append((labels.container, f"{labels.container}={quoted(wanted.container)}"))
    return found


def _any_of(names: tuple[str, ...]) -> str:
    return "|".join(re.escape(name) for name in names)
