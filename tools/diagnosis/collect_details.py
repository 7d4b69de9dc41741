"""Read around what is troubled: events, claims, nodes, configuration, quotas, logs."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from tools.cluster.models.events import Event
from tools.cluster.models.meta import ApiObject, Resource, T
from tools.cluster.models.network import EndpointSlice
from tools.cluster.models.platform import Node, PersistentVolumeClaim, StorageClass
from tools.cluster.models.resources import (
    CLAIMS,
    CONFIG_MAPS,
    ENDPOINT_SLICES,
    EVENTS,
    LIMIT_RANGES,
    NODES,
    QUOTAS,
    STORAGE_CLASSES,
)
from tools.diagnosis import choose
from tools.diagnosis.observations import ContainerLog, Observations
from tools.diagnosis.reading import Reading

EVENTS_LIMIT = 100  # of one object: the API server keeps an hour of them
NODES_LIMIT = 50
SERVICES_LOOKED_AT = 5


async def details(reading: Reading, seen: Observations) -> Observations:
    """The observations with what the troubled pods need to be understood."""
    async with asyncio.TaskGroup() as group:
        events = group.create_task(_events(reading, _subjects(seen)))
        slices = group.create_task(slices_of(reading, [one.name for one in choose.services_of(seen)]))
        maps = group.create_task(_by_name(reading, "config_maps", CONFIG_MAPS, _config_maps(seen)))
        claims = group.create_task(_claims(reading, seen))
        nodes = group.create_task(_nodes(reading, seen))
        logs = group.create_task(_logs(reading, seen))
        seen = await _with_limits(reading, seen)
    held, classes, claim_events = claims.result()
    node_events = await _events(reading, nodes.result()[: choose.NODES]) if choose.nodes_in_doubt(seen) else ()
    return replace(
        seen,
        events=(*events.result(), *claim_events, *node_events),
        slices=slices.result(),
        config_maps={name: one.keys if one else None for name, one in maps.result().items()},
        platform=replace(seen.platform, configurations=tuple(one for one in maps.result().values() if one)),
        claims=held,
        storage_classes=classes,
        nodes=nodes.result(),
        logs=logs.result(),
        gaps=tuple(reading.gaps),
        read=frozenset(reading.read),
    )


def _subjects(seen: Observations) -> list[ApiObject]:
    """Whose events are read: the workload, its newest two ReplicaSets or Jobs, and the worst pods."""
    newest = sorted(seen.replica_sets, key=lambda one: (-one.revision(), one.name))[:2]
    owners = [one for one in (seen.workload, seen.job, seen.cron_job) if one]
    restarted = [pod for pod in seen.live_pods() if any(one.restart_count for one in pod.status.container_statuses)]
    exposed = [one for one in choose.services_of(seen) if one.spec.type == "LoadBalancer"][:1]
    return [*owners, *newest, *seen.jobs[:1], *exposed, *(choose.troubled(seen) or restarted[:1])]


async def _events(reading: Reading, subjects: Iterable[ApiObject]) -> tuple[Event, ...]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(events_on(reading, one)) for one in subjects]
    return tuple(event for task in tasks for event in task.result())


async def events_on(reading: Reading, thing: ApiObject) -> tuple[Event, ...]:
    """Events on one object, at most `EVENTS_LIMIT` (by involvedObject.uid; a Node's have its name there)."""
    by = f"uid={thing.metadata.uid}" if thing.metadata.uid and thing.kind != "Node" else f"name={thing.name}"
    fields = f"involvedObject.kind={thing.kind},involvedObject.{by}"
    namespace = thing.namespace or "default"  # where the kubelet records the events of its node
    return await reading.list("events", EVENTS, fields=fields, limit=EVENTS_LIMIT, namespace=namespace)


async def slices_of(
    reading: Reading, services: Iterable[str], namespace: str | None = None
) -> tuple[EndpointSlice, ...]:
    """EndpointSlices of those Services, in one call."""
    names = sorted(set(services))[:SERVICES_LOOKED_AT]
    if not names:
        return ()
    labels = f"kubernetes.io/service-name in ({','.join(names)})"
    return await reading.list("slices", ENDPOINT_SLICES, labels=labels, limit=100, namespace=namespace)


def _config_maps(seen: Observations) -> tuple[str, ...]:
    return choose.referenced(seen, "ConfigMap", choose.CONFIG_MAPS)


async def _by_name(reading: Reading, name: str, resource: Resource[T], wanted: Iterable[str]) -> dict[str, T | None]:
    """Objects by name; None for one that does not exist. What could not be read is left out."""
    async with asyncio.TaskGroup() as group:
        tasks = {one: group.create_task(reading.get(name, resource, one)) for one in wanted}
    return {one: task.result() for one, task in tasks.items() if task.result() or not reading.failed(name)}


_Claims = tuple[dict[str, PersistentVolumeClaim | None], dict[str, StorageClass | None], tuple[Event, ...]]


async def _claims(reading: Reading, seen: Observations) -> _Claims:
    names = choose.referenced(seen, "PersistentVolumeClaim", choose.CLAIMS)
    held = await _by_name(reading, "claims", CLAIMS, names)
    unbound = [one for one in held.values() if one and one.status.phase != "Bound"]
    wanted = sorted({one.spec.storage_class_name for one in unbound if one.spec.storage_class_name})[:2]
    async with asyncio.TaskGroup() as group:
        classes = group.create_task(_by_name(reading, "storage_classes", STORAGE_CLASSES, wanted))
        events = group.create_task(_events(reading, unbound))
    return held, classes.result(), events.result()


async def _nodes(reading: Reading, seen: Observations) -> tuple[Node, ...]:
    if choose.unplaced(seen):
        return await reading.list("nodes", NODES, limit=NODES_LIMIT)
    found = await _by_name(reading, "nodes", NODES, choose.nodes_in_doubt(seen))
    return tuple(node for node in found.values() if node)


async def _with_limits(reading: Reading, seen: Observations) -> Observations:
    if not choose.too_few(seen):
        return seen
    async with asyncio.TaskGroup() as group:
        quotas = group.create_task(reading.list("quotas", QUOTAS))
        ranges = group.create_task(reading.list("limit_ranges", LIMIT_RANGES))
    return replace(seen, quotas=quotas.result(), limit_ranges=ranges.result())


async def _logs(reading: Reading, seen: Observations) -> tuple[ContainerLog, ...]:
    async with asyncio.TaskGroup() as group:
        wanted = choose.logs_wanted(seen)
        tasks = [group.create_task(reading.log(pod, name, previous=previous)) for pod, name, previous in wanted]
    return tuple(task.result() for task in tasks)
