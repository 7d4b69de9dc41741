import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders.kubernetes import (
    NAMESPACE,
    make_condition,
    make_container_status,
    make_controller_revision,
    make_daemon_set,
    make_owner,
    make_pod,
    make_pod_spec,
    make_stateful_set,
    make_template,
    running,
    terminated,
    waiting,
)
from tests.builders.kubernetes_platform import (
    make_claim,
    make_endpoint_slice,
    make_event,
    make_node,
    make_quota,
    make_service,
)
from tests.builders.observations import CLUSTER, FakeCluster, diagnose
from tests.builders.shop_faults import (
    IMAGE,
    NEW,
    POD,
    container,
    crashing,
    current_set,
    deployment,
    killed,
    not_ready,
    pod,
    pod_with,
    previous_set,
    unhealthy,
    unscheduled,
)
from tools.cluster.rollback_workload import RollbackWorkloadArgs
from tools.contract import ObjectRef, Verdict
from tools.errors import Unavailable

PULL = f'Back-off pulling image "{IMAGE}": ErrImagePull: failed to resolve reference "{IMAGE}": {IMAGE}: not found'


async def test_a_healthy_workload_is_called_healthy_with_the_evidence_for_it():
    found = await diagnose(
        deployment(ready=3, replicas=3),
        current_set(),
        *(pod(name) for name in "abc"),
        make_service(),
        make_endpoint_slice(ready=3),
    )

    assert found.health == "healthy"
    assert found.verdict is Verdict.CONFIRMED
    assert found.summary == "checkout is healthy in shop-staging: 3 of 3 pods ready."
    assert found.conclusion().claims[0].evidence
    assert found.actions == ()
    assert len(found.ruled_out) >= 8


async def test_the_conclusion_carries_the_answer_whole():
    found = await diagnose(deployment(), previous_set(), current_set(), pod_with(waiting("ImagePullBackOff", PULL)))

    said = found.conclusion()

    assert said.subject == "Deployment shop-staging/checkout"
    assert said.verdict is Verdict.CONFIRMED
    assert all(claim.evidence for claim in said.claims)
    assert said.next_steps
    (action,) = said.actions
    assert action.tool == "rollback_workload"
    assert RollbackWorkloadArgs(**action.args) == RollbackWorkloadArgs(
        workload="Deployment/checkout", environment="shop-staging", to_revision=1
    )


async def test_the_target_is_observed_so_that_it_can_be_changed():
    found = await diagnose(deployment(ready=1), current_set(), pod())

    assert found.observed()[0] == ObjectRef(cluster=CLUSTER, namespace=NAMESPACE, kind="Deployment", name="checkout")


async def test_what_only_a_git_repository_may_change_is_not_rolled_back_in_the_cluster():
    managed = deployment(metadata={"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"}})

    found = await diagnose(managed, previous_set(), current_set(), pod_with(waiting("ImagePullBackOff", PULL)))

    assert found.actions == ()
    assert "Flux Kustomization shop" in found.next_steps[-1]


async def test_dumped_for_a_model_every_piece_of_evidence_has_its_number():
    found = await diagnose(deployment(), current_set(), crashing(), logs={"app:previous": "panic: boom"})
    numbers = {}

    dumped = found.model_dump(
        mode="json", context={"cite": lambda one: numbers.setdefault(one.text, f"E{len(numbers)}")}
    )

    assert all(one["id"] for one in dumped["root_cause"]["evidence"])


async def test_a_stateful_set_that_is_stuck_on_one_pod_is_diagnosed_by_its_revisions():
    owner, labels = make_owner("StatefulSet", "db"), {"app": "db", "controller-revision-hash": "db-2"}
    old, new = (make_template("db", make_pod_spec([container(image=image)])) for image in ("db:1", "db:2"))
    broken = make_pod(
        "db-1",
        owner=owner,
        labels=labels,
        statuses=[make_container_status("app", waiting("ImagePullBackOff", PULL))],
        spec=make_pod_spec([container(image="db:2")], nodeName="node-001"),
    )

    found = await diagnose(
        make_stateful_set(ready=1, template=new, status={"updateRevision": "db-2", "updatedReplicas": 1}),
        make_controller_revision("db-1", 1, owner, old),
        make_controller_revision("db-2", 2, owner, new),
        broken,
        workload="StatefulSet/db",
    )

    assert found.root_cause.cause == "image-not-found"
    assert found.change.fields[0].after == "db:2"
    assert found.state == "1 of 2 pods ready; the new version has 0 of 1 ready"


async def test_a_daemon_set_counts_its_nodes():
    found = await diagnose(make_daemon_set(nodes=3, ready=3), workload="DaemonSet/agent")

    assert found.health == "healthy"
    assert found.state == "3 of 3 pods ready"


async def test_two_independent_faults_are_both_told():
    broken = pod("a", statuses=[make_container_status("app", waiting("ImagePullBackOff", PULL))])

    found = await diagnose(
        deployment(ready=1, replicas=2),
        current_set(),
        broken,
        pod("b"),
        make_service(selector={"app": "nobody"}),
        make_endpoint_slice(ready=0),
    )

    told = {found.root_cause.cause, *(one.cause for one in found.others)}
    assert {"image-not-found", "service-selector-mismatch"} <= told


async def test_an_unread_part_is_named_and_the_rest_still_answered():
    cluster = FakeCluster(
        [deployment(), current_set(), crashing()], broken={"services": Unavailable("gone", system="cluster")}
    )

    found = await diagnose(cluster=cluster, logs={"app:previous": "panic: boom"})

    assert found.verdict is Verdict.CONFIRMED
    assert found.not_read == ("services could not be read: gone",)


PARTS = (
    pod_with(waiting("ImagePullBackOff", PULL)),
    crashing(),
    crashing(137, "OOMKilled"),
    pod_with(waiting("CreateContainerConfigError", 'secret "x" not found')),
    unscheduled("0/3 nodes are available: 3 Insufficient cpu."),
    not_ready(container(readinessProbe={"httpGet": {"path": "/", "port": 80}})),
    pod_with(running(1), lastState=terminated(143), restartCount=1),
    pod(phase="Failed", statuses=[], conditions=[], status={"reason": "Evicted", "message": ""}),
    unhealthy("Readiness", "HTTP probe failed with statuscode: 500"),
    killed("liveness"),
    make_event("FailedCreate", "Error creating: exceeded quota: q", kind="ReplicaSet", name=NEW),
    make_event("FailedMount", "Unable to attach or mount volumes: unmounted volumes=[x]", name=POD),
    make_event("FailedScheduling", "", name=POD),
    previous_set(),
    current_set(),
    make_service(),
    make_service("payments", target="nope"),
    make_endpoint_slice(ready=0),
    make_node(conditions=[make_condition("Ready", "Unknown")]),
    make_quota(),
    make_claim("data", phase="Pending"),
)
LOGS = (
    "",
    "panic: boom",
    "Error: connect ECONNREFUSED payments:80",
    "lookup nowhere on 10.0.0.1:53: no such host",
    "\x00",
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(range(len(PARTS))), unique=True), st.integers(0, 3), st.sampled_from(LOGS), st.randoms()
)
async def test_any_mixture_of_objects_gets_the_same_answer_in_any_order(chosen, ready, log, random):
    objects = [PARTS[index] for index in chosen]
    shuffled = list(objects)
    random.shuffle(shuffled)
    logs = {"app": log, "app:previous": log}

    first = await diagnose(deployment(ready=ready, replicas=2), *objects, logs=logs)
    second = await diagnose(deployment(ready=ready, replicas=2), *shuffled, logs=logs)

    assert first.summary
    assert first.model_dump() == second.model_dump()


RECORDINGS = Path(__file__).parents[2] / "recordings/kubernetes"


def recorded(number):
    (path,) = RECORDINGS.glob(f"{number}-*.json")
    return json.loads(path.read_text())["response"]["body"]


async def test_a_crashing_pod_of_a_real_server_is_diagnosed():
    pod_object, events = recorded("022"), recorded("029")["items"]
    name = pod_object["metadata"]["name"]

    found = await diagnose(
        pod_object, *events, logs={"crash:previous": recorded("034")}, workload=f"Pod/{name}", namespace="rec"
    )

    assert found.root_cause.cause == "app-exit-error"
    assert "panic: boom" in found.summary
    assert found.root_cause.evidence[0].text.startswith("reason Error, exit code 1, 3 restarts")


async def test_a_deployment_of_a_real_server_whose_image_does_not_exist_is_diagnosed():
    found = await diagnose(recorded("027"), recorded("023"), workload="Deployment/pull", namespace="rec")

    assert found.root_cause.cause == "image-not-found"
    assert "registry.example.com/acme/pull:9-does-not-exist" in found.summary


async def test_a_running_pod_of_a_real_server_is_healthy():
    pod_object = recorded("021")

    found = await diagnose(pod_object, workload=f"Pod/{pod_object['metadata']['name']}", namespace="rec")

    assert found.health == "healthy"
