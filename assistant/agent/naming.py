"""Which targets of a change a person named or a tool observed: code refuses all others."""

import re
from collections.abc import Collection, Sequence

from tools.contract import Args, ObjectRef
from tools.targets.words import synonyms

_WORD = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*")


def words(texts: Sequence[str]) -> frozenset[str]:
    """Names a person may have meant: "shop-staging" as it is, and "checkout" of "Deployment/checkout"."""
    return frozenset(word for text in texts for word in _WORD.findall(text.lower()))


def same_object(one: ObjectRef, other: ObjectRef) -> bool:
    """Whether both name one object; a uid is compared only when both carry it."""
    named = (one.cluster, one.namespace, one.kind, one.name) == (other.cluster, other.namespace, other.kind, other.name)
    return named and (one.uid is None or other.uid is None or one.uid == other.uid)


def is_known(target: ObjectRef, args: Args, said: frozenset[str], observed: Collection[ObjectRef]) -> bool:
    """Whether a tool of this thread observed the target, or the person's words name it and where it is.

    A call without an environment is resolved to the only candidate, else it is refused before it gets here.
    """
    if any(same_object(target, seen) for seen in observed):
        return True
    given = args.model_dump()
    place = given.get("environment") or given.get("namespace")
    return _names_workload(target, given.get("workload"), said) and _names_place(target, place, said)


def _names_workload(target: ObjectRef, given: object, said: frozenset[str]) -> bool:
    called = words([given]) if isinstance(given, str) else frozenset()
    return target.name in said or bool((called - {target.kind.lower(), "default", "component"}) & said)


def _names_place(target: ObjectRef, given: object, said: frozenset[str]) -> bool:
    if not isinstance(given, str) or target.namespace in said:
        return True
    return any(_means(word, given.lower()) for word in said)


def _means(word: str, environment: str) -> bool:
    """ "prod" means production, "staging" means shop-staging; "shop" alone does not, nor does "product"."""
    last = environment.rsplit("-", 1)[-1]
    return word in synonyms(environment) or word in synonyms(last) or environment.endswith(f"-{word}")
