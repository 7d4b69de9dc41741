"""What is asked of a log store beside the pods' own logs."""

from datetime import timedelta

from tests.builders.kubernetes import NOW, make_container_status, make_pod, running, stamp, terminated
from tests.builders.log_lines import line
from tests.builders.loki import ago
from tools.cluster.models.resources import PODS
from tools.contract import ObjectRef
from tools.errors import Unavailable
from tools.logs.gather import Gathered
from tools.logs.history import Window, history
from tools.logs.models import LogChunk
from tools.logs.port import LogQuery, PastQuery

CART = ObjectRef(cluster="c", namespace="shop", kind="Deployment", name="cart")
HOUR = Window(NOW - timedelta(hours=1), NOW)


class Past:
    """Answers every question for the past in the same way."""

    def __init__(self, answer: LogChunk | Exception = LogChunk(lines=())) -> None:  # noqa: B008  # it is frozen
        self.answer = answer
        self.asked: list[PastQuery] = []

    async def read(self, query: LogQuery) -> LogChunk:
        raise AssertionError(query)

    async def past(self, query: PastQuery) -> LogChunk:
        self.asked.append(query)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def pod(name: str = "cart-1", restarts: int = 0, born_minutes_ago: int = 50):
    status = make_container_status("c", running(), restartCount=restarts, lastState=terminated(1) if restarts else {})
    return PODS.parse(make_pod(name, statuses=[status], metadata={"creationTimestamp": stamp(born_minutes_ago)}))


def read(name: str = "cart-1", *seconds_ago: float, truncated: bool = False) -> Gathered:
    lines = tuple(line("x", -seconds, pod=name) for seconds in seconds_ago)
    return Gathered((LogChunk(lines=lines, truncated=truncated),), (LogQuery("shop", name, "c"),))


async def test_pods_that_are_gone_are_asked_for_and_present_ones_are_not() -> None:
    past = Past()

    await history(past, CART, [pod()], read("cart-1", 2990), HOUR)

    assert past.asked == [PastQuery(CART, HOUR.start, HOUR.end, without=("cart-1",))]


async def test_what_a_pod_no_longer_has_is_asked_up_to_its_oldest_line() -> None:
    past = Past()

    await history(past, CART, [pod()], read("cart-1", 600, 5, truncated=True), HOUR)

    assert past.asked[1] == PastQuery(CART, HOUR.start, ago(600), pods=("cart-1",))


async def test_the_log_of_runs_before_the_last_is_asked_for() -> None:
    past = Past()

    await history(past, CART, [pod(restarts=4)], read("cart-1", 600), HOUR)

    assert past.asked[1].pods == ("cart-1",)


async def test_a_container_that_restarted_once_still_has_both_runs() -> None:
    past = Past()

    await history(past, CART, [pod(restarts=1)], read("cart-1", 600), HOUR)

    assert len(past.asked) == 1


async def test_a_pod_that_began_after_its_oldest_line_lacks_nothing() -> None:
    past = Past()

    await history(past, CART, [pod(born_minutes_ago=10)], read("cart-1", 599, truncated=True), HOUR)

    assert len(past.asked) == 1


async def test_no_line_comes_twice() -> None:
    stored = LogChunk(
        lines=(line("older", -700, pod="cart-1"), line("x", -600, pod="cart-1"), line("gone", -9, pod="z"))
    )

    chunks = await history(Past(stored), CART, [pod()], read("cart-1", 600), HOUR)

    assert [each.text for each in chunks[0].lines] == ["older", "gone"]


async def test_a_log_store_that_is_down_is_noted() -> None:
    chunks = await history(Past(Unavailable("it is down", "logs")), CART, [], Gathered(()), HOUR)

    assert [(chunk.lines, chunk.note) for chunk in chunks] == [((), "it is down")]
