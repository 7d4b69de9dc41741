"""Label and field selectors, as a list request writes them, applied to objects in memory. Pure."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic.alias_generators import to_snake

from tools.cluster.models.meta import ApiObject

Test = Callable[[ApiObject], bool]
Equal = tuple[str, str]

_SPLIT = re.compile(r",(?![^()]*\))")
_SET = re.compile(r"^(?P<key>\S+)\s+(?P<how>in|notin)\s+\((?P<values>[^)]*)\)$")


def label_tests(selector: str) -> tuple[Test, ...]:
    """One test for each term: "a=b", "a==b", "a!=b", "a in (b,c)", "a notin (b)", "a", "!a"."""
    return tuple(_label(term) for term in _terms(selector))


def field_tests(selector: str) -> tuple[Test, ...]:
    """One test for each term: "metadata.name=x", "involvedObject.uid=y", "status.phase!=Running"."""
    return tuple(_field(term) for term in _terms(selector))


def equal_label(selector: str) -> Equal | None:
    """The first plain "key=value" of a label selector: what an index can be asked for."""
    plain = (term for term in _terms(selector) if not _SET.match(term) and "!" not in term and "=" in term)
    return next((_pair(term) for term in plain), None)


def equal_field(selector: str) -> Equal | None:
    """The last plain "path=value" of a field selector, which is the narrowest of those that are written here."""
    plain = [term for term in _terms(selector) if "!=" not in term and "=" in term]
    return _pair(plain[-1]) if plain else None


def value_at(item: ApiObject, path: str) -> str:
    """The field a selector names by its JSON path, "" when it is not set."""
    value: Any = item
    for part in path.split("."):
        value = getattr(value, to_snake(part), None)
    return "" if value is None else str(value)


def _terms(selector: str) -> Iterator[str]:
    return (term.strip() for term in _SPLIT.split(selector) if term.strip())


def _pair(term: str) -> Equal:
    key, _, value = term.partition("=")
    return key.strip(), value.removeprefix("=").strip()


def _label(term: str) -> Test:
    if hit := _SET.match(term):
        values = frozenset(value.strip() for value in hit["values"].split(","))
        key, wanted = hit["key"], hit["how"] == "in"
        return lambda item: (item.metadata.labels.get(key) in values) is wanted
    if term.startswith("!"):
        absent = term[1:].strip()
        return lambda item: absent not in item.metadata.labels
    if "!=" in term:
        key, _, unwanted = term.partition("!=")
        return lambda item: item.metadata.labels.get(key.strip()) != unwanted.strip()
    if "=" in term:
        key, value = _pair(term)
        return lambda item: item.metadata.labels.get(key) == value
    return lambda item: term in item.metadata.labels


def _field(term: str) -> Test:
    if "!=" in term:
        path, _, unwanted = term.partition("!=")
        return lambda item: value_at(item, path.strip()) != unwanted.strip()
    path, value = _pair(term)
    return lambda item: value_at(item, path) == value
