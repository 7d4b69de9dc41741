"""Logs from Loki, whose answers have the shapes of its HTTP API reference."""

from datetime import timedelta

import httpx2
import pytest
import respx

from tests.builders.kubernetes import NOW
from tests.builders.loki import (
    API,
    NAMES,
    OTEL_NAMES,
    SYSTEM,
    URL,
    Clock,
    ago,
    loki_store,
    nanoseconds,
    streams,
    succeeded,
)
from tools.contract import ObjectRef
from tools.errors import Forbidden, InvalidArgs, Unavailable
from tools.http import HttpSystem
from tools.logs.loki import MAX_ENTRIES, loki_url
from tools.logs.models import LogChunk
from tools.logs.port import LogQuery, PastQuery

CART = ObjectRef(cluster="c", namespace="shop", kind="Deployment", name="cart")
HALF_HOUR = PastQuery(CART, start=ago(1800), end=NOW)
DAY = PastQuery(CART, start=ago(86_400), end=NOW)
LABELS = {"namespace": "shop", "pod": "cart-1", "container": "app"}
ENTRY = [(LABELS, [(ago(10), "hello")])]


@pytest.fixture
def loki():
    with respx.mock(base_url=API, assert_all_called=False) as router:
        router.get("/labels").respond(json=succeeded(NAMES))
        router.get("/label/namespace/values").respond(json=succeeded(["shop", "web"]))
        router.get("/index/stats").respond(json={"streams": 3, "chunks": 9, "entries": 500, "bytes": 100_000})
        yield router


def asked(router: respx.MockRouter, path: str) -> dict[str, str]:
    """Parameters of the last call of a path."""
    (*_, last) = [call for call in router.calls if call.request.url.path.endswith(path)]
    return dict(last.request.url.params)


def paths(router: respx.MockRouter) -> list[str]:
    return [call.request.url.path.removeprefix("/loki/api/v1") for call in router.calls]


async def test_lines_come_oldest_first_with_their_pod_container_and_time(loki) -> None:
    other = LABELS | {"pod": "cart-2"}
    loki.get("/query_range").respond(
        json=streams((LABELS, [(ago(1), "third"), (ago(30), "first")]), (other, [(ago(20), "\x1b[31msecond\x1b[0m")]))
    )

    async with loki_store() as store:
        chunk = await store.past(HALF_HOUR)

    assert [(line.pod, line.container, line.text, line.at) for line in chunk.lines] == [
        ("cart-1", "app", "first", ago(30)),
        ("cart-2", "app", "second", ago(20)),
        ("cart-1", "app", "third", ago(1)),
    ]
    assert not chunk.truncated


async def test_asks_newest_first_in_nanoseconds_as_its_tenant(loki) -> None:
    loki.get("/query_range").respond(json=streams(*ENTRY))

    async with loki_store() as store:
        await store.past(PastQuery(CART, ago(1800), NOW, without=("cart-9",), contains='say "hi"', limit=7))

    assert asked(loki, "/query_range") == {
        "query": r'{namespace="shop",pod=~"cart-[a-z0-9]+-[a-z0-9]{5}",pod!~"cart\\-9"} |~ "(?i)say\\ \"hi\""',
        "start": nanoseconds(ago(1800)),
        "end": nanoseconds(NOW),
        "direction": "backward",
        "limit": "7",
    }
    headers = loki.calls[-1].request.headers
    assert (headers["x-scope-orgid"], headers["authorization"]) == ("shop", "Bearer s3cret")


async def test_a_user_is_sent_with_basic_authentication(loki) -> None:
    loki.get("/query_range").respond(json=streams(*ENTRY))

    async with loki_store(HttpSystem("log store", URL, "LOKI__URL", "LOKI__TOKEN", "pass", user="123")) as store:
        await store.past(HALF_HOUR)

    headers = loki.calls[-1].request.headers
    assert headers["authorization"] == "Basic MTIzOnBhc3M="
    assert "x-scope-orgid" not in headers


async def test_one_container_of_a_pod_can_be_read(loki) -> None:
    loki.get("/query_range").respond(json=streams(*ENTRY))

    async with loki_store() as store:
        chunk = await store.read(LogQuery("shop", "cart-1", "app", since=timedelta(minutes=5), tail=50))

    assert [line.text for line in chunk.lines] == ["hello"]
    parameters = asked(loki, "/query_range")
    assert parameters["query"] == r'{namespace="shop",pod=~"cart\\-1",container="app"}'
    assert (parameters["start"], parameters["limit"]) == (nanoseconds(ago(300)), "50")


async def test_runs_of_a_container_are_not_told_apart_and_that_is_said(loki) -> None:
    async with loki_store() as store:
        chunk = await store.read(LogQuery("shop", "cart-1", "app", previous=True))

    assert chunk.lines == ()
    assert "apart" in chunk.missing


async def test_names_of_an_otel_installation_are_used_where_they_are_kept(loki) -> None:
    loki.get("/labels").respond(json=succeeded(OTEL_NAMES))
    labels = {"k8s_namespace_name": "shop", "k8s_pod_name": "cart-1", "k8s_container_name": "app"}
    loki.get("/query_range").respond(json=streams((labels, [(ago(5), "hello")])))

    async with loki_store() as store:
        chunk = await store.past(HALF_HOUR)

    assert asked(loki, "/query_range")["query"] == (
        '{k8s_namespace_name="shop"} | k8s_pod_name=~"cart-[a-z0-9]+-[a-z0-9]{5}"'
    )
    assert (chunk.lines[0].pod, chunk.lines[0].container) == ("cart-1", "app")


async def test_labels_are_asked_once_in_ten_minutes(loki) -> None:
    loki.get("/query_range").respond(json=streams(*ENTRY))
    clock = Clock()

    async with loki_store(clock=clock) as store:
        await store.past(HALF_HOUR)
        await store.past(HALF_HOUR)
        clock.at += timedelta(minutes=11)
        await store.past(HALF_HOUR)

    assert paths(loki).count("/labels") == 2


async def test_an_entry_of_several_lines_keeps_their_order(loki) -> None:
    trace = "Traceback (most recent call last):\n  File x\nOSError: no\n"
    loki.get("/query_range").respond(json=streams((LABELS, [(ago(1), trace)])))

    async with loki_store() as store:
        chunk = await store.past(HALF_HOUR)

    assert [line.text for line in chunk.lines] == ["Traceback (most recent call last):", "  File x", "OSError: no"]


async def test_a_full_answer_says_that_older_lines_exist(loki) -> None:
    loki.get("/query_range").respond(json=streams((LABELS, [(ago(1), "b"), (ago(2), "a")])))

    async with loki_store() as store:
        chunk = await store.past(PastQuery(CART, ago(1800), NOW, limit=2))

    assert chunk.truncated


async def test_a_server_that_allows_fewer_entries_is_asked_for_as_many(loki) -> None:
    refusal = "max entries limit per query exceeded, limit > max_entries_limit_per_query (5000 > 1000)\n"
    loki.get("/query_range").mock(
        side_effect=[httpx2.Response(400, text=refusal), httpx2.Response(200, json=streams(*ENTRY))]
    )

    async with loki_store() as store:
        chunk = await store.past(PastQuery(CART, ago(1800), NOW, limit=MAX_ENTRIES * 2))

    assert [line.text for line in chunk.lines] == ["hello"]
    assert asked(loki, "/query_range")["limit"] == "1000"


async def test_a_long_time_is_read_when_it_is_not_much(loki) -> None:
    loki.get("/query_range").respond(json=streams(*ENTRY))

    async with loki_store() as store:
        chunk = await store.past(DAY)

    assert paths(loki) == ["/labels", "/index/stats", "/query_range"]
    assert asked(loki, "/index/stats")["query"] == '{namespace="shop",pod=~"cart-[a-z0-9]+-[a-z0-9]{5}"}'
    assert len(chunk.lines) == 1


async def test_too_much_is_not_read_but_told_with_what_to_narrow_and_the_servers_patterns(loki) -> None:
    loki.get("/index/stats").respond(json={"streams": 3, "chunks": 9, "entries": 10**9, "bytes": 12_400_000_000})
    first = int(ago(600).timestamp())
    patterns = [
        {"pattern": "<_> level=info msg=ok", "samples": [[first, 5], [first + 10, 6]]},
        {"pattern": '<_> level=error msg="no route"', "samples": [[first, 40]]},
    ]
    loki.get("/patterns").respond(json=succeeded(patterns))

    async with loki_store() as store:
        chunk = await store.past(DAY)

    assert "/query_range" not in paths(loki)
    assert chunk.missing == "The log store holds 12.4 GB for that time: ask for fewer minutes."
    assert [(one.text, one.count) for one in chunk.patterns] == [
        ('<_> level=error msg="no route"', 40),
        ("<_> level=info msg=ok", 11),
    ]
    assert (chunk.patterns[1].first_at, chunk.patterns[1].last_at) == (ago(600), ago(590))


async def test_a_server_without_patterns_still_says_what_to_narrow(loki) -> None:
    loki.get("/index/stats").respond(json={"bytes": 10**13})
    loki.get("/patterns").respond(404, text="404 page not found")

    async with loki_store() as store:
        chunk = await store.past(DAY)

    assert (chunk.patterns, "fewer minutes" in chunk.missing) == ((), True)


async def test_a_namespace_that_the_log_store_does_not_know_is_said(loki) -> None:
    loki.get("/query_range").respond(json=streams())
    unknown = ObjectRef(cluster="c", namespace="attic", kind="Deployment", name="cart")

    async with loki_store() as store:
        silent = await store.past(HALF_HOUR)
        strange = await store.past(PastQuery(unknown, ago(1800), NOW))

    assert silent == LogChunk(lines=())
    assert strange.missing == "The log store has nothing of namespace attic in that time."


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (httpx2.Response(401, text="no org id\n"), Forbidden, "no org id"),
        (httpx2.Response(400, text="parse error at line 1, col 9: syntax error"), InvalidArgs, "parse error"),
        (httpx2.Response(503, text="too many outstanding requests"), Unavailable, "too many outstanding requests"),
        (
            httpx2.Response(200, text="<html>Sign in</html>", headers={"content-type": "text/html"}),
            Unavailable,
            "LOKI__URL",
        ),
        (httpx2.Response(200, json={"message": "ok"}), Unavailable, "what Loki does not"),
        (httpx2.ConnectTimeout("slow"), Unavailable, "did not answer"),
    ],
)
async def test_what_goes_wrong_is_told_as_errors_of_tools(loki, answer, error, says) -> None:
    loki.get("/query_range").mock(side_effect=lambda request: _given(answer))

    async with loki_store() as store:
        with pytest.raises(error, match=says) as caught:
            await store.past(HALF_HOUR)

    assert "s3cret" not in caught.value.message


def _given(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


@pytest.mark.parametrize("url", [URL, f"{URL}/", f"{URL}/loki/api/v1", f"{URL}/loki/api/v1/"])
def test_the_address_may_be_given_with_the_path_of_the_api(url: str) -> None:
    assert loki_url(url) == SYSTEM.base_url
