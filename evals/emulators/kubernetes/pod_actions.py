"""Subresources that act on pods: eviction, and those the emulator refuses."""

from typing import TYPE_CHECKING

from aiohttp import web

from evals.emulators.kubernetes.api_request import ApiRequest
from evals.emulators.kubernetes.catalogue import BUDGETS, PODS
from evals.emulators.kubernetes.controllers.shared import absolute
from evals.emulators.kubernetes.errors import ApiError, forbidden
from evals.emulators.kubernetes.objects import Json, dig, labels_of, name_of, namespace_of, pod_ready
from evals.emulators.kubernetes.reading import Reading
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.responses import json_response, success
from evals.emulators.kubernetes.selectors import matches
from evals.emulators.kubernetes.writing import delete_options

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster


class PodActions:
    """Evictions under disruption budgets."""

    def __init__(self, cluster: "Cluster", reading: Reading) -> None:
        self._cluster = cluster
        self._reading = reading

    def evict(self, resource: Resource, request: ApiRequest) -> web.Response:
        """Delete a pod unless a budget forbids it. Raises ApiError 404, 429."""
        pod = self._reading.find(resource, request)
        for budget in self._cluster.store.items(BUDGETS, namespace_of(pod)):
            if matches(dig(budget, "spec", "selector"), labels_of(pod)):
                self._check(budget)
        self._cluster.writer.delete(PODS, pod, delete_options(request, request.object().get("deleteOptions") or {}))
        return json_response(success(code=201), 201)

    def _check(self, budget: Json) -> None:
        selector = dig(budget, "spec", "selector")
        pods = self._cluster.store.items(PODS, namespace_of(budget))
        mine = [pod for pod in pods if matches(selector, labels_of(pod))]
        healthy = sum(1 for pod in mine if pod_ready(pod))
        needed = _needed(budget, len(mine))
        if healthy - 1 >= needed:
            return
        needs = f"The disruption budget {name_of(budget)} needs {needed} healthy pods and has {healthy} currently"
        details = {"causes": [{"reason": "DisruptionBudget", "message": needs}]}
        message = "Cannot evict pod as it would violate the pod's disruption budget."
        raise ApiError(429, "TooManyRequests", message, details)

    def refuse(self, resource: Resource, request: ApiRequest) -> web.Response:
        """exec, attach, portforward and proxy: nothing real runs that they could reach."""
        pod = self._reading.find(resource, request)
        raise forbidden(resource, name_of(pod), f"{request.target.subresource} is not available on this cluster")


def _needed(budget: Json, total: int) -> int:
    spec = budget["spec"]
    if "minAvailable" in spec:
        return absolute(spec["minAvailable"], total, round_up=True)
    return total - absolute(spec.get("maxUnavailable"), total, round_up=True)
