"""When the ConfigMaps of a workload were last changed, and which containers have not seen it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tools.cluster.models.platform import ConfigMap
from tools.cluster.models.pods import Container
from tools.diagnosis.observations import ContainerView, Observations

_TEMPLATED = frozenset(("kube-controller-manager",))  # writes bookkeeping, no configuration


@dataclass(frozen=True)
class Edit:
    """The last write of a ConfigMap after it was made. `manager`: who wrote it (managedFields)."""

    configuration: ConfigMap
    at: datetime
    manager: str


def edits(observations: Observations) -> Iterator[Edit]:
    """The last change of each ConfigMap that the template reads; none for one that is as it was made."""
    for one in observations.platform.configurations:
        writes = [
            (entry.time, entry.manager) for entry in one.metadata.managed_fields if entry.time and not entry.subresource
        ]
        writes = [write for write in writes if write[1] not in _TEMPLATED]
        last = max(writes, default=None)
        born = one.metadata.creation_timestamp
        if last and born and last[0] > born:
            yield Edit(one, *last)


def reads_at_start(container: Container, name: str, volumes: frozenset[str]) -> bool:
    """Whether a container takes a ConfigMap only when it starts: by variables, or by a subPath of a volume."""
    by_env = any(one.config_map_ref and one.config_map_ref.name == name for one in container.env_from)
    keys = (one.value_from.config_map_key_ref for one in container.env if one.value_from)
    by_key = any(ref and ref.name == name for ref in keys)
    return by_env or by_key or any(one.sub_path and one.name in volumes for one in container.volume_mounts)


def stale(observations: Observations, edit: Edit) -> Iterator[ContainerView]:
    """Running containers that started before the change and read the ConfigMap only at their start."""
    for view in observations.containers():
        running = view.status.state.running
        if running is None or running.started_at is None or running.started_at >= edit.at:
            continue
        named = (
            one for one in view.pod.spec.volumes if one.config_map and one.config_map.name == edit.configuration.name
        )
        if reads_at_start(view.spec, edit.configuration.name, frozenset(one.name for one in named)):
            yield view
