"""Plain text as words, with "deployment/checkout", "checkout@staging" and "it's" taken apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.agent.models.rules.lexicon import Words

_PART = re.compile(
    r"""(?P<quoted>"[^"]*"|(?<!\w)'[^']*'(?!\w))|(?P<flag>(?<!\S)--?[a-z][\w-]*(?:=\S+)?)"""
    r"""|(?P<word>\w[\w./:@'#%+-]*|\#\d+)|(?P<mark>[?!,;.&=])""",
    re.IGNORECASE,
)
_POD = re.compile(
    r"^(?P<workload>[a-z0-9][a-z0-9-]*?)-[bcdf2456789ghjklmnpqrstvwxz]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$"
)
_NAME = re.compile(r"^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$")
MARKS = frozenset("?!,;.&=")
ENDS = frozenset("?!;.")


@dataclass(frozen=True)
class Token:
    """A word in lower case, or a mark. `raw`: as written. `quoted` words are never read as a request.

    `named`: written so that it can only be a workload ("sts/db", "pod/cart-..."); `text` is then what tools take.
    `placed`: written so that it can only be an environment ("@staging", "-n shop").
    """

    text: str
    raw: str
    quoted: bool = False
    named: bool = False
    placed: bool = False

    @property
    def is_mark(self) -> bool:
        return self.text in MARKS

    @property
    def is_flag(self) -> bool:
        return self.text.startswith("-")

    @property
    def could_be_name(self) -> bool:
        """A name as Kubernetes and the catalog allow it, with a letter in it."""
        return _NAME.match(self.text) is not None and any(char.isalpha() for char in self.text)


def tokens(text: str, words: Words) -> tuple[Token, ...]:
    """The words and marks of a plain text, in order."""
    return tuple(token for found in _PART.finditer(text) for token in _tokens(found, words))


def _tokens(found: re.Match[str], words: Words) -> Iterator[Token]:
    raw = found[0]
    if found["quoted"]:
        inner = raw[1:-1].strip()
        if inner:
            yield from _quoted(inner, words)
    elif found["word"]:
        yield from _word(raw, words)
    else:
        yield Token(raw.lower(), raw)


def _quoted(inner: str, words: Words) -> Iterator[Token]:
    """A quoted name may carry its kind or place; anything else stays whole."""
    if " " not in inner and ("/" in inner or "@" in inner):
        yield from (Token(part.text, part.raw, True, part.named, part.placed) for part in _slashed(inner, words))
    else:
        yield Token(inner.lower(), inner, quoted=True)


def _word(raw: str, words: Words) -> Iterator[Token]:
    bare = raw.rstrip(".:'/@%+-").removesuffix("'s") if raw.lower() not in words.contractions else raw
    ends = raw.endswith(".") and not raw.endswith("..")
    said = words.contractions.get(raw.lower().rstrip(".:"))
    if said:
        yield from (Token(word, word) for word in said.split())
    elif bare:
        yield from _slashed(bare, words)
    if ends:
        yield Token(".", ".")


def _slashed(raw: str, words: Words) -> Iterator[Token]:
    name, _, place = raw.lower().partition("@")
    if place and name:
        yield from _slashed(raw[: len(name)], words)
        yield Token(place, raw[len(name) + 1 :], placed=True)
        return
    yield from _of_kind(raw, words) if "/" in name or ":" in name else (Token(_workload(name), raw),)


def _of_kind(raw: str, words: Words) -> Iterator[Token]:
    """ "sts/db", "component:default/db" and "shop-staging/db"; two words with a slash are two words."""
    low = raw.lower()
    kind, _, name = low.partition("/")
    if kind in words.kinds and name:
        shown = words.kinds[kind]
        yield Token(f"{shown}/{name}" if shown else _workload(name), raw, named=True)
    elif ":" in kind and name:
        yield Token(low, raw, named=True)
    elif ":" in low:
        yield Token(low.partition(":")[2] if low.partition(":")[0] in words.kinds else low, raw, named=":" in low)
    elif _ends_as_place(kind, words) and name:
        yield Token(_workload(name), name, named=True)
        yield Token(kind, kind, placed=True)
    else:
        yield from (Token(part, part) for part in low.split("/") if part)


def _ends_as_place(name: str, words: Words) -> bool:
    return any(part in words.environment_words for part in re.split(r"[-_.]", name))


def pod_as_written(token: Token) -> Token:
    """The pod itself, where its workload is not what is meant."""
    name = token.raw.lower().rpartition("/")[2]
    return replace(token, text=name) if _POD.match(name) else token


def _workload(name: str) -> str:
    """The workload of a pod's name: a person copies the pod from a terminal."""
    pod = _POD.match(name)
    return pod["workload"] if pod else name
