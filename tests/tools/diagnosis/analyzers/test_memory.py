from tests.builders.kubernetes import NOW, make_container, running, stamp, terminated
from tests.builders.kubernetes_platform import make_event, make_node
from tests.builders.observations import diagnose
from tests.builders.shop_faults import container, crashing, current_set, deployment, pod_with, previous_set
from tools.contract import Verdict
from tools.diagnosis.analyzers.memory import memory_bytes

SMALL = {"limits": {"memory": "128Mi"}, "requests": {"memory": "64Mi"}}


async def test_an_oom_kill_is_told_with_its_limit_and_how_long_it_lived():
    found = await diagnose(deployment(), current_set(), crashing(137, "OOMKilled", box=container(resources=SMALL)))

    assert found.root_cause.cause == "oom-killed"
    assert found.verdict is Verdict.CONFIRMED
    assert "limit of 128Mi" in found.summary
    assert "60 s after starting" in found.root_cause.explanation
    assert any("limits.memory 128Mi" in one.text for one in found.root_cause.evidence)
    assert "crash-loop" in [one.cause for one in found.effects]


async def test_a_heap_larger_than_the_limit_is_noticed():
    box = container(resources=SMALL, env=[{"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx512m"}])

    found = await diagnose(deployment(), current_set(), crashing(137, "OOMKilled", box=box))

    assert "-Xmx512m, which does not fit into 128Mi" in found.root_cause.explanation


async def test_a_rollout_that_lowered_the_limit_explains_it():
    before = make_container("app", "registry.example/checkout:2.4.1", resources={"limits": {"memory": "512Mi"}})
    after = container(resources={"limits": {"memory": "128Mi"}})

    found = await diagnose(
        deployment(), previous_set(before), current_set(after), crashing(137, "OOMKilled", box=after)
    )

    assert found.change.explains
    assert "from 512Mi to 128Mi" in found.change.summary


async def test_without_a_limit_a_system_oom_of_the_node_is_the_cause():
    event = make_event("SystemOOM", "System OOM encountered, victim process: java", kind="Node", name="node-001")
    event["metadata"]["namespace"] = "default"

    found = await diagnose(deployment(), current_set(), crashing(137, "OOMKilled"), make_node(), event)

    assert found.root_cause.cause == "system-oom"
    assert any(one.source == "event" for one in found.root_cause.evidence)


async def test_an_oom_kill_of_yesterday_is_no_finding():
    calm = pod_with(
        running(1400), minutes_old=3000, lastState=terminated(137, "OOMKilled", 1400), restartCount=1, ready=True
    )

    found = await diagnose(deployment(ready=1), current_set(minutes_old=3000), calm)

    assert found.health == "healthy"


async def test_a_leak_that_kills_every_two_hours_is_found_although_the_pod_is_ready():
    leak = terminated(137, "OOMKilled", 60)
    leak["terminated"]["startedAt"] = stamp(180)
    pod = pod_with(
        running(60), minutes_old=1400, box=container(resources=SMALL), lastState=leak, restartCount=10, ready=True
    )

    found = await diagnose(deployment(ready=1), current_set(minutes_old=1400), pod)

    assert found.root_cause.cause == "oom-killed"
    assert "grows while it works" in found.root_cause.explanation
    assert found.examined_at == NOW


def test_quantities_become_numbers():
    assert memory_bytes("128Mi") == 128 * 1024**2
    assert memory_bytes("1G") == 1e9
    assert memory_bytes("500m") == 0.5
    assert memory_bytes("nonsense") == 0
