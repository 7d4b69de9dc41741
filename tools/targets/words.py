"""The words people use for workloads and environments (pure)."""

import re
from dataclasses import dataclass

KINDS = {
    "deployment": "Deployment",
    "deploy": "Deployment",
    "statefulset": "StatefulSet",
    "sts": "StatefulSet",
    "daemonset": "DaemonSet",
    "ds": "DaemonSet",
    "job": "Job",
    "cronjob": "CronJob",
    "cj": "CronJob",
}

SYNONYMS = (
    frozenset({"prod", "production", "prd", "live"}),
    frozenset({"staging", "stage", "stg"}),
    frozenset({"dev", "development", "develop"}),
    frozenset({"test", "testing"}),
    frozenset({"qa", "quality"}),
    frozenset({"preprod", "preproduction"}),
    frozenset({"nonprod", "nonproduction"}),
)

PRODUCTION = SYNONYMS[0]
NOT_PRODUCTION = re.compile(r"\b(?:non|pre|not|no)[-_. ]+(?=(?:prod|production|prd|live)\b)")
ENVIRONMENT_WORD = re.compile(r"^the\s+|\s+(?:environment|env|namespace|cluster)$")


@dataclass(frozen=True)
class WorkloadName:
    """What a person called a workload. `kind`: when they said it; `ref`: a catalog ref they wrote."""

    name: str
    kind: str | None = None
    ref: str | None = None
    environment: str | None = None


def parse_workload(words: str) -> WorkloadName:
    """Understands "checkout", "StatefulSet/db", "component:default/db", "checkout in staging", "shop/checkout"."""
    name, _, environment = words.strip().partition(" in ")
    name = name.strip()
    if ":" in name:
        return WorkloadName(name.rpartition("/")[2].rpartition(":")[2], None, name, environment.strip() or None)
    kind, slash, last = name.rpartition("/")
    known = KINDS.get(kind.lower().partition(".")[0]) or KINDS.get(kind.lower().partition(".")[0].removesuffix("s"))
    if slash and known:
        return WorkloadName(last, known, None, environment.strip() or None)
    return WorkloadName(last, None, None, environment.strip() or (kind if slash else None))


def plain_environment(words: str) -> str:
    """The environment in lower case, without "the" and "environment" around it."""
    return ENVIRONMENT_WORD.sub("", words.strip().lower()).strip()


def synonyms(word: str) -> frozenset[str]:
    """All words that mean the same environment, with the word itself ("pre-prod" is "preprod")."""
    joined = _join(word)
    return next((group for group in SYNONYMS if joined in group), frozenset()) | {word, joined}


def words_of(name: str) -> frozenset[str]:
    """The words of a namespace name; "non-prod" and "pre-prod" are one word each."""
    return frozenset(re.split(r"[-_. ]+", _join(name)))


def names_environment(namespace: str, environment: str) -> bool:
    """Whether a namespace is named after an environment: "staging", "shop-staging", "shop-eu-staging"."""
    return bool(words_of(namespace) & synonyms(environment)) or f"-{_join(environment)}-" in f"-{_join(namespace)}-"


def means_production(name: str) -> bool:
    """Whether the name says production as a whole word ("shop-prod", not "reproduction", not "non-prod")."""
    return bool(words_of(name) & PRODUCTION)


def _join(name: str) -> str:
    return NOT_PRODUCTION.sub(lambda match: match.group().rstrip("-_. "), name.lower())
