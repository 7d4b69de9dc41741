"""Recording events: repeats of one are counted, old ones expire after an hour."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import EVENTS
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.managed_fields import Manager
from evals.emulators.kubernetes.objects import Json, copy_json, dig, name_of, namespace_of, prune, uid_of
from evals.emulators.kubernetes.store import Change, Key
from evals.emulators.kubernetes.timing import parse_time, rfc3339, rfc3339_micro
from evals.emulators.kubernetes.writes import WriteOptions

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

LIFETIME = timedelta(hours=1)
SCHEDULER = "default-scheduler"
_MANAGERS = {"kubelet": "kubelet", SCHEDULER: "kube-scheduler"}
_SHAPES = {"regarding": "involvedObject", "note": "message", "reportingController": "reportingComponent"}
_DEPRECATED = {
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}


class EventRecorder:
    """Writes events about objects and removes the expired ones."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._known: dict[tuple[str, ...], Key] = {}
        self.watches: dict[str, Callable[[Change], Iterable[Key]]] = {}

    def record(self, obj: Json, kind: str, reason: str, message: str, **origin: str) -> None:
        """Note that something happened to an object.

        `kind` is Normal or Warning; `origin` has `component` and, where it applies, `host` and `field_path`.
        """
        component = origin.get("component", "")
        identity = (uid_of(obj), kind, reason, message, component, origin.get("field_path", ""))
        key = self._known.get(identity)
        current = self._cluster.store.get(EVENTS, *key) if key else None
        if current is not None:
            self._again(current)
        else:
            self._known[identity] = self._first(obj, (kind, reason, message), origin)

    def reconcile(self, key: Key) -> None:
        """Remove an event whose last occurrence is older than an hour."""
        event = self._cluster.store.get(EVENTS, *key)
        if event is None:
            return
        expiry = last_seen(event) + LIFETIME
        if expiry <= self._cluster.now():
            self._cluster.writer.remove(EVENTS, event)
        else:
            self._cluster.engine.at(expiry, "events", key)

    def _first(self, obj: Json, text: tuple[str, str, str], origin: dict[str, str]) -> Key:
        now, component = self._cluster.now(), origin.get("component", "")
        kind, reason, message = text
        namespace = namespace_of(obj) or "default"
        suffix = self._cluster.names.event_suffix(int(now.timestamp() * 1e9))
        event: Json = {
            "metadata": {"name": f"{name_of(obj)}.{suffix}", "namespace": namespace},
            "involvedObject": _reference(obj, origin.get("field_path", "")),
            "reason": reason,
            "message": message,
            "type": kind,
            "reportingComponent": component,
            **(_new_style(now) if component == SCHEDULER else _old_style(now, component, origin.get("host"))),
        }
        options = WriteOptions(Manager(_MANAGERS.get(component, "kube-controller-manager")))
        try:
            self._cluster.writer.create(EVENTS, namespace, event, options)
        except ApiError:  # the namespace is going away: the real recorder drops the event too
            return namespace, ""
        self._cluster.engine.at(now + LIFETIME, "events", (namespace, event["metadata"]["name"]))
        return namespace, event["metadata"]["name"]

    def _again(self, current: Json) -> None:
        event: Json = copy_json(current)
        now = self._cluster.now()
        if event.get("eventTime"):
            count = (dig(event, "series", "count") or 1) + 1
            event["series"] = {"count": count, "lastObservedTime": rfc3339_micro(now)}
        else:
            event.update(count=event["count"] + 1, lastTimestamp=rfc3339(now))
        component = event["reportingComponent"]
        options = WriteOptions(Manager(_MANAGERS.get(component, "kube-controller-manager")))
        self._cluster.writer.update(EVENTS, current, event, options)


def last_seen(event: Json) -> datetime:
    moment = event.get("lastTimestamp") or dig(event, "series", "lastObservedTime") or event.get("eventTime")
    return parse_time(moment or event["metadata"]["creationTimestamp"])


def _reference(obj: Json, field_path: str) -> Json:
    return prune(
        {
            "kind": obj["kind"],
            "namespace": namespace_of(obj) or None,
            "name": name_of(obj),
            "uid": uid_of(obj) or None,
            "apiVersion": obj["apiVersion"],
            "resourceVersion": obj["metadata"].get("resourceVersion"),
            "fieldPath": field_path or None,
        }
    )


def _new_style(now: datetime) -> Json:
    return {
        "source": {},
        "firstTimestamp": None,
        "lastTimestamp": None,
        "eventTime": rfc3339_micro(now),
        "action": "Binding",
        "reportingInstance": f"{SCHEDULER}-control-plane",
    }


def _old_style(now: datetime, component: str, host: str | None) -> Json:
    return {
        "source": prune({"component": component, "host": host}),
        "firstTimestamp": rfc3339(now),
        "lastTimestamp": rfc3339(now),
        "count": 1,
        "eventTime": None,
        "reportingInstance": host or "",
    }


def to_new_api(event: Json) -> Json:
    """An event in the shape of events.k8s.io/v1."""
    renamed = {new: event[old] for new, old in {**_SHAPES, **_DEPRECATED}.items() if old in event}
    same = ("metadata", "eventTime", "reason", "type", "action", "reportingInstance", "series")
    kept = {key: event[key] for key in same if event.get(key) not in (None, "") or key == "eventTime"}
    return {"apiVersion": "events.k8s.io/v1", "kind": "Event", **kept, **renamed}


def from_new_api(event: Json) -> Json:
    """An event of events.k8s.io/v1 in the shape it is stored in."""
    names = {**_SHAPES, **_DEPRECATED}
    stored = {names.get(key, key): value for key, value in event.items()}
    defaults: Json = {"source": {}, "firstTimestamp": None, "lastTimestamp": None}
    return {**defaults, **stored, "apiVersion": "v1", "kind": "Event"}
