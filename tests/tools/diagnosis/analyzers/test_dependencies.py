import pytest

from tests.builders.kubernetes import (
    NAMESPACE,
    make_container_status,
    make_deployment,
    make_owner,
    make_pod,
    make_pod_spec,
    make_replica_set,
    running,
    waiting,
)
from tests.builders.kubernetes_platform import make_endpoint_slice, make_service
from tests.builders.observations import FakeCluster, diagnose
from tests.builders.platform_objects import make_policy
from tests.builders.shop_faults import container, crashing, current_set, deployment, pod
from tools.catalog.models import Entity, Relation
from tools.catalog.port import Found
from tools.contract import Verdict
from tools.errors import Unavailable

REFUSED = 'level=fatal msg="dial tcp: connect to payments:8080: connection refused"'
LINES = [
    "dial tcp 10.96.0.77:8080: connect: connection refused",
    "Error: connect ECONNREFUSED 10.96.0.77:8080",
    'could not connect to server: Connection refused Is the server running on host "payments" (10.96.0.77) port 8080?',
    "requests.exceptions.ConnectionError: HTTPConnectionPool(host='payments', port=8080): Max retries exceeded: Failed"
    " to establish a new connection: [Errno 111] Connection refused",
    "java.net.ConnectException: Connection refused: payments:8080 Connection to payments:8080 refused",
    'fatal: Get "http://payments.shop-staging.svc.cluster.local:8080/v1": dial tcp: i/o timeout',
]


def payments(ready=0, not_ready=1, port=8080):
    service = make_service("payments", port=port)
    service["spec"]["clusterIP"] = "10.96.0.77"
    return [service, make_endpoint_slice("payments", ready=ready, not_ready=not_ready)]


def payments_pods():
    text = 'configmap "payments" not found'
    broken = make_pod(
        "payments-6b7c8d9e1-aaaaa",
        labels={"app": "payments"},
        owner=make_owner("ReplicaSet", "payments-6b7c8d9e1"),
        spec=make_pod_spec([container()], nodeName="node-001"),
        statuses=[make_container_status("app", waiting("CreateContainerConfigError", text))],
    )
    return [
        make_deployment("payments", replicas=1, ready=0),
        make_replica_set("payments-6b7c8d9e1", deployment="payments"),
        broken,
    ]


@pytest.mark.parametrize("line", LINES)
async def test_a_dependency_that_the_log_names_and_that_has_no_ready_pod_is_the_cause(line):
    found = await diagnose(deployment(), current_set(), crashing(), *payments(), logs={"app:previous": line})

    assert found.root_cause.cause == "app-dependency-unreachable"
    assert found.verdict is Verdict.CONFIRMED
    assert "payments, which it calls, has no ready pod" in found.summary


async def test_the_reason_behind_the_dependency_is_looked_up():
    found = await diagnose(
        deployment(), current_set(), crashing(), *payments(), *payments_pods(), logs={"app:previous": REFUSED}
    )

    assert "payments, which it calls, has no ready pod: the ConfigMap payments does not exist" in found.summary
    assert found.next_steps[0].startswith("For payments: Create the ConfigMap payments")
    assert [ref.name for ref in found.observed()] == ["checkout", "payments"]
    assert {"app-exit-error", "crash-loop"} <= {one.cause for one in found.effects}


async def test_a_dependency_scaled_to_zero_is_told_so():
    found = await diagnose(
        deployment(),
        current_set(),
        crashing(),
        *payments(not_ready=0),
        make_deployment("payments", replicas=0, ready=0),
        logs={"app:previous": REFUSED},
    )

    assert "it is scaled to zero" in found.summary


async def test_a_name_that_no_service_has_names_the_nearest():
    found = await diagnose(
        deployment(),
        current_set(),
        crashing(),
        *payments(ready=1),
        logs={"app:previous": "panic: dial tcp: lookup paymets on 10.96.0.10:53: no such host"},
    )

    assert found.root_cause.cause == "dns-failure"
    assert "is payments meant?" in found.next_steps[0]


async def test_a_service_of_that_name_in_another_namespace_is_named():
    elsewhere = make_service("ledger")
    elsewhere["metadata"]["namespace"] = "finance"

    found = await diagnose(
        deployment(),
        current_set(),
        crashing(),
        elsewhere,
        logs={"app:previous": "Error: getaddrinfo ENOTFOUND ledger"},
    )

    assert found.root_cause.cause == "dns-failure"
    assert "ledger.finance" in found.summary


async def test_a_port_that_the_service_does_not_offer_is_the_cause():
    found = await diagnose(
        deployment(), current_set(), crashing(), *payments(ready=1, port=80), logs={"app:previous": REFUSED}
    )

    assert "on port 8080, but that Service offers port 80" in found.summary


async def test_a_dependency_that_is_ready_is_only_likely_the_cause():
    found = await diagnose(deployment(), current_set(), crashing(), *payments(ready=2), logs={"app:previous": REFUSED})

    assert found.root_cause.cause in {"app-exit-error", "app-dependency-unreachable"}
    assert "payments" in found.summary


async def test_an_early_complaint_before_another_reason_is_a_red_herring():
    log = "connect ECONNREFUSED 10.96.0.77:8080, retrying in 1s\nconnected to payments\npanic: nil map\n"

    found = await diagnose(deployment(), current_set(), crashing(), *payments(ready=2), logs={"app:previous": log})

    assert found.root_cause.cause == "app-exit-error"
    assert "nil map" in found.summary
    assert found.others == ()


async def test_a_timeout_and_a_policy_that_denies_everything_are_put_together():
    policy = {
        "kind": "NetworkPolicy",
        "metadata": {"name": "default-deny", "namespace": NAMESPACE, "uid": "np"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"]},
    }

    found = await diagnose(
        deployment(),
        current_set(),
        crashing(),
        *payments(ready=2),
        policy,
        logs={"app:previous": "fatal: dial tcp 10.96.0.77:8080: i/o timeout"},
    )

    assert found.root_cause.cause == "network-policy-blocked"
    assert "default-deny" in found.summary


async def test_a_healthy_workload_stays_healthy_and_its_broken_dependency_is_noted():
    box = container(env=[{"name": "PAYMENTS_URL", "value": "http://payments:8080"}])
    template = {"metadata": {"labels": {"app": "checkout"}}, "spec": {"containers": [box]}}

    found = await diagnose(deployment(ready=1, template=template), current_set(box), pod(), *payments())

    assert found.health == "healthy"
    assert [one.cause for one in found.others] == ["app-dependency-unreachable"]
    assert "payments" in found.summary


async def test_a_ready_workload_whose_log_complains_now_of_a_dead_dependency_is_degraded():
    found = await diagnose(
        deployment(ready=1),
        current_set(),
        pod(),
        *payments(),
        logs={"app": "error: connect ECONNREFUSED payments:8080"},
    )

    assert found.root_cause.cause == "app-dependency-unreachable"
    assert found.health == "degraded"


async def test_services_that_may_not_be_read_prove_nothing_about_a_dependency():
    objects = [deployment(), current_set(), crashing()]

    found = await diagnose(cluster=FakeCluster(objects, forbidden=["services"]), logs={"app:previous": REFUSED})

    assert found.root_cause.cause == "app-exit-error"


async def test_a_dependency_is_not_the_cause_of_an_image_that_does_not_exist():
    box = container(env=[{"name": "PAYMENTS_URL", "value": "http://payments:8080"}])
    template = {"metadata": {"labels": {"app": "checkout"}}, "spec": {"containers": [box]}}
    text = 'Back-off pulling image "x": ErrImagePull: manifest unknown'
    broken = pod(statuses=[make_container_status("app", waiting("ImagePullBackOff", text))])

    found = await diagnose(deployment(template=template), current_set(box), broken, *payments())

    assert found.root_cause.cause == "image-not-found"


class CatalogOf:
    """A catalog with two components, checkout depending on payments."""

    def __init__(self, error=None):
        self.error = error

    async def find(self, where, *, limit=500):
        return Found(())

    async def by_refs(self, refs):
        if self.error:
            raise self.error
        relation = Relation(type="dependsOn", target="component:default/payments")
        known = {
            "component:default/checkout": Entity(
                ref="component:default/checkout",
                kind="component",
                namespace="default",
                name="checkout",
                relations=(relation,),
            ),
            "component:default/payments": Entity(
                ref="component:default/payments", kind="component", namespace="default", name="payments"
            ),
        }
        return tuple(known.get(ref) for ref in refs)


async def test_a_dependency_that_only_the_catalog_declares_is_looked_at_too():
    found = await diagnose(
        deployment(ready=1),
        current_set(),
        pod(),
        *payments(),
        catalog=CatalogOf(),
        component="component:default/checkout",
    )

    assert found.health == "healthy"
    assert found.others[0].evidence[0].source == "catalog"


async def test_a_catalog_that_is_down_is_a_gap():
    found = await diagnose(
        deployment(ready=1),
        current_set(),
        pod(),
        catalog=CatalogOf(Unavailable("timed out", system="catalog")),
        component="component:default/checkout",
    )

    assert found.health == "healthy"
    assert found.not_read == ("the catalog could not be read: timed out",)


def calls(name):
    return container(env=[{"name": "UPSTREAM_URL", "value": f"http://{name}:8080"}])


def link(name, upstream):
    """A service that is not ready and is configured to call another one."""
    labels, box = {"app": name}, calls(upstream)
    template = {"metadata": {"labels": labels}, "spec": {"containers": [box]}}
    owner = make_owner("ReplicaSet", f"{name}-1")
    status = make_container_status("app", running(30), ready=False)
    spec = make_pod_spec([box], nodeName="node-001")
    return [
        make_deployment(name, replicas=1, ready=0, template=template),
        make_replica_set(f"{name}-1", deployment=name, template=template),
        make_pod(f"{name}-1-a", labels=labels, owner=owner, spec=spec, statuses=[status]),
        make_service(name),
        make_endpoint_slice(name, ready=0, not_ready=1),
    ]


async def test_the_chain_of_dependencies_is_followed_to_its_end():
    chain = [*link("alpha", "beta"), *link("beta", "payments"), *payments(), *payments_pods()]
    log = {"app:previous": "fatal: dial tcp alpha:8080: connect: connection refused"}

    found = await diagnose(deployment(), current_set(), crashing(), *chain, logs=log)

    assert found.root_cause.cause == "app-dependency-unreachable"
    assert "alpha, which it calls" in found.summary
    assert "beta, which alpha is configured to call" in found.summary
    assert "the ConfigMap payments does not exist" in found.summary
    assert [ref.name for ref in found.related] == ["alpha", "beta", "payments"]


async def test_services_that_call_each_other_in_a_circle_end_the_chain():
    circle = [*link("alpha", "beta"), *link("beta", "alpha")]
    log = {"app:previous": "fatal: dial tcp alpha:8080: connect: connection refused"}
    cluster = FakeCluster([deployment(), current_set(), crashing(), *circle])

    found = await diagnose(cluster=cluster, logs=log)

    assert found.root_cause.cause == "app-dependency-unreachable"
    assert len(cluster.calls) < 60


TIMEOUT = {"app:previous": "fatal: dial tcp payments:8080: i/o timeout"}
READY_POD = make_pod("payments-1-a", labels={"app": "payments"}, spec=make_pod_spec([container()], nodeName="node-001"))


async def test_a_policy_is_judged_by_the_port_that_the_service_sends_to():
    port = [{"ports": [{"port": 9999}]}]
    policy = make_policy("callers", {"app": "payments"}, policyTypes=["Ingress"], ingress=port)

    found = await diagnose(deployment(), current_set(), crashing(), *payments(2), READY_POD, policy, logs=TIMEOUT)

    assert found.root_cause.cause == "network-policy-blocked"
    assert "lets no traffic into the pods of payments (port 8080)" in found.summary


async def test_a_policy_that_lets_the_call_pass_is_not_blamed():
    port = [{"ports": [{"port": 8080}]}]
    policy = make_policy("callers", {"app": "payments"}, policyTypes=["Ingress"], ingress=port)

    found = await diagnose(deployment(), current_set(), crashing(), *payments(2), READY_POD, policy, logs=TIMEOUT)

    assert found.root_cause.cause == "app-dependency-unreachable"


MUTE = {"app:previous": "fatal: getaddrinfo EAI_AGAIN payments"}


async def test_an_egress_policy_without_dns_is_the_cause_of_names_that_do_not_resolve():
    rule = {"to": [{"podSelector": {"matchLabels": {"app": "payments"}}}]}
    policy = make_policy("calls", {"app": "checkout"}, policyTypes=["Egress"], egress=[rule])

    found = await diagnose(deployment(), current_set(), crashing(), *payments(2), policy, logs=MUTE)

    assert found.root_cause.cause == "network-policy-blocked"
    assert "DNS (UDP port 53)" in found.summary


@pytest.mark.parametrize(("ready", "says"), [(0, "it has no ready pod"), (2, "does not answer")])
async def test_a_dns_that_does_not_answer_is_told_with_the_state_of_its_pods(ready, says):
    slices = make_endpoint_slice("kube-dns", ready=ready)
    slices["metadata"]["namespace"] = "kube-system"

    found = await diagnose(deployment(), current_set(), crashing(), *payments(2), slices, logs=MUTE)

    assert found.root_cause.cause == "dns-failure"
    assert says in found.summary
