"""One way to call an HTTP API."""

from datetime import UTC, datetime

import httpx2
import pytest
import respx

from tools.errors import Forbidden, InvalidArgs, NotFound, ToolError, Unavailable
from tools.http import HttpApi, HttpLimits, HttpSystem, open_client

BASE = "https://catalog.example.com/api"
SYSTEM = HttpSystem("catalog", BASE, "CATALOG__URL", "CATALOG__TOKEN", "secret-token")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Naps(list[float]):
    """Remembers how long it was asked to wait, and does not."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
async def client():
    async with open_client() as client:
        yield client


def api(client, naps=None, system=SYSTEM, **limits):
    return HttpApi(
        client, system, limits=HttpLimits(**limits), clock=lambda: NOON, sleep=Naps() if naps is None else naps
    )


@respx.mock
async def test_sends_the_token_and_the_parameters_and_returns_json(client):
    route = respx.get(f"{BASE}/things").respond(json={"items": [1]})

    answer = await api(client).get("/things", [("filter", "kind=a"), ("filter", "kind=b")])

    assert answer == {"items": [1]}
    assert route.calls[0].request.headers["authorization"] == "Bearer secret-token"
    assert route.calls[0].request.url.params.get_list("filter") == ["kind=a", "kind=b"]


@respx.mock
async def test_asks_a_token_source_for_every_call(client):
    route = respx.get(f"{BASE}/things").respond(json={})
    tokens = iter(["first", "second"])

    async def token() -> str:
        return next(tokens)

    called = api(client, system=HttpSystem("catalog", BASE, "U", "T", token))
    await called.get("/things")
    await called.get("/things")

    assert [call.request.headers["authorization"] for call in route.calls] == ["Bearer first", "Bearer second"]


@respx.mock
@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_retries_what_passes_by_itself(client, status):
    route = respx.get(f"{BASE}/things").mock(
        side_effect=[httpx2.Response(status), httpx2.Response(200, json={"ok": True})]
    )
    naps = Naps()

    answer = await api(client, naps).get("/things")

    assert answer == {"ok": True}
    assert route.call_count == 2
    assert len(naps) == 1


@respx.mock
@pytest.mark.parametrize("error", [httpx2.ConnectError, httpx2.ReadError, httpx2.RemoteProtocolError])
async def test_retries_a_broken_connection(client, error):
    respx.post(f"{BASE}/query").mock(side_effect=[error("broken"), httpx2.Response(200, json=[])])

    answer = await api(client).query("/query", {"a": 1})

    assert answer == []


@respx.mock
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500])
async def test_does_not_repeat_what_will_not_change(client, status):
    route = respx.get(f"{BASE}/things").respond(status)

    with pytest.raises(ToolError):
        await api(client).get("/things")

    assert route.call_count == 1


@respx.mock
async def test_waits_as_long_as_the_server_asks(client):
    busy = httpx2.Response(429, headers={"Retry-After": "3"})
    later = httpx2.Response(503, headers={"Retry-After": "Sun, 22 Nov 2026 12:00:04 GMT"})
    respx.get(f"{BASE}/things").mock(side_effect=[busy, later, httpx2.Response(200, json={})])
    naps = Naps()

    await api(client, naps).get("/things")

    assert naps == [3.0, 4.0]


@respx.mock
async def test_gives_up_at_once_when_the_server_asks_for_too_much_patience(client):
    route = respx.get(f"{BASE}/things").respond(429, headers={"Retry-After": "120"})

    with pytest.raises(Unavailable, match="429"):
        await api(client).get("/things")

    assert route.call_count == 1


@respx.mock
async def test_stops_after_the_allowed_attempts(client):
    route = respx.get(f"{BASE}/things").respond(503)

    with pytest.raises(Unavailable, match="503"):
        await api(client, attempts=3).get("/things")

    assert route.call_count == 3


@respx.mock
async def test_all_attempts_together_end_at_the_deadline(client):
    respx.get(f"{BASE}/things").respond(503, headers={"Retry-After": "5"})
    called = HttpApi(client, SYSTEM, limits=HttpLimits(deadline_seconds=0.02), clock=lambda: NOON)

    with pytest.raises(Unavailable, match=r"within 0\.02 s"):
        await called.get("/things")


@respx.mock
@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (400, InvalidArgs, "InputError: no such field"),
        (401, Forbidden, "CATALOG__TOKEN"),
        (403, Forbidden, "CATALOG__TOKEN"),
        (404, NotFound, "CATALOG__URL"),
        (500, Unavailable, "InputError"),
        (302, Unavailable, "login page"),
    ],
)
async def test_says_what_to_do_about_a_status(client, status, error, words):
    body = {"error": {"name": "InputError", "message": "no such field"}}
    respx.get(f"{BASE}/things").respond(status, json=body, headers={"location": "https://sso.example.com/"})

    with pytest.raises(error, match=words):
        await api(client).get("/things")


@respx.mock
async def test_a_page_instead_of_json_is_told_with_its_kind(client):
    respx.get(f"{BASE}/things").respond(200, html="<html>sign in</html>")

    with pytest.raises(Unavailable, match=r"text/html.*CATALOG__URL"):
        await api(client).get("/things")


@respx.mock
async def test_an_answer_that_is_too_large_is_cut_off(client):
    respx.get(f"{BASE}/things").respond(200, content=b"[" + b"1," * 5000 + b"1]")

    with pytest.raises(Unavailable, match="more than 1000 bytes"):
        await api(client, max_bytes=1000).get("/things")


@respx.mock
async def test_credentials_in_the_address_are_not_told(client):
    respx.get(host="catalog.example.com").respond(503)
    system = HttpSystem("catalog", "https://bot:hunter2@catalog.example.com", "U", "T")

    with pytest.raises(Unavailable) as raised:
        await api(client, system=system, attempts=1).get("/things")

    assert "hunter2" not in raised.value.message


CLIENT_ERRORS = [
    httpx2.ConnectTimeout,
    httpx2.ReadTimeout,
    httpx2.PoolTimeout,
    httpx2.ConnectError,
    httpx2.WriteError,
    httpx2.LocalProtocolError,
    httpx2.ProxyError,
    httpx2.DecodingError,
    httpx2.TooManyRedirects,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
]


@respx.mock
@pytest.mark.parametrize("error", CLIENT_ERRORS)
async def test_no_class_of_the_client_escapes(client, error):
    respx.get(f"{BASE}/things").mock(side_effect=error("broken"))

    with pytest.raises(Unavailable) as raised:
        await api(client).get("/things")

    assert raised.value.system == "catalog"


async def test_nothing_listening_is_unavailable_and_names_the_setting(client):
    system = HttpSystem("catalog", "http://127.0.0.1:9", "CATALOG__URL", "CATALOG__TOKEN")

    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9 cannot be reached: check CATALOG__URL"):
        await api(client, system=system, attempts=1).get("/things")


@respx.mock
async def test_sends_a_user_with_basic_authentication_and_headers_with_every_call(client):
    route = respx.get(f"{BASE}/things").respond(json={})
    system = HttpSystem("logs", BASE, "U", "T", "pass", user="me", headers=(("X-Scope-OrgID", "shop"),))

    await api(client, system=system).get("/things")

    headers = route.calls[0].request.headers
    assert (headers["authorization"], headers["x-scope-orgid"]) == ("Basic bWU6cGFzcw==", "shop")


@respx.mock
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"error": {"name": "InputError", "message": "no such field"}}', "InputError: no such field"),
        (b'{"status": "error", "error": "parse error"}', "400: parse error"),
        (b'{"message": "too old"}', "400: too old"),
        (b"limit > 5000\n", "400: limit > 5000"),
        (b"<html>Bad Request</html>", "(400)"),
    ],
)
async def test_tells_the_servers_own_words(client, content, says):
    respx.get(f"{BASE}/things").respond(400, content=content)

    with pytest.raises(InvalidArgs) as caught:
        await api(client).get("/things")

    assert says in caught.value.message
