"""Choose the one workload that is meant, or say which could be (pure)."""

from collections import defaultdict
from collections.abc import Iterable

from tools.catalog.ranking import nearest
from tools.errors import Ambiguous
from tools.targets.search import Hit

MAX_CHOICES = 8
MAX_CANDIDATES = 5


def choose(words: str, names: frozenset[str], hits: Iterable[Hit]) -> Hit:
    """The only workload that fits. In one namespace the workload with one of `names` wins over others.

    Raises Ambiguous with all that fit as "checkout in shop-staging".
    """
    fits = [hit for group in _by_namespace(hits).values() for hit in _preferred(group, names)]
    if len(fits) == 1:
        return fits[0]
    choices = phrases(fits)[:MAX_CHOICES]
    raise Ambiguous(f"{words!r} could be {len(fits)} workloads: {', '.join(choices)}. Say which.", choices)


def similar(name: str, hits: Iterable[Hit]) -> tuple[str, ...]:
    """Workloads with a name like this one, best first, at most 5, as "checkout in shop-staging"."""
    known = list(hits)
    ordered = nearest(name, {hit.ref.name for hit in known})
    found = [hit for near in ordered for hit in known if hit.ref.name == near]
    return phrases(found)[:MAX_CANDIDATES]


def phrases(hits: Iterable[Hit]) -> tuple[str, ...]:
    """Each workload in words that mean it alone: with its kind when two of a namespace share the name."""
    known = list(hits)
    shared = [(hit.ref.namespace, hit.ref.name) for hit in known]
    return tuple(
        f"{hit.ref.kind}/{hit.ref.name} in {hit.ref.namespace}"
        if shared.count((hit.ref.namespace, hit.ref.name)) > 1
        else f"{hit.ref.name} in {hit.ref.namespace}"
        for hit in known
    )


def _by_namespace(hits: Iterable[Hit]) -> dict[str | None, list[Hit]]:
    groups: dict[str | None, list[Hit]] = defaultdict(list)
    for hit in hits:
        if all(hit.ref != other.ref for other in groups[hit.ref.namespace]):
            groups[hit.ref.namespace].append(hit)
    return dict(sorted(groups.items(), key=lambda group: group[0] or ""))


def _preferred(group: list[Hit], names: frozenset[str]) -> list[Hit]:
    first = [hit for hit in group if hit.how == group[0].how]
    named = [hit for hit in first if hit.ref.name in names]
    return named if len(named) == 1 else first
