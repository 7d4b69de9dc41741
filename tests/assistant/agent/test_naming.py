"""A change may only aim at what a person named or a tool observed."""

import pytest

from assistant.agent.naming import is_known, words
from tests.builders.agent import WorkloadArgs, make_ref
from tools.contract import Args

CHECKOUT = make_ref("checkout", "shop-staging")


def known(said, workload="checkout", environment=None, target=CHECKOUT, observed=()):
    return is_known(target, WorkloadArgs(workload=workload, environment=environment), words([said]), observed)


@pytest.mark.parametrize(
    ("said", "environment"),
    [
        ("restart checkout", None),
        ("restart checkout in staging", "staging"),
        ("restart checkout in staging", "shop-staging"),
        ("restart checkout in shop-staging", "staging"),
        ("restart Deployment/checkout in STAGING!", "staging"),
        ("restart component:default/checkout in staging", "staging"),
    ],
)
def test_a_target_that_was_named_with_its_place_is_known(said, environment):
    assert known(said, environment=environment)


def test_an_abbreviated_environment_is_named():
    assert known("restart checkout in prod", environment="production", target=make_ref("checkout", "shop-production"))


@pytest.mark.parametrize(
    ("said", "workload", "environment"),
    [
        ("restart it", "checkout", None),
        ("restart cart", "checkout", None),
        ("restart checkout", "checkout", "production"),
        ("restart checkout of shop", "checkout", "shop-production"),
        ("restart checkout, the product page is slow", "checkout", "production"),
        ("restart checkout, the product page is slow", "checkout", "shop-production"),
        ("restart the checkouts", "checkout", None),
    ],
)
def test_a_name_or_place_that_nobody_said_is_not_known(said, workload, environment):
    assert not known(said, workload, environment)


def test_a_component_that_was_named_makes_its_workload_known():
    assert known("restart the storefront", workload="storefront", target=make_ref("web-7", "shop-staging"))


def test_what_a_tool_observed_is_known():
    assert known("restart it", observed=[CHECKOUT])


def test_an_object_of_that_name_elsewhere_is_another_one():
    assert not known("restart it", observed=[make_ref("checkout", "shop-production")])


def test_an_object_that_was_replaced_is_another_one():
    before, now = (CHECKOUT.model_copy(update={"uid": uid}) for uid in ("1", "2"))

    assert not known("restart it", target=now, observed=[before])


class GitopsArgs(Args):
    name: str
    namespace: str | None = None


def test_a_namespace_that_a_model_chose_must_have_been_said():
    target = make_ref("shop", "flux-system", kind="Kustomization")

    assert is_known(target, GitopsArgs(name="shop"), words(["reconcile shop"]), ())
    chosen = GitopsArgs(name="shop", namespace="flux-system")
    assert is_known(target, chosen, words(["reconcile shop in flux-system"]), ())
    assert not is_known(target, chosen, words(["reconcile shop"]), ())
