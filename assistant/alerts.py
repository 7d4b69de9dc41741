"""An alert, whoever sent it, and the question it raises."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

WORKLOAD_KEYS = ("deployment", "statefulset", "daemonset", "workload", "service", "app", "job_name", "container", "pod")
PLACE_KEYS = ("namespace", "environment", "env")
POD_OF_DEPLOYMENT = re.compile(r"-[0-9a-f]{6,10}-[a-z0-9]{5}$")
POD_OF_SET = re.compile(r"-(?:\d{1,4}|[a-z0-9]{5})$")


class Alert(BaseModel, frozen=True):
    """One alert. `fingerprint` and `starts_at` name this very occurrence; `title` is what a person reads."""

    status: Literal["firing", "resolved"]
    fingerprint: str
    starts_at: datetime
    title: str
    labels: dict[str, str] = {}

    @property
    def occurrence(self) -> str:
        """The same for every repetition of this alert until it fires anew."""
        return f"{self.fingerprint}:{self.starts_at.isoformat()}"

    @property
    def subject(self) -> str:
        """What it is about: alerts of one subject have one cause. Without a workload each alert is its own."""
        workload = workload_of(self.labels)
        return f"{place_of(self.labels)}/{workload}" if workload else f"alert/{self.fingerprint}"

    @property
    def question(self) -> str:
        """What to ask about it."""
        return question_of(self.labels, self.title)


def workload_of(labels: Mapping[str, str]) -> str:
    """The workload that labels name, the most exact key first; a pod's name without its random end. Or ""."""
    key = next((key for key in WORKLOAD_KEYS if labels.get(key)), "")
    name = labels.get(key, "")
    if key != "pod":
        return name
    return POD_OF_DEPLOYMENT.sub("", name) if POD_OF_DEPLOYMENT.search(name) else POD_OF_SET.sub("", name)


def place_of(labels: Mapping[str, str]) -> str:
    """The namespace or environment that labels name, or ""."""
    return next((labels[key] for key in PLACE_KEYS if labels.get(key)), "")


def question_of(labels: Mapping[str, str], text: str) -> str:
    """The question about what labels name, else about the text; "" when there is neither."""
    workload, place = workload_of(labels), place_of(labels)
    if workload:
        return f"why is {workload} failing{f' in {place}' if place else ''}?"
    if place:
        return f"what is failing in {place}?"
    return f"why is this failing: {text}" if text else ""
