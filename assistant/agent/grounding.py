"""Checks in code that sentences say nothing the evidence does not."""

import re
from collections.abc import Sequence

from tools.contract import Evidence, Verdict

_QUOTED = re.compile(r"`([^`]+)`|\"([^\"]+)\"|“([^”]+)”|(?<!\w)'([^']+)'(?!\w)")
_DATE = r"\d{4}-\d{2}-\d{2}"
_NUMBER = re.compile(rf"(?<![\w.])(?:{_DATE}|\d+(?:[.,:]\d+)*)")
_SOURCE_NUMBER = re.compile(rf"(?:(?<![a-z0-9.])(?<![a-z]-)|(?<=\dt))(?:{_DATE}|\d+(?:[.,:]\d+)*)")
_WORD = re.compile(r"[A-Za-z0-9](?:[\w./:@-]*[A-Za-z0-9])?")
_EVIDENCE_ID = re.compile(r"E\d+")
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
_LABELS = frozenset(
    ("code", "status", "port", "signal", "revision", "version", "line", "generation", "number", "limit")
)
_KINDS = frozenset(
    ("configmap", "configmaps", "statefulset", "statefulsets", "daemonset", "daemonsets", "replicaset", "replicasets",
     "cronjob", "cronjobs", "resourcequota", "limitrange", "persistentvolumeclaim", "pvc", "networkpolicy",
     "serviceaccount", "endpointslice", "kubernetes")
)  # fmt: skip


SECONDS_COLONS = 2  # of "14:03:09", which "14:03" abbreviates


def ungrounded(text: str, sources: Sequence[str], counts: Sequence[int] = ()) -> tuple[str, ...]:
    """Numbers, identifiers and quoted strings of `text` that no source contains, in order, without repeats.

    Case and white space do not matter. `counts`: numbers that are true of things though no source spells them, such as
    how many pieces of evidence are cited. Plain words are not checked: they are how a sentence explains.
    """
    corpus = _flat(" \n ".join(sources))
    numbers = {_plain(number) for number in _numbers_of(corpus)}
    missing = [part for part in _quoted(text) if _flat(part) not in corpus]
    rest = _QUOTED.sub(" ", text)
    missing += [word for word in _identifiers(rest) if not _occurs(word.lower(), corpus)]
    rest = _WORD.sub(lambda word: " name " if _is_identifier(word[0]) else word[0], rest)
    counted = {str(count) for count in counts}
    missing += [
        found[0]
        for found in _NUMBER.finditer(rest)
        if _plain(found[0]) not in numbers and not (found[0] in counted and _counts_something(rest, found))
    ]
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


def _numbers_of(corpus: str) -> list[str]:
    """Numbers that stand for themselves, those of "3/5", "512mi" and "=137" included, not those inside a name."""
    found = _SOURCE_NUMBER.findall(corpus)
    return found + [number.rsplit(":", 1)[0] for number in found if number.count(":") == SECONDS_COLONS]


def _counts_something(text: str, number: re.Match[str]) -> bool:
    """ "2 pods" counts, "exit code 2" and "port 2 is" do not."""
    before = text[: number.start()].rstrip().rsplit(" ", 1)[-1].lower()
    return before not in _LABELS and re.match(r"\s+[A-Za-z]", text[number.end() :]) is not None


def _plain(number: str) -> str:
    """ "1,000" is "1000"; "07" is "7"; times keep their colons."""
    bare = number.replace(",", "")
    return bare.lstrip("0") or "0" if bare.isdigit() else bare


def _identifiers(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if _is_identifier(word)]


def _is_identifier(word: str) -> bool:
    if _is_common(word) or not re.search(r"[A-Za-z]", word):
        return False
    joined = re.search(r"\w[-_/.:@]\w", word) is not None
    mixed = re.search(r"\d", word) is not None
    return joined or mixed or _CAMEL.search(word) is not None


def _is_common(word: str) -> bool:
    low = word.lower()
    return bool(_EVIDENCE_ID.fullmatch(word)) or low in _COMMON | _KINDS or low.startswith(_COMMON_PREFIXES)


def _occurs(word: str, corpus: str) -> bool:
    if word[0].isdigit():  # "56mi" is not in "256mi"
        return re.search(rf"(?<![a-z0-9.]){re.escape(word)}", corpus) is not None
    return word in corpus or word.replace("-", "") in corpus.replace("-", "")
