from datetime import timedelta

import pytest

from tests.builders.kubernetes import NOW, running, waiting
from tests.builders.kubernetes_platform import make_event
from tests.builders.observations import diagnose
from tests.builders.shop_faults import IMAGE, POD, current_set, deployment, pod_with, previous_set
from tools.contract import Verdict

PULL = f'failed to pull and unpack image "{IMAGE}"'
RESOLVE = f'failed to resolve reference "{IMAGE}"'

ERRORS = {
    "image-not-found": f"rpc error: code = NotFound desc = {PULL}: {RESOLVE}: {IMAGE}: not found",
    "image-auth": f"{PULL}: {RESOLVE}: pull access denied, repository does not exist or may require authorization:"
    " server message: insufficient_scope: authorization failed",
    "image-registry-unreachable": f'{PULL}: {RESOLVE}: failed to do request: Head "https://registry.example/v2/": dial'
    " tcp: lookup registry.example on 10.96.0.10:53: no such host",
    "image-rate-limit": f"{PULL}: toomanyrequests: You have reached your pull rate limit.",
    "image-platform-mismatch": f"{PULL}: no match for platform in manifest sha256:abc: not found",
    "image-tls": f"{RESOLVE}: tls: failed to verify certificate: x509: certificate signed by unknown authority",
    "image-signature": f"image pull failed for {IMAGE} because the signature validation failed: no signatures",
}


@pytest.mark.parametrize("cause", ERRORS)
async def test_names_why_an_image_cannot_be_pulled_from_the_waiting_message_of_1_36(cause):
    message = f'Back-off pulling image "{IMAGE}": ErrImagePull: {ERRORS[cause]}'

    found = await diagnose(deployment(), current_set(), pod_with(waiting("ImagePullBackOff", message)))

    assert found.root_cause.cause == cause
    assert found.verdict is Verdict.CONFIRMED
    assert ERRORS[cause][:60] in found.root_cause.evidence[0].text


async def test_reads_the_error_from_the_event_when_the_waiting_message_lacks_it():
    bare = pod_with(waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}"'))
    event = make_event("Failed", f'Failed to pull image "{IMAGE}": {ERRORS["image-auth"]}', name=POD)

    found = await diagnose(deployment(), current_set(), bare, event)

    assert found.root_cause.cause == "image-auth"
    assert [one.source for one in found.root_cause.evidence] == ["cluster", "event"]


async def test_is_only_likely_when_no_error_is_stored_any_more():
    found = await diagnose(
        deployment(), current_set(), pod_with(waiting("ImagePullBackOff", f'Back-off pulling image "{IMAGE}"'))
    )

    assert found.root_cause.cause == "image-pull-backoff"
    assert found.verdict is Verdict.LIKELY


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        ("InvalidImageName", 'Failed to apply default image tag "Checkout:V1 "', "image-invalid-name"),
        (
            "ErrImageNeverPull",
            f'Container image "{IMAGE}" is not present with pull policy of Never',
            "image-never-pull",
        ),
        ("ErrImagePull", "something nobody has seen before", "image-pull-error"),
        ("RegistryUnavailable", f"image pull failed for {IMAGE} because the registry is unavailable: timeout", None),
    ],
)
async def test_knows_each_waiting_reason_of_the_image_phase(reason, message, cause):
    found = await diagnose(deployment(), current_set(), pod_with(waiting(reason, message)))

    assert found.root_cause.cause == (cause or "image-registry-unreachable")


async def test_the_first_sentence_names_workload_environment_and_image():
    message = f'Back-off pulling image "{IMAGE}": ErrImagePull: {ERRORS["image-not-found"]}'

    found = await diagnose(deployment(), current_set(), pod_with(waiting("ImagePullBackOff", message)))

    assert found.summary.startswith(
        "checkout cannot start in shop-staging: the image registry.example/checkout:2.4.1 does not exist (tag not"
        " found)."
    )


async def test_a_rollout_that_brought_the_image_explains_it_and_can_be_rolled_back():
    message = f'Back-off pulling image "{IMAGE}": ErrImagePull: {ERRORS["image-not-found"]}'

    found = await diagnose(
        deployment(), previous_set(), current_set(), pod_with(waiting("ImagePullBackOff", message), minutes_old=20)
    )

    assert found.change.explains
    assert found.change.at == NOW - timedelta(minutes=20)
    assert [action.tool for action in found.actions] == ["rollback_workload"]
    assert found.actions[0].args == {"workload": "Deployment/checkout", "environment": "shop-staging", "to_revision": 1}


async def test_a_pull_that_is_under_way_is_no_finding():
    creating = pod_with(waiting("ContainerCreating"), minutes_old=1)

    found = await diagnose(deployment(), current_set(minutes_old=1), creating)

    assert found.root_cause is None
    assert found.health == "progressing"


async def test_an_old_pull_error_of_a_container_that_runs_is_no_finding():
    event = make_event("Failed", f'Failed to pull image "{IMAGE}": {ERRORS["image-auth"]}', name=POD, minutes_ago=50)

    found = await diagnose(deployment(ready=1), current_set(), pod_with(running()), event)

    assert found.health == "healthy"
    assert found.root_cause is None


async def test_a_pull_secret_that_the_kubelet_could_not_find_is_named():
    text = "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed."
    refused = f'ErrImagePull: failed to resolve reference "{IMAGE}": pull access denied'

    found = await diagnose(
        deployment(),
        current_set(),
        pod_with(waiting("ImagePullBackOff", refused)),
        make_event("FailedToRetrieveImagePullSecret", text, name=POD),
    )

    assert found.root_cause.cause == "image-auth"
    assert "the pull secret regcred" in found.summary
    assert any("regcred" in one.text for one in found.root_cause.evidence)
