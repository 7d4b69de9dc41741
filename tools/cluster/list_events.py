"""List the events of an environment or of one workload."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from tools.clock import Clock
from tools.cluster.facts import cut
from tools.cluster.find_pods import find_pods
from tools.cluster.models.events import Event
from tools.cluster.models.resources import EVENTS, REPLICA_SETS
from tools.cluster.port import ClusterReader, Page, Target, Targets
from tools.contract import Args, Evidence, ObjectRef, Result, Source

MAX_GROUPS = 30
MAX_EVENTS = 5000  # a busy namespace keeps about an hour of them
MAX_TEXT = 400

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class ListEventsArgs(Args):
    environment: Annotated[str, Field(min_length=1, max_length=63, description="Environment or namespace.")]
    workload: Annotated[str | None, Field(max_length=253, description="Only events of this workload and its pods.")] = (
        None
    )
    since_minutes: Annotated[int, Field(ge=1, le=1440)] = 60


class EventGroup(BaseModel, frozen=True):
    """Events of one object for one reason. `count` over all of them; `evidence` is the newest message, at its time.

    `type` is Normal or Warning, as the recorder chose: a pull back-off is Normal.
    """

    object: str
    type: str
    reason: str
    count: int
    first_at: datetime | None
    evidence: Evidence


class ListEventsResult(Result):
    """`groups` newest first. `truncated`: more groups exist, or more events than were read."""

    environment: str
    workload: ObjectRef | None
    since: datetime
    groups: tuple[EventGroup, ...]
    truncated: bool = False

    def observed(self) -> tuple[ObjectRef, ...]:
        return (self.workload,) if self.workload else ()


async def list_events(
    args: ListEventsArgs, *, cluster: ClusterReader, targets: Targets, clock: Clock
) -> ListEventsResult:
    """List recent events, grouped by object and reason, newest first, at most `MAX_GROUPS`.

    With a workload: events of it, its ReplicaSets and its pods, pods that are gone included.
    Raises NotFound, Ambiguous, Forbidden, Unavailable (GET /api/v1/namespaces/{namespace}/events).
    """
    target = await targets.workload(args.workload, args.environment) if args.workload else None
    namespaces = [target.ref.namespace] if target else list(await targets.namespaces(args.environment))
    pages = [await cluster.list(EVENTS, namespace, limit=MAX_EVENTS) for namespace in namespaces]
    concerns = await _concerning(cluster, target) if target else None
    since = clock() - timedelta(minutes=args.since_minutes)
    groups = group_events(_recent(pages, since, concerns))
    return ListEventsResult(
        environment=args.environment,
        workload=target.ref if target else None,
        since=since,
        groups=groups[:MAX_GROUPS],
        truncated=len(groups) > MAX_GROUPS or any(page.truncated for page in pages),
    )


def group_events(events: Iterable[Event]) -> tuple[EventGroup, ...]:
    """One group for each object and reason, newest first (pure)."""
    groups: dict[tuple[str, str, str], list[Event]] = {}
    for event in events:
        involved = event.involved_object
        groups.setdefault((involved.kind, involved.name, event.reason), []).append(event)
    made = [_group(members) for members in groups.values()]
    return tuple(sorted(made, key=lambda group: (group.evidence.at, group.object, group.reason), reverse=True))


def _group(events: Sequence[Event]) -> EventGroup:
    newest = max(events, key=_seen)
    involved = newest.involved_object
    where = f"{involved.namespace}/" if involved.namespace else ""
    evidence = Evidence(
        source=Source.EVENT,
        subject=f"{involved.kind} {where}{involved.name}",
        where=f"event {newest.reason}" + (f" ({newest.component})" if newest.component else ""),
        text=cut(newest.message or newest.reason, MAX_TEXT),
        at=_seen(newest),
    )
    return EventGroup(
        object=evidence.subject,
        type=newest.type,
        reason=newest.reason,
        count=sum(event.count for event in events),
        first_at=min((event.first_seen for event in events if event.first_seen), default=None),
        evidence=evidence,
    )


def _recent(pages: Sequence[Page[Event]], since: datetime, concerns: Callable[[Event], bool] | None) -> Iterable[Event]:
    for page in pages:
        for event in page:
            if _seen(event) >= since and (concerns is None or concerns(event)):
                yield event


def _seen(event: Event) -> datetime:
    return event.last_seen or _LONG_AGO


async def _concerning(cluster: ClusterReader, target: Target) -> Callable[[Event], bool]:
    """Whether an event is about the workload. Pods that are gone are known by the name of what made them."""
    ref = target.ref
    pods = {pod.name for pod in await find_pods(cluster, ref)}
    makers = {ref.name}
    if ref.kind == "Deployment":
        sets = await cluster.list(REPLICA_SETS, ref.namespace)
        owned = (
            item
            for item in sets
            if (owner := item.metadata.controller()) and (owner.kind, owner.name) == (ref.kind, ref.name)
        )
        makers = {item.name for item in owned}

    def concerns(event: Event) -> bool:
        involved = event.involved_object
        if involved.kind == "Pod":
            return involved.name in pods or involved.name.rpartition("-")[0] in makers
        return involved.name == ref.name or (involved.kind == "ReplicaSet" and involved.name in makers)

    return concerns
