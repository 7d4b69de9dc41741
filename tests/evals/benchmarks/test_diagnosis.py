"""The benchmark of a large namespace, on a small one: it measures what it says."""

from evals.benchmarks import diagnosis, many_pods
from evals.benchmarks.__main__ import benchmarks, intro, result
from evals.benchmarks.diagnosis import Row, table


def test_each_way_finds_what_is_broken_and_stands_beside_the_naive_one():
    told = diagnosis.run(pods=100)

    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in told.splitlines() if line.startswith("|")]
    found = {row[0]: row[-1] for row in rows[2:]}
    assert list(found) == ["diagnose_workload", "triage_namespace", "typed list of all pods"]
    assert found["diagnose_workload"] == "dns-failure"
    assert found["triage_namespace"] == "1 of 5 fail"
    assert found["typed list of all pods"] == f"{many_pods.BROKEN} pods not ready"
    assert rows[-1][-2] == "1"


def test_the_table_gives_ratios_to_the_last_row():
    rows = [Row("ours", 0.5, 0.25, 0.01, 4, 20, "x"), Row("naive", 2, 1, 1, 400, 1, "y")]

    ours = table(rows, 5000).splitlines()[4]

    assert ours == "| ours | 0.50 s | 0.25 | 0.25 s | 0.25 | 10 ms | 0.01 | 4 MB | 0.01 | 20 | x |"


def test_the_namespace_has_as_many_pods_as_asked_for():
    store = many_pods.build(200)

    assert len(store.objects["pods"]) == 200
    assert len(store.objects["deployments"]) == 10


def test_every_module_with_a_run_is_a_benchmark():
    names = {module.__name__.rpartition(".")[2] for module in benchmarks()}

    assert {"diagnosis", "logs"} <= names
    assert not names & {"many_pods", "log_samples"}
    assert all(intro(module) for module in benchmarks())


def test_a_coroutine_is_a_run_too():
    class Module:
        async def run(self) -> str:
            return "a table"

    assert result(Module()) == "a table"
