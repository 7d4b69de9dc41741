import pytest

from tests.builders.kubernetes import stamp
from tests.builders.kubernetes_platform import make_config_map
from tests.builders.observations import diagnose
from tests.builders.shop_faults import current_set, deployment, pod

INSTALLED = {"annotations": {"meta.helm.sh/release-name": "shop"}}
FINE = (deployment(ready=1, metadata=INSTALLED), current_set(), pod())


def revision(status, version=3, *, minutes_ago=60):
    made = make_config_map(f"sh.helm.release.v1.shop.v{version}")
    labels = {"owner": "helm", "name": "shop", "status": status, "version": str(version)}
    made["metadata"] |= {"labels": labels, "creationTimestamp": stamp(minutes_ago)}
    return made


@pytest.mark.parametrize(("status", "cause"), [("failed", "helm-failed"), ("pending-upgrade", "helm-pending")])
async def test_the_newest_revision_tells_that_a_release_is_stuck(status, cause):
    found = await diagnose(*FINE, revision("deployed", 2), revision(status, 10))

    assert [one.cause for one in found.others] == [cause]


@pytest.mark.parametrize("held", [revision("deployed"), revision("pending-upgrade", minutes_ago=2)])
async def test_a_release_that_is_deployed_or_being_upgraded_is_no_remark(held):
    found = await diagnose(*FINE, revision("failed", 2), held)

    assert found.others == ()
