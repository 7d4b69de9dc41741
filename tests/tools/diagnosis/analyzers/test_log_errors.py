from datetime import timedelta

from tests.builders.kubernetes import NOW
from tests.builders.observations import diagnose
from tests.builders.shop_faults import current_set, deployment, pod

EXPIRED = "ssl: x509: certificate has expired or is not yet valid\n"


async def healthy(log):
    return await diagnose(deployment(ready=1), current_set(), pod(), logs={"app": log})


async def test_a_kind_of_error_that_is_known_and_repeats_is_likely_the_cause():
    found = await healthy(EXPIRED * 4)

    assert found.root_cause.cause == "cert-expired-app"
    assert found.verdict == "likely"
    assert found.health == "degraded"


async def test_errors_of_an_unknown_kind_are_remarked_on_a_healthy_workload():
    found = await healthy("ERROR cannot price the basket\n" * 5)

    assert found.health == "healthy"
    assert "But the log of app shows 5 errors in the last 15 minutes" in found.summary
    assert [one.cause for one in found.others] == ["log-errors"]


async def test_one_error_is_not_worth_a_word():
    found = await healthy("INFO ok\nERROR once\nINFO ok\n")

    assert found.summary == "checkout is healthy in shop-staging: 1 of 1 pods ready."
    assert found.others == ()


async def test_a_host_that_cannot_be_resolved_again_and_again_is_the_cause_although_pods_are_ready():
    found = await healthy("socket.gaierror: [Errno -2] memcom:6379: Name or service not known\n" * 4)

    assert found.root_cause.cause == "dns-failure"
    assert "memcom" in found.summary


async def test_errors_of_an_hour_ago_are_history():
    later = NOW + timedelta(hours=1)

    found = await diagnose(deployment(ready=1), current_set(), pod(), logs={"app": EXPIRED * 4}, now=later)

    assert found.health == "healthy"
    assert found.others == ()
