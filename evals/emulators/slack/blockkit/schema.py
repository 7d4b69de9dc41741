"""Small combinators that check JSON and name each problem as Slack does, with a JSON pointer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One broken rule. `str()` is the form of `response_metadata.messages`."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


Check = Callable[[Any, str], Iterator[Problem]]


def anything(_value: Any, _pointer: str) -> Iterator[Problem]:
    """Accept any value: Slack's own docs leave its shape open."""
    return iter(())


def boolean(value: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem(pointer, "must be a boolean")


def number(value: Any, pointer: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield Problem(pointer, "must be a number")


def string(maximum: int | None = None, minimum: int = 1) -> Check:
    """A string of `minimum` to `maximum` characters."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(pointer, "must be a string")
        elif len(value) < minimum:
            yield Problem(pointer, f"must be more than {minimum - 1} characters")
        elif maximum is not None and len(value) > maximum:
            yield Problem(pointer, f"must be less than {maximum + 1} characters")

    return check


def one_of(*allowed: str) -> Check:
    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem(pointer, f"must be a valid enum value: {', '.join(allowed)}")

    return check


def array(item: Check, minimum: int = 1, maximum: int | None = None) -> Check:
    """A list of `minimum` to `maximum` items, each as `item` says."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(pointer, "must be an array")
            return
        if len(value) < minimum:
            yield Problem(pointer, f"no fewer than {minimum} items allowed")
        if maximum is not None and len(value) > maximum:
            yield Problem(pointer, f"no more than {maximum} items allowed")
        for index, entry in enumerate(value):
            yield from item(entry, f"{pointer}/{index}")

    return check


@dataclass(frozen=True)
class Shape:
    """The fields of one object: names that must be there, names that may, groups of which one must."""

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)
    one_required: tuple[tuple[str, ...], ...] = ()

    def __call__(self, value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(pointer, "must be an object")
            return
        yield from self._absent(value, pointer)
        for name, entry in value.items():
            check = self.required.get(name) or self.optional.get(name)
            if check is None:
                yield Problem(pointer, f"invalid additional property: {name}")
            elif entry is not None:
                yield from check(entry, f"{pointer}/{name}")

    def _absent(self, value: dict[str, Any], pointer: str) -> Iterator[Problem]:
        for name in self.required:
            if value.get(name) is None:
                yield Problem(pointer, f"missing required field: {name}")
        for group in self.one_required:
            if all(value.get(name) is None for name in group):
                yield Problem(pointer, f"missing required field: one of {', '.join(group)}")


def typed(shapes: Mapping[str, Shape], allowed: frozenset[str] | None = None) -> Check:
    """An object whose `type` picks its shape out of a table that may still grow (shapes refer to each other)."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in shapes or (allowed is not None and kind not in allowed):
            yield Problem(f"{pointer}/type", f"unsupported type: {kind}")
            return
        yield from shapes[kind](value, pointer)

    return check


def either(*checks: Check) -> Check:
    """Accept what one of the checks accepts; else name the problems of the first."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        found = [list(one(value, pointer)) for one in checks]
        if all(found):
            yield from found[0]

    return check
