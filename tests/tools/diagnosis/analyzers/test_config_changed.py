from tests.builders.kubernetes import make_pod_spec, make_template, running, stamp
from tests.builders.kubernetes_platform import make_config_map
from tests.builders.observations import diagnose
from tests.builders.shop_faults import container, crashing, current_set, deployment, pod_with
from tools.cluster.restart_workload import RestartWorkloadArgs

BY_ENV = container(envFrom=[{"configMapRef": {"name": "settings"}}])
BY_VOLUME = container(volumeMounts=[{"name": "v", "mountPath": "/etc/settings"}])
VOLUME = {"name": "v", "configMap": {"name": "settings"}}


def settings(minutes_ago):
    entry = {"manager": "kubectl-edit", "operation": "Update", "time": stamp(minutes_ago)}
    made = make_config_map("settings", level="debug")
    made["metadata"]["managedFields"] = [entry]
    return made


def with_box(box, volumes=()):
    return make_template("checkout", make_pod_spec([box], volumes=list(volumes)))


async def diagnosed(box, changed, *, volumes=(), started=120):
    spec = make_pod_spec([box], nodeName="node-001", volumes=list(volumes))
    return await diagnose(
        deployment(ready=1, template=with_box(box, volumes)),
        current_set(box),
        pod_with(running(started), box=box, spec=spec),
        settings(changed),
    )


async def test_variables_of_a_running_pod_keep_the_old_values_and_a_restart_is_offered():
    found = await diagnosed(BY_ENV, changed=30)

    assert found.health == "healthy"
    (remark,) = found.others
    assert remark.cause == "config-changed"
    assert RestartWorkloadArgs(**remark.actions[0].args).environment == "shop-staging"


async def test_a_container_that_started_after_the_change_has_the_new_values():
    assert (await diagnosed(BY_ENV, changed=30, started=10)).others == ()


async def test_a_mounted_volume_follows_the_change_by_itself():
    assert (await diagnosed(BY_VOLUME, changed=30, volumes=[VOLUME])).others == ()


async def test_a_file_mounted_by_sub_path_does_not_follow():
    box = container(volumeMounts=[{"name": "v", "mountPath": "/etc/s", "subPath": "level"}])

    assert [one.cause for one in (await diagnosed(box, changed=30, volumes=[VOLUME])).others] == ["config-changed"]


async def test_a_crash_that_began_after_the_change_is_explained_by_it():
    found = await diagnose(
        deployment(template=with_box(BY_ENV)),
        current_set(BY_ENV, minutes_old=600),
        crashing(box=BY_ENV),
        settings(25),
        logs={"app:previous": "ERROR invalid level: debug"},
    )

    assert found.change.explains
    assert found.change.summary.startswith("It began after the ConfigMap settings was changed")
    assert found.actions == ()
