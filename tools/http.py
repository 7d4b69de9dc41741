"""One way to call an HTTP API that answers JSON: timeouts, retries of reads, bounded answers, errors of tools."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import orjson
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from tools.clock import Clock, system_clock
from tools.errors import Forbidden, InvalidArgs, NotFound, ToolError, Unavailable

Token = Callable[[], Awaitable[str]]
"""Gives the bearer token for one call; called every time, so it may refresh."""

Params = Sequence[tuple[str, str]]
Sleep = Callable[[float], Awaitable[None]]

TRANSIENT = frozenset({429, 502, 503, 504})
REASON_CHARS = 200  # of a server's own words in an error text


@dataclass(frozen=True)
class HttpLimits:
    """`timeout_seconds` bounds each wait on the network, `deadline_seconds` a call with all its retries.

    A server that asks to wait longer than `retry_after_seconds` is not waited for.
    """

    timeout_seconds: float = 10.0
    deadline_seconds: float = 20.0
    attempts: int = 3
    retry_after_seconds: float = 5.0
    max_bytes: int = 20_000_000


@dataclass(frozen=True)
class HttpSystem:
    """Who is called. `name` is told in errors ("catalog"); `url_setting`, `token_setting`: what to check.

    `token` is sent as a bearer token, or with `user` as the password of basic authentication. `headers` go with every
    call, such as the name of a tenant.
    """

    name: str
    base_url: str
    url_setting: str
    token_setting: str
    token: str | Token | None = None
    user: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class _Transient(Exception):
    def __init__(self, error: Unavailable, after_seconds: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.after_seconds = after_seconds


@asynccontextmanager
async def open_client(timeout_seconds: float = 10.0) -> AsyncIterator[httpx2.AsyncClient]:
    """A client to share between calls. It follows no redirect, so that a token goes nowhere else."""
    async with httpx2.AsyncClient(timeout=timeout_seconds, follow_redirects=False) as client:
        yield client


class HttpApi:
    """Reads one HTTP API. Raises Unavailable, Forbidden, NotFound and InvalidArgs, never a class of the client."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        system: HttpSystem,
        *,
        limits: HttpLimits | None = None,
        clock: Clock = system_clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._system = system
        self._limits = limits or HttpLimits()
        self._clock = clock
        self._sleep = sleep

    async def get(self, path: str, params: Params = ()) -> Any:
        """The JSON that GET answers."""
        return await self._read("GET", path, params, None)

    async def query(self, path: str, body: dict[str, Any], params: Params = ()) -> Any:
        """The JSON that a POST answers which only reads: it may be repeated."""
        return await self._read("POST", path, params, body)

    async def _read(self, method: str, path: str, params: Params, body: dict[str, Any] | None) -> Any:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_Transient),
            stop=self._must_stop,
            wait=_wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            async with asyncio.timeout(self._limits.deadline_seconds):
                return await retrying(self._once, method, path, params, body)
        except _Transient as exc:
            raise exc.error from exc.__cause__
        except TimeoutError as exc:
            raise self._unavailable(f"did not answer within {self._limits.deadline_seconds:g} s") from exc

    def _must_stop(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        after = error.after_seconds if isinstance(error, _Transient) else None
        too_long = after is not None and after > self._limits.retry_after_seconds
        return too_long or stop_after_attempt(self._limits.attempts)(state)

    async def _once(self, method: str, path: str, params: Params, body: dict[str, Any] | None) -> Any:
        headers = {"Accept": "application/json", **dict(self._system.headers), **await self._authorization()}
        url = self._system.base_url + path
        try:
            async with self._client.stream(
                method,
                url,
                params=list(params) or None,
                json=body,
                headers=headers,
                timeout=self._limits.timeout_seconds,
                follow_redirects=False,
            ) as response:
                content = await self._content(response)
        except httpx2.TimeoutException as exc:
            raise _Transient(self._unavailable(f"did not answer within {self._limits.timeout_seconds:g} s")) from exc
        except (httpx2.NetworkError, httpx2.RemoteProtocolError) as exc:
            raise _Transient(self._unavailable(f"cannot be reached: check {self._system.url_setting}")) from exc
        except (httpx2.HTTPError, httpx2.InvalidURL) as exc:
            what = f"cannot be called ({type(exc).__name__}): check {self._system.url_setting}"
            raise self._unavailable(what) from exc
        return self._answer(response, content)

    async def _authorization(self) -> dict[str, str]:
        token = self._system.token
        value = token if isinstance(token, str) or token is None else await token()
        if self._system.user:
            pair = b64encode(f"{self._system.user}:{value or ''}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {"Authorization": f"Bearer {value}"} if value else {}

    async def _content(self, response: httpx2.Response) -> bytes:
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > self._limits.max_bytes:
                raise self._unavailable(f"answered with more than {self._limits.max_bytes} bytes: ask for less")
        return bytes(content)

    def _answer(self, response: httpx2.Response, content: bytes) -> Any:
        if response.is_success:
            return self._json(response, content)
        raise self._failure(response, content)

    def _json(self, response: httpx2.Response, content: bytes) -> Any:
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as exc:
            kind = response.headers.get("content-type", "no content type")
            raise self._unavailable(
                f"answered with {kind} where JSON was expected: check {self._system.url_setting}"
            ) from exc

    def _failure(self, response: httpx2.Response, content: bytes) -> ToolError | _Transient:
        status, system, why = response.status_code, self._system, _reason(content)
        if status in TRANSIENT:
            error = self._unavailable(f"answered {status}{why}; try again later")
            return _Transient(error, self._retry_after(response))
        if status in {401, 403}:
            return Forbidden(
                f"The {system.name} refuses the assistant's token ({status}{why}). Check {system.token_setting}.",
                missing=f"a valid {system.token_setting}",
            )
        if status == 404:
            return NotFound(f"The {system.name} has no page {response.request.url.path}. Check {system.url_setting}.")
        if 400 <= status < 500:
            return InvalidArgs(f"The {system.name} did not understand the question ({status}{why}).")
        if response.is_redirect:
            location = response.headers.get("location", "")[:REASON_CHARS]
            return self._unavailable(f"redirects to {location!r} (a login page?): check {system.url_setting}")
        return self._unavailable(f"failed ({status}{why})")

    def _retry_after(self, response: httpx2.Response) -> float | None:
        written = response.headers.get("retry-after", "")
        if written.isdigit():
            return float(written)
        try:
            at = parsedate_to_datetime(written)
        except ValueError:
            return None
        return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - self._clock()).total_seconds())

    def _unavailable(self, what: str) -> Unavailable:
        where = f"The {self._system.name} at {_without_credentials(self._system.base_url)}"
        return Unavailable(f"{where} {what}.", self._system.name)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _Transient) and error.after_seconds is not None:
        return error.after_seconds
    return wait_random_exponential(multiplier=0.1, max=2)(state)


def _reason(content: bytes) -> str:
    """The server's own words: {"error": {"name", "message"}} of Backstage and others, {"error": "..."} and
    {"message": "..."} of many, one line of plain text of Go servers."""
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return _plain(content)
    error = answer.get("error") or answer.get("message") if isinstance(answer, dict) else None
    if isinstance(error, dict) and "message" in error:
        return f": {error.get('name', 'error')}: {error['message']}"[:REASON_CHARS]
    return f": {error}"[:REASON_CHARS] if isinstance(error, str) else ""


def _plain(content: bytes) -> str:
    text = content[: 4 * REASON_CHARS].decode("utf-8", "replace").strip()
    return "" if not text or "<" in text[:20] or "\n" in text else f": {text}"[:REASON_CHARS]


def _without_credentials(url: str) -> str:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
