"""What an alert message is about: labels in its words, its fields, and the addresses it links to (pure)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

WORKLOAD_KEYS = ("deployment", "statefulset", "daemonset", "workload", "service", "app", "job_name", "container", "pod")
PLACE_KEYS = ("namespace", "environment", "env")
LABEL = re.compile(
    rf"(?<![\w-])(?:var-)?(?P<key>{'|'.join((*WORKLOAD_KEYS, *PLACE_KEYS, 'alertname'))})"
    r"\*?\s*[=:]\s*\*?\s*[\"'`]?(?P<value>[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)",
    re.IGNORECASE,
)
POD_OF_DEPLOYMENT = re.compile(r"-[0-9a-f]{6,10}-[a-z0-9]{5}$")
POD_OF_SET = re.compile(r"-(?:\d{1,4}|[a-z0-9]{5})$")
TEXTS = ("text", "title", "pretext", "url", "title_link", "from_url", "fallback")
PARTS = ("text", "blocks", "attachments", "elements", "fields", "accessory")
MAX_WORDS = 500
MAX_READ = 20_000


@dataclass(frozen=True)
class AlertWords:
    """The labels found, lower-case keys, the first value of each; and the text when they name no workload."""

    labels: Mapping[str, str]
    text: str

    @property
    def question(self) -> str:
        """What to ask about it."""
        workload = next((self.labels[key] for key in WORKLOAD_KEYS if key in self.labels), "")
        if not workload:
            return f"why is this failing: {self.text}" if self.text else ""
        if "pod" in self.labels and workload == self.labels["pod"]:
            workload = _owner(workload)
        place = next((self.labels[key] for key in PLACE_KEYS if key in self.labels), "")
        return f"why is {workload} failing{f' in {place}' if place else ''}?"


def read_alert(message: Mapping[str, Any]) -> AlertWords:
    """Labels of a Slack message: its text, blocks and attachments, in this order."""
    words = "\n".join(_texts(message))[:MAX_READ]
    return AlertWords(labels_in(unquote(words)), " ".join(str(message.get("text") or words).split())[:MAX_WORDS])


def labels_in(words: str) -> dict[str, str]:
    """Labels written as key=value or key: value."""
    found: dict[str, str] = {}
    for match in LABEL.finditer(words):
        found.setdefault(match["key"].lower(), match["value"])
    return found


def _owner(pod: str) -> str:
    return POD_OF_DEPLOYMENT.sub("", pod) if POD_OF_DEPLOYMENT.search(pod) else POD_OF_SET.sub("", pod)


def _texts(part: Any) -> Iterator[str]:
    """Every text and address of a message, fields of attachments as "title: value"."""
    if isinstance(part, list):
        for one in part:
            yield from _texts(one)
    elif isinstance(part, Mapping):
        words = {key: part[key] for key in TEXTS if isinstance(part.get(key), str)}
        if "value" in part:
            yield f"{words.get('title', '')}: {part['value']}"
        yield from words.values()
        for key in PARTS:
            yield from _texts(part.get(key))
