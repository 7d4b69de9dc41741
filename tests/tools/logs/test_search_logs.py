"""Log lines of a workload, through the real adapter."""

import pytest

from tests.builders.small_cluster import FixedTargets, SmallCluster, make_app, small_cluster, workload
from tools.errors import Forbidden, Unavailable
from tools.logs.pods import PodLogStore
from tools.logs.search_logs import MAX_LINES, SearchLogsArgs, SearchLogsResult, search_logs

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


async def test_the_last_run_of_a_crashing_container_is_read(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=CRASH) as small:
        result = await searched(small)

    texts = [line.text for line in result.lines]
    assert "ERROR cannot reach DB" in texts
    assert "Traceback (most recent call last): … OSError: no [+2 lines of trace]" in texts
    assert {line.where for line in result.lines} == {"log app (previous run)"}
    assert result.lines[0].subject.startswith("Pod shop-staging/checkout-")
    times = [line.at for line in result.lines]
    assert times == sorted(times, reverse=True)


async def test_a_text_is_found_whatever_its_case(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), kubelet=CRASH) as small:
        result = await searched(small, pattern="cannot REACH")

    assert {line.text for line in result.lines} == {"ERROR cannot reach DB"}
    assert result.matched == 2
    assert not result.truncated


async def test_a_text_that_does_not_occur_gives_no_line(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), kubelet=CRASH) as small:
        result = await searched(small, pattern="nowhere")

    assert (result.lines, result.matched, result.containers_read) == ((), 0, 2)


async def test_many_lines_are_summed_up_and_the_rare_error_is_kept(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=CHATTY) as small:
        result = await searched(small)

    assert [line.text for line in result.lines] == [
        "ERROR x",
        *[f"GET /item/{number} 200" for number in (299, 298, 297)],
    ]
    assert (result.matched, result.truncated) == (301, True)
    assert [(pattern.level, pattern.count, pattern.pattern) for pattern in result.patterns] == [
        ("error", 1, "ERROR x"),
        ("info", 300, "GET /item/<num> <num>"),
    ]


async def test_many_lines_of_many_kinds_are_cut_and_said(tmp_path) -> None:
    words = [f"{first}{second}" for first in "abcdefgh" for second in "abcdefgh"]
    rule = [{"match": {"workload": "checkout"}, "logs": words}]
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=rule) as small:
        result = await searched(small)

    assert (len(result.lines), result.matched, result.truncated) == (MAX_LINES, 64, True)


async def test_all_containers_of_all_pods_are_read(tmp_path) -> None:
    two = workload(containers=[make_app(), {"name": "proxy", "image": "proxy:1"}])
    rules = [
        {"match": {"container": "proxy"}, "logs": ["from {container}"]},
        {"match": {"container": "app"}, "logs": ["from {container}"]},
    ]
    async with small_cluster(tmp_path, two, kubelet=rules) as small:
        result = await searched(small)

    assert result.containers_read == 4
    assert sorted(line.text for line in result.lines) == ["from app", "from app", "from proxy", "from proxy"]


async def test_a_container_that_never_started_is_noted(tmp_path) -> None:
    rule = [{"match": {"workload": "checkout"}, "do": "image_error"}]
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=rule) as small:
        result = await searched(small)

    assert result.lines == ()
    assert "waiting to start" in result.notes[0]


async def test_only_previous_runs_when_asked_so(tmp_path) -> None:
    async with small_cluster(tmp_path, workload("StatefulSet", "db", replicas=1)) as small:
        result = await searched(small, workload="db", previous=True)

    assert result.lines == ()
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
    assert result.lines


async def test_when_no_log_can_be_read_the_cluster_is_unavailable(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), kubelet=CRASH) as small:
        small.emulator.faults.error(500, path="/log$", times=100)

        with pytest.raises(Unavailable):
            await searched(small)
