"""Events (core/v1), as the old and the new recorder write them."""

from datetime import datetime
from typing import Any

from pydantic import Field, model_validator

from tools.cluster.models.meta import ApiObject, Raw


class InvolvedObject(Raw):
    kind: str = ""
    namespace: str | None = None
    name: str = ""
    uid: str = ""
    field_path: str = ""


class Event(ApiObject):
    """One event. The scheduler writes eventTime and series instead of first/lastTimestamp and count: both are read.

    Pull back-off is a Normal event: never filter on Warning.
    """

    type: str = ""
    reason: str = ""
    message: str = ""
    involved_object: InvolvedObject = InvolvedObject()
    first_seen: datetime | None = Field(default=None, alias="first_seen")
    last_seen: datetime | None = Field(default=None, alias="last_seen")
    count: int = 1
    component: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_shape(cls, raw: Any) -> Any:
        series = raw.get("series") or {}
        born = (raw.get("metadata") or {}).get("creationTimestamp")
        first = raw.get("firstTimestamp") or raw.get("eventTime") or born
        component = (raw.get("source") or {}).get("component") or raw.get("reportingComponent") or ""
        return {
            **raw,
            "first_seen": first,
            "last_seen": series.get("lastObservedTime") or raw.get("lastTimestamp") or first,
            "count": series.get("count") or raw.get("count") or 1,
            "component": component,
            "message": raw.get("message") or "",
        }
