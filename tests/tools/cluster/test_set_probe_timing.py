"""Timing of probes, from plan to outcome, on the emulated cluster."""

from typing import Any

import pytest

from tests.builders.outcomes import carried_out
from tests.builders.small_cluster import FixedTargets, SmallCluster, make_app, small_cluster, workload
from tools.cluster.set_probe_timing import (
    SetProbeTimingArgs,
    apply_set_probe_timing,
    plan_set_probe_timing,
    verify_set_probe_timing,
)
from tools.contract import Confirmed, Plan
from tools.errors import InvalidArgs

TARGETS = FixedTargets("Deployment/checkout")
STEPS = (plan_set_probe_timing, apply_set_probe_timing, verify_set_probe_timing)
LIVENESS = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 5}


def checkout() -> dict:
    return workload(containers=[make_app(livenessProbe=LIVENESS)])


async def plan(small: SmallCluster, probe: str = "liveness", **wanted: Any) -> Plan:
    args = SetProbeTimingArgs(workload="checkout", probe=probe, **wanted)
    return await plan_set_probe_timing(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


def probe_of(small: SmallCluster) -> dict:
    return small.stored("Deployment", "checkout")["spec"]["template"]["spec"]["containers"][0]["livenessProbe"]


async def test_only_the_timing_changes_and_undo_restores_it(tmp_path) -> None:
    async with small_cluster(tmp_path, checkout()) as small:
        before = probe_of(small)
        args = SetProbeTimingArgs(workload="checkout", probe="liveness", initial_delay_seconds=60, period_seconds=20)
        planned, _, seen = await carried_out(STEPS, args, small, TARGETS)
        after = probe_of(small)
        assert planned.inverse is not None
        undo = planned.inverse.args | {"workload": "checkout"}
        back = await plan_set_probe_timing(
            SetProbeTimingArgs(**undo), cluster=small.acting_as(), targets=TARGETS, clock=small.now
        )
        await apply_set_probe_timing(Confirmed(back, "p-2"), cluster=small.acting_as(), clock=small.now)

        assert seen.healthy, seen.summary
        assert after == {**before, "initialDelaySeconds": 60, "periodSeconds": 20}
        assert {key: value for key, value in probe_of(small).items() if value} == before


async def test_the_plan_says_what_the_timing_means(tmp_path) -> None:
    async with small_cluster(tmp_path, checkout()) as small:
        planned = await plan(small, failure_threshold=6, initial_delay_seconds=30)

    assert planned.summary.startswith("Set initial delay seconds to 30, failure threshold to 6 of the liveness probe")
    assert planned.effects[0] == (
        "First asked 30 s after the start, then every 5 s; restarted after about 30 s without a good answer."
    )
    assert {change.path.rpartition(".")[2] for change in planned.diff} == {"initialDelaySeconds", "failureThreshold"}


@pytest.mark.parametrize(
    ("wanted", "warning"), [({"failure_threshold": 1}, "One slow answer"), ({"timeout_seconds": 30}, "may take 30 s")]
)
async def test_impatient_and_overlapping_probes_are_warned_of(tmp_path, wanted: dict, warning: str) -> None:
    async with small_cluster(tmp_path, checkout()) as small:
        planned = await plan(small, **wanted)

    assert warning in planned.warnings[0]


@pytest.mark.parametrize(
    ("probe", "wanted", "why"),
    [
        ("startup", {"period_seconds": 5}, "has no startup probe .it has: liveness, readiness"),
        ("liveness", {}, "Say which timing"),
        ("liveness", {"period_seconds": 5}, "already"),
    ],
)
async def test_a_missing_probe_and_no_change_are_refused(tmp_path, probe: str, wanted: dict, why: str) -> None:
    async with small_cluster(tmp_path, checkout()) as small:
        with pytest.raises(InvalidArgs, match=why):
            await plan(small, probe, **wanted)
