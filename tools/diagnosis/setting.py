"""A workload with what its environment puts around it: what is compared, and what advice is made from."""

import asyncio
from dataclasses import dataclass

from tools.cluster.models.meta import LabelSelector
from tools.cluster.models.network import NetworkPolicy, Service
from tools.cluster.models.platform import HorizontalPodAutoscaler, LimitRange, PodDisruptionBudget, ResourceQuota
from tools.cluster.models.pods import PodTemplate
from tools.cluster.models.resources import (
    CONFIG_MAPS,
    DISRUPTION_BUDGETS,
    LIMIT_RANGES,
    NETWORK_POLICIES,
    QUOTAS,
)
from tools.cluster.models.workloads import Workload
from tools.diagnosis.choose import services_of
from tools.diagnosis.observations import Observations
from tools.diagnosis.reading import Reading
from tools.diagnosis.references import Reference, references

MAX_CONFIG_MAPS = 8


@dataclass(frozen=True)
class Setting:
    """What was read. `config_keys`: key names by ConfigMap, None when it does not exist; never values. `budgets`,
    `policies`, `services`, `scalers`: those that concern its pods. `not_read`: reasons."""

    seen: Observations
    config_keys: dict[str, tuple[str, ...] | None]
    budgets: tuple[PodDisruptionBudget, ...] = ()
    policies: tuple[NetworkPolicy, ...] = ()
    quotas: tuple[ResourceQuota, ...] = ()
    limits: tuple[LimitRange, ...] = ()
    not_read: tuple[str, ...] = ()

    @property
    def template(self) -> PodTemplate:
        return self.seen.template

    @property
    def workload(self) -> Workload | None:
        return self.seen.workload

    @property
    def labels(self) -> dict[str, str]:
        return self.template.metadata.labels

    @property
    def services(self) -> tuple[Service, ...]:
        return services_of(self.seen)

    @property
    def scalers(self) -> tuple[HorizontalPodAutoscaler, ...]:
        kind = self.seen.target.kind
        return tuple(one for one in self.seen.autoscalers if one.spec.scale_target_ref.kind in {kind, ""})

    @property
    def references(self) -> tuple[Reference, ...]:
        return references(self.template.spec)

    def lacks(self, plural: str) -> bool:
        """Whether objects of that kind could not be read."""
        return any(plural in why for why in self.not_read)


async def read_setting(reading: Reading, seen: Observations) -> Setting:
    """Add what stands around a workload: at most 12 more requests. What may not be read becomes a reason."""
    known = len(reading.gaps)
    names = dict.fromkeys(ref.name for ref in references(seen.template.spec) if ref.kind == "ConfigMap" and ref.name)
    async with asyncio.TaskGroup() as group:
        maps = {
            name: group.create_task(reading.get("configmaps", CONFIG_MAPS, name))
            for name in list(names)[:MAX_CONFIG_MAPS]
        }
        budgets = group.create_task(reading.list("budgets", DISRUPTION_BUDGETS))
        policies = group.create_task(reading.list("policies", NETWORK_POLICIES))
        quotas = group.create_task(reading.list("quotas", QUOTAS))
        limits = group.create_task(reading.list("limit_ranges", LIMIT_RANGES))
    labels = seen.template.metadata.labels
    held = {name: task.result() for name, task in maps.items()}
    return Setting(
        seen=seen,
        config_keys={
            name: one.keys if one else None for name, one in held.items() if one or not reading.failed("configmaps")
        },
        budgets=tuple(one for one in budgets.result() if _selects(one.spec.selector, labels)),
        policies=tuple(one for one in policies.result() if _selects(one.spec.pod_selector, labels)),
        quotas=quotas.result(),
        limits=limits.result(),
        not_read=tuple(dict.fromkeys(gap.why for gap in reading.gaps[known:])),
    )


def _selects(selector: LabelSelector, labels: dict[str, str]) -> bool:
    return selector.is_empty() or selector.matches(labels)
