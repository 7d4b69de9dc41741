"""Server-side apply: ownership, conflicts, what is removed."""

from datetime import UTC, datetime

import pytest

from evals.emulators.kubernetes.apply import Apply, merge_applied
from evals.emulators.kubernetes.catalogue import DEPLOYMENTS
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.managed_fields import Manager, after_update
from evals.emulators.kubernetes.objects import Json

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def config(**spec: object) -> Json:
    head = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    return {**head, "spec": spec} if spec else head


def template(*containers: Json) -> Json:
    return {"spec": {"containers": list(containers)}}


def apply(live: Json, wanted: Json, manager: str = "me", *, force: bool = False) -> Json:
    request = Apply(Manager(manager, "Apply", api_version="apps/v1"), NOW, force)
    return merge_applied(DEPLOYMENTS, live, wanted, request)


def owners(obj: Json) -> dict[str, Json]:
    return {entry["manager"]: entry["fieldsV1"] for entry in obj["metadata"]["managedFields"]}


def test_a_manager_owns_the_fields_it_applied() -> None:
    found = apply(config(), config(replicas=2, template=template({"name": "app", "image": "a:1"})))

    item = {'k:{"name":"app"}': {".": {}, "f:image": {}, "f:name": {}}}
    assert owners(found)["me"] == {"f:spec": {"f:replicas": {}, "f:template": {"f:spec": {"f:containers": item}}}}


def test_a_field_that_is_no_longer_applied_goes() -> None:
    first = apply(config(), config(replicas=2, minReadySeconds=5))

    second = apply(first, config(replicas=2))

    assert second["spec"] == {"replicas": 2}


def test_a_list_item_that_is_no_longer_applied_goes_and_others_stay() -> None:
    live = apply(config(), config(template=template({"name": "app", "image": "a:1"}, {"name": "side", "image": "s:1"})))

    found = apply(live, config(template=template({"name": "app", "image": "a:2"})))

    assert found["spec"]["template"]["spec"]["containers"] == [{"name": "app", "image": "a:2"}]


def test_what_another_manager_owns_too_stays() -> None:
    shared = apply(apply(config(), config(replicas=2)), config(replicas=2), manager="other")

    found = apply(shared, config())

    assert found["spec"] == {"replicas": 2}
    assert list(owners(found)) == ["other"]


def test_changing_what_another_manager_owns_is_a_conflict_that_names_it() -> None:
    live = apply(config(), config(replicas=2, paused=True))

    with pytest.raises(ApiError) as caught:
        apply(live, config(replicas=3, paused=False), manager="other")

    assert caught.value.code == 409
    assert (
        caught.value.message
        == 'Apply failed with 2 conflicts: conflicts with "me" using apps/v1:\n- .spec.paused\n- .spec.replicas'
    )
    assert caught.value.details is not None
    assert [cause["field"] for cause in caught.value.details["causes"]] == [".spec.paused", ".spec.replicas"]


def test_applying_the_same_value_is_shared_ownership_and_no_conflict() -> None:
    live = apply(config(), config(replicas=2))

    found = apply(live, config(replicas=2), manager="other")

    assert set(owners(found)) == {"me", "other"}


def test_force_takes_the_fields_over() -> None:
    live = apply(config(), config(replicas=2, paused=True))

    found = apply(live, config(replicas=3), manager="other", force=True)

    assert found["spec"]["replicas"] == 3
    assert owners(found) == {"me": {"f:spec": {"f:paused": {}}}, "other": {"f:spec": {"f:replicas": {}}}}


def test_an_update_takes_what_it_changed_from_the_others() -> None:
    live = apply(config(), config(replicas=2, paused=True))
    new = {**live, "spec": {"replicas": 5, "paused": True}}

    found = after_update(DEPLOYMENTS, live, new, Manager("kubectl-edit", api_version="apps/v1"), NOW)

    assert {entry["manager"]: entry["fieldsV1"] for entry in found} == {
        "me": {"f:spec": {"f:paused": {}}},
        "kubectl-edit": {"f:spec": {"f:replicas": {}}},
    }


def test_a_conflict_in_a_list_names_the_item() -> None:
    live = apply(config(), config(template=template({"name": "app", "image": "a:1"})))

    with pytest.raises(ApiError) as caught:
        apply(live, config(template=template({"name": "app", "image": "a:2"})), manager="other")

    assert caught.value.message.endswith('.spec.template.spec.containers[name="app"].image')
