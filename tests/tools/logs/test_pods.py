"""Container logs from a server that answers as a test says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tests.builders.api_server import failure, serving, write_kubeconfig
from tools.cluster.kubernetes import KubernetesConnection
from tools.errors import Forbidden, InvalidArgs, NotFound
from tools.logs.pods import PodLogStore
from tools.logs.port import LogQuery
from tools.logs.reduction.cleaning import CUT_MARK, MAX_LINE_CHARACTERS

QUERY = LogQuery(namespace="shop", pod="checkout-1", container="app")
STAMP = "2026-11-22T22:57:38.123456789Z"


@pytest.fixture
async def read(tmp_path: Path):
    async def ask(query: LogQuery, *answers: web.Response | bytes):
        requests: list[web.Request] = []
        queue = list(answers)

        async def handler(request: web.Request) -> web.StreamResponse:
            requests.append(request)
            given = queue.pop(0) if len(queue) > 1 else queue[0]
            return web.Response(body=given, content_type="text/plain") if isinstance(given, bytes) else given

        async with serving(handler) as url:
            connection = await KubernetesConnection.open(name="prod", kubeconfig=write_kubeconfig(tmp_path, url))
            try:
                return await PodLogStore(connection.acting_as(None)).read(query), requests
            finally:
                await connection.close()

    return ask


async def test_lines_carry_the_time_of_the_runtime(read) -> None:
    chunk, requests = await read(QUERY, f"{STAMP} listening on 8080\n{STAMP} 2026-11-22 own stamp\n".encode())

    assert [line.text for line in chunk.lines] == ["listening on 8080", "2026-11-22 own stamp"]
    assert chunk.lines[0].at == datetime(2026, 11, 22, 22, 57, 38, 123456, tzinfo=UTC)
    assert not chunk.truncated
    assert requests[0].path == "/api/v1/namespaces/shop/pods/checkout-1/log"
    assert dict(requests[0].query) == {
        "container": "app",
        "timestamps": "true",
        "tailLines": "500",
        "limitBytes": "1000000",
    }


async def test_asks_for_the_last_run_and_a_window(read) -> None:
    query = LogQuery(namespace="shop", pod="p", container="app", previous=True, since=timedelta(minutes=5), tail=7)

    chunk, requests = await read(query, f"{STAMP} boom".encode())

    assert chunk.lines[0].previous
    sent = requests[0].query
    assert (sent["previous"], sent["sinceSeconds"], sent["tailLines"]) == ("true", "300", "7")


@pytest.mark.parametrize(
    "message",
    [
        'container "app" in pod "checkout-1" is waiting to start: ContainerCreating',
        'previous terminated container "app" in pod "checkout-1" not found',
        "pod checkout-1 does not have a host assigned",
    ],
)
async def test_a_container_without_a_log_is_no_error(read, message: str) -> None:
    chunk, _ = await read(QUERY, failure(400, "BadRequest", message))

    assert chunk.lines == ()
    assert message in chunk.missing


async def test_a_log_that_was_rotated_away_is_no_line(read) -> None:
    chunk, _ = await read(QUERY, b"unable to retrieve container logs for containerd://abc")

    assert chunk.lines == ()
    assert "unable to retrieve" in chunk.missing


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (failure(400, "BadRequest", "container x is not valid for pod p"), InvalidArgs),
        (failure(404, "NotFound", 'pods "p" not found'), NotFound),
        (
            failure(
                403, "Forbidden", 'User "a" cannot get resource "pods/log" in API group "" in the namespace "shop"'
            ),
            Forbidden,
        ),
    ],
)
async def test_other_refusals_are_errors(read, given: web.Response, error: type[Exception]) -> None:
    with pytest.raises(error):
        await read(QUERY, given)


async def test_colours_and_control_characters_are_taken_out(read) -> None:
    chunk, _ = await read(QUERY, f"{STAMP} \x1b[31mERROR\x1b[0m a\x00b\r\n{STAMP} \x1b]0;title\x07ok\n".encode())

    assert [line.text for line in chunk.lines] == ["ERROR ab", "ok"]


async def test_bytes_that_are_no_text_are_replaced(read) -> None:
    chunk, _ = await read(QUERY, STAMP.encode() + b" caf\xe9 \xff\n")

    assert chunk.lines[0].text == "caf\ufffd \ufffd"


async def test_a_very_long_line_is_cut_with_a_mark(read) -> None:
    chunk, _ = await read(QUERY, f"{STAMP} {'x' * 5000}\n".encode())

    assert chunk.lines[0].text == "x" * MAX_LINE_CHARACTERS + CUT_MARK


async def test_a_full_tail_says_that_older_lines_exist(read) -> None:
    query = LogQuery(namespace="shop", pod="p", container="app", tail=2)

    chunk, _ = await read(query, f"{STAMP} a\n{STAMP} b\n".encode())

    assert chunk.truncated


async def test_the_byte_limit_never_costs_the_newest_lines(read) -> None:
    query = LogQuery(namespace="shop", pod="p", container="app", tail=500, max_bytes=100)

    chunk, requests = await read(query, b"o" * 100, f"{STAMP} newest\n".encode())

    assert [line.text for line in chunk.lines] == ["newest"]
    assert [request.query["tailLines"] for request in requests] == ["500", "100"]


async def test_lines_without_a_stamp_have_no_time(read) -> None:
    chunk, _ = await read(QUERY, b"plain text\n\n2026-99-99T00:00:00Z odd\n")

    assert [(line.text, line.at) for line in chunk.lines] == [
        ("plain text", None),
        ("2026-99-99T00:00:00Z odd", None),
    ]


async def test_a_log_that_does_not_fit_says_so_even_when_it_is_few_lines(read) -> None:
    query = LogQuery(namespace="shop", pod="p", container="app", tail=10, max_bytes=100)

    chunk, _ = await read(query, f"{STAMP} {'x' * 200}".encode())

    assert chunk.truncated
    assert len(chunk.lines) == 1
