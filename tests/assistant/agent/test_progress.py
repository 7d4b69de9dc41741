"""What a step is called while it runs."""

import pytest

from assistant.agent.progress import step_words


@pytest.mark.parametrize(
    ("tool", "args", "words"),
    [
        ("diagnose_workload", {"workload": "checkout", "environment": "staging"}, "Diagnosing checkout in staging"),
        ("get_changes", {"workload": "checkout"}, "Reading changes of checkout"),
        ("list_workloads", {"environment": "staging"}, "Listing workloads in staging"),
        (
            "restart_workload",
            {"workload": "checkout", "environment": "staging"},
            "Planning: restart checkout in staging",
        ),
        ("set_image", {"workload": "checkout", "image": "2"}, "Planning: set image of checkout"),
        ("pause_rollout", {"workload": "cart"}, "Planning: pause rollout of cart"),
        ("delete_pod", {"pod": "db-0", "environment": "staging"}, "Planning: delete pod db-0 in staging"),
        ("run_cronjob_now", {"cronjob": "report"}, "Planning: run cronjob report now"),
        ("cordon_node", {"node": "worker-1"}, "Planning: cordon node worker-1"),
        ("argocd_sync", {"application": "shop", "namespace": None}, "Planning: argocd sync of shop"),
    ],
)
def test_a_step_says_what_is_done_to_what_and_where(tool: str, args: dict, words: str) -> None:
    assert step_words(tool, args) == words
