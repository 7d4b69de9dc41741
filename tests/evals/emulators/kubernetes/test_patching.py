"""Patches change what they name and nothing else."""

from typing import Any

import pytest

from evals.emulators.kubernetes.catalogue import CONFIGMAPS, DEPLOYMENTS, SERVICES
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.patching import json_patch, merge_patch, strategic_merge_patch


def containers(*items: Json) -> Json:
    return {"spec": {"template": {"spec": {"containers": list(items)}}}}


def patched(target: Json, patch: Json) -> list[Any]:
    found = strategic_merge_patch(DEPLOYMENTS, target, patch)
    return list(found["spec"]["template"]["spec"]["containers"])


def test_a_merge_patch_removes_what_is_null() -> None:
    assert merge_patch({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": None}, "d": [2]}) == {"a": {"c": 2}, "d": [2]}


@pytest.mark.parametrize(
    ("operations", "result"),
    [
        ([{"op": "add", "path": "/a/-", "value": 3}], {"a": [1, 2, 3]}),
        ([{"op": "remove", "path": "/a/0"}], {"a": [2]}),
        ([{"op": "replace", "path": "/a/1", "value": 9}], {"a": [1, 9]}),
        ([{"op": "move", "from": "/a/0", "path": "/b"}], {"a": [2], "b": 1}),
        ([{"op": "copy", "from": "/a", "path": "/x~1y"}], {"a": [1, 2], "x/y": [1, 2]}),
        ([{"op": "test", "path": "/a/0", "value": 1}], {"a": [1, 2]}),
    ],
)
def test_a_json_patch_does_each_operation(operations: list[Json], result: Json) -> None:
    assert json_patch({"a": [1, 2]}, operations) == result


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/nope"},
        {"op": "replace", "path": "/nope", "value": 1},
        {"op": "test", "path": "/a", "value": 2},
        {"op": "fly", "path": "/a"},
    ],
)
def test_a_json_patch_that_does_not_fit_is_invalid(operation: Json) -> None:
    with pytest.raises(ApiError) as caught:
        json_patch({"a": 1}, [operation])

    assert caught.value.code == 422


def test_containers_merge_by_name_and_keep_their_order() -> None:
    target = containers({"name": "app", "image": "a:1"}, {"name": "side", "image": "s:1"})

    found = patched(target, containers({"name": "side", "image": "s:2"}, {"name": "new", "image": "n:1"}))

    assert [(item["name"], item["image"]) for item in found] == [("app", "a:1"), ("side", "s:2"), ("new", "n:1")]


def test_environment_merges_by_name_and_deletes_by_directive() -> None:
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]

    found = patched(
        containers({"name": "app", "env": env}),
        containers({"name": "app", "env": [{"name": "B", "value": "3"}, {"name": "A", "$patch": "delete"}]}),
    )

    assert found[0]["env"] == [{"name": "B", "value": "3"}]


def test_a_list_without_keys_is_replaced() -> None:
    found = patched(containers({"name": "app", "args": ["a", "b"]}), containers({"name": "app", "args": ["c"]}))

    assert found[0]["args"] == ["c"]


def test_set_element_order_sorts_a_merged_list() -> None:
    target = containers({"name": "a"}, {"name": "b"})
    patch = containers({"name": "a", "image": "x"})
    patch["spec"]["template"]["spec"]["$setElementOrder/containers"] = [{"name": "b"}, {"name": "a"}]

    assert [item["name"] for item in patched(target, patch)] == ["b", "a"]


def test_retain_keys_drops_the_others() -> None:
    target = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}

    found = strategic_merge_patch(
        DEPLOYMENTS, target, {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    )

    assert found["spec"]["strategy"] == {"type": "Recreate"}


def test_a_map_is_replaced_or_deleted_by_directive() -> None:
    target = {"data": {"a": "1", "b": "2"}}

    replaced = strategic_merge_patch(CONFIGMAPS, target, {"data": {"$patch": "replace", "c": "3"}})
    deleted = strategic_merge_patch(CONFIGMAPS, target, {"data": {"$patch": "delete"}})

    assert (replaced, deleted) == ({"data": {"c": "3"}}, {})


def test_finalizers_are_added_and_taken_out_one_by_one() -> None:
    target = {"metadata": {"finalizers": ["a", "b"]}}
    patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"], "finalizers": ["c"]}}

    assert strategic_merge_patch(CONFIGMAPS, target, patch)["metadata"]["finalizers"] == ["b", "c"]


def test_ports_of_a_service_merge_by_number() -> None:
    target = {"spec": {"ports": [{"port": 80, "name": "http"}, {"port": 443}]}}

    found = strategic_merge_patch(SERVICES, target, {"spec": {"ports": [{"port": 80, "targetPort": 8080}]}})

    assert found["spec"]["ports"] == [{"port": 80, "name": "http", "targetPort": 8080}, {"port": 443}]


def test_an_item_without_its_key_is_refused() -> None:
    with pytest.raises(ApiError) as caught:
        patched(containers({"name": "app"}), containers({"image": "x"}))

    assert "does not contain declared merge key: name" in caught.value.message


def test_the_target_is_not_changed() -> None:
    target = containers({"name": "app", "env": [{"name": "A", "value": "1"}]})

    patched(target, containers({"name": "app", "env": [{"name": "A", "value": "2"}]}))

    assert target == containers({"name": "app", "env": [{"name": "A", "value": "1"}]})
