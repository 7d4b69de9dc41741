"""What an alert message is about: labels in its words, its fields, and the addresses it links to (pure)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from assistant.alerts import PLACE_KEYS, WORKLOAD_KEYS, Alert, question_of

LABEL = re.compile(
    rf"(?<![\w-])(?:var-)?(?P<key>{'|'.join((*WORKLOAD_KEYS, *PLACE_KEYS, 'alertname'))})"
    r"\*?\s*[=:]\s*\*?\s*[\"'`]?(?P<value>[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)",
    re.IGNORECASE,
)
TEXTS = ("text", "title", "pretext", "url", "title_link", "from_url", "fallback")
PARTS = ("text", "blocks", "attachments", "elements", "fields", "accessory")
RESOLVED = re.compile(r"\b(?:resolved|recovered|ok:)", re.IGNORECASE)
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
        return question_of(self.labels, self.text)


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


def alert_in(event: Mapping[str, Any], *, bot_user: str) -> Alert | None:
    """The alert that another bot posted in a channel, or None: for people, threads, edits and our own messages."""
    by_bot = event.get("bot_id") and event.get("user") != bot_user
    if not by_bot or event.get("type") != "message" or event.get("thread_ts"):
        return None
    if event.get("subtype") not in {None, "bot_message"}:
        return None
    words, labels = read_alert(event), read_alert(event).labels
    if not question_of(labels, words.text):
        return None
    return Alert(
        status="resolved" if RESOLVED.search(words.text[:80]) else "firing",
        fingerprint=f"{event['channel']}:{event['ts']}",
        starts_at=datetime.fromtimestamp(float(event["ts"]), UTC),
        title=words.text,
        labels=dict(labels),
    )
