"""What differs between two pod templates, in a person's words. Values of variables are never shown. Pure."""

from collections.abc import Iterator

from tools.cluster.models.meta import Raw
from tools.cluster.models.pods import Container, EnvVar, PodTemplate, Probe
from tools.contract import Change

RESTARTED = "kubectl.kubernetes.io/restartedAt"
_MAX = 200  # characters of a value shown


def template_changes(before: PodTemplate, after: PodTemplate) -> tuple[Change, ...]:
    """Fields that differ: by container image, command, env, resources, probes, ports; then fields of the pod."""
    return (*_containers(before, after), *_pod_fields(before, after))


def _containers(before: PodTemplate, after: PodTemplate) -> Iterator[Change]:
    old = {container.name: container for container in before.spec.all_containers()}
    new = {container.name: container for container in after.spec.all_containers()}
    for name in [*new, *(gone for gone in old if gone not in new)]:
        if name not in old or name not in new:
            was, now = (side[name].image if name in side else None for side in (old, new))
            yield _change(f"containers[{name}]", was, now)
        else:
            yield from _container(name, old[name], new[name])


def _container(name: str, old: Container, new: Container) -> Iterator[Change]:
    root = f"containers[{name}]"
    yield from _plain(f"{root}.image", old.image, new.image)
    yield from _plain(f"{root}.command", " ".join(old.command), " ".join(new.command))
    yield from _plain(f"{root}.args", " ".join(old.args), " ".join(new.args))
    yield from _env(root, old, new)
    yield from _plain(f"{root}.envFrom", _env_from(old), _env_from(new))
    for part in ("requests", "limits"):
        was, now = getattr(old.resources, part), getattr(new.resources, part)
        for key in sorted({*was, *now}):
            yield from _plain(f"{root}.resources.{part}.{key}", was.get(key, ""), now.get(key, ""))
    for kind in ("readiness_probe", "liveness_probe", "startup_probe"):
        yield from _plain(f"{root}.{_camel(kind)}", _probe(getattr(old, kind)), _probe(getattr(new, kind)))
    yield from _plain(f"{root}.ports", _ports(old), _ports(new))


def _env(root: str, old: Container, new: Container) -> Iterator[Change]:
    was, now = ({one.name: one for one in side.env} for side in (old, new))
    for name in [*now, *(gone for gone in was if gone not in now)]:
        if was.get(name) == now.get(name):
            continue
        before, after = _source(was.get(name)), _source(now.get(name))
        if before == after:
            before, after = "a value", "another value"
        yield _change(f"{root}.env[{name}]", before, after)


def _source(variable: EnvVar | None) -> str | None:
    if variable is None:
        return None
    source = variable.value_from
    for kind, ref in (
        ("Secret", source and source.secret_key_ref),
        ("ConfigMap", source and source.config_map_key_ref),
    ):
        if ref:
            return f"{kind} {ref.name} key {ref.key}"
    return "a value" if source is None else "a field of the pod"


def _pod_fields(before: PodTemplate, after: PodTemplate) -> Iterator[Change]:
    old, new = before.spec, after.spec
    yield from _plain("nodeSelector", _mapping(old.node_selector), _mapping(new.node_selector))
    yield from _plain("serviceAccountName", old.service_account_name, new.service_account_name)
    yield from _plain("priorityClassName", old.priority_class_name, new.priority_class_name)
    yield from _plain("volumes", _names(old.volumes), _names(new.volumes))
    for path, was, now in (
        ("affinity", old.affinity, new.affinity),
        ("tolerations", old.tolerations, new.tolerations),
        ("topologySpreadConstraints", old.topology_spread_constraints, new.topology_spread_constraints),
    ):
        if was != now:
            yield _change(path, "set" if was else None, "set differently" if was and now else "set" if now else None)
    yield from _plain("labels", _labels(before), _labels(after))
    yield from _plain(
        "restartedAt", before.metadata.annotations.get(RESTARTED, ""), after.metadata.annotations.get(RESTARTED, "")
    )


def _labels(template: PodTemplate) -> str:
    return _mapping({key: value for key, value in template.metadata.labels.items() if key != "pod-template-hash"})


def _names(volumes: tuple[Raw, ...]) -> str:
    return ", ".join(sorted(_volume(volume) for volume in volumes))


def _volume(volume: Raw) -> str:
    parts = volume.model_dump(exclude_defaults=True, exclude_none=True)
    kinds = [f"{kind} {_target(spec)}".strip() for kind, spec in parts.items() if kind != "name"]
    return f"{parts.get('name', '')} ({', '.join(kinds) or 'other'})"


def _target(spec: object) -> str:
    named = spec if isinstance(spec, dict) else {}
    return str(
        next((named[key] for key in ("name", "secret_name", "claim_name", "driver", "path") if key in named), "")
    )


def _env_from(container: Container) -> str:
    maps = [f"ConfigMap {one.config_map_ref.name}" for one in container.env_from if one.config_map_ref]
    return ", ".join([*maps, *(f"Secret {one.secret_ref.name}" for one in container.env_from if one.secret_ref)])


def _ports(container: Container) -> str:
    return ", ".join(f"{port.name or 'port'} {port.container_port}" for port in container.ports)


def _probe(probe: Probe | None) -> str:
    if probe is None:
        return ""
    timing = (
        f"delay {probe.initial_delay_seconds}s period {probe.period_seconds}s timeout {probe.timeout_seconds}s"
        f" failures {probe.failure_threshold}"
    )
    return f"{probe_target(probe)}, {timing}"


def probe_target(probe: Probe) -> str:
    """What a probe asks: "GET :8080/healthz", "connect :5432", "run pg_isready"."""
    if probe.http_get:
        return f"GET :{probe.http_get.port}{probe.http_get.path}"
    if probe.tcp_socket:
        return f"connect :{probe.tcp_socket.port}"
    if probe.grpc:
        return f"gRPC health :{probe.grpc.port}"
    return f"run {' '.join(probe.exec.command)[:80]}" if probe.exec else "nothing"


def _mapping(values: dict[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(values.items()))


def _plain(path: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield _change(path, before or None, after or None)


def _change(path: str, before: str | None, after: str | None) -> Change:
    return Change(path=path, before=before and before[:_MAX], after=after and after[:_MAX])


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
