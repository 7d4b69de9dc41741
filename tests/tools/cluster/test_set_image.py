"""Another image, from plan to outcome, on the emulated cluster."""

import pytest

from tests.builders.outcomes import carried_out
from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, make_app, small_cluster, workload
from tools.cluster.set_image import SetImageArgs, apply_set_image, plan_set_image, verify_set_image
from tools.contract import Confirmed, Plan
from tools.errors import Ambiguous, InvalidArgs, NotFound, PlanStale

TARGETS = FixedTargets("Deployment/checkout", "StatefulSet/db")
STEPS = (plan_set_image, apply_set_image, verify_set_image)
REPOSITORY = "registry.example.com/shop/app"
BAD = [{"match": {"image": "*:9.9.9"}, "do": "image_error", "message": "not found"}]


async def plan(small: SmallCluster, image: str, container: str | None = None) -> Plan:
    args = SetImageArgs(workload="checkout", image=image, container=container)
    return await plan_set_image(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


def image_of(small: SmallCluster, kind: str = "Deployment", name: str = "checkout") -> str:
    return small.stored(kind, name)["spec"]["template"]["spec"]["containers"][0]["image"]


@pytest.mark.parametrize(("kind", "name"), [("Deployment", "checkout"), ("StatefulSet", "db")])
async def test_all_pods_run_the_new_image(tmp_path, kind: str, name: str) -> None:
    async with small_cluster(tmp_path, workload(kind, name)) as small:
        before = small.pod_uids()
        _, _, seen = await carried_out(STEPS, SetImageArgs(workload=name, image="2.0.0"), small, TARGETS)

        assert seen.healthy, seen.summary
        assert image_of(small, kind, name) == f"{REPOSITORY}:2.0.0"
        assert not set(before) & set(small.pod_uids())


async def test_the_plan_shows_the_resolved_image_and_the_way_back(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        planned = await plan(small, "2.0.0")

    assert planned.summary == "Set the image of checkout in shop-staging to 2.0.0"
    assert [(change.path, change.before, change.after) for change in planned.diff] == [
        ("spec.template.spec.containers[app].image", f"{REPOSITORY}:1.0.0", f"{REPOSITORY}:2.0.0")
    ]
    assert planned.inverse is not None
    assert planned.inverse.args == {
        "workload": "Deployment/checkout",
        "environment": NAMESPACE,
        "container": "app",
        "image": f"{REPOSITORY}:1.0.0",
    }
    assert planned.warnings == ()


async def test_the_way_back_leads_to_the_image_before(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        planned, _, _ = await carried_out(STEPS, SetImageArgs(workload="checkout", image="2.0.0"), small, TARGETS)
        assert planned.inverse is not None
        undo = planned.inverse.args | {"workload": "checkout"}

        back = await plan_set_image(SetImageArgs(**undo), cluster=small.acting_as(), targets=TARGETS, clock=small.now)
        await apply_set_image(Confirmed(back, "p-2"), cluster=small.acting_as(), clock=small.now)

        assert image_of(small) == f"{REPOSITORY}:1.0.0"


@pytest.mark.parametrize(
    ("image", "warning"),
    [
        ("latest", "names no fixed version"),
        (REPOSITORY, "names no fixed version"),
        ("evil.example.com/shop/app:1", "repository changes from registry.example.com/shop/app to evil.example.com"),
    ],
)
async def test_an_unfixed_version_and_another_repository_are_warned_of(tmp_path, image: str, warning: str) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        planned = await plan(small, image)

    assert warning in planned.warnings[0]
    assert planned.risk == "medium"


async def test_the_same_image_is_no_change(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        with pytest.raises(InvalidArgs, match=r"has the image .*:1\.0\.0 already"):
            await plan(small, "1.0.0")


async def test_among_several_containers_one_must_be_named(tmp_path) -> None:
    two = workload(containers=[make_app(), {"name": "proxy", "image": "proxy:1"}])
    async with small_cluster(tmp_path, two) as small:
        with pytest.raises(Ambiguous) as several:
            await plan(small, "2.0.0")
        with pytest.raises(NotFound) as missing:
            await plan(small, "2.0.0", container="sidecar")
        planned = await plan(small, "2", container="proxy")

    assert several.value.candidates == missing.value.candidates == ("app", "proxy")
    assert planned.summary == "Set the image of container proxy of checkout in shop-staging to 2"
    assert [change.path for change in planned.diff] == ["spec.template.spec.containers[proxy].image"]


async def test_an_image_that_cannot_be_pulled_ends_unhealthy(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), kubelet=BAD) as small:
        _, _, seen = await carried_out(STEPS, SetImageArgs(workload="checkout", image="9.9.9"), small, TARGETS)

    assert not seen.healthy
    assert "ImagePullBackOff" in seen.summary


async def test_a_repeat_with_the_same_id_changes_nothing(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        planned = await plan(small, "2.0.0")
        first = await apply_set_image(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)
        again = await apply_set_image(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)

    assert (first.already_applied, again.already_applied) == (False, True)


async def test_an_image_set_by_somebody_else_meanwhile_makes_the_plan_stale(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        planned, other = await plan(small, "2.0.0"), await plan(small, "3.0.0")
        await apply_set_image(Confirmed(other, "p-2"), cluster=small.acting_as(), clock=small.now)

        with pytest.raises(PlanStale, match="was edited since"):
            await apply_set_image(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)

        assert image_of(small) == f"{REPOSITORY}:3.0.0"


async def test_a_paused_rollout_is_refused(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(paused=True)) as small:
        with pytest.raises(InvalidArgs, match="paused"):
            await plan(small, "2.0.0")
