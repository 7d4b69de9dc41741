"""Queries that no name or text breaks out of."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.contract import ObjectRef
from tools.errors import Unavailable
from tools.logs.logql import Labels, Wanted, pods_like, query, selector

LABELS = Labels.known(["namespace", "pod", "container"])
OTEL = Labels.known(["k8s_namespace_name", "k8s_container_name", "service_name"])
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["namespace", "pod", "container", "app"], ("namespace", "pod", "container")),
        (["k8s_namespace_name", "k8s_pod_name"], ("k8s_namespace_name", "k8s_pod_name", "k8s_container_name")),
        (
            ["kubernetes_namespace_name", "kubernetes_pod_name"],
            ("kubernetes_namespace_name", "kubernetes_pod_name", "kubernetes_container_name"),
        ),
        (["namespace", "service_name"], ("namespace", "pod", "container")),
    ],
)
def test_the_labels_of_an_installation_are_recognised(names: list[str], expected: tuple[str, str, str]) -> None:
    labels = Labels.known(names)

    assert (labels.namespace, labels.pod, labels.container) == expected


def test_an_installation_that_does_not_know_namespaces_is_said() -> None:
    with pytest.raises(Unavailable, match="it has filename, job"):
        Labels.known(["job", "filename"])


def test_what_is_indexed_selects_streams() -> None:
    wanted = Wanted("shop", pods_like="cart-.+", without=("cart-1", "cart-2"), container="app")

    assert query(wanted, LABELS) == r'{namespace="shop",pod=~"cart-.+",pod!~"cart\\-1|cart\\-2",container="app"}'


def test_what_is_not_indexed_filters_lines_after_the_text() -> None:
    wanted = Wanted("shop", pods=("cart-1",), container="app", contains="a.b")

    assert query(wanted, OTEL) == (
        r'{k8s_namespace_name="shop",k8s_container_name="app"} |~ "(?i)a\\.b" | k8s_pod_name=~"cart\\-1"'
    )
    assert selector(wanted, OTEL) == '{k8s_namespace_name="shop",k8s_container_name="app"}'


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_nothing_breaks_out_of_its_string(namespace: str, text: str) -> None:
    built = query(Wanted(namespace, contains=text), LABELS)

    assert _STRING.sub("S", built) == "{namespace=S} |~ S"
    strings = _STRING.findall(built)
    assert json.loads(strings[0].replace("\\u007f", "\x7f")) == namespace
    assert re.fullmatch(json.loads(strings[1])[4:], text)


@pytest.mark.parametrize(
    ("kind", "pod", "is_its"),
    [
        ("Deployment", "cart-7d9f8b6c5d-x2x4z", True),
        ("Deployment", "cart-worker-7d9f8b6c5d-x2x4z", False),
        ("StatefulSet", "cart-0", True),
        ("StatefulSet", "cart-db-0", False),
        ("DaemonSet", "cart-x2x4z", True),
        ("Job", "cart-x2x4z", True),
        ("Job", "cart-0-x2x4z", True),
        ("CronJob", "cart-29012345-x2x4z", True),
        ("Pod", "cart", True),
        ("Pod", "cart-2", False),
    ],
)
def test_the_names_of_a_workloads_pods_are_known_by_its_kind(kind: str, pod: str, *, is_its: bool) -> None:
    like = pods_like(ObjectRef(cluster="c", namespace="shop", kind=kind, name="cart"))

    assert (re.fullmatch(like, pod) is not None) is is_its


def test_a_long_name_is_found_by_its_beginning() -> None:
    name = "a" * 60

    like = pods_like(ObjectRef(cluster="c", namespace="shop", kind="Deployment", name=name))

    assert re.fullmatch(like, "a" * 47 + "-7d9f8b6c5dx2x4z")
