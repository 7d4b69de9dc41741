"""The controllers: each brings one kind of object to the state its spec asks for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.controllers.claims import ClaimController
from evals.emulators.kubernetes.controllers.cronjob import CronJobController
from evals.emulators.kubernetes.controllers.daemonset import DaemonSetController
from evals.emulators.kubernetes.controllers.definitions import DefinitionController
from evals.emulators.kubernetes.controllers.deployment import DeploymentController
from evals.emulators.kubernetes.controllers.endpoints import EndpointsController
from evals.emulators.kubernetes.controllers.garbage import GarbageCollector
from evals.emulators.kubernetes.controllers.job import JobController
from evals.emulators.kubernetes.controllers.namespaces import NamespaceController
from evals.emulators.kubernetes.controllers.quotas import QuotaController
from evals.emulators.kubernetes.controllers.replicaset import ReplicaSetController
from evals.emulators.kubernetes.controllers.statefulset import StatefulSetController
from evals.emulators.kubernetes.engine import Controller

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

ALL: dict[str, Callable[["Cluster"], Controller]] = {
    "namespaces": NamespaceController,
    "definitions": DefinitionController,
    "deployments": DeploymentController,
    "replicasets": ReplicaSetController,
    "statefulsets": StatefulSetController,
    "daemonsets": DaemonSetController,
    "cronjobs": CronJobController,
    "jobs": JobController,
    "claims": ClaimController,
    "endpoints": EndpointsController,
    "quotas": QuotaController,
    "garbage": GarbageCollector,
}
