"""Pod logs first, a log store for what the cluster no longer has."""

import pytest

from tests.builders.kubernetes import NOW
from tests.builders.log_lines import line
from tests.builders.loki import ago
from tools.cluster.port import Access
from tools.contract import ObjectRef
from tools.errors import Forbidden, NotFound, Unavailable
from tools.logs.combined import CombinedLogStore
from tools.logs.models import LogChunk
from tools.logs.port import LogQuery, PastQuery

CART = ObjectRef(cluster="c", namespace="shop", kind="Deployment", name="cart")
QUERY = LogQuery("shop", "cart-1", "app")
PAST = PastQuery(CART, ago(600), NOW)
GONE = NotFound('pods "cart-1" not found')


class Store:
    """Gives one answer to everything, or raises it."""

    def __init__(self, answer: LogChunk | Exception) -> None:
        self.answer = answer
        self.asked: list[LogQuery | PastQuery] = []

    async def read(self, query: LogQuery) -> LogChunk:
        return self._answer(query)

    async def past(self, query: PastQuery) -> LogChunk:
        return self._answer(query)

    def _answer(self, query: LogQuery | PastQuery) -> LogChunk:
        self.asked.append(query)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Rights:
    """A cluster that only knows what a person may."""

    def __init__(self, *, allowed: bool = True) -> None:
        self.allowed = allowed
        self.asked: list[tuple[str, str, str | None]] = []

    async def can_i(self, verb, resource, namespace, name=""):
        self.asked.append((verb, resource.plural, namespace))
        return Access(self.allowed)


LIVE = LogChunk(lines=(line("live"),))
STORED = LogChunk(lines=(line("stored"),))
EMPTY = LogChunk(lines=())


async def test_what_a_pod_still_has_is_not_asked_for_elsewhere() -> None:
    store = Store(STORED)

    chunk = await CombinedLogStore(Store(LIVE), store, Rights()).read(QUERY)

    assert (chunk, store.asked) == (LIVE, [])


async def test_a_pod_that_is_gone_is_read_from_the_log_store() -> None:
    chunk = await CombinedLogStore(Store(GONE), Store(STORED), Rights()).read(QUERY)

    assert (chunk.lines, chunk.note) == (STORED.lines, GONE.message)


@pytest.mark.parametrize("stored", [EMPTY, Unavailable("down", "logs")])
async def test_a_pod_that_nobody_knows_is_not_found(stored) -> None:
    with pytest.raises(NotFound):
        await CombinedLogStore(Store(GONE), Store(stored), Rights()).read(QUERY)


async def test_who_may_not_read_logs_in_the_cluster_gets_none_from_the_log_store() -> None:
    store, rights = Store(STORED), Rights(allowed=False)
    combined = CombinedLogStore(Store(GONE), store, rights)

    with pytest.raises(Forbidden) as caught:
        await combined.past(PAST)
    with pytest.raises(NotFound):
        await combined.read(QUERY)

    assert caught.value.missing == "get pods/log in shop"
    assert rights.asked == [("get", "pods/log", "shop")] * 2
    assert store.asked == []


async def test_a_refusal_by_the_cluster_is_not_circumvented() -> None:
    store = Store(STORED)

    with pytest.raises(Forbidden):
        await CombinedLogStore(Store(Forbidden("no")), store, Rights()).read(QUERY)

    assert store.asked == []


async def test_the_past_comes_from_the_log_store_alone() -> None:
    pods, store = Store(LIVE), Store(STORED)

    chunk = await CombinedLogStore(pods, store, Rights()).past(PAST)

    assert (chunk, pods.asked, store.asked) == (STORED, [], [PAST])
