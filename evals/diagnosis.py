"""Diagnose every small world and score the root causes: `python -m evals.diagnosis`, exit code 1 on a miss."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evals.case_worlds import Case, read_cases, write_world
from evals.emulators.kubernetes import KubernetesEmulator, load_world
from evals.emulators.kubernetes.timing import clock_from
from tools.cluster.kubernetes import KubernetesConnection
from tools.cluster.port import Target
from tools.contract import ObjectRef
from tools.diagnosis.diagnose_workload import DiagnoseWorkloadArgs, diagnose_workload
from tools.diagnosis.models import Diagnosis
from tools.logs.pods import PodLogStore

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CLUSTER = "cases"
AT_ONCE = 12  # the past of a cluster takes longer to play than its cases together


@dataclass(frozen=True)
class Score:
    """A case and what was found. `requests`: how many the API server got for it."""

    case: Case
    found: Diagnosis
    requests: int

    @property
    def ranked(self) -> tuple[str, ...]:
        """Causes from the root down, remarks left out."""
        rest = (one for one in (*self.found.effects, *self.found.others) if one.role != "info")
        roots = (self.found.root_cause,) if self.found.root_cause else ()
        return tuple(dict.fromkeys(one.cause for one in (*roots, *rest)))

    @property
    def is_first(self) -> bool:
        """Whether the root cause is the expected one, or none was expected and none was found."""
        root = self.found.root_cause
        return (root.cause if root else None) == self.case.expect.root

    @property
    def is_among_three(self) -> bool:
        wanted = {self.case.expect.root, *self.case.expect.top3}
        return self.is_first or bool(wanted & set(self.ranked[:3]))

    def misses(self) -> Iterator[str]:
        """What differs from what was expected, in words."""
        expect, found = self.case.expect, self.found
        if not self.is_first:
            yield f"root cause {self.ranked[:3] or 'none'} instead of {expect.root or 'none'}"
        if found.health != expect.health:
            yield f"health {found.health} instead of {expect.health}"
        if found.verdict != expect.verdict:
            yield f"verdict {found.verdict} instead of {expect.verdict}"
        noted = {one.cause for one in (*found.others, *found.effects)}
        yield from (f"no remark {note}" for note in expect.notes if note not in noted)
        told = f"{found.summary} {found.change.summary if found.change else ''}"
        yield from (f"does not say {text!r}: {told}" for text in expect.says if text not in told)


async def score(cases: tuple[Case, ...]) -> tuple[Score, ...]:
    """Diagnose every case in emulated clusters through the real adapters, `AT_ONCE` cases side by side in each."""
    found: list[Score] = []
    for start in range(0, len(cases), AT_ONCE):
        found += await _together(cases[start : start + AT_ONCE])
    return tuple(found)


async def _together(cases: tuple[Case, ...]) -> list[Score]:
    with tempfile.TemporaryDirectory(prefix="case-worlds-") as folder:
        world = Path(folder) / "world"
        write_world(cases, world)
        async with KubernetesEmulator(clock_from(NOW), seed=1) as emulator:
            await load_world(emulator, world)
            emulator.paused = True
            config = Path(folder) / "kubeconfig"
            config.write_text(emulator.kubeconfig_yaml("admin"))
            connection = await KubernetesConnection.open(name=CLUSTER, kubeconfig=str(config))
            try:
                return [await _score(emulator, connection, case) for case in cases]
            finally:
                await connection.close()


async def _score(emulator: KubernetesEmulator, connection: KubernetesConnection, case: Case) -> Score:
    cluster = connection.acting_as(None)
    kind, name = case.target.split("/")
    ref = ObjectRef(cluster=CLUSTER, namespace=case.namespace, kind=kind, name=name)
    emulator.requests.clear()
    found = await diagnose_workload(
        DiagnoseWorkloadArgs(workload=case.target, environment=case.namespace),
        cluster=cluster,
        logs=PodLogStore(cluster),
        targets=_Known(ref),
        catalog=None,
        clock=emulator.cluster.now,
    )
    return Score(case, found, len(emulator.requests))


@dataclass(frozen=True)
class _Known:
    """Every name means the one object of the case."""

    ref: ObjectRef

    async def workload(self, name: str, environment: str | None) -> Target:  # noqa: ARG002  (of the port)
        return Target(self.ref, "named by the case")

    async def namespaces(self, environment: str) -> tuple[str, ...]:
        return (environment,)

    async def tier(self, namespace: str) -> str:  # noqa: ARG002  (of the port)
        return "nonprod"


def table(scores: Iterable[Score]) -> str:
    """Top-1 and top-3 by family and in total, as Markdown."""
    families: dict[str, list[Score]] = {}
    for one in scores:
        families.setdefault(one.case.family, []).append(one)
    rows = [_row(name, families[name]) for name in sorted(families)]
    every = [one for group in families.values() for one in group]
    head = ["| family | cases | root cause first | among three | requests, most |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows, _row("**all**", every)])


def _row(name: str, scores: list[Score]) -> str:
    first, three = sum(one.is_first for one in scores), sum(one.is_among_three for one in scores)
    return f"| {name} | {len(scores)} | {first} | {three} | {max(one.requests for one in scores)} |"


def main() -> None:
    """Print the table and what was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name contains this text")
    parser.add_argument("--show", action="store_true", help="print the summary of each diagnosis")
    given = parser.parse_args()
    cases = tuple(case for case in read_cases() if given.only in case.name)
    scores = asyncio.run(score(cases))
    for one in scores if given.show else ():
        sys.stdout.write(f"{one.case.name}: {one.found.summary}\n")
    sys.stdout.write(f"{table(scores)}\n")
    missed = [f"{one.case.name}: {words}" for one in scores for words in one.misses()]
    sys.stdout.write("".join(f"{line}\n" for line in missed))
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
