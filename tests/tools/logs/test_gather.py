"""Which runs of which containers are read."""

from datetime import timedelta

import pytest

from tests.builders.kubernetes import make_container_status, make_pod, running, stamp, terminated, waiting
from tools.cluster.models.resources import PODS
from tools.errors import Forbidden, NotFound, Unavailable
from tools.logs.gather import FEWEST_LINES, MAX_LINES, MAX_PODS, Gathered, Scope, gather
from tools.logs.models import LogChunk, LogLine
from tools.logs.port import LogQuery

SCOPE = Scope(timedelta(minutes=5), tail=10)
RESTARTED = {"restartCount": 1, "lastState": terminated(1)}


class Asked:
    """Answers each query with one line, or raises what a pod's name stands for."""

    def __init__(self, **errors: Exception) -> None:
        self.queries: list[LogQuery] = []
        self.errors = errors

    async def read(self, query: LogQuery) -> LogChunk:
        self.queries.append(query)
        if query.pod in self.errors:
            raise self.errors[query.pod]
        return LogChunk(lines=(LogLine(pod=query.pod, container=query.container, text="x"),))


def pod(name: str = "p", *statuses: dict, **more):
    return PODS.parse(make_pod(name, statuses=list(statuses) or None, **more))


async def runs(*pods, scope: Scope = SCOPE) -> list[tuple[str, bool]]:
    logs = Asked()
    await gather(logs, pods, scope)
    return [(query.container, query.previous) for query in logs.queries]


@pytest.mark.parametrize(
    ("status", "read"),
    [
        (make_container_status("c", running()), [("c", False)]),
        (make_container_status("c", running(), **RESTARTED), [("c", True), ("c", False)]),
        (make_container_status("c", waiting("CrashLoopBackOff"), **RESTARTED), [("c", True)]),
        (make_container_status("c", terminated(1)), [("c", False)]),
        (make_container_status("c", waiting("ContainerCreating")), [("c", False)]),
    ],
)
async def test_the_run_before_a_restart_is_read_too_and_no_run_twice(status: dict, read: list) -> None:
    assert await runs(pod("p", status)) == read


async def test_init_containers_are_read_unless_they_are_done() -> None:
    inits = [make_container_status("done", terminated(0)), make_container_status("stuck", running())]

    assert await runs(pod("p", make_container_status("app", waiting("PodInitializing")), init_statuses=inits)) == [
        ("stuck", False),
        ("app", False),
    ]


async def test_only_previous_runs_are_read_when_asked_so_whatever_their_age() -> None:
    logs = Asked()

    await gather(logs, [pod("p", make_container_status("c"))], Scope(timedelta(minutes=5), 10, previous=True))

    assert [(query.previous, query.since, query.tail) for query in logs.queries] == [(True, None, 10)]


async def test_pods_in_trouble_come_first_and_the_rest_is_said() -> None:
    healthy = [pod(f"h{number}", metadata={"creationTimestamp": stamp(number)}) for number in range(MAX_PODS + 3)]
    broken = pod("broken", make_container_status("c", waiting("ImagePullBackOff")))
    logs = Asked()

    gathered = await gather(logs, [*healthy, broken], SCOPE)

    assert [query.pod for query in logs.queries][:3] == ["broken", "h0", "h1"]
    assert len(logs.queries) == MAX_PODS
    assert gathered.notes == ("4 more pods were not read.",)
    assert gathered.cut


async def test_a_pod_that_just_went_away_is_noted() -> None:
    gathered = await gather(Asked(gone=NotFound("pod gone is gone")), [pod("gone"), pod("here")], SCOPE)

    assert (len(gathered.chunks), gathered.notes) == (1, ("pod gone is gone",))


async def test_no_answer_at_all_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await gather(Asked(a=Unavailable("x", "cluster"), b=Unavailable("x", "cluster")), [pod("a"), pod("b")], SCOPE)


async def test_a_missing_right_is_raised_as_itself() -> None:
    with pytest.raises(Forbidden):
        await gather(Asked(a=Forbidden("no", "get pods/log")), [pod("a"), pod("b")], SCOPE)


async def test_no_pods_no_lines() -> None:
    assert await gather(Asked(), [], SCOPE) == Gathered(())


async def test_many_containers_share_what_may_be_read_together() -> None:
    many = [make_container_status(f"c{number}") for number in range(30)]
    logs = Asked()

    await gather(logs, [pod(f"p{number}", *many) for number in range(4)], Scope(timedelta(minutes=5), tail=5000))

    assert len(logs.queries) == 120
    assert {query.tail for query in logs.queries} == {MAX_LINES // 120}
    assert logs.queries[0].tail >= FEWEST_LINES
    assert sum(query.max_bytes for query in logs.queries) < 32_000_000
