"""What a pod template asks for, without values."""

import pytest

from tests.builders.kubernetes import make_container, make_pod, make_pod_spec
from tools.cluster.configuration import config_map_names
from tools.cluster.container_spec import container_specs
from tools.cluster.models.resources import PODS


def spec_of(*containers: dict, **more):
    return PODS.parse(make_pod(spec=make_pod_spec(list(containers), **more))).spec


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        ({"httpGet": {"path": "/ok", "port": "web", "scheme": "HTTPS"}}, "HTTPS GET :web/ok"),
        ({"tcpSocket": {"port": 5432}}, "TCP :5432"),
        ({"grpc": {"port": 9000}}, "gRPC :9000"),
        ({"exec": {"command": ["true"]}}, "exec"),
    ],
)
def test_a_probe_is_one_phrase(probe: dict, words: str) -> None:
    (container,) = container_specs(spec_of(make_container(livenessProbe={**probe, "initialDelaySeconds": 7})))

    assert container.probes["liveness"].startswith(words)
    assert container.probes["liveness"].endswith("after 7 s")


def test_init_containers_come_first_and_are_marked() -> None:
    specs = container_specs(spec_of(make_container("app"), initContainers=[make_container("wait")]))

    assert [(spec.name, spec.init) for spec in specs] == [("wait", True), ("app", False)]


def test_config_maps_are_found_wherever_they_are_read() -> None:
    container = make_container(
        env=[{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "one", "key": "k"}}}, {"name": "B", "value": "x"}],
        envFrom=[{"configMapRef": {"name": "two"}}, {"secretRef": {"name": "no"}}],
    )
    volumes = [{"name": "v", "configMap": {"name": "three"}}, {"name": "s", "secret": {"secretName": "no"}}]

    assert list(config_map_names(spec_of(container, volumes=volumes))) == ["one", "two", "three"]
