"""A confirmed plan is applied once, to the spec that was shown."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import repeat
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from tests.builders.api_server import answer, failure, serving, write_kubeconfig
from tests.builders.kubernetes import NAMESPACE, NOW, make_deployment, uid_of
from tools.cluster.applying import ATTEMPTS, CHANGE_ID, apply_plan
from tools.cluster.kubernetes import KubernetesConnection
from tools.contract import Confirmed, ObjectRef, Plan, Precondition
from tools.errors import Forbidden, PlanStale, Unavailable

TARGET = ObjectRef(
    cluster="prod", namespace=NAMESPACE, kind="Deployment", name="checkout", uid=uid_of("Deployment", "checkout")
)


class OneDeployment:
    """One stored object. `interrupts` run one by one between the caller's read and its write."""

    def __init__(self) -> None:
        self.stored = make_deployment()
        self.patches: list[dict[str, Any]] = []
        self.interrupts: Iterator[Callable[[], None]] = iter(())
        self.deleted = False

    def status_moves(self) -> None:
        self.stored["metadata"]["resourceVersion"] = str(int(self.stored["metadata"]["resourceVersion"]) + 1)

    def spec_moves(self) -> None:
        self.status_moves()
        self.stored["metadata"]["generation"] += 1

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if self.deleted:
            return failure(404, "NotFound", 'deployments.apps "checkout" not found')
        if request.method == "GET":
            return answer(self.stored)
        next(self.interrupts, lambda: None)()
        body = orjson.loads(await request.read())
        self.patches.append(body)
        if body["metadata"]["resourceVersion"] != self.stored["metadata"]["resourceVersion"]:
            return failure(409, "Conflict", "the object has been modified")
        self.stored = deepcopy(self.stored)
        self.stored["metadata"]["annotations"] |= body["metadata"]["annotations"]
        self.stored["spec"]["replicas"] = body["spec"]["replicas"]
        self.spec_moves()
        return answer(self.stored, Audit_Id="audit-1")


def confirmed(change_id: str = "p-1", **precondition: Any) -> Confirmed[Plan]:
    shown = {"target": TARGET, "resource_version": "100", "generation": 1} | precondition
    plan = Plan(
        tool="scale_workload",
        args={},
        target=TARGET,
        precondition=Precondition(**shown),
        summary="Scale",
        diff=(),
        patch={"spec": {"replicas": 5}},
        risk="low",
        inverse=None,
        planned_at=NOW,
    )
    return Confirmed(plan, change_id)


@pytest.fixture
def world() -> OneDeployment:
    return OneDeployment()


@pytest.fixture
async def cluster(world: OneDeployment, tmp_path: Path):
    async with serving(world) as url:
        connection = await KubernetesConnection.open(name="prod", kubeconfig=write_kubeconfig(tmp_path, url))
        yield connection.acting_as(None)
        await connection.close()


async def test_writes_the_patch_with_the_change_id(world, cluster) -> None:
    receipt = await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)

    assert world.stored["spec"]["replicas"] == 5
    assert world.stored["metadata"]["annotations"][CHANGE_ID] == "p-1"
    assert (receipt.already_applied, receipt.audit_ids, receipt.resource_version) == (False, ("audit-1",), "101")
    assert receipt.applied_at == NOW


async def test_a_status_update_since_the_plan_does_not_void_it(world, cluster) -> None:
    world.status_moves()

    await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)

    assert world.patches[0]["metadata"]["resourceVersion"] == "101"


async def test_an_edit_of_the_spec_since_the_plan_voids_it(world, cluster) -> None:
    world.spec_moves()

    with pytest.raises(PlanStale, match="generation 1 then, 2 now"):
        await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)

    assert world.patches == []


async def test_a_new_object_of_the_same_name_voids_it(world, cluster) -> None:
    world.stored["metadata"]["uid"] = "another"

    with pytest.raises(PlanStale, match="created anew"):
        await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)

    assert world.patches == []


async def test_a_deleted_object_voids_it(world, cluster) -> None:
    world.deleted = True

    with pytest.raises(PlanStale, match="deleted"):
        await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)


async def test_a_repeat_changes_nothing_and_says_so(world, cluster) -> None:
    await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)

    again = await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)

    assert again.already_applied
    assert len(world.patches) == 1


async def test_another_change_is_not_taken_for_a_repeat(world, cluster) -> None:
    await apply_plan(confirmed("p-1"), cluster=cluster, clock=lambda: NOW)

    with pytest.raises(PlanStale):
        await apply_plan(confirmed("p-2"), cluster=cluster, clock=lambda: NOW)


async def test_survives_a_status_update_in_the_moment_of_writing(world, cluster) -> None:
    world.interrupts = iter([world.status_moves])

    receipt = await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)

    assert not receipt.already_applied
    assert len(world.patches) == 2


async def test_an_edit_of_the_spec_in_the_moment_of_writing_voids_it(world, cluster) -> None:
    world.interrupts = iter([world.spec_moves])

    with pytest.raises(PlanStale, match="generation"):
        await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)

    assert world.stored["spec"]["replicas"] == 3


async def test_finds_that_its_own_earlier_attempt_landed_meanwhile(world, cluster) -> None:
    def lands() -> None:
        world.stored["metadata"]["annotations"][CHANGE_ID] = "p-1"
        world.spec_moves()

    world.interrupts = iter([lands])

    assert (await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)).already_applied


async def test_gives_up_on_an_object_that_never_rests(world, cluster) -> None:
    world.interrupts = repeat(world.status_moves)

    with pytest.raises(PlanStale, match="written by others too often"):
        await apply_plan(confirmed(), cluster=cluster, clock=lambda: NOW)

    assert len(world.patches) == ATTEMPTS


@pytest.mark.parametrize(("code", "error"), [(403, Forbidden), (503, Unavailable)])
async def test_a_refused_write_is_raised(tmp_path: Path, code: int, error: type[Exception]) -> None:
    async def refuse(request: web.Request) -> web.StreamResponse:
        return answer(make_deployment()) if request.method == "GET" else failure(code, "Any", "no")

    async with serving(refuse) as url:
        connection = await KubernetesConnection.open(name="prod", kubeconfig=write_kubeconfig(tmp_path, url))
        with pytest.raises(error):
            await apply_plan(confirmed(), cluster=connection.acting_as(None), clock=lambda: NOW)
        await connection.close()
