from datetime import timedelta

import pytest

from tests.builders.kubernetes import NOW, make_pod_spec, make_template, stamp, waiting
from tests.builders.kubernetes_platform import make_event
from tests.builders.observations import diagnose
from tests.builders.shop_faults import (
    IMAGE,
    NEW,
    OLD_IMAGE,
    container,
    crashing,
    current_set,
    deployment,
    pod_with,
    previous_set,
)
from tools.cluster.models.pods import PodTemplate
from tools.diagnosis.revisions import template_changes

PULL = f'Back-off pulling image "{IMAGE}": ErrImagePull: {IMAGE}: manifest unknown'


def template(**more):
    return PodTemplate.model_validate(make_template("checkout", make_pod_spec([container(**more)])))


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ({"image": "a:1"}, {"image": "a:2"}, "containers[app].image"),
        ({"command": ["a"]}, {"command": ["b"]}, "containers[app].command"),
        ({}, {"env": [{"name": "A", "value": "1"}]}, "containers[app].env[A]"),
        (
            {"env": [{"name": "A", "value": "1"}]},
            {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}]},
            "containers[app].env[A]",
        ),
        ({}, {"resources": {"limits": {"memory": "64Mi"}}}, "containers[app].resources.limits.memory"),
        ({}, {"readinessProbe": {"tcpSocket": {"port": 1}}}, "containers[app].readinessProbe"),
        ({}, {"ports": [{"containerPort": 80}]}, "containers[app].ports"),
        ({}, {"envFrom": [{"secretRef": {"name": "s"}}]}, "containers[app].envFrom"),
    ],
)
def test_names_each_part_of_a_template_that_differs(before, after, path):
    assert [one.path for one in template_changes(template(**before), template(**after))] == [path]


def test_values_of_variables_are_never_shown():
    first, second = (template(env=[{"name": "TOKEN", "value": value}]) for value in ("hunter2", "hunter3"))

    (change,) = template_changes(first, second)

    assert "hunter" not in change.model_dump_json()
    assert (change.before, change.after) == ("a value", "another value")


def test_equal_templates_have_no_difference():
    assert template_changes(template(), template()) == ()


async def test_a_rollback_reuses_an_old_replica_set_so_the_event_tells_when():
    back = current_set(revision=3, minutes_old=9000)
    back["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "3"}
    event = make_event(
        "ScalingReplicaSet",
        f"Scaled up replica set {NEW} from 0 to 1",
        kind="Deployment",
        name="checkout",
        minutes_ago=25,
    )

    found = await diagnose(
        deployment(), previous_set(), back, event, pod_with(waiting("ImagePullBackOff", PULL), minutes_old=24)
    )

    assert found.change.at == NOW - timedelta(minutes=25)
    assert found.change.explains
    assert found.change.fields[0].before == OLD_IMAGE


async def test_a_restart_changed_nothing_that_could_explain_it():
    before, after = current_set(container()), current_set(container(), revision=2)
    before["metadata"] |= {
        "name": "checkout-aaa",
        "uid": "a",
        "annotations": {"deployment.kubernetes.io/revision": "1"},
    }
    after["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": stamp(20)}

    found = await diagnose(deployment(), before, after, crashing(), logs={"app:previous": "panic: boom"})

    assert not found.change.explains
    assert found.actions == ()


async def test_a_change_that_cannot_cause_such_a_failure_does_not_explain_it():
    old, new = container(), container(readinessProbe={"tcpSocket": {"port": 1}})

    found = await diagnose(
        deployment(), previous_set(old), current_set(new), pod_with(waiting("ImagePullBackOff", PULL), box=new)
    )

    assert not found.change.explains
    assert "does not explain it" in found.change.summary


async def test_without_history_nothing_is_said_about_changes():
    found = await diagnose(deployment(), crashing(), logs={"app:previous": "panic: boom"})

    assert found.change is None


SETTING = "PAYMENTS_TIMEOUT_MS"


def with_setting(value, **more):
    return container(env=[{"name": SETTING, "value": value}], **more)


async def test_a_log_line_that_names_a_variable_of_the_last_rollout_is_connected_to_it():
    logs = {"app:previous": f"ConfigError: {SETTING} is not a number: '2s'"}
    old, new = with_setting("2000", image=OLD_IMAGE), with_setting("2s")

    found = await diagnose(deployment(), previous_set(old), current_set(new), crashing(box=new), logs=logs)

    assert found.change.summary.endswith(
        f"which changed the variable {SETTING} that the log names and the image from 2.4.0 to 2.4.1."
    )
    assert [one.source for one in found.change.evidence] == ["change", "log"]
    assert found.next_steps[0] == f"Correct the variable {SETTING} where the workload is declared."
    assert found.summary.endswith(f"with the rollout of revision 2, which changed {SETTING}.")


async def test_a_longer_word_that_contains_the_variable_is_not_the_variable():
    logs = {"app:previous": f"ConfigError: MY_{SETTING}_2 is not set"}
    old, new = with_setting("2000"), with_setting("2s")

    found = await diagnose(deployment(), previous_set(old), current_set(new), crashing(box=new), logs=logs)

    assert "that the log names" not in found.change.summary
