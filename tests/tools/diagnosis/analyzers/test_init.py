from tests.builders.kubernetes import make_container_status, running, terminated, waiting
from tests.builders.kubernetes_platform import make_endpoint_slice, make_service
from tests.builders.observations import diagnose
from tests.builders.shop_faults import container, current_set, deployment, pod_with


def waiting_for(init_state, *, restart_policy=None, **status):
    pod = pod_with(waiting("PodInitializing"))
    first = container() | {"name": "wait"} | ({"restartPolicy": restart_policy} if restart_policy else {})
    pod["spec"]["initContainers"] = [first]
    pod["status"]["initContainerStatuses"] = [make_container_status("wait", init_state, ready=False, **status)]
    return pod


async def test_an_init_container_that_does_not_finish_is_told_with_its_last_words():
    found = await diagnose(
        deployment(), current_set(), waiting_for(running(15)), logs={"wait": "waiting for the migration\n"}
    )

    assert found.root_cause.cause == "init-not-complete"
    assert "waiting for the migration" in found.summary
    assert found.verdict == "likely"


async def test_the_dependency_that_it_waits_for_is_the_cause():
    found = await diagnose(
        deployment(),
        current_set(),
        waiting_for(running(15)),
        make_service("db"),
        make_endpoint_slice("db", ready=0),
        logs={"wait": "nc: bad address 'db'\nnc: bad address 'db'"},
    )

    assert found.root_cause.cause == "app-dependency-unreachable"
    assert "init-not-complete" in [one.cause for one in found.effects]


async def test_an_init_container_that_has_just_started_is_no_finding():
    found = await diagnose(deployment(), current_set(minutes_old=1), waiting_for(running(0.5)))

    assert found.root_cause is None or found.root_cause.cause != "init-not-complete"


async def test_a_sidecar_is_meant_to_keep_running():
    found = await diagnose(deployment(), current_set(), waiting_for(running(15), restart_policy="Always"))

    assert found.root_cause.cause != "init-not-complete"


async def test_a_misspelt_command_names_the_likely_one():
    pod = waiting_for(
        waiting("RunContainerError"),
        restartCount=3,
        lastState=terminated(128, "StartError", message='exec: "wge": executable file not found in $PATH: unknown'),
    )
    pod["spec"]["initContainers"][0]["command"] = ["wge", "-O", "/work/index.html", "https://example.com"]

    found = await diagnose(deployment(), current_set(), pod)

    assert found.root_cause.cause == "container-start-error"
    assert "init container wait" in found.summary
    assert "Is wget meant?" in found.next_steps[0]
