"""Which ConfigMaps, Secrets and claims a pod refers to. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tools.cluster.models.pods import Container, PodSpec


@dataclass(frozen=True)
class Reference:
    """One reference. `key` is "" when the whole object is used; `volume` names the volume that brings it, if any."""

    kind: Literal["ConfigMap", "Secret", "PersistentVolumeClaim"]
    name: str
    key: str = ""
    optional: bool = False
    volume: str = ""
    container: str = ""


def references(spec: PodSpec) -> tuple[Reference, ...]:
    """Everything the pod refers to by name: variables first, container by container, then volumes."""
    found = [one for container in spec.all_containers() for one in _of_container(container)]
    return (*found, *_of_volumes(spec))


def _of_container(container: Container) -> Iterator[Reference]:
    for source in container.env_from:
        if source.config_map_ref:
            ref = source.config_map_ref
            yield Reference("ConfigMap", ref.name, optional=ref.optional, container=container.name)
        if source.secret_ref:
            ref = source.secret_ref
            yield Reference("Secret", ref.name, optional=ref.optional, container=container.name)
    for variable in container.env:
        if not variable.value_from:
            continue
        by_map, by_secret = variable.value_from.config_map_key_ref, variable.value_from.secret_key_ref
        if by_map:
            yield Reference("ConfigMap", by_map.name, by_map.key, by_map.optional, container=container.name)
        if by_secret:
            yield Reference("Secret", by_secret.name, by_secret.key, by_secret.optional, container=container.name)


def _of_volumes(spec: PodSpec) -> Iterator[Reference]:
    for volume in spec.volumes:
        if volume.config_map:
            for key in [item.key for item in volume.config_map.items] or [""]:
                yield Reference("ConfigMap", volume.config_map.name, key, volume.config_map.optional, volume.name)
        if volume.secret:
            yield Reference("Secret", volume.secret.secret_name, "", volume.secret.optional, volume.name)
        if volume.persistent_volume_claim:
            yield Reference("PersistentVolumeClaim", volume.persistent_volume_claim.claim_name, volume=volume.name)
        if volume.projected:
            yield from _of_projection(volume.name, volume.projected)


def _of_projection(volume: str, projected: dict[str, Any]) -> Iterator[Reference]:
    for source in projected.get("sources") or ():
        for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            ref = source.get(field)
            if ref and ref.get("name") != "kube-root-ca.crt":  # the service account's own projection
                yield Reference(kind, ref.get("name", ""), "", bool(ref.get("optional")), volume)  # type: ignore[arg-type]  # literal from the pair above
