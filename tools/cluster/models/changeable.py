"""The kinds that a change may aim at."""

from typing import Any

from tools.cluster.models.meta import Resource
from tools.cluster.models.resources import CRON_JOBS, JOBS, NODES, PODS, WORKLOADS

_OTHERS: tuple[Resource[Any], ...] = (PODS, JOBS, CRON_JOBS, NODES)

CHANGEABLE: dict[str, Resource[Any]] = WORKLOADS | {resource.kind: resource for resource in _OTHERS}
