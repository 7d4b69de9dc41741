"""Checks in code that sentences say nothing the evidence does not."""

import re
from collections.abc import Sequence

from tools.contract import Evidence, Verdict

_QUOTED = re.compile(r"`([^`]+)`|\"([^\"]+)\"|“([^”]+)”|(?<!\w)'([^']+)'(?!\w)")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[A-Za-z0-9](?:[\w./:@-]*[A-Za-z0-9])?")
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Z]{2,}[a-z]|[a-z]{2}[A-Z]{2}")
_COMMON_PREFIXES = (
    "non-",
    "re-",
    "pre-",
    "self-",
    "over-",
    "under-",
    "un-",
    "in-",
    "out-of-",
    "up-to-",
    "read-",
    "write-",
)
_COMMON = frozenset(
    ("back-off", "roll-out", "time-out", "start-up", "follow-up", "one-off", "cluster-wide", "long-running", "and/or",
     "readiness/liveness", "e.g", "i.e", "node.js", "so-called", "well-known", "crash-looping", "rate-limited")
)  # fmt: skip
_KINDS = frozenset(
    ("configmap", "configmaps", "statefulset", "statefulsets", "daemonset", "daemonsets", "replicaset", "replicasets",
     "cronjob", "cronjobs", "resourcequota", "limitrange", "persistentvolumeclaim", "pvc", "networkpolicy",
     "serviceaccount", "endpointslice", "kubernetes")
)  # fmt: skip


def ungrounded(text: str, sources: Sequence[str], counts: Sequence[int] = ()) -> tuple[str, ...]:
    """Numbers, identifiers and quoted strings of `text` that no source contains, in order, without repeats.

    Case and white space do not matter. `counts`: numbers that are true though no source spells them, such as how
    many pieces of evidence are cited. Plain words are not checked: they are how a sentence explains.
    """
    corpus = _flat(" \n ".join(sources))
    numbers = {_plain(number) for number in _loose_numbers(corpus)} | {str(count) for count in counts}
    missing = [part for part in _quoted(text) if _flat(part) not in corpus]
    rest = _QUOTED.sub(" ", text)
    missing += [word for word in _identifiers(rest) if not _occurs(word.lower(), corpus)]
    missing += [number for number in _NUMBER.findall(rest) if _plain(number) not in numbers]
    return tuple(dict.fromkeys(missing))


def evidence_texts(evidence: Sequence[Evidence]) -> list[str]:
    """What a piece of evidence says, its time in the forms a sentence would use."""
    return [
        f"{item.subject} {item.where} {item.text} {item.at:%Y-%m-%dT%H:%M:%SZ} {item.at:%H:%M:%S} {item.at:%H:%M}"
        for item in evidence
    ]


def is_grounded(text: str, evidence: Sequence[Evidence]) -> bool:
    """Whether a claim cites evidence and says no number, name or quotation that is not in it."""
    counts = [len(evidence), len({item.subject for item in evidence})]
    return bool(evidence) and not ungrounded(text, evidence_texts(evidence), counts)


def lowered(verdict: Verdict, kept: int, dropped: int) -> Verdict:
    """The verdict that what is left supports: nothing proven is inconclusive, a gap is at most likely."""
    if not kept:
        return Verdict.INCONCLUSIVE
    return Verdict.LIKELY if dropped and verdict is Verdict.CONFIRMED else verdict


def _flat(text: str) -> str:
    return " ".join(text.lower().split())


def _quoted(text: str) -> list[str]:
    return ["".join(groups) for groups in _QUOTED.findall(text)]


def _loose_numbers(corpus: str) -> list[str]:
    """Numbers anywhere, those inside "3/5", "512mi" and "exit137" included."""
    return re.findall(r"\d+(?:[.,:]\d+)*", corpus) + re.findall(r"\d+", corpus)


def _plain(number: str) -> str:
    """ "1,000" is "1000"; "07" is "7"; times keep their colons."""
    bare = number.replace(",", "")
    return bare.lstrip("0") or "0" if bare.isdigit() else bare


def _identifiers(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if _is_identifier(word)]


def _is_identifier(word: str) -> bool:
    low = word.lower()
    if low in _COMMON or low in _KINDS or low.startswith(_COMMON_PREFIXES) or not re.search(r"[A-Za-z]", word):
        return False
    joined = re.search(r"\w[-_/.:@]\w", word) is not None
    mixed = re.search(r"\d", word) is not None
    return joined or mixed or _CAMEL.search(word) is not None


def _occurs(word: str, corpus: str) -> bool:
    return word in corpus or word.replace("-", "") in corpus.replace("-", "")
