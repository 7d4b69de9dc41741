"""Why a workload works here and not there."""

import pytest

from tests.builders.kubernetes import NAMESPACE, NOW, make_container, make_deployment, make_pod_spec, make_template
from tests.builders.kubernetes_platform import (
    make_autoscaler,
    make_config_map,
    make_disruption_budget,
    make_quota,
    make_service,
)
from tests.builders.observations import FakeCluster, FakeLogs
from tests.builders.shop_reads import shop_reads
from tools.contract import ObjectRef, Verdict
from tools.diagnosis.collect import collect
from tools.diagnosis.compare_environments import CompareEnvironmentsArgs, compare_environments
from tools.diagnosis.differences import differences
from tools.diagnosis.reading import Reading
from tools.diagnosis.setting import read_setting
from tools.errors import InvalidArgs, NotFound


@pytest.fixture
async def shop(tmp_path):
    async with shop_reads(tmp_path) as reads:
        yield reads


async def compare(shop, workload, working="production", failing="staging"):
    args = CompareEnvironmentsArgs(workload=workload, working=working, failing=failing)
    return await compare_environments(args, **shop.ports)


@pytest.mark.parametrize(
    ("workload", "path", "said"),
    [
        ("checkout", "containers[checkout].env[PAYMENTS_TIMEOUT_MS]", "the variable PAYMENTS_TIMEOUT_MS has another"),
        ("payments", "containers[payments].image", "the image: registry.shop.example/payments:1.9.0-rc4 in staging"),
        ("cart", "containers[cart].resources.limits.memory", "the memory limit: 64Mi in staging, 512Mi in production"),
        ("inventory", "ConfigMap inventory-settings key warehouse-url", "the key warehouse-url of the ConfigMap"),
        ("notifications", "containers[notifications].readinessProbe", "the readiness probe: GET :http/health,"),
        ("orders", "dependency orders-db", "its dependency orders-db: no ready endpoint in staging"),
        ("orders-db", "volumeClaimTemplates[data] storage class", "the storage class of the volume data: fast-ssd"),
        ("recommendations", "containers[recommendations].resources.requests.memory", "the memory request: 64Gi"),
        ("search", "labels", "the labels of its pods: app=search-api"),
    ],
)
async def test_what_explains_the_failure_comes_first(shop, workload, path, said):
    told = await compare(shop, workload)

    assert (told.differences[0].path, told.differences[0].likelihood) == (path, "named")
    assert said in told.summary
    assert told.verdict is Verdict.CONFIRMED
    assert told.conclusion().next_steps[0].startswith("Give staging what production has")


async def test_the_conclusion_names_the_cause_before_the_differences(shop):
    conclusion = (await compare(shop, "cart")).conclusion()

    assert "OOMKilled" in conclusion.claims[0].text
    assert conclusion.claims[-1].text == "The number of replicas: 2 in shop-staging, 6 in shop-production."
    assert all(claim.evidence for claim in conclusion.claims)


async def test_values_of_variables_are_never_told(shop):
    told = await compare(shop, "checkout")

    row = next(row for row in told.differences if "PAYMENTS_TIMEOUT_MS" in row.path)
    assert (row.working, row.failing) == ("a value", "another value")


async def test_a_workload_that_does_not_fail_there_is_said_to_be_well(shop):
    told = await compare(shop, "products")

    assert told.summary == "products does not fail in staging: 2 of 2 pods ready. Nothing differs."
    assert told.verdict is Verdict.CONFIRMED


async def test_environments_are_taken_as_they_are_found_not_as_they_were_said(shop):
    told = await compare(shop, "cart", working="staging", failing="production")

    assert (told.working.namespace, told.failing.namespace) == ("shop-production", "shop-staging")
    assert "the memory limit: 64Mi in staging, 512Mi in production" in told.summary


async def test_the_same_place_twice_is_no_comparison(shop):
    with pytest.raises(InvalidArgs, match="same place"):
        await compare(shop, "checkout", working="staging", failing="shop-staging")


async def test_an_unknown_workload_names_the_nearest(shop):
    with pytest.raises(NotFound):
        await compare(shop, "chekout")


async def setting(*objects):
    reading = Reading(FakeCluster(objects), FakeLogs({}), NAMESPACE)
    target = ObjectRef(cluster="test", namespace=NAMESPACE, kind="Deployment", name="checkout")
    return await read_setting(reading, await collect(reading, target, now=NOW, environment="staging"))


def web(**container):
    spec = make_pod_spec([make_container("app", envFrom=[{"configMapRef": {"name": "settings"}}], **container)])
    return make_deployment(template=make_template("checkout", spec))


async def test_what_surrounds_the_workload_is_compared():
    works = await setting(
        web(),
        make_config_map("settings", url="x", timeout="1"),
        make_service(),
        make_autoscaler(),
        make_disruption_budget(),
        make_quota(hard={"pods": "50"}),
    )
    fails = await setting(
        web(), make_config_map("settings", url="y"), make_service(target=9090), make_quota(hard={"pods": "5"})
    )

    found = {one.path: (one.here, one.there) for one in differences(works, fails)}

    assert found == {
        "HorizontalPodAutoscaler": ("2 to 10", None),
        "PodDisruptionBudget": ("checkout", None),
        "ConfigMap settings key timeout": ("set", None),
        "Service checkout ports": ("80 to 8080", "80 to 9090"),
        "ResourceQuota team": ("pods=50", "pods=5"),
    }


async def test_a_config_map_with_another_name_is_compared_by_its_place():
    one = await setting(web(), make_config_map("settings", url="x"))
    spec = make_pod_spec([make_container("app", envFrom=[{"configMapRef": {"name": "settings-v2"}}])])
    two = await setting(
        make_deployment(template=make_template("checkout", spec)), make_config_map("settings-v2", url="x", more="y")
    )

    paths = {found.path for found in differences(one, two)}

    assert "ConfigMap settings-v2 key more" in paths
    assert "ConfigMap settings-v2 key url" not in paths


async def test_what_may_not_be_read_is_no_difference():
    allowed = await setting(web(), make_quota())
    reading = Reading(FakeCluster([web()], forbidden=["resourcequotas", "configmaps"]), FakeLogs({}), NAMESPACE)
    target = ObjectRef(cluster="test", namespace=NAMESPACE, kind="Deployment", name="checkout")
    refused = await read_setting(reading, await collect(reading, target, now=NOW, environment="staging"))

    assert differences(allowed, refused) == ()
    assert any("resourcequotas" in why for why in refused.not_read)
