"""One diagnosis in a namespace of 5,000 pods: `python -m evals.benchmarks.diagnosis`, a Markdown table.

Each way runs in a process of its own beside a server in another: time, longest pause of the event loop, growth of
resident memory, requests. The naive way is what many tools do: the client's typed list of all pods of the namespace.
"""

import asyncio
import gc
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import yaml

from evals.benchmarks import many_pods

PODS = 5_000
BEAT_SECONDS = 0.002
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Row:
    """One way. `seconds`: wall clock; `cpu_seconds`: of its processor; `megabytes`: growth of the peak resident memory;
    `block_seconds`: the longest the event loop stood still; `said`: what it found."""

    name: str
    seconds: float
    cpu_seconds: float
    block_seconds: float
    megabytes: float
    requests: int
    said: str


def run(pods: int = PODS) -> str:
    """The table: ours, triage of the whole namespace, and the naive way last, in the same run."""
    with _server(pods) as (port, calls):
        rows = [_measure(name, port, calls) for name in WAYS]
    return table(rows, pods)


def table(rows: list[Row], pods: int) -> str:
    """The rows as Markdown, each beside the naive way."""
    naive = rows[-1]
    head = (
        "way",
        "time",
        "of naive",
        "processor",
        "of naive",
        "loop block",
        "of naive",
        "memory",
        "of naive",
        "requests",
        "found",
    )
    body = [
        (
            row.name,
            f"{row.seconds:.2f} s",
            f"{row.seconds / naive.seconds:.2f}",
            f"{row.cpu_seconds:.2f} s",
            f"{row.cpu_seconds / naive.cpu_seconds:.2f}",
            f"{row.block_seconds * 1000:.0f} ms",
            f"{row.block_seconds / naive.block_seconds:.2f}",
            f"{row.megabytes:.0f} MB",
            f"{row.megabytes / max(naive.megabytes, 0.1):.2f}",
            str(row.requests),
            row.said,
        )
        for row in rows
    ]
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *body)]
    return "\n".join([f"A namespace of {pods:,} pods.", "", *lines])


@contextmanager
def _server(pods: int) -> Iterator[tuple[int, Callable[[], int]]]:
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=many_pods.serve, args=(pods, theirs), daemon=True)
    process.start()
    port: int = ours.recv()

    def calls() -> int:
        ours.send("calls")
        count: int = ours.recv()
        return count

    try:
        yield port, calls
    finally:
        ours.send("end")
        process.join(timeout=10)


def _measure(name: str, port: int, calls: Callable[[], int]) -> Row:
    """Run one way in a fresh process, so that none profits from what another has loaded."""
    ours, theirs = _SPAWN.Pipe()
    calls()
    process = _SPAWN.Process(target=_child, args=(name, port, theirs), daemon=True)
    process.start()
    warm = ours.recv()
    assert warm == "warm"
    calls()
    ours.send("go")
    seconds, cpu, block, megabytes, said = ours.recv()
    process.join(timeout=30)
    return Row(name, seconds, cpu, block, megabytes, calls(), said)


def _child(name: str, port: int, pipe: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "kubeconfig"
        config.write_text(yaml.safe_dump(_kubeconfig(port)))
        asyncio.run(WAYS[name](str(config), pipe))


async def _watched(pipe: Connection, work: Callable[[], Awaitable[str]]) -> None:
    """Do the work once and send what it cost."""
    gc.collect()
    before = _resident(now=True)
    pipe.send("warm")
    pipe.recv()
    longest, done = 0.0, False

    async def beat() -> None:
        nonlocal longest
        last = time.perf_counter()
        while not done:
            await asyncio.sleep(BEAT_SECONDS)
            now = time.perf_counter()
            longest, last = max(longest, now - last - BEAT_SECONDS), now

    pulse = asyncio.create_task(beat())
    await asyncio.sleep(0)
    start, cpu = time.perf_counter(), time.process_time()
    said = await work()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    done = True
    await pulse
    pipe.send((seconds, cpu, longest, (_resident() - before) / 1024, said))


def _resident(*, now: bool = False) -> int:
    """Peak resident memory of this process, kB; `now`: counted from this moment (Linux: /proc/self/clear_refs)."""
    if now:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])


async def _diagnose(config: str, pipe: Connection) -> None:
    from tools.diagnosis.diagnose_workload import DiagnoseWorkloadArgs, diagnose_workload

    async with _Reads(config) as reads:
        small = DiagnoseWorkloadArgs(workload="Deployment/service-001", environment=many_pods.NAMESPACE)
        await diagnose_workload(small, **reads.ports)  # models and connections are there, as in a running bot
        args = DiagnoseWorkloadArgs(workload=f"Deployment/{many_pods.TARGET}", environment=many_pods.NAMESPACE)

        async def work() -> str:
            found = await diagnose_workload(args, **reads.ports)
            return found.root_cause.cause if found.root_cause else found.health

        await _watched(pipe, work)


async def _triage(config: str, pipe: Connection) -> None:
    from tools.diagnosis.triage_namespace import TriageNamespaceArgs, triage_namespace

    async with _Reads(config) as reads:
        await reads.ports["targets"].workload("Deployment/service-001", many_pods.NAMESPACE)

        async def work() -> str:
            found = await triage_namespace(TriageNamespaceArgs(environment=many_pods.NAMESPACE), **reads.ports)
            return f"{found.failing} of {found.total} fail"

        await _watched(pipe, work)


async def _naive(config: str, pipe: Connection) -> None:
    from kubernetes.aio.client import ApiClient, Configuration, CoreV1Api
    from kubernetes.aio.config import load_kube_config

    configuration = Configuration()
    await load_kube_config(config_file=config, client_configuration=configuration)  # type: ignore[no-untyped-call]
    async with ApiClient(configuration=configuration) as client:
        api = CoreV1Api(client)
        await api.list_namespaced_pod(many_pods.NAMESPACE, limit=1)

        async def work() -> str:
            pods = await api.list_namespaced_pod(many_pods.NAMESPACE)
            states = [pod.status.container_statuses or [] for pod in pods.items if pod.status]
            bad = [state for state in states if any(not one.ready for one in state)]
            return f"{len(bad)} pods not ready"

        await _watched(pipe, work)


class _Reads:
    """The real adapters on the server, as keyword arguments of a tool."""

    def __init__(self, config: str) -> None:
        self._config = config
        self.ports: dict[str, Any] = {}

    async def __aenter__(self) -> "_Reads":
        from tools.cluster.kubernetes import KubernetesConnection
        from tools.logs.pods import PodLogStore
        from tools.targets import ClusterTargets, EnvironmentRule

        self._connection = await KubernetesConnection.open(name="bench", kubeconfig=self._config)
        cluster = self._connection.acting_as(None)
        place = EnvironmentRule(namespaces=(many_pods.NAMESPACE,))
        targets = ClusterTargets({"bench": cluster}, "bench", None, {many_pods.NAMESPACE: place})
        logs = PodLogStore(cluster)
        now = lambda: many_pods.NOW  # noqa: E731  (a Clock)
        self.ports = {"cluster": cluster, "logs": logs, "targets": targets, "catalog": None, "clock": now}
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._connection.close()


def _kubeconfig(port: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "bench",
        "clusters": [{"name": "bench", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "bench", "user": {"token": "bench"}}],
        "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}],
    }


WAYS: dict[str, Callable[[str, Connection], Coroutine[Any, Any, None]]] = {
    "diagnose_workload": _diagnose,
    "triage_namespace": _triage,
    "typed list of all pods": _naive,
}
"""The naive way is last: the others stand beside it."""


if __name__ == "__main__":
    sys.stdout.write(run() + "\n")
