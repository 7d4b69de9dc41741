"""Log lines of a workload, through the real adapter."""

from datetime import timedelta

import pytest

from evals.tokens import pieces
from tests.builders.small_cluster import FixedTargets, SmallCluster, make_app, small_cluster, workload
from tools.cluster.kubernetes import KubernetesCluster
from tools.errors import Forbidden, Unavailable
from tools.logs.models import CountedPattern, LogChunk, LogLine
from tools.logs.pods import PodLogStore
from tools.logs.port import PastQuery
from tools.logs.search_logs import SearchLogsArgs, SearchLogsResult, search_logs

TARGETS = FixedTargets("Deployment/checkout", "StatefulSet/db", "Job/migrate", "CronJob/report")
CRASH = [
    {
        "match": {"workload": "checkout"},
        "do": "exit",
        "exit_code": 3,
        "logs": [
            "starting {attempt}",
            "ERROR cannot reach DB",
            "Traceback (most recent call last):",
            "  File x",
            "OSError: no",
        ],
    }
]
CHATTY = [
    {"match": {"workload": "checkout"}, "logs": [f"GET /item/{number} 200" for number in range(300)] + ["ERROR x"]}
]


async def searched(small: SmallCluster, group: str = "dev", **args) -> SearchLogsResult:
    cluster = small.acting_as("alice@example.com", group)
    asked = SearchLogsArgs(**{"workload": "checkout"} | args)
    return await search_logs(asked, logs=PodLogStore(cluster), cluster=cluster, targets=TARGETS, clock=small.now)


async def test_the_last_run_of_a_crashing_container_is_read_and_its_trace_is_one_line(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=CRASH) as small:
        result = await searched(small)

    (error, start) = result.templates
    assert error.evidence.text == "ERROR cannot reach DB … OSError: no [+3 lines of trace]"
    assert error.evidence.where.startswith("log app (previous run), once at ")
    assert error.evidence.subject.startswith("Pod shop-staging/checkout-")
    assert (error.level, error.count, start.level) == ("error", 1, "info")
    assert result.matched == 5
    assert result.observed() == (result.workload,)


async def test_a_text_is_found_whatever_its_case(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), kubelet=CRASH) as small:
        result = await searched(small, pattern="cannot REACH")

    (template,) = result.templates
    assert template.evidence.text.startswith("ERROR cannot reach DB")
    assert template.evidence.where.endswith(" in 2 pods")
    assert (result.matched, template.count) == (2, 2)
    assert not result.truncated


async def test_a_text_that_does_not_occur_gives_no_line(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), kubelet=CRASH) as small:
        result = await searched(small, pattern="nowhere")

    assert (result.templates, result.lines, result.matched, result.containers_read) == ((), (), 0, 2)


async def test_many_lines_are_summed_up_with_few_of_them_verbatim(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=CHATTY) as small:
        result = await searched(small)

    assert [(each.level, each.count, each.evidence.text) for each in result.templates] == [
        ("error", 1, "ERROR x"),
        ("info", 300, "GET /item/299 200"),
    ]
    assert sum(result.templates[1].over_time) == 300
    assert result.around is not None
    assert result.around.text == "GET /item/297 200\nGET /item/298 200\nGET /item/299 200\nERROR x"
    assert [line.text for line in result.lines] == [f"GET /item/{number} 200" for number in (296, 295, 294)]
    assert (result.matched, result.truncated, result.more) == (301, False, {})


async def test_what_does_not_fit_is_counted_by_level(tmp_path) -> None:
    words = [f"{first}{second}" for first in "abcdefgh" for second in "abcdefgh"]
    rule = [{"match": {"workload": "checkout"}, "logs": [*words, "WARN late", "ERROR boom"]}]
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=rule) as small:
        result = await searched(small)

    assert [template.level for template in result.templates[:3]] == ["error", "warning", "info"]
    assert sum(template.count for template in result.templates) + sum(result.more.values()) == 66
    assert (set(result.more), result.truncated) == ({"info"}, True)


async def test_the_result_costs_about_a_thousand_tokens_however_much_is_logged(tmp_path) -> None:
    texts = [
        f"ERROR {first * 9} failed because {second * 400} {first}" for first in "abcdefgh" for second in "stuvwxyz"
    ]
    rule = [{"match": {"workload": "checkout"}, "logs": texts * 5}]
    async with small_cluster(tmp_path, workload(), kubelet=rule) as small:
        result = await searched(small)

    assert pieces(result.model_dump_json()) < 1_300
    assert result.truncated


class WithHistory(PodLogStore):
    """Pod logs beside a log store that gives the same answer to everything."""

    def __init__(self, cluster: KubernetesCluster, past: LogChunk) -> None:
        super().__init__(cluster)
        self._past = past

    async def past(self, query: PastQuery) -> LogChunk:
        return self._past


async def with_history(small: SmallCluster, past: LogChunk, **args) -> SearchLogsResult:
    cluster = small.acting_as()
    asked = SearchLogsArgs(workload="checkout", **args)
    return await search_logs(asked, logs=WithHistory(cluster, past), cluster=cluster, targets=TARGETS, clock=small.now)


async def test_complaints_that_are_new_since_the_rollout_come_first(tmp_path) -> None:
    rule = [{"match": {"workload": "checkout"}, "logs": ["WARN brand new", "ready"]}]
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=rule) as small:
        before = small.now() - timedelta(minutes=90)
        gone = [
            LogLine(pod="checkout-old", container="app", text=f"ERROR old trouble {n}", at=before) for n in range(9)
        ]
        result = await with_history(small, LogChunk(lines=tuple(gone)), since_minutes=120)

    assert [(each.trend, each.evidence.text) for each in result.templates] == [
        ("new", "WARN brand new"),
        (None, "ERROR old trouble 8"),
        ("new", "ready"),
    ]
    assert result.templates[1].evidence.subject == "Pod shop-staging/checkout-old"
    assert result.rolled_out_at is not None
    assert before < result.rolled_out_at < small.now()


async def test_what_a_log_store_counted_but_did_not_read_is_shown_as_counted(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(replicas=0)) as small:
        at = small.now() - timedelta(minutes=5)
        pattern = CountedPattern(text="level=error <_> no route", count=40, first_at=at, last_at=at)
        result = await with_history(small, LogChunk(lines=(), missing="It holds 12 GB.", patterns=(pattern,)))

    (template,) = result.templates
    assert (template.level, template.count) == ("error", 40)
    assert template.evidence.where == f"log store, 40 times at {at:%H:%M}"
    assert template.evidence.subject == "Deployment shop-staging/checkout"
    assert result.notes == ("Deployment shop-staging/checkout has no pods now.", "It holds 12 GB.")


async def test_the_last_run_alone_is_not_looked_for_in_a_log_store(tmp_path) -> None:
    stored = LogChunk(lines=(LogLine(pod="checkout-old", container="app", text="ERROR stored"),))
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=CRASH) as small:
        result = await with_history(small, stored, previous=True)

    assert "ERROR stored" not in [each.evidence.text for each in result.templates]


async def test_all_containers_of_all_pods_are_read(tmp_path) -> None:
    two = workload(containers=[make_app(), {"name": "proxy", "image": "proxy:1"}])
    rules = [
        {"match": {"container": "proxy"}, "logs": ["from {container}"]},
        {"match": {"container": "app"}, "logs": ["from {container}"]},
    ]
    async with small_cluster(tmp_path, two, kubelet=rules) as small:
        result = await searched(small)

    assert result.containers_read == 4
    assert sorted((each.evidence.text, each.count) for each in result.templates) == [("from app", 2), ("from proxy", 2)]


async def test_a_container_that_never_started_is_noted(tmp_path) -> None:
    rule = [{"match": {"workload": "checkout"}, "do": "image_error"}]
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=rule) as small:
        result = await searched(small)

    assert result.templates == ()
    assert "waiting to start" in result.notes[0]


async def test_only_previous_runs_when_asked_so(tmp_path) -> None:
    async with small_cluster(tmp_path, workload("StatefulSet", "db", replicas=1)) as small:
        result = await searched(small, workload="db", previous=True)

    assert result.templates == ()
    assert "previous terminated container" in result.notes[0]


async def test_a_workload_without_pods_says_so(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(replicas=0)) as small:
        result = await searched(small)

    assert result.notes == ("Deployment shop-staging/checkout has no pods now.",)


async def test_without_the_right_to_logs_it_is_named(tmp_path) -> None:
    narrow = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "dev", "namespace": "shop-staging"},
        "rules": [{"apiGroups": ["", "apps"], "resources": ["pods", "deployments"], "verbs": ["get", "list"]}],
    }
    async with small_cluster(tmp_path, workload(), narrow) as small:
        with pytest.raises(Forbidden) as caught:
            await searched(small)

    assert caught.value.missing == "get pods/log in shop-staging"


async def test_one_silent_node_does_not_hide_the_others(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), kubelet=CRASH) as small:
        small.emulator.faults.error(500, path="/log$", times=3)

        result = await searched(small)

    assert result.containers_read >= 1
    assert result.templates


async def test_when_no_log_can_be_read_the_cluster_is_unavailable(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), kubelet=CRASH) as small:
        small.emulator.faults.error(500, path="/log$", times=100)

        with pytest.raises(Unavailable):
            await searched(small)
