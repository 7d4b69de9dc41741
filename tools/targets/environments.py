"""Which namespaces an environment is, and whether it is production."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from tools.catalog.ranking import nearest
from tools.cluster.models.platform import Namespace
from tools.cluster.models.resources import DEPLOYMENTS, NAMESPACES
from tools.cluster.port import ClusterReader
from tools.errors import Forbidden, NotFound, ToolError
from tools.targets.together import together
from tools.targets.words import means_production, names_environment, plain_environment, synonyms

LABELS = ("environment", "app.kubernetes.io/environment", "env")
TIER_LABELS = (*LABELS, "tier")
MAX_NAMESPACES = 1_000  # read in one listing; more would be cut, and said as "not found"
MAX_GUESSES = 5
SYSTEM_PREFIX = "kube-"

Tier = Literal["prod", "nonprod"]


class EnvironmentRule(BaseModel, frozen=True, extra="forbid"):
    """What settings say of an environment. `cluster` None: the default one. `tier` None: told by names and labels."""

    namespaces: tuple[str, ...]
    cluster: str | None = None
    tier: Tier | None = None


@dataclass(frozen=True)
class Scope:
    """Namespaces to look in, sorted, and how they were found, in words. `cluster`: when settings name one."""

    namespaces: tuple[str, ...]
    how: str
    cluster: str | None = None


class Environments:
    """Resolves environments by settings, then namespace labels, then namespace names.

    One listing of namespaces at most; when the person may not list them, settings, the exact name and guesses from
    the prefixes of known namespaces are used.
    """

    def __init__(self, cluster: ClusterReader, rules: Mapping[str, EnvironmentRule]) -> None:
        self._cluster = cluster
        self._rules = {name.lower(): rule for name, rule in rules.items()}

    async def scope(self, words: str, hints: tuple[str, ...] = ()) -> Scope:
        """Namespaces of an environment. `hints`: names that guesses may be built from ("shop").

        Raises NotFound with the known environments, Forbidden when namespaces may not be listed and no guess holds.
        """
        environment = plain_environment(words)
        rule = self._rule(environment)
        if rule is not None:
            return Scope(tuple(sorted(rule.namespaces)), f"environment {environment} by settings", rule.cluster)
        try:
            listed = (await self._cluster.list(NAMESPACES, None, limit=MAX_NAMESPACES)).items
        except Forbidden as exc:
            if refuses_person(exc):
                raise
            return await self._guess(environment, hints, exc)
        return self._listed(environment, listed)

    def known(self) -> tuple[str, ...]:
        """Namespaces that settings name, sorted."""
        return tuple(sorted({name for rule in self._rules.values() for name in rule.namespaces}))

    async def all(self) -> tuple[str, ...]:
        """Namespaces of the cluster but those of the system, else those that settings name."""
        try:
            listed = (await self._cluster.list(NAMESPACES, None, limit=MAX_NAMESPACES)).items
        except Forbidden:
            return self.known()
        return tuple(sorted(item.name for item in listed if not item.name.startswith(SYSTEM_PREFIX)))

    async def tier(self, namespace: str) -> Tier:
        """Whether a namespace is production: settings decide, else any sign of it in its name or labels."""
        rules = [(name, rule) for name, rule in self._rules.items() if namespace in rule.namespaces]
        said = next((rule.tier for _, rule in rules if rule.tier is not None), None)
        if said is not None:
            return said
        if means_production(namespace) or any(means_production(name) for name, _ in rules):
            return "prod"
        try:
            found = await self._cluster.get(NAMESPACES, None, namespace)
        except (Forbidden, NotFound):
            return "nonprod"
        return "prod" if any(means_production(found.metadata.labels.get(key, "")) for key in TIER_LABELS) else "nonprod"

    def _rule(self, environment: str) -> EnvironmentRule | None:
        same = synonyms(environment)
        exact = self._rules.get(environment)
        return exact or next((rule for name, rule in self._rules.items() if name in same), None)

    def _listed(self, environment: str, listed: tuple[Namespace, ...]) -> Scope:
        exact = {item.name for item in listed if item.name == environment}
        same = synonyms(environment)
        for label in LABELS:
            fit = {item.name for item in listed if item.metadata.labels.get(label, "").lower() in same}
            if fit:
                return Scope(tuple(sorted(fit | exact)), f"environment {environment} by namespace label {label}")
        if exact:
            return Scope((environment,), f"namespace {environment}")
        named = [item.name for item in listed if names_environment(item.name, environment)]
        if named:
            return Scope(tuple(sorted(named)), f"environment {environment} by namespace name")
        raise self._unknown(environment, listed)

    def _unknown(self, environment: str, listed: tuple[Namespace, ...]) -> NotFound:
        labels = {item.metadata.labels[label] for item in listed for label in LABELS if label in item.metadata.labels}
        spaces = {item.name for item in listed if not item.name.startswith(SYSTEM_PREFIX)}
        candidates = nearest(environment, labels | spaces | set(self._rules)) or tuple(
            sorted(set(self._rules) | labels)
        )
        known = f" Known: {', '.join(candidates[:5])}." if candidates else ""
        return NotFound(f"There is no environment or namespace {environment!r}.{known}", candidates[:5])

    async def _guess(self, environment: str, hints: tuple[str, ...], why: Forbidden) -> Scope:
        guesses = self._guesses(environment, hints)
        answers = await together([self._is_there(name) for name in guesses])
        broken = next(
            (item for item in answers if isinstance(item, ToolError) and not isinstance(item, Forbidden)), None
        )
        if broken is not None:
            raise broken
        there = [name for name, answer in zip(guesses, answers, strict=True) if answer is True]
        if environment in there:
            return Scope((environment,), f"namespace {environment}")
        if there:
            return Scope(tuple(sorted(there)), f"environment {environment} by namespace name")
        missing = why.missing or "list namespaces"
        raise Forbidden(
            f"You may not list namespaces, and no namespace you may read is called like {environment!r}. "
            f"Say the exact namespace, or ask for the right: {missing}.",
            missing=missing,
        )

    def _guesses(self, environment: str, hints: tuple[str, ...]) -> tuple[str, ...]:
        prefixes = [name.rpartition("-")[0] for name in self.known() if "-" in name]
        built = [f"{prefix}-{environment}" for prefix in dict.fromkeys((*hints, *prefixes))]
        return tuple(dict.fromkeys((environment, *built, *sorted(synonyms(environment)))))[:MAX_GUESSES]

    async def _is_there(self, namespace: str) -> bool:
        """A role in a namespace often allows to get it (as `view` does); else it is there when it holds something."""
        try:
            await self._cluster.get(NAMESPACES, None, namespace)
        except NotFound:
            return False
        except Forbidden:
            return bool((await self._cluster.list(DEPLOYMENTS, namespace, limit=1)).items)
        return True


def refuses_person(error: Forbidden) -> bool:
    """Whether the cluster does not let the assistant act as this person at all: then no other call can help."""
    return error.missing.startswith(("impersonate", "valid credentials"))
