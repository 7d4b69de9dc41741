"""How a service is, wherever it runs."""

import pytest

from tests.builders.shop_reads import shop_reads
from tools.contract import Verdict
from tools.diagnosis.diagnose_service import DiagnoseServiceArgs, diagnose_service
from tools.errors import Forbidden, NotFound


@pytest.fixture
async def shop(tmp_path):
    async with shop_reads(tmp_path) as reads:
        yield reads


async def tell(shop, service, environment=None, **other):
    return await diagnose_service(DiagnoseServiceArgs(service=service, environment=environment), **(shop.ports | other))


async def test_every_environment_and_failing_dependency_is_told(shop):
    told = await tell(shop, "checkout")

    assert told.summary == (
        "checkout fails in part in shop-staging and is healthy in shop-production. "
        "Failing dependencies: cart in shop-staging, orders in shop-staging and payments in shop-staging."
    )
    assert (told.component, told.owner) == ("component:default/checkout", "group:default/shop")
    assert (told.health, told.verdict) == ("degraded", Verdict.CONFIRMED)
    own = [one for one in told.workloads if not one.depends]
    assert [one.workload.namespace for one in own] == ["shop-staging", "shop-production"]
    assert {one.workload.name for one in told.workloads if one.depends} == {"cart", "orders", "payments"}


async def test_its_conclusion_puts_its_own_failure_first_and_suggests_only_what_changes_itself(shop):
    conclusion = (await tell(shop, "checkout")).conclusion()

    assert conclusion.claims[0].text.startswith("The new version of checkout keeps crashing in shop-staging")
    assert conclusion.next_steps[0].startswith("checkout in shop-staging: ")
    assert [(action.tool, action.args["environment"]) for action in conclusion.actions] == [
        ("rollback_workload", "shop-staging")
    ]
    assert all(claim.evidence for claim in conclusion.claims)


async def test_one_environment_only_when_one_was_named(shop):
    told = await tell(shop, "checkout", "production")

    assert told.namespaces == ("shop-production",)
    assert told.health == "healthy"


async def test_a_healthy_service_is_healthy_everywhere(shop):
    told = await tell(shop, "products")

    assert told.summary == "products is healthy in shop-production and shop-staging."
    assert told.conclusion().claims


async def test_a_resource_of_the_catalog_is_a_service_too(shop):
    told = await tell(shop, "orders-db", "staging")

    assert told.health == "down"
    assert "fast-ssd" in told.workloads[0].sentence


async def test_without_a_catalog_the_name_of_the_workload_does(shop):
    told = await tell(shop, "checkout", "staging", catalog=None)

    assert (told.component, told.health) == (None, "degraded")
    assert not [one for one in told.workloads if one.depends]


async def test_the_number_of_requests_is_bounded(shop):
    shop.emulator.requests.clear()

    await tell(shop, "checkout")

    assert len(shop.emulator.requests) <= 260
    assert not shop.emulator.mutations()


async def test_an_unknown_service_names_the_nearest(shop):
    with pytest.raises(NotFound) as missing:
        await tell(shop, "chekout", "staging")

    assert any("checkout" in name for name in missing.value.candidates)


async def test_an_unknown_environment_names_the_known(shop):
    with pytest.raises(NotFound, match="stagging"):
        await tell(shop, "checkout", "stagging")


class Blind:
    """A cluster that may be looked at one namespace at a time."""

    def __init__(self, cluster):
        self._cluster = cluster

    def __getattr__(self, name):
        return getattr(self._cluster, name)

    async def list(self, resource, namespace, **more):
        if resource.namespaced and namespace is None:
            raise Forbidden("you may not", missing="list everywhere")
        return await self._cluster.list(resource, namespace, **more)


async def test_who_may_not_look_everywhere_is_told_of_what_names_resolve_to(shop):
    told = await tell(shop, "checkout", cluster=Blind(shop.ports["cluster"]))

    assert set(told.namespaces) == {"shop-production", "shop-staging"}
