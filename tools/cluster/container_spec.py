"""What a pod template asks for, without any value of an environment variable (pure)."""

from collections.abc import Iterator

from pydantic import BaseModel

from tools.cluster.facts import cut
from tools.cluster.models.pods import Container, EnvVar, PodSpec, Probe

MAX_ENV = 40
MAX_WORDS = 20


class ContainerSpec(BaseModel, frozen=True):
    """`env`: names only, "NAME <- Secret/db key password" when a value comes from elsewhere.

    `init`: an init container.
    """

    name: str
    image: str
    requests: dict[str, str]
    limits: dict[str, str]
    probes: dict[str, str]
    env: tuple[str, ...]
    command: tuple[str, ...]
    init: bool = False


def container_specs(spec: PodSpec) -> tuple[ContainerSpec, ...]:
    """All containers, init containers first."""
    return tuple(
        ContainerSpec(
            name=container.name,
            image=container.image,
            requests=container.resources.requests,
            limits=container.resources.limits,
            probes=_probes(container),
            env=tuple(env_names(container))[:MAX_ENV],
            command=tuple(cut(word, 120) for word in (*container.command, *container.args))[:MAX_WORDS],
            init=container in spec.init_containers,
        )
        for container in spec.all_containers()
    )


def _probes(container: Container) -> dict[str, str]:
    named = {
        "liveness": container.liveness_probe,
        "readiness": container.readiness_probe,
        "startup": container.startup_probe,
    }
    return {name: _probe(probe) for name, probe in named.items() if probe is not None}


def _probe(probe: Probe) -> str:
    how = "exec"
    if probe.http_get is not None:
        how = f"{probe.http_get.scheme} GET :{probe.http_get.port}{probe.http_get.path}"
    elif probe.tcp_socket is not None:
        how = f"TCP :{probe.tcp_socket.port}"
    elif probe.grpc is not None:
        how = f"gRPC :{probe.grpc.port}"
    pace = f"every {probe.period_seconds} s, {probe.failure_threshold} failures, timeout {probe.timeout_seconds} s"
    return f"{how}, {pace}, after {probe.initial_delay_seconds} s"


def env_names(container: Container) -> Iterator[str]:
    """Names of the variables and where their values come from, in order."""
    for variable in container.env:
        yield _variable(variable)
    for group in container.env_from:
        if group.config_map_ref is not None:
            yield f"* <- ConfigMap/{group.config_map_ref.name}"
        if group.secret_ref is not None:
            yield f"* <- Secret/{group.secret_ref.name}"


def _variable(variable: EnvVar) -> str:
    source = variable.value_from
    if source is None:
        return variable.name
    if source.secret_key_ref is not None:
        return f"{variable.name} <- Secret/{source.secret_key_ref.name} key {source.secret_key_ref.key}"
    if source.config_map_key_ref is not None:
        return f"{variable.name} <- ConfigMap/{source.config_map_key_ref.name} key {source.config_map_key_ref.key}"
    return f"{variable.name} <- field of the pod"
