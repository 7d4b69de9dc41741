"""What a person sees of a difference."""

from copy import deepcopy

from tests.builders.kubernetes import make_container, make_deployment, make_pod_spec, make_template
from tools.cluster.diff import MAX_CHANGES, diff
from tools.contract import Change


def deployment(**container) -> dict:
    return make_deployment(template=make_template(spec=make_pod_spec([make_container(**container)])))


def test_stamps_of_the_server_and_status_are_no_change() -> None:
    before = make_deployment()
    after = deepcopy(before)
    after["metadata"] |= {"resourceVersion": "9", "generation": 7, "managedFields": [{}]}
    after["status"]["readyReplicas"] = 0

    assert diff(before, after) == ()


def test_containers_are_compared_by_name() -> None:
    before, after = deployment(image="shop:1"), deployment(image="shop:2")
    after["spec"]["template"]["spec"]["containers"].insert(0, make_container("sidecar", "proxy:1"))

    paths = {change.path: (change.before, change.after) for change in diff(before, after)}

    assert paths["spec.template.spec.containers[app].image"] == ("shop:1", "shop:2")
    assert paths["spec.template.spec.containers[sidecar]"][0] is None
    assert len(paths) == 2


def test_keys_with_dots_stay_readable() -> None:
    before, after = make_deployment(), make_deployment(template=make_template(annotations={"a.b/c": "1"}))

    assert diff(before, after) == (Change(path='spec.template.metadata.annotations["a.b/c"]', before=None, after="1"),)
    assert diff(after, make_deployment(template=make_template(annotations={"a.b/c": "2"}))) == (
        Change(path='spec.template.metadata.annotations["a.b/c"]', before="1", after="2"),
    )


def test_values_of_variables_are_never_shown() -> None:
    before = deployment(env=[{"name": "TOKEN", "value": "hunter2"}, {"name": "OLD", "value": "hunter3"}])
    after = deployment(env=[{"name": "TOKEN", "value": "hunter4"}, {"name": "NEW", "value": "hunter5"}])

    changes = diff(before, after)

    assert "hunter" not in str(changes)
    assert [change.path.rpartition(".")[2] for change in changes] == ["env[NEW]", "env[OLD]", "value"]


def test_a_variable_list_that_appears_whole_hides_values_too() -> None:
    changes = diff(deployment(), deployment(env=[{"name": "TOKEN", "value": "hunter2"}]))

    assert "hunter2" not in str(changes)
    assert "TOKEN" in str(changes)


def test_variables_that_repeat_a_name_are_hidden_too() -> None:
    twice = [{"name": "A", "value": "hunter2"}, {"name": "A", "value": "hunter3"}]

    changes = diff(deployment(env=[{"name": "A", "value": "hunter1"}]), deployment(env=twice))

    assert "hunter" not in str(changes)
    assert len(changes) == 1


def test_a_container_that_appears_whole_hides_values_of_its_variables() -> None:
    after = deployment()
    after["spec"]["template"]["spec"]["containers"].append(
        make_container("two", env=[{"name": "A", "value": "hunter2"}])
    )

    assert "hunter2" not in str(diff(deployment(), after))


def test_a_template_that_appears_whole_hides_values_of_its_variables() -> None:
    after = deployment(env=[{"name": "A", "value": "hunter2"}])

    assert "hunter2" not in str(diff({"spec": {}}, after))


def test_the_last_applied_copy_is_hidden() -> None:
    key = "kubectl.kubernetes.io/last-applied-configuration"
    before = make_deployment(metadata={"annotations": {key: "hunter2"}})
    after = make_deployment(metadata={"annotations": {key: "hunter3"}})

    assert "hunter" not in str(diff(before, after))


def test_a_reference_to_a_secret_is_shown() -> None:
    reference = {"name": "DB", "valueFrom": {"secretKeyRef": {"name": "db", "key": "url"}}}

    assert "secretKeyRef" in str(diff(deployment(), deployment(env=[reference])))


def test_a_long_difference_is_cut_and_says_so() -> None:
    after = make_deployment(metadata={"labels": {f"k{number}": "v" for number in range(100)}})

    changes = diff(make_deployment(metadata={"labels": {"app": "checkout"}}), after)

    assert len(changes) == MAX_CHANGES + 1
    assert changes[-1].path == "(61 more fields)"


def test_long_values_are_cut() -> None:
    (change,) = diff(deployment(image="a"), deployment(image="b" * 1000))

    assert len(change.after or "") == 300
