"""What changed around a workload, in one timeline."""

from datetime import timedelta

import pytest

from tests.builders.kubernetes import NOW
from tests.builders.shop_reads import shop_reads
from tools.contract import Evidence, Source
from tools.diagnosis.models import Diagnosis
from tools.diagnosis.moments import MAX_MOMENTS, Moment, in_order
from tools.diagnosis.timeline import TimelineArgs, get_timeline
from tools.errors import Forbidden, InvalidArgs, NotFound


@pytest.fixture
async def shop(tmp_path):
    async with shop_reads(tmp_path) as reads:
        yield reads


async def timeline(shop, workload, environment="staging", since=None, **other):
    return await get_timeline(
        TimelineArgs(workload=workload, environment=environment, since_minutes=since), **(shop.ports | other)
    )


async def test_the_rollout_that_broke_it_stands_before_the_failure_and_is_marked(shop):
    told = await timeline(shop, "checkout")

    assert [(one.kind, one.suspect) for one in told.timeline[:2]] == [("failure", False), ("rollout", True)]
    assert (
        "changed the image from 2.4.0 to 2.4.1 and the variable PAYMENTS_TIMEOUT_MS" in told.timeline[1].evidence.text
    )
    assert told.explained_by.startswith("It began with the rollout of revision 2")
    assert [one.at for one in told.timeline] == sorted((one.at for one in told.timeline), reverse=True)
    assert [one.suspect for one in told.timeline].count(True) == 1


async def test_what_its_dependencies_rolled_out_is_there_too(shop):
    told = await timeline(shop, "checkout")

    others = [one.evidence.text for one in told.timeline if one.kind == "dependency"]
    assert "Revision 2 of payments changed the image from 1.8.2 to 1.9.0-rc4." in others
    assert not any("orders-db" in text for text in others)


async def test_a_write_of_its_configuration_just_before_the_failure_is_a_suspect(shop):
    told = await timeline(shop, "inventory")

    (written,) = [one for one in told.timeline if one.kind == "configuration"]
    assert written.suspect
    assert "ConfigMap shop-staging/inventory-settings" in told.explained_by


async def test_a_failure_that_no_change_explains_is_said_so(shop):
    told = await timeline(shop, "orders-db")

    assert told.explained_by.endswith("none of these changes explains it.")
    assert told.failing_since


async def test_scaling_counts_and_a_rollout_is_no_scaling(shop):
    scaled = await timeline(shop, "cart", "production")
    rolled = await timeline(shop, "cart", "staging")

    assert [one.evidence.text for one in scaled.timeline if one.kind == "scaling"] == [
        "Scaled up replica set cart-f984f77d8 from 2 to 6"
    ]
    assert not [one for one in rolled.timeline if one.kind == "scaling"]
    assert (scaled.failing_since, scaled.explained_by) == (None, "")


async def test_values_of_variables_are_never_told(shop):
    told = await timeline(shop, "checkout")

    assert "2s" not in "".join(one.evidence.text for one in told.timeline if one.kind == "rollout")


async def test_nothing_is_changed_and_secrets_are_not_read(shop):
    shop.emulator.requests.clear()

    await timeline(shop, "checkout")

    assert len(shop.emulator.requests) <= 120
    assert not any("/secrets" in str(request) for request in shop.emulator.requests)
    assert not shop.emulator.mutations()


class NoCatalog:
    async def by_refs(self, refs):
        raise Forbidden("no", missing="catalog")

    async def find(self, where, *, limit=500):
        raise Forbidden("no", missing="catalog")


async def test_a_catalog_that_refuses_leaves_the_workloads_own_changes(shop):
    told = await timeline(shop, "checkout", catalog=NoCatalog())

    assert not [one for one in told.timeline if one.kind == "dependency"]
    assert [one for one in told.timeline if one.kind == "rollout"]


async def test_its_conclusion_puts_the_explaining_change_first(shop):
    told = (await timeline(shop, "checkout")).conclusion()

    assert told.summary.startswith("It began with the rollout of revision 2")
    assert "Revision 2 of checkout changed the image from 2.4.0 to 2.4.1" in told.claims[0].text
    assert "It began to fail" in told.claims[1].text
    assert all(claim.evidence for claim in told.claims)


async def test_only_changes_of_the_time_asked_for_are_told(shop):
    told = await timeline(shop, "cart", "production", since=10)
    more = await timeline(shop, "cart", "production", since=45)

    assert told.timeline == ()
    assert told.summary.startswith("Nothing changed around cart in shop-production since ")
    assert [one.kind for one in more.timeline] == ["scaling"]
    assert "Scaled up replica set cart-f984f77d8 from 2 to 6" in more.summary


async def test_an_unknown_workload_names_the_nearest(shop):
    with pytest.raises(NotFound):
        await timeline(shop, "chekout")


async def test_a_kind_without_revisions_is_refused(shop):
    with pytest.raises((InvalidArgs, NotFound)):
        await timeline(shop, "CronJob/nightly")


def moment(minutes_before: float, kind="configuration") -> Moment:
    at = NOW - timedelta(minutes=minutes_before)
    fact = Evidence(source=Source.CHANGE, subject=f"ConfigMap a/{minutes_before}", where="x", text="written", at=at)
    return Moment(at=at, kind=kind, evidence=fact)


def diagnosis(**given) -> Diagnosis:
    target = {"cluster": "c", "namespace": "a", "kind": "Deployment", "name": "web"}
    root = {"cause": "app-exit-error", "title": "it ends", "subject": "Pod a/web", "evidence": (), "confidence": 0.9}
    base = {"target": target, "resolved": "name", "health": "down", "state": "0 of 1", "verdict": "confirmed"}
    return Diagnosis.model_validate(
        {**base, "summary": "x", "since": NOW, "root_cause": root, "examined_at": NOW, **given}
    )


def test_only_what_came_just_before_the_failure_is_a_suspect():
    found = [moment(5), moment(59), moment(90), moment(-30), moment(10, "node")]

    told = {(one.kind, one.evidence.subject): one.suspect for one in in_order(found, diagnosis())}

    assert told == {
        ("configuration", "ConfigMap a/5"): True,
        ("configuration", "ConfigMap a/59"): True,
        ("configuration", "ConfigMap a/90"): False,
        ("configuration", "ConfigMap a/-30"): False,
        ("node", "ConfigMap a/10"): False,
    }


def test_of_many_moments_those_around_the_onset_are_kept():
    found = [moment(100 + number) for number in range(40)] + [moment(1)]

    told = in_order(found, diagnosis())

    assert len(told) == MAX_MOMENTS
    assert told[0].evidence.subject == "ConfigMap a/1"


def test_without_a_failure_the_newest_are_kept():
    told = in_order([moment(number) for number in range(40)], diagnosis(health="healthy", since=None, root_cause=None))

    assert [one.evidence.subject for one in told] == [f"ConfigMap a/{number}" for number in range(MAX_MOMENTS)]
