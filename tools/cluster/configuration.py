"""When the configuration that a pod template reads was last written."""

from collections.abc import Iterator
from datetime import datetime

from tools.cluster.facts import fact
from tools.cluster.models.platform import ConfigMap
from tools.cluster.models.pods import PodSpec
from tools.cluster.models.resources import CONFIG_MAPS
from tools.cluster.models.workloads import Workload
from tools.cluster.port import ClusterReader
from tools.contract import Evidence, Source
from tools.errors import Forbidden, NotFound

MAX_CONFIG_MAPS = 5


async def configuration_changes(cluster: ClusterReader, workload: Workload, now: datetime) -> tuple[Evidence, ...]:
    """The last write of each ConfigMap that the template names, newest first; those one may not read are left out.

    A ConfigMap is not part of a revision: a rollback does not bring its old content back.
    """
    names = list(dict.fromkeys(config_map_names(workload.spec.template.spec)))[:MAX_CONFIG_MAPS]
    found = [await _last_write(cluster, workload, name, now) for name in names]
    return tuple(sorted((entry for entry in found if entry), key=lambda entry: entry.at, reverse=True))


def config_map_names(spec: PodSpec) -> Iterator[str]:
    """ConfigMaps read through env, envFrom and volumes, in order, repeats included (pure)."""
    for container in spec.all_containers():
        for variable in container.env:
            if variable.value_from and variable.value_from.config_map_key_ref:
                yield variable.value_from.config_map_key_ref.name
        for group in container.env_from:
            if group.config_map_ref:
                yield group.config_map_ref.name
    for volume in spec.volumes:
        if volume.config_map:
            yield volume.config_map.name


async def _last_write(cluster: ClusterReader, workload: Workload, name: str, now: datetime) -> Evidence | None:
    try:
        held: ConfigMap = await cluster.get(CONFIG_MAPS, workload.namespace, name)
    except (Forbidden, NotFound):
        return None
    written = [entry for entry in held.metadata.managed_fields if entry.time is not None]
    newest = max(written, key=lambda entry: entry.time or now, default=None)
    at = (newest.time if newest else None) or held.metadata.creation_timestamp or now
    by = f" by {newest.manager}" if newest else ""
    return fact(held, "metadata.managedFields", f"last written{by} at {at:%Y-%m-%d %H:%M:%S} UTC", at, Source.CHANGE)
