from tests.builders.kubernetes_platform import make_endpoint_slice, make_service
from tests.builders.observations import diagnose
from tests.builders.platform_objects import make_custom, make_ingress, unready
from tests.builders.shop_faults import current_set, deployment, pod

TLS = make_ingress(tls=[{"hosts": ["shop.example"], "secretName": "shop-tls"}])
FINE = (deployment(ready=1), current_set(), pod(), make_service(), make_endpoint_slice(), TLS)
NGINX = make_custom("IngressClass", "nginx")


def certificate(until=None, secret="shop-tls"):
    status = unready("Failed", "order is in invalid state") | ({"notAfter": until} if until else {})
    return make_custom("Certificate", "shop", spec={"secretName": secret}, status=status)


async def test_a_certificate_that_was_never_issued_is_a_cause():
    found = await diagnose(*FINE, NGINX, certificate())

    assert found.root_cause.cause == "cert-manager-not-ready"
    assert "order is in invalid state" in found.summary


async def test_a_certificate_that_is_still_valid_is_a_remark():
    found = await diagnose(*FINE, NGINX, certificate(until="2027-01-01T00:00:00Z"))

    assert found.health == "healthy"
    assert "runs out on 2027-01-01" in found.others[0].title


async def test_a_certificate_that_has_run_out_is_a_cause():
    found = await diagnose(*FINE, NGINX, certificate(until="2026-11-01T00:00:00Z"))

    assert "has expired on 2026-11-01" in found.summary


async def test_the_certificate_of_another_secret_does_not_matter():
    found = await diagnose(*FINE, NGINX, certificate(secret="other"))

    assert (found.health, found.others) == ("healthy", ())
