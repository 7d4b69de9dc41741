import pytest

from tests.builders.kubernetes_platform import make_endpoint_slice, make_service
from tests.builders.observations import FakeCluster, diagnose
from tests.builders.platform_objects import make_custom, make_ingress
from tests.builders.shop_faults import current_set, deployment, pod

NGINX = make_custom("IngressClass", "nginx")
FINE = (deployment(ready=1), current_set(), pod(), make_service(), make_endpoint_slice(), NGINX)


async def test_a_right_ingress_is_no_finding():
    found = await diagnose(*FINE, make_ingress())

    assert found.health == "healthy"
    assert found.others == ()


@pytest.mark.parametrize("port", [8080, "grpc"])
async def test_a_port_that_the_service_does_not_offer_is_found(port):
    found = await diagnose(*FINE, make_ingress(port=port))

    assert found.root_cause.cause == "ingress-no-backend"
    assert f"sends to port {port} of the Service checkout, which offers port 80 (http)" in found.summary


async def test_a_service_that_does_not_exist_is_found_by_its_likeness_to_the_workload():
    found = await diagnose(*FINE, make_ingress("checkout-svc"))

    assert found.root_cause.cause == "ingress-no-backend"
    assert "checkout-svc, which does not exist" in found.summary


async def test_an_ingress_of_another_service_does_not_matter():
    found = await diagnose(*FINE, make_ingress("gone"))

    assert found.health == "healthy"


async def test_a_class_that_does_not_exist_is_found():
    found = await diagnose(*FINE, make_ingress(ingressClassName="public"))

    assert found.root_cause.cause == "ingress-class-missing"


async def test_an_ingress_that_a_controller_has_taken_up_needs_no_class_object():
    taken = make_ingress(ingressClassName="public") | {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}

    found = await diagnose(*FINE, taken)

    assert found.health == "healthy"


async def test_a_default_class_serves_an_ingress_without_one():
    default = {"annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}}
    without = make_ingress(ingressClassName=None)

    with_default = await diagnose(*FINE[:-1], make_custom("IngressClass", "nginx", metadata=default), without)
    with_none = await diagnose(*FINE, without)

    assert with_default.health == "healthy"
    assert with_none.root_cause.cause == "ingress-class-missing"


async def test_classes_that_may_not_be_read_are_not_missing():
    cluster = FakeCluster([*FINE, make_ingress(ingressClassName="public")], forbidden=["ingressclasses"])

    found = await diagnose(cluster=cluster)

    assert found.health == "healthy"
    assert found.not_read == ()
