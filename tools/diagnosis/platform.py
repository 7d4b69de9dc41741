"""What stands around a workload: traffic in front of it, and the controllers that declare it or make its Secrets."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tools.cluster.models.custom import Custom
from tools.cluster.models.events import Event
from tools.cluster.models.network import Ingress, Service
from tools.cluster.models.platform import ConfigMap, PodDisruptionBudget


@dataclass(frozen=True)
class Platform:
    """Objects that belong to the workload only by reference.

    `customs`: objects of operators, by kind. `absent`: what was asked for by name and does not exist, as
    "IngressClass nginx". `namespaces`: labels by namespace. `elsewhere`: Services of other namespaces that webhooks
    call. `configurations`: the ConfigMaps that the pod template reads, without their values. `releases`: ConfigMaps in
    which Helm keeps its history. `gone`: events on pods of the workload that no longer exist.
    """

    ingresses: tuple[Ingress, ...] = ()
    budgets: tuple[PodDisruptionBudget, ...] = ()
    customs: tuple[Custom, ...] = ()
    absent: frozenset[str] = frozenset()
    namespaces: dict[str, dict[str, str]] = field(default_factory=dict)
    elsewhere: tuple[Service, ...] = ()
    configurations: tuple[ConfigMap, ...] = ()
    releases: tuple[ConfigMap, ...] = ()
    gone: tuple[Event, ...] = ()

    def of_kind(self, *kinds: str) -> tuple[Custom, ...]:
        """The objects of those kinds, in the order they were read."""
        return tuple(one for one in self.customs if one.kind in kinds)

    def find(self, kind: str, name: str, namespace: str | None = None) -> Custom | None:
        """One object by name; `namespace` None matches any."""
        fits = (one for one in self.of_kind(kind) if one.name == name and namespace in {None, one.namespace})
        return next(fits, None)

    def lacks(self, kind: str, name: str) -> bool:
        """Whether it was asked for and does not exist. An object that was never asked for is not lacking."""
        return f"{kind} {name}" in self.absent


def absent(kind: str, names: Iterable[str], found: Iterable[str]) -> frozenset[str]:
    """Keys of `Platform.absent` for the names that were not found."""
    return frozenset(f"{kind} {name}" for name in set(names) - set(found))
