"""Who may do what: tokens, roles, impersonation, reviews."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from evals.emulators.kubernetes import KubernetesEmulator
from tests.builders.emulated_shop import shop_world

PODS = "/api/v1/namespaces/shop/pods"
ALICE = [("Impersonate-User", "alice@example.com")]


@pytest.fixture
async def emulator() -> AsyncIterator[KubernetesEmulator]:
    async with shop_world() as running:
        yield running


async def ask(
    emulator: KubernetesEmulator, path: str, user: str, *headers: tuple[str, str], body: Any = None
) -> tuple[int, Any]:
    sent = [*headers, *([("Authorization", f"Bearer {emulator.token_for(user)}")] if user else [])]
    method = "GET" if body is None else "POST"
    async with (
        ClientSession() as session,
        session.request(method, emulator.url + path, headers=sent, json=body) as response,
    ):
        return response.status, await response.json()


async def test_a_wrong_token_is_unauthorized(emulator: KubernetesEmulator) -> None:
    status, body = await ask(emulator, PODS, "", ("Authorization", "Bearer nonsense"))

    assert status == 401
    assert (body["reason"], body["message"]) == ("Unauthorized", "Unauthorized")


async def test_no_token_is_the_anonymous_user(emulator: KubernetesEmulator) -> None:
    status, body = await ask(emulator, PODS, "")

    assert status == 403
    assert 'User "system:anonymous" cannot list resource "pods"' in body["message"]


async def test_the_bot_has_the_rights_of_the_person_it_acts_for(emulator: KubernetesEmulator) -> None:
    alone, _ = await ask(emulator, PODS, "infra-assistant")
    as_alice, _ = await ask(emulator, PODS, "infra-assistant", *ALICE, ("Impersonate-Group", "dev"))
    no_group, body = await ask(emulator, PODS, "infra-assistant", *ALICE)

    assert (alone, as_alice, no_group) == (403, 200, 403)
    assert 'User "alice@example.com" cannot list' in body["message"]


async def test_several_groups_are_all_checked_and_all_count(emulator: KubernetesEmulator) -> None:
    groups = [("Impersonate-Group", "dev"), ("Impersonate-Group", "oncall")]
    both, _ = await ask(emulator, PODS, "infra-assistant", *ALICE, *groups)
    one_forbidden, body = await ask(emulator, PODS, "infra-assistant", *ALICE, *groups, ("Impersonate-Group", "root"))

    assert both == 200
    assert one_forbidden == 403
    assert body["message"] == (
        'groups "root" is forbidden: User "infra-assistant" cannot impersonate resource "groups" in API group "" '
        "at the cluster scope"
    )
    assert emulator.requests[-1].impersonated_groups == ("dev", "oncall", "root")


async def test_a_group_without_a_user_is_refused(emulator: KubernetesEmulator) -> None:
    status, body = await ask(emulator, PODS, "infra-assistant", ("Impersonate-Group", "dev"))

    assert status == 400
    assert "without impersonating a user" in body["message"]


async def test_subresources_and_names_are_rights_of_their_own(emulator: KubernetesEmulator) -> None:
    secrets, _ = await ask(emulator, "/api/v1/namespaces/shop/secrets", "alice@example.com")
    elsewhere, _ = await ask(emulator, "/api/v1/namespaces/default/pods", "alice@example.com")
    scale, body = await ask(emulator, "/apis/apps/v1/namespaces/shop/deployments/cart/scale", "alice@example.com")

    assert (secrets, elsewhere, scale) == (403, 403, 200)
    assert body["spec"] == {"replicas": 1}


async def test_an_access_review_names_the_binding_that_allows(emulator: KubernetesEmulator) -> None:
    attributes = {"namespace": "shop", "verb": "list", "resource": "pods"}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }

    _, body = await ask(
        emulator, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "alice@example.com", body=review
    )

    reason = 'RBAC: allowed by RoleBinding "dev/shop" of ClusterRole "view" to Group "dev"'
    assert body["status"] == {"allowed": True, "reason": reason}


async def test_a_self_review_says_who_is_impersonated(emulator: KubernetesEmulator) -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}

    _, body = await ask(
        emulator, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "infra-assistant", *ALICE, body=review
    )

    assert body["status"]["userInfo"] == {"username": "alice@example.com", "groups": ["system:authenticated"]}


async def test_a_review_counts_as_no_mutation(emulator: KubernetesEmulator) -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}

    await ask(emulator, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "admin", body=review)

    assert emulator.mutations() == []
    assert emulator.requests[-1].user == "admin"


async def test_anyone_may_ask_for_the_version(emulator: KubernetesEmulator) -> None:
    status, body = await ask(emulator, "/version", "")

    assert (status, body["minor"]) == (200, "36")
