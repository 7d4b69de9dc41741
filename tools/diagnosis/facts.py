"""Evidence made from what was read: one maker per source."""

from datetime import datetime

from tools.cluster.models.events import Event
from tools.cluster.models.meta import ApiObject, Condition
from tools.contract import Evidence, Source
from tools.diagnosis.observations import ContainerView, Observations, seen
from tools.logs.models import LogLine

TEXT_LIMIT = 600  # of an Evidence


def excerpt(text: str, limit: int = TEXT_LIMIT) -> str:
    """The text on one line, cut at `limit` with an ellipsis."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


def subject_of(thing: ApiObject) -> str:
    """ "Pod shop-staging/checkout-7d9f-x2x1"."""
    scope = f"{thing.namespace}/" if thing.namespace else ""
    return f"{thing.kind} {scope}{thing.name}"


def field_fact(thing: ApiObject, where: str, text: str, at: datetime) -> Evidence:
    """A field of an object. `at`: when it became so, else when it was read."""
    return Evidence(source=Source.CLUSTER, subject=subject_of(thing), where=where, text=excerpt(text), at=at)


def condition_fact(thing: ApiObject, condition: Condition, read_at: datetime) -> Evidence:
    """A condition, as "Progressing=False ProgressDeadlineExceeded: message"."""
    text = f"{condition.type}={condition.status} {condition.reason}: {condition.message}".rstrip(": ")
    where = f"status.conditions[{condition.type}]"
    return field_fact(thing, where, text, condition.last_transition_time or condition.last_update_time or read_at)


def event_fact(event: Event, read_at: datetime) -> Evidence:
    """An event on an object."""
    about = event.involved_object
    scope = f"{about.namespace}/" if about.namespace else ""
    times = f", {event.count} times" if event.count > 1 else ""
    return Evidence(
        source=Source.EVENT,
        subject=f"{about.kind} {scope}{about.name}",
        where=f"event {event.reason} ({event.type}{times})",
        text=excerpt(event.message or event.reason),
        at=seen(event, read_at),
    )


def log_fact(line: LogLine, namespace: str, read_at: datetime) -> Evidence:
    """A line of a container's log."""
    run = ", previous run" if line.previous else ""
    return Evidence(
        source=Source.LOG,
        subject=f"Pod {namespace}/{line.pod}",
        where=f"log of container {line.container}{run}",
        text=excerpt(line.text),
        at=line.at or read_at,
    )


def waiting_fact(view: ContainerView, read_at: datetime) -> Evidence:
    """Why a container waits, with the runtime's message."""
    waiting = view.status.state.waiting
    text = f"{waiting.reason}: {waiting.message}".rstrip(": ") if waiting else "not waiting"
    return field_fact(view.pod, view.where("state.waiting"), text, read_at)


def ended_fact(view: ContainerView, read_at: datetime) -> Evidence:
    """How a container's last run ended, and how often it was restarted."""
    ended = view.ended()
    part = "state.terminated" if view.status.state.terminated else "lastState.terminated"
    if ended is None:
        return field_fact(view.pod, view.where(part), "no ended run", read_at)
    said = f", message: {ended.message}" if ended.message else ""
    text = f"reason {ended.reason or 'none'}, exit code {ended.exit_code}, {view.status.restart_count} restarts{said}"
    return field_fact(view.pod, view.where(part), text, ended.finished_at or read_at)


def first_seen(events: tuple[Event, ...], otherwise: datetime | None) -> datetime | None:
    """When the first of these events was first seen."""
    times = [event.first_seen for event in events if event.first_seen]
    return min(times, default=otherwise)


def not_ready_since(view: ContainerView, observations: Observations) -> datetime | None:
    """When the pod lost readiness, or was made when it never had it."""
    ready = view.pod.condition("Ready")
    born = view.pod.metadata.creation_timestamp
    if ready is None or ready.status == "True" or view.status.restart_count:
        return born if view.status.restart_count == 0 else _first_death(view, observations, born)
    return ready.last_transition_time or born


def _first_death(view: ContainerView, observations: Observations, born: datetime | None) -> datetime | None:
    deaths = observations.container_events(view, "BackOff", "Unhealthy", "Killing")
    ended = view.ended()
    return first_seen(deaths, ended.finished_at if ended else born)
