"""The LimitRanger admission plugin: defaults and bounds for containers and pods."""

from collections.abc import Iterator
from decimal import Decimal

from evals.emulators.kubernetes.objects import Json, annotations_of, meta, name_of
from evals.emulators.kubernetes.pod_defaults import containers_of
from evals.emulators.kubernetes.quantities import parse_quantity

Amounts = dict[str, str]
_ANNOTATION = "kubernetes.io/limit-ranger"


def apply_limit_defaults(pod: Json, ranges: list[Json]) -> None:
    """Give containers the default requests and limits of their namespace, and note it as the plugin does."""
    notes: list[str] = []
    for limit in _of_type(ranges, "Container"):
        for container in containers_of(pod["spec"]):
            notes += _default_container(container, limit)
    if notes and _ANNOTATION not in annotations_of(pod):
        text = "LimitRanger plugin set: " + "; ".join(notes)
        meta(pod).setdefault("annotations", {})[_ANNOTATION] = text


def _default_container(container: Json, limit: Json) -> Iterator[str]:
    resources = container.setdefault("resources", {})
    for field, defaults in (("requests", "defaultRequest"), ("limits", "default")):
        given: Amounts = resources.get(field) or {}
        missing = {key: value for key, value in (limit.get(defaults) or {}).items() if key not in given}
        if missing:
            resources[field] = given | missing
            yield f"{', '.join(sorted(missing))} {field[:-1]} for container {name_of({'metadata': container})}"


def limit_violations(pod: Json, ranges: list[Json]) -> list[str]:
    """What a pod breaks, in the plugin's words."""
    found: list[str] = []
    for limit in _of_type(ranges, "Container"):
        for container in pod["spec"].get("containers") or []:
            found += _violations(limit, container.get("resources") or {})
    for limit in _of_type(ranges, "Pod"):
        found += _violations(limit, _pod_total(pod))
    return found


def _of_type(ranges: list[Json], kind: str) -> list[Json]:
    return [limit for item in ranges for limit in item["spec"].get("limits") or [] if limit.get("type") == kind]


def _violations(limit: Json, resources: Json) -> Iterator[str]:
    requests: Amounts = resources.get("requests") or {}
    limits: Amounts = resources.get("limits") or {}
    for resource, bound in sorted((limit.get("min") or {}).items()):
        yield from _too_small(f"minimum {resource} usage per {limit['type']} is {bound}", bound, requests.get(resource))
    for resource, bound in sorted((limit.get("max") or {}).items()):
        text = f"maximum {resource} usage per {limit['type']} is {bound}"
        yield from _too_large(text, bound, (requests.get(resource), limits.get(resource)))


def _too_small(text: str, bound: str, request: str | None) -> Iterator[str]:
    if request is None:
        yield f"{text}.  No request is specified"
    elif parse_quantity(request) < parse_quantity(bound):
        yield f"{text}, but request is {request}"


def _too_large(text: str, bound: str, given: tuple[str | None, str | None]) -> Iterator[str]:
    request, limit = given
    if limit is None:
        yield f"{text}.  No limit is specified"
    elif parse_quantity(limit) > parse_quantity(bound):
        yield f"{text}, but limit is {limit}"
    elif request is not None and parse_quantity(request) > parse_quantity(bound):
        yield f"{text}, but request is {request}"


def _pod_total(pod: Json) -> Json:
    total: dict[str, dict[str, Decimal]] = {"requests": {}, "limits": {}}
    for container in pod["spec"].get("containers") or []:
        for field, sums in total.items():
            for resource, amount in ((container.get("resources") or {}).get(field) or {}).items():
                sums[resource] = sums.get(resource, Decimal(0)) + parse_quantity(amount)
    return {field: {resource: str(value) for resource, value in sums.items()} for field, sums in total.items()}
