import pytest

from tests.builders.kubernetes import make_condition, running, stamp, terminated, waiting
from tests.builders.observations import diagnose
from tests.builders.shop_faults import (
    container,
    current_set,
    deployment,
    killed,
    not_ready,
    pod_with,
    previous_set,
    unhealthy,
)
from tools.contract import Verdict

HTTP = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 5, "failureThreshold": 3, "timeoutSeconds": 1}
PORTS = [{"name": "http", "containerPort": 8080}]
READY = container(readinessProbe=HTTP, ports=PORTS)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("HTTP probe failed with statuscode: 503", "it answers HTTP 503"),
        ('Get "http://10.1.2.3:8080/healthz": dial tcp 10.1.2.3:8080: connect: connection refused', "nothing listens"),
        (
            'Get "http://10.1.2.3:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting'
            " headers)",
            "no answer within 1 s",
        ),
        ('service unhealthy (responded with "NOT_SERVING")', "NOT_SERVING"),
        ("cat: /tmp/healthy: No such file", "cat: /tmp/healthy"),
    ],
)
async def test_a_failing_readiness_probe_is_told_with_what_it_got(why, words):
    found = await diagnose(deployment(), current_set(READY), not_ready(READY), unhealthy("Readiness", why))

    assert found.root_cause.cause == "probe-readiness-failed"
    assert words in found.summary
    assert found.verdict is Verdict.CONFIRMED
    assert found.health == "down"


async def test_a_path_that_the_application_does_not_have_is_a_wrong_probe():
    found = await diagnose(
        deployment(),
        current_set(READY),
        not_ready(READY),
        unhealthy("Readiness", "HTTP probe failed with statuscode: 404"),
    )

    assert found.root_cause.cause == "probe-http-status"
    assert "/healthz" in found.summary
    assert "probe-readiness-failed" in [one.cause for one in found.effects]


async def test_a_probe_of_a_port_that_the_container_does_not_serve_is_a_wrong_probe():
    box = container(readinessProbe={"tcpSocket": {"port": 8081}, "periodSeconds": 5}, ports=PORTS)

    found = await diagnose(
        deployment(),
        current_set(box),
        not_ready(box),
        unhealthy("Readiness", "dial tcp 10.1.2.3:8081: connect: connection refused"),
        logs={"app": "listening on 0.0.0.0:8080"},
    )

    assert found.root_cause.cause == "probe-wrong-port"
    assert "asks port 8081, but the container app serves port 8080" in found.summary
    assert any(one.source == "log" for one in found.root_cause.evidence)


async def test_a_probe_of_the_declared_port_is_not_called_wrong_while_nothing_listens():
    found = await diagnose(
        deployment(),
        current_set(READY),
        not_ready(READY),
        unhealthy("Readiness", "dial tcp 10.1.2.3:8080: connect: connection refused"),
    )

    assert found.root_cause.cause == "probe-readiness-failed"


async def test_a_liveness_probe_that_kills_before_the_start_is_over_is_noticed():
    box = container(livenessProbe=HTTP | {"initialDelaySeconds": 5}, ports=PORTS)
    last = terminated(143, "Error", 1)
    last["terminated"]["startedAt"] = stamp(1.5)
    pod = pod_with(waiting("CrashLoopBackOff", "back-off"), box=box, lastState=last, restartCount=4)

    found = await diagnose(
        deployment(),
        current_set(box),
        pod,
        unhealthy("Liveness", "dial tcp 10.1.2.3:8080: connect: connection refused"),
        killed("liveness"),
    )

    assert found.root_cause.cause == "probe-liveness-failed"
    assert "keeps being restarted" in found.summary
    assert "30 s after each start" in found.root_cause.explanation


async def test_a_startup_probe_that_kills_is_told_as_such():
    box = container(startupProbe=HTTP, ports=PORTS)
    pod = pod_with(
        running(0.5), box=box, lastState=terminated(137, "Error"), restartCount=3, ready=False, started=False
    )

    found = await diagnose(
        deployment(),
        current_set(box),
        pod,
        unhealthy("Startup", "HTTP probe failed with statuscode: 500"),
        killed("startup"),
    )

    assert found.root_cause.cause == "probe-startup-failed"


async def test_a_crash_explains_the_readiness_failures_beside_it():
    box = READY
    pod = pod_with(running(0.5), box=box, lastState=terminated(1), restartCount=6, ready=False)

    found = await diagnose(
        deployment(),
        current_set(box),
        pod,
        unhealthy("Readiness", "dial tcp 10.1.2.3:8080: connect: connection refused"),
        logs={"app:previous": "panic: boom"},
    )

    assert found.root_cause.cause == "app-exit-error"
    assert "probe-readiness-failed" in [one.cause for one in found.effects]


async def test_a_pod_that_stays_unready_without_an_event_is_only_likely_its_probe():
    found = await diagnose(deployment(), current_set(READY), not_ready(READY))

    assert found.root_cause.cause == "probe-readiness-failed"
    assert found.verdict is Verdict.LIKELY


async def test_a_probe_that_failed_twice_while_starting_is_only_likely():
    pod = not_ready(READY, minutes_running=0.2)

    found = await diagnose(
        deployment(), current_set(READY), pod, unhealthy("Readiness", "HTTP probe failed with statuscode: 503", count=2)
    )

    assert found.verdict is Verdict.LIKELY


async def test_failures_of_a_pod_that_is_ready_again_are_no_finding():
    fine = pod_with(running(60), box=READY)

    found = await diagnose(
        deployment(ready=1), current_set(READY), fine, unhealthy("Readiness", "HTTP probe failed with statuscode: 503")
    )

    assert found.health == "healthy"
    assert found.root_cause is None


async def test_a_new_version_that_is_not_ready_beside_the_old_one_is_a_regression():
    pod = not_ready(READY)
    old = pod_with(running(600), minutes_old=3000)
    old["metadata"] |= {"name": "checkout-5c4b3a291-aaaaa", "uid": "uid-old"}
    old["metadata"]["ownerReferences"][0] |= {"name": "checkout-5c4b3a291", "uid": "uid-replicaset-checkout-5c4b3a291"}

    found = await diagnose(
        deployment(ready=1, status={"updatedReplicas": 1, "conditions": [make_condition("Available")]}),
        previous_set(),
        current_set(READY),
        old,
        pod,
        unhealthy("Readiness", "HTTP probe failed with statuscode: 503"),
    )

    assert found.summary.startswith("The new version of checkout is not ready in shop-staging")
    assert "while the version before still serves" in found.summary
    assert found.actions[0].tool == "rollback_workload"


async def test_a_grpc_service_that_says_it_does_not_serve_is_told_as_such():
    box = container(readinessProbe={"grpc": {"port": 9000}})
    failed = unhealthy("Readiness", 'service unhealthy (responded with "NOT_SERVING")')

    found = await diagnose(deployment(), current_set(box), not_ready(box), failed)

    assert found.root_cause.cause == "probe-grpc"
    assert "NOT_SERVING" in found.summary
