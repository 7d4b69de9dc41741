from tests.builders.kubernetes import waiting
from tests.builders.kubernetes_platform import make_endpoint_slice, make_event, make_service
from tests.builders.observations import FakeCluster, diagnose
from tests.builders.shop_faults import container, current_set, deployment, pod, pod_with
from tools.contract import Verdict

PORTS = [{"name": "http", "containerPort": 8080}]


def healthy(box=None):
    template = {"metadata": {"labels": {"app": "checkout"}}, "spec": {"containers": [box or container(ports=PORTS)]}}
    return [deployment(ready=1, template=template), current_set(), pod()]


async def test_a_selector_that_matches_nothing_is_found_behind_healthy_pods():
    service = make_service(selector={"app": "checkout-v2"})

    found = await diagnose(*healthy(), service, make_endpoint_slice(ready=0))

    assert found.root_cause.cause == "service-selector-mismatch"
    assert found.verdict is Verdict.CONFIRMED
    assert "asks for app=checkout-v2, the pods carry app=checkout" in found.summary
    assert found.health == "degraded"


async def test_a_service_that_other_pods_serve_is_left_alone():
    service = make_service(selector={"app": "checkout-blue"})

    found = await diagnose(*healthy(), service, make_endpoint_slice(ready=2))

    assert found.health == "healthy"


async def test_a_named_target_port_that_no_container_declares_is_proven():
    service = make_service(target="web")

    found = await diagnose(*healthy(), service, make_endpoint_slice(ready=1))

    assert found.root_cause.cause == "service-port-mismatch"
    assert found.verdict is Verdict.CONFIRMED


async def test_a_number_that_no_container_declares_is_only_likely():
    found = await diagnose(*healthy(), make_service(target=9090), make_endpoint_slice(ready=1))

    assert found.root_cause.cause == "service-port-mismatch"
    assert found.verdict is Verdict.LIKELY


async def test_no_ready_endpoint_is_an_effect_of_the_pods():
    broken = pod_with(waiting("CreateContainerConfigError", 'secret "db" not found'))

    found = await diagnose(
        deployment(), current_set(), broken, make_service(), make_endpoint_slice(ready=0, not_ready=1)
    )

    assert found.root_cause.cause == "config-missing-configmap-or-secret"
    assert "service-no-endpoints" in [one.cause for one in found.effects]


async def test_a_service_that_fits_is_ruled_out():
    found = await diagnose(*healthy(), make_service(), make_endpoint_slice(ready=1))

    assert found.health == "healthy"
    assert "its Services have ready endpoints" in found.ruled_out


async def test_endpoints_that_may_not_be_read_prove_nothing():
    objects = [*healthy(), make_service(selector={"app": "checkout-v2"})]

    found = await diagnose(cluster=FakeCluster(objects, forbidden=["endpointslices"]))

    assert found.root_cause is None
    assert any("endpointslices" in why for why in found.not_read)


def exposed(status=None):
    service = make_service()
    service["spec"]["type"] = "LoadBalancer"
    return service | {"status": status or {}}


async def test_a_load_balancer_without_an_address_tells_what_its_controller_says():
    failed = make_event("SyncLoadBalancerFailed", "quota of addresses is used up", kind="Service", name="checkout")

    found = await diagnose(*healthy(), exposed(), make_endpoint_slice(), failed)

    assert found.root_cause.cause == "service-lb-pending"
    assert "quota of addresses is used up" in found.summary
    assert found.verdict is Verdict.CONFIRMED


async def test_a_load_balancer_with_an_address_is_fine():
    found = await diagnose(
        *healthy(), exposed({"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}), make_endpoint_slice()
    )

    assert found.health == "healthy"
