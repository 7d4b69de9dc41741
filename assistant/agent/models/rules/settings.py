"""What a change sets besides names and replicas: an image, CPU and memory, the timing of a probe."""

import re
from collections.abc import Callable
from typing import Any

from assistant.agent.models.rules.amounts import count
from assistant.agent.models.rules.sheet import Sheet

Settings = dict[str, Any]
"""Arguments of the tool that makes the change."""

RESOURCES = {
    "memory": "memory", "mem": "memory", "ram": "memory",
    "cpu": "cpu", "cpus": "cpu", "core": "cpu", "cores": "cpu", "vcpu": "cpu", "vcpus": "cpu", "millicores": "cpu",
}  # fmt: skip
ENDS = {"limit": "limit", "limits": "limit", "request": "request", "requests": "request"}
UNITS = {
    "ki": "Ki", "kib": "Ki", "kb": "Ki",
    "mi": "Mi", "mib": "Mi", "mb": "Mi", "meg": "Mi", "megabytes": "Mi",
    "gi": "Gi", "gib": "Gi", "gb": "Gi", "g": "Gi", "gig": "Gi", "gigs": "Gi", "gigabytes": "Gi",
}  # fmt: skip
PROBES = ("liveness", "readiness", "startup")
TIMINGS = {
    "delay": "initial_delay_seconds", "period": "period_seconds", "interval": "period_seconds",
    "timeout": "timeout_seconds", "threshold": "failure_threshold", "failures": "failure_threshold",
}  # fmt: skip

_AMOUNT = re.compile(r"^(\d+(?:\.\d+)?)([a-z]*)$")
_TAG = re.compile(r"^v?\d[\w.-]*$|^latest$", re.IGNORECASE)
_BEFORE_IMAGE = frozenset({"to", "tag", "version", "image", "=", "is"})


def image(sheet: Sheet) -> Settings:
    """ "to 2.4.2", "tag v2", "registry/shop/app:1": as it was written, since tags are case-sensitive."""
    found = [
        (sheet.text(place - 1) in _BEFORE_IMAGE, place, token.raw)
        for place, token in sheet.free()
        if _TAG.match(token.raw) or _is_reference(token.raw, sheet)
    ]
    if not found:
        return {}
    _, place, raw = max(found)
    sheet.take([place, *(at for _, at, _ in found)])
    return {"image": raw}


def resources(sheet: Sheet) -> Settings:
    """ "512Mi memory", "cpu limit to 500m and memory to 1Gi": request and limit both, unless one of them is named."""
    amounts = [place for place, token in sheet.free() if _AMOUNT.match(token.text) and not token.quoted]
    used: set[int] = set()
    wanted: Settings = {}
    for index, place in enumerate(amounts):
        before = range(amounts[index - 1] + 1 if index else 0, place)
        following = range(place + 1, amounts[index + 1] if index + 1 < len(amounts) else len(sheet.tokens))
        named = _nearest(sheet, RESOURCES, (reversed(before), following), used)
        ends = _nearest(sheet, ENDS, (reversed(before), following), used)
        wanted |= _amount(sheet, place, named, ends)
    sheet.take(amounts)
    sheet.take(place for place in range(len(sheet.tokens)) if sheet.text(place) in RESOURCES | ENDS | UNITS)
    return wanted


def probe(sheet: Sheet) -> Settings:
    """ "readiness probe timeout to 5 seconds" """
    words = [sheet.text(place) for place in range(len(sheet.tokens))]
    name = next((word for word in PROBES if word in words), None)
    timing = next((TIMINGS[word] for word in words if word in TIMINGS), None)
    numbers = [(place, number) for place, _ in list(sheet.free()) if (number := count(sheet, place)) is not None]
    sheet.take(place for place, _ in numbers)
    sheet.take(place for place, word in enumerate(words) if word in {*PROBES, *TIMINGS, "probe", "initial", "failure"})
    return {"probe": name, timing: numbers[-1][1]} if name and timing and numbers else {}


READERS: dict[str, Callable[[Sheet], Settings]] = {"image": image, "resources": resources, "probe": probe}
"""By the slot of an intent that needs them."""


def in_words(settings: Settings) -> str:
    """Said so that it is understood again: "memory limit to 512Mi and cpu to 1", "readiness probe timeout to 5"."""
    if "probe" in settings:
        word = next(word for word, name in TIMINGS.items() if name in settings)
        return f"{settings['probe']} probe {word} to {settings[TIMINGS[word]]}"
    if "image" in settings:
        return f"image to {settings['image']}"
    said = {}
    for name, amount in settings.items():
        resource, _, end = name.partition("_")
        alone = settings.get(f"{resource}_{'limit' if end == 'request' else 'request'}") != amount
        said[f"{resource} {end} to {amount}" if alone else f"{resource} to {amount}"] = True
    return " and ".join(said)


def _is_reference(raw: str, sheet: Sheet) -> bool:
    prefix, colon, rest = raw.partition(":")
    return bool(colon and rest) and prefix.lower() not in sheet.words.kinds and "=" not in raw


def _nearest(sheet: Sheet, words: dict[str, str], ranges: tuple[Any, ...], used: set[int]) -> str | None:
    """The word beside an amount that no other amount has taken, what stands before it first."""
    for places in ranges:
        for place in places:
            if sheet.text(place) in words and place not in used:
                used.add(place)
                return words[sheet.text(place)]
    return None


def _amount(sheet: Sheet, place: int, named: str | None, end: str | None) -> Settings:
    hit = _AMOUNT.match(sheet.text(place))
    if hit is None:
        return {}
    number, written = hit[1], hit[2] or (sheet.text(place + 1) if sheet.text(place + 1) in UNITS else "")
    resource = "memory" if written in UNITS else named or ("cpu" if written == "m" else None)
    if resource is None or (resource == "memory" and not written):
        return {}  # "512" of memory may be anything
    thousandths = resource == "cpu" and (written == "m" or sheet.text(place + 1) == "millicores")
    unit = "m" if thousandths else UNITS.get(written, written)
    return {f"{resource}_{part}": f"{number}{unit}" for part in ([end] if end else ["request", "limit"])}
