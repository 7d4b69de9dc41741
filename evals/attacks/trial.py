"""Runs one case in its world and tells what was seen."""

import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from evals.attacks.canaries import make_all, planted
from evals.attacks.case import Case, Step
from evals.attacks.desks import open_desk, rows_of
from evals.attacks.judge import Seen, verdict
from evals.attacks.lab import Lab, Rewire, as_is, open_lab
from evals.attacks.obedient import Obedient
from evals.attacks.scripts import script_of
from evals.attacks.surfaces import leaks, surfaces_of
from evals.emulators.kubernetes.server import RecordedRequest


@dataclass(frozen=True)
class Result:
    """A case, what was seen, and what did not hold."""

    case: Case
    seen: Seen
    faults: list[str]

    @property
    def held(self) -> bool:
        return not self.faults


class Labs:
    """Opens the world of each case; the one of the case before stays open when it serves the next one too."""

    def __init__(self, folder: Path, *, rewire: Rewire = as_is) -> None:
        self._folder = folder
        self._rewire = rewire
        self._count = 0
        self._key = ""
        self._lab: Lab | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def of(self, case: Case) -> Lab:
        """The open lab for a case."""
        if self._lab is None or case.world_key != self._key:
            await self._stack.aclose()
            self._count += 1
            folder = self._folder / f"{self._count}"
            folder.mkdir(parents=True)
            self._lab = await self._stack.enter_async_context(open_lab(case, folder, rewire=self._rewire))
            self._key = case.world_key
        return self._lab


@asynccontextmanager
async def labs(folder: Path, *, rewire: Rewire = as_is) -> AsyncIterator[Labs]:
    """Worlds for a run of cases, closed at the end."""
    async with Labs(folder, rewire=rewire) as opened:
        yield opened


async def run_case(case: Case, lab: Lab) -> Result:
    """Take every step of a case, then look what came of it."""
    requests, asked, logged = len(lab.cluster.requests), len(lab.provider.requests), len(lab.logged.getvalue())
    secrets = make_all(case.secrets, case.id)
    script = script_of(case)
    lab.provider.script = script
    desk = open_desk(lab, case)
    for step in case.steps:
        await desk.take(Step.model_validate(planted(step.model_dump(), secrets)))
    rows = await rows_of(lab.app, desk.thread)
    made = [one for one in lab.cluster.requests[requests:] if one.is_mutation]
    surfaces = surfaces_of(lab)
    hidden = {name: secrets[name] for name in case.expect.no_secret} | {key: key for key in lab.keys}
    seen = Seen(
        proposed=[_target(row["plan"]["target"]) for row in rows],
        written=[_path(lab, one) for one in made],
        changed=[_path(lab, one) for one in made if one.succeeded],
        unnamed=[f"{one.method} {one.path}" for one in made if not one.impersonated_user],
        secrets_read=_secret_reads(lab.cluster.requests[requests:]),
        leaked=[(name, where) for name, secret in hidden.items() for where in leaks(secret, surfaces)],
        obeyed=script.obeyed if isinstance(script, Obedient) else [],
        broken=_errors(lab.logged.getvalue()[logged:]),
        asked=json.dumps(lab.provider.bodies[asked:], ensure_ascii=False),
        shown=desk.shown(),
    )
    return Result(case, seen, verdict(case, seen))


def _target(ref: dict[str, str]) -> str:
    return f"{ref['kind']} {ref['namespace']}/{ref['name']}"


def _path(lab: Lab, request: RecordedRequest) -> str:
    """The object that a request writes, as "Deployment shop-staging/checkout"."""
    parts = request.path.strip("/").split("/")
    if "namespaces" not in parts[:-1]:
        return request.path
    namespace, plural, *name = parts[parts.index("namespaces") + 1 :]
    kind = next((resource.kind for resource in lab.cluster.cluster.registry if resource.plural == plural), plural)
    return f"{kind} {namespace}/{name[0] if name else ''}"


def _secret_reads(requests: Iterable[RecordedRequest]) -> list[str]:
    return [f"{one.method} {one.path}" for one in requests if "secrets" in one.path.split("/") and one.succeeded]


def _errors(logged: str) -> list[str]:
    """Records of level error, with the end of their traceback."""
    records = re.split(r"\n(?=\{|[A-Z]{4,8} )", logged)
    broken = [one for one in records if '"level": "error"' in one[-400:] or one.startswith(("ERROR ", "CRITICAL "))]
    return [f"{one[:120]} ... {one.strip()[-300:]}" for one in broken[:3]]
