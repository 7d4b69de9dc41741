import pytest

from tests.builders.kubernetes_platform import make_endpoint_slice, make_event, make_service
from tests.builders.observations import diagnose
from tests.builders.platform_objects import make_custom
from tests.builders.shop_faults import NEW, current_set, deployment

REFUSED = make_event(
    "FailedCreate",
    'Error creating: Internal error occurred: failed calling webhook "pods.policy.example": failed to call webhook: '
    'Post "https://policy.policies.svc:443/": no endpoints available for service "policy"',
    kind="ReplicaSet",
    name=NEW,
)


def webhook(policy="Fail"):
    service = {"namespace": "policies", "name": "policy"}
    row = {"name": "pods.policy.example", "failurePolicy": policy, "clientConfig": {"service": service}}
    return make_custom("ValidatingWebhookConfiguration", "policy", webhooks=[row])


def elsewhere(thing):
    return {**thing, "metadata": {**thing["metadata"], "namespace": "policies"}}


async def test_a_webhook_without_its_service_is_the_cause_of_the_refusal():
    found = await diagnose(deployment(), current_set(replicas=0), REFUSED, webhook())

    assert found.root_cause.cause == "webhook-backend-missing"
    assert "policies/policy, which does not exist" in found.summary
    assert "webhook-unavailable" in [one.cause for one in found.effects]


@pytest.mark.parametrize(("ready", "cause"), [(0, "webhook-backend-missing"), (2, "webhook-unavailable")])
async def test_the_endpoints_of_the_webhook_decide(ready, cause):
    service, slices = elsewhere(make_service("policy")), elsewhere(make_endpoint_slice("policy", ready=ready))

    found = await diagnose(deployment(), current_set(replicas=0), REFUSED, webhook(), service, slices)

    assert found.root_cause.cause == cause
