"""Label selectors: the query language of lists and the selector objects of specs."""

import re
from collections.abc import Callable, Mapping

from evals.emulators.kubernetes.errors import bad_request
from evals.emulators.kubernetes.objects import Json

Labels = Mapping[str, str]
Predicate = Callable[[Labels], bool]

_TOKEN = re.compile(r"\s*(==|!=|=|!|\(|\)|,|<|>|[^\s=!(),<>]+)")
_OPERATORS = "in, notin, =, ==, !=, gt, lt"


def label_selector(text: str) -> Predicate:
    """A predicate of `app=web,tier in (a,b),!canary`. Raises ApiError 400 with the server's words."""
    requirements = _Parser(text).requirements()
    return lambda labels: all(requirement(labels) for requirement in requirements)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0

    def requirements(self) -> list[Predicate]:
        found: list[Predicate] = []
        while self._peek():
            found.append(self._requirement())
            if self._peek() == ",":
                self._next()
                if not self._peek():
                    raise bad_request("found '', expected: identifier after ','")
            elif self._peek():
                raise bad_request(f"found '{self._peek()}', expected: ',' or 'end of string'")
        return found

    def _requirement(self) -> Predicate:
        word = self._next()
        if word == "!":
            key = self._next()
            return lambda labels: key not in labels
        if not _is_identifier(word):
            raise bad_request(f"found '{word}', expected: !, identifier, or 'end of string'")
        if self._peek() in ("", ","):
            return lambda labels: word in labels
        return self._comparison(word, self._next())

    def _comparison(self, key: str, operator: str) -> Predicate:
        if operator in ("in", "notin"):
            values = self._values()
            if operator == "in":
                return lambda labels: labels.get(key) in values
            return lambda labels: labels.get(key) not in values
        if operator not in ("=", "==", "!=", "<", ">"):
            raise bad_request(f"found '{operator}', expected: {_OPERATORS}")
        value = self._next() if _is_identifier(self._peek()) else ""
        return _compare(key, operator, value)

    def _values(self) -> set[str]:
        if self._next() != "(":
            raise bad_request(f"found '{self._tokens[self._at - 1]}', expected: '('")
        values: set[str] = set()
        while (word := self._next()) != ")":
            if not word:
                raise bad_request("found '', expected: ',', or ')'")
            if word != ",":
                values.add(word)
        return values

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        word = self._peek()
        self._at += 1
        return word


def _is_identifier(word: str) -> bool:
    return bool(word) and word not in {"=", "==", "!=", "!", "(", ")", ",", "<", ">"}


def _compare(key: str, operator: str, value: str) -> Predicate:
    if operator in ("=", "=="):
        return lambda labels: labels.get(key) == value
    if operator == "!=":
        return lambda labels: labels.get(key) != value
    sign = 1 if operator == ">" else -1
    return lambda labels: labels.get(key, "").isdigit() and sign * (int(labels[key]) - int(value)) > 0


_EXPRESSIONS: dict[str, Callable[[str, list[str]], Predicate]] = {
    "In": lambda key, values: lambda labels: labels.get(key) in values,
    "NotIn": lambda key, values: lambda labels: labels.get(key) not in values,
    "Exists": lambda key, _: lambda labels: key in labels,
    "DoesNotExist": lambda key, _: lambda labels: key not in labels,
    "Gt": lambda key, values: _compare(key, ">", values[0]),
    "Lt": lambda key, values: _compare(key, "<", values[0]),
}


def expression(requirement: Json) -> Predicate:
    """A predicate of one `matchExpressions` entry."""
    return _EXPRESSIONS[requirement["operator"]](requirement["key"], requirement.get("values") or [])


def matches(selector: Json | None, labels: Labels) -> bool:
    """Whether a metav1.LabelSelector selects these labels. None selects nothing, an empty one everything."""
    if selector is None:
        return False
    wanted: Labels = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(expression(item)(labels) for item in selector.get("matchExpressions") or [])


def selector_text(selector: Json) -> str:
    """A metav1.LabelSelector as text, as scale status shows it."""
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for item in selector.get("matchExpressions") or []:
        values = ",".join(item.get("values") or [])
        forms = {"Exists": item["key"], "DoesNotExist": f"!{item['key']}"}
        parts.append(forms.get(item["operator"], f"{item['key']} {item['operator'].lower()} ({values})"))
    return ",".join(parts)
