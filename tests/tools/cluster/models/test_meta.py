"""What every object has in common."""

import pytest

from tests.builders.kubernetes import make_deployment, make_owner, make_pod
from tools.cluster.models.meta import LabelSelector
from tools.cluster.models.resources import DEPLOYMENTS, NODES, PODS

SELECTOR = LabelSelector.model_validate(
    {
        "matchLabels": {"app": "shop"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["web", "api"]},
            {"key": "track", "operator": "NotIn", "values": ["canary"]},
            {"key": "zone", "operator": "Exists"},
            {"key": "old", "operator": "DoesNotExist"},
        ],
    }
)
LABELS = {"app": "shop", "tier": "web", "zone": "a"}


def test_a_selector_is_written_as_a_query() -> None:
    assert SELECTOR.as_query() == "app=shop,tier in (web,api),track notin (canary),zone,!old"


@pytest.mark.parametrize(
    ("labels", "selected"),
    [
        (LABELS, True),
        (LABELS | {"track": "stable"}, True),
        (LABELS | {"app": "other"}, False),
        (LABELS | {"tier": "db"}, False),
        (LABELS | {"track": "canary"}, False),
        (LABELS | {"old": ""}, False),
        ({"app": "shop", "tier": "web"}, False),
        ({}, False),
    ],
)
def test_a_selector_selects_as_the_server_does(labels: dict, selected: bool) -> None:
    assert SELECTOR.matches(labels) is selected


def test_an_empty_selector_says_so() -> None:
    assert LabelSelector().is_empty()
    assert not SELECTOR.is_empty()


def test_the_controller_is_told_from_other_owners() -> None:
    plain = make_owner("Application", "shop") | {"controller": False}
    pod = PODS.parse(make_pod(metadata={"ownerReferences": [plain, make_owner("ReplicaSet", "shop-1")]}))

    owner = pod.metadata.controller()

    assert owner is not None
    assert owner.name == "shop-1"


def test_managed_fields_keep_who_wrote_which_part_of_the_spec() -> None:
    entry = {
        "manager": "kubectl",
        "operation": "Apply",
        "time": "2026-11-22T12:00:00Z",
        "fieldsV1": {"f:metadata": {}, "f:spec": {".": {}, "f:template": {"f:spec": {}}, "f:replicas": {}}},
    }
    (manager,) = DEPLOYMENTS.parse(make_deployment(metadata={"managedFields": [entry]})).metadata.managed_fields

    assert (manager.manager, manager.spec_fields) == ("kubectl", ("template", "replicas"))


def test_null_lists_and_unknown_fields_do_not_fail() -> None:
    raw = make_pod(metadata={"labels": None, "ownerReferences": None, "finalizers": None, "newInVersion99": {"a": 1}})

    pod = PODS.parse(raw | {"later": True})

    assert (pod.metadata.labels, pod.metadata.owner_references) == ({}, ())


def test_list_items_get_the_kind_they_lack_on_the_wire() -> None:
    raw = {key: part for key, part in make_pod().items() if key not in {"kind", "apiVersion"}}

    assert PODS.parse(raw).kind == "Pod"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (PODS.path("shop", "p"), "/api/v1/namespaces/shop/pods/p"),
        (PODS.path(None), "/api/v1/pods"),
        (DEPLOYMENTS.path("shop"), "/apis/apps/v1/namespaces/shop/deployments"),
        (NODES.path("ignored", "n"), "/api/v1/nodes/n"),
    ],
)
def test_paths_are_those_of_the_api(path: str, expected: str) -> None:
    assert path == expected
