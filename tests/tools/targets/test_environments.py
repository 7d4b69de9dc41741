"""Which namespaces an environment is."""

import pytest

from tests.builders.cluster_rights import RightsCluster, make_object
from tools.errors import Forbidden, InvalidArgs, NotFound, Unavailable
from tools.targets import ClusterTargets, EnvironmentRule

SPACES = [
    make_object("Namespace", "kube-system"),
    make_object("Namespace", "shop-staging", environment="staging"),
    make_object("Namespace", "pay", environment="Stage"),
    make_object("Namespace", "shop-prod"),
    make_object("Namespace", "tools"),
]


def targets(cluster, rules=None):
    return ClusterTargets({"main": cluster}, "main", None, rules or {})


async def test_settings_decide_and_cost_no_call():
    cluster = RightsCluster(SPACES)
    rules = {"Production": EnvironmentRule(namespaces=("b", "a"))}

    assert await targets(cluster, rules).namespaces("prod") == ("a", "b")
    assert cluster.calls == []


async def test_a_namespace_label_comes_before_a_name():
    cluster = RightsCluster([*SPACES, make_object("Namespace", "old-staging")])

    assert await targets(cluster).namespaces("staging") == ("pay", "shop-staging")
    assert len(cluster.calls) == 1


@pytest.mark.parametrize("label", ["app_kubernetes_io__environment", "env"])
async def test_other_common_labels_count_too(label):
    cluster = RightsCluster([make_object("Namespace", "shop", **{label: "qa"})])

    assert await targets(cluster).namespaces("qa") == ("shop",)


@pytest.mark.parametrize(
    ("words", "namespaces"),
    [("production", ("shop-prod",)), ("the prod environment", ("shop-prod",)), ("tools", ("tools",))],
)
async def test_without_settings_and_labels_the_name_counts(words, namespaces):
    assert await targets(RightsCluster(SPACES)).namespaces(words) == namespaces


async def test_an_unknown_environment_is_not_found_with_the_nearest():
    with pytest.raises(NotFound) as raised:
        await targets(RightsCluster(SPACES)).namespaces("stagin")

    assert raised.value.candidates[0] == "staging"
    assert "kube-system" not in raised.value.message


async def test_an_environment_like_no_other_gets_all_known_ones():
    rules = {"live": EnvironmentRule(namespaces=("x",))}

    with pytest.raises(NotFound) as raised:
        await targets(RightsCluster(SPACES), rules).namespaces("qqq")

    assert raised.value.candidates == ("Stage", "live", "staging")


async def test_without_the_right_to_list_namespaces_the_exact_name_is_enough():
    cluster = RightsCluster(SPACES, may=("shop-staging",), namespaces_listed=False)

    assert await targets(cluster).namespaces("shop-staging") == ("shop-staging",)


async def test_without_the_right_to_list_namespaces_settings_help_to_guess():
    cluster = RightsCluster(SPACES, may=("shop-staging",), namespaces_listed=False)
    rules = {"production": EnvironmentRule(namespaces=("shop-prod",))}

    assert await targets(cluster, rules).namespaces("staging") == ("shop-staging",)
    assert len(cluster.calls) < 12


async def test_a_guess_counts_when_it_holds_a_workload_though_namespaces_may_not_be_got():
    objects = [*SPACES, make_object("Deployment", "checkout", "shop-staging")]
    cluster = RightsCluster(objects, may=("shop-staging",), namespaces_listed=False, namespaces_got=False)
    rules = {"production": EnvironmentRule(namespaces=("shop-prod",))}

    assert await targets(cluster, rules).namespaces("staging") == ("shop-staging",)


async def test_when_no_guess_holds_the_missing_right_is_named():
    cluster = RightsCluster(SPACES, may=(), namespaces_listed=False)

    with pytest.raises(Forbidden) as raised:
        await targets(cluster).namespaces("staging")

    assert raised.value.missing == "list namespaces in all namespaces"


async def test_an_environment_of_another_cluster_is_refused_by_name():
    rules = {"production": EnvironmentRule(namespaces=("shop",), cluster="eu")}

    with pytest.raises(InvalidArgs, match="'eu'"):
        await targets(RightsCluster(SPACES), rules).namespaces("production")


async def test_a_cluster_that_does_not_answer_is_told():
    cluster = RightsCluster(SPACES, error=Unavailable("The cluster does not answer.", system="cluster"))

    with pytest.raises(Unavailable):
        await targets(cluster).namespaces("staging")
