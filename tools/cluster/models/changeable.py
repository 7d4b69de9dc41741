"""The kinds that a change may aim at."""

from typing import Any

from tools.cluster.models.custom import APPLICATIONS, FLUX_SOURCES, HELM_RELEASES, KUSTOMIZATIONS
from tools.cluster.models.meta import Resource
from tools.cluster.models.resources import CRON_JOBS, JOBS, NODES, PODS, WORKLOADS

_BUILT_IN: tuple[Resource[Any], ...] = (PODS, JOBS, CRON_JOBS, NODES)
_GITOPS = (APPLICATIONS, KUSTOMIZATIONS, HELM_RELEASES, FLUX_SOURCES["GitRepository"])

CHANGEABLE: dict[str, Resource[Any]] = WORKLOADS | {resource.kind: resource for resource in (*_BUILT_IN, *_GITOPS)}
