"""How much a change disturbs."""

import pytest

from tests.builders.kubernetes import make_daemon_set, make_deployment, make_stateful_set
from tests.builders.kubernetes_platform import make_autoscaler, make_disruption_budget
from tools.cluster.blast import autoscalers_of, budgets_of, disturbs, raised, replaces_pods
from tools.cluster.models.resources import AUTOSCALERS, DAEMON_SETS, DEPLOYMENTS, DISRUPTION_BUDGETS, STATEFUL_SETS
from tools.cluster.ownership import Owner


def rolling(**room) -> dict:
    return {"strategy": {"type": "RollingUpdate", "rollingUpdate": room}}


@pytest.mark.parametrize(
    ("changed", "words", "risk"),
    [
        ({"replicas": 0}, "no pods now", "low"),
        ({"replicas": 1}, "1 pod restarts, up to 1 new at a time; old pods stop only when new ones are ready", "low"),
        ({"replicas": 3}, "3 pods restart, up to 1 new at a time", "low"),
        ({"replicas": 8}, "up to 2 unavailable at a time", "low"),
        ({"spec": rolling(maxUnavailable=1, maxSurge=0), "replicas": 1}, "up to 1 unavailable", "medium"),
        ({"spec": rolling(maxUnavailable="100%", maxSurge=0), "replicas": 3}, "up to 3 unavailable", "medium"),
        ({"spec": rolling(maxUnavailable="10%", maxSurge="0%"), "replicas": 3}, "up to 1 unavailable", "low"),
        ({"spec": {"strategy": {"type": "Recreate"}}}, "an outage", "high"),
    ],
)
def test_a_deployment_restarts_as_its_strategy_says(changed: dict, words: str, risk: str) -> None:
    sentence, level = replaces_pods(DEPLOYMENTS.parse(make_deployment(**changed)))

    assert words in sentence
    assert level == risk


def test_a_stateful_set_restarts_one_pod_at_a_time() -> None:
    sentence, risk = replaces_pods(STATEFUL_SETS.parse(make_stateful_set()))

    assert "one at a time, the highest ordinal first" in sentence
    assert risk == "low"


def test_a_daemon_set_restarts_by_its_max_unavailable() -> None:
    assert "up to 1 unavailable" in replaces_pods(DAEMON_SETS.parse(make_daemon_set()))[0]


def test_finds_the_autoscaler_of_the_workload_only() -> None:
    workload = DEPLOYMENTS.parse(make_deployment())
    scalers = [make_autoscaler(), make_autoscaler("cart"), make_autoscaler(kind="StatefulSet")]

    found = autoscalers_of(workload, [AUTOSCALERS.parse(scaler) for scaler in scalers])

    assert [(scaler.name, scaler.spec.scale_target_ref.kind) for scaler in found] == [("checkout", "Deployment")]


def test_finds_the_budgets_that_select_its_pods() -> None:
    workload = DEPLOYMENTS.parse(make_deployment())
    budgets = [make_disruption_budget(), make_disruption_budget("cart"), make_disruption_budget("all", selector={})]

    found = budgets_of(workload, [DISRUPTION_BUDGETS.parse(budget) for budget in budgets])

    assert [budget.name for budget in found] == ["checkout", "all"]


def test_a_writer_that_reverts_raises_the_risk() -> None:
    argo = Owner(name="Argo CD application shop", reverts=True, where="x")
    helm = Owner(name="Helm release shop", reverts=False, where="x")

    assert disturbs([helm], "the replicas")[1] == "low"
    warnings, risk = disturbs([argo, helm], "the replicas")
    assert risk == "medium"
    assert "Argo CD application shop will revert this" in warnings[0]
    assert "next upgrade may overwrite" in warnings[1]


def test_the_highest_risk_wins() -> None:
    assert raised("low", "high", "medium") == "high"
    assert raised() == "low"
