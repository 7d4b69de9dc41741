from tests.builders.kubernetes_platform import make_endpoint_slice, make_namespace, make_service
from tests.builders.observations import diagnose
from tests.builders.platform_objects import make_custom, make_route, unready
from tests.builders.shop_faults import current_set, deployment, pod

FINE = (deployment(ready=1), current_set(), pod(), make_service(), make_endpoint_slice(), make_namespace())
CLASS = make_custom("GatewayClass", "envoy")


def gateway(listener=None, *, namespace="shop-staging", **more):
    spec = {"gatewayClassName": "envoy", "listeners": [listener or {"name": "web"}]}
    return make_custom("Gateway", "public", namespace=namespace, spec=spec, **more)


async def test_a_route_that_is_attached_is_no_finding():
    found = await diagnose(*FINE, CLASS, gateway(), make_route())

    assert (found.health, found.others) == ("healthy", ())


async def test_a_gateway_that_does_not_exist_is_found():
    found = await diagnose(*FINE, make_route())

    assert found.root_cause.cause == "route-not-attached"
    assert "shop-staging/public, which does not exist" in found.summary


async def test_a_class_that_does_not_exist_is_found():
    found = await diagnose(*FINE, gateway(), make_route())

    assert found.root_cause.cause == "gateway-not-ready"


async def test_a_gateway_that_is_not_programmed_explains_a_route_that_is_not_accepted():
    refused = {"parents": [unready("NoMatchingParent", kind="Accepted")]}
    broken = gateway(status=unready("AddressNotAssigned", "no address", kind="Programmed"))

    found = await diagnose(*FINE, CLASS, broken, make_route(status=refused))

    assert found.root_cause.cause == "gateway-not-ready"
    assert [one.cause for one in found.effects] == ["route-not-attached"]


async def test_a_gateway_that_its_controller_has_not_looked_at_yet_is_no_finding():
    found = await diagnose(*FINE, CLASS, gateway(status=unready("Pending", kind="Accepted")), make_route())

    assert found.health == "healthy"


async def test_a_listener_that_selects_namespaces_by_label_is_asked_by_the_labels_of_the_route():
    rule = {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "other"}}}}

    found = await diagnose(*FINE, CLASS, gateway({"name": "web", "allowedRoutes": rule}), make_route())

    assert found.root_cause.cause == "route-not-attached"


async def test_a_port_that_the_service_does_not_offer_is_found():
    found = await diagnose(*FINE, CLASS, gateway(), make_route(port=9000))

    assert found.root_cause.cause == "ingress-no-backend"
