"""One HTTP session to one API server: the only importer of the Kubernetes client."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from aiohttp import ClientError, ClientTimeout
from kubernetes.aio.client import ApiClient, ApiException, Configuration
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config
from multidict import CIMultiDictProxy
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential
from yaml import YAMLError

from tools.cluster.impersonation import add_headers, impersonating
from tools.cluster.port import Actor
from tools.cluster.translate import Call, retry_after_seconds, translate, warnings_of
from tools.errors import ToolError, Unavailable

READ_ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 4.0  # a tool has 20 s in all: a server that asks for more is reported instead
RETRIED = frozenset({429, 500, 502, 503, 504})

# what the client's loader raises on a file that is missing, no YAML, or YAML of another shape
_BROKEN_CONFIG = (ConfigException, YAMLError, OSError, ValueError, TypeError, KeyError, AttributeError)

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Source:
    """Where the credentials come from. `kubeconfig` None: the client's default file, unless `in_cluster`."""

    kubeconfig: str | None = None
    context: str | None = None
    in_cluster: bool = False

    def __str__(self) -> str:
        if self.in_cluster:
            return "the pod's service account"
        named = self.kubeconfig or "the default kubeconfig"
        return f"{named}, context {self.context}" if self.context else named


@dataclass(frozen=True)
class Request:
    """One call. `body` is sent as `content_type`; `read` calls change nothing and may be repeated."""

    call: Call
    method: str
    path: str
    query: Query = ()
    body: Any = None
    content_type: str = "application/json"
    accept: str = "application/json"
    read: bool = True


@dataclass(frozen=True)
class Response:
    """A success: raw bytes and the headers that are kept."""

    call: Call
    body: bytes
    audit_id: str = ""
    warnings: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        """The body as an object. Raises Unavailable when it is none: a proxy or login page answered."""
        try:
            parsed = orjson.loads(self.body)
        except orjson.JSONDecodeError as exc:
            raise _no_json(self.call) from exc
        if not isinstance(parsed, dict):
            raise _no_json(self.call)
        return parsed


class _Answer(NamedTuple):
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


class _Transient(Exception):
    """A failure that a repeat may cure. `error` is what the caller gets when it does not."""

    def __init__(self, error: ToolError, wait_seconds: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_seconds = wait_seconds


class ApiSession:
    """Sends requests to one cluster, as any actor. Raises only ToolError; retries reads only."""

    def __init__(self, cluster: str, client: ApiClient, source: Source, timeout_seconds: float) -> None:
        self.cluster = cluster
        self._client = client
        self._source = source
        self._timeout = ClientTimeout(total=timeout_seconds)
        self._timeout_seconds = timeout_seconds
        self._renewal = asyncio.Lock()

    @classmethod
    async def open(cls, cluster: str, source: Source, timeout_seconds: float) -> "ApiSession":
        """Load the credentials; the cluster is not contacted. Raises Unavailable when they cannot be loaded."""
        configuration = Configuration(client_session_kwargs={"middlewares": (add_headers,)})
        await _load(configuration, source, cluster)
        client = ApiClient(configuration=configuration)
        client.user_agent = "infra-assistant"
        return cls(cluster, client, source, timeout_seconds)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()  # type: ignore[no-untyped-call]  # the client is only partly annotated

    async def send(self, request: Request, actor: Actor | None) -> Response:
        """The response, or the ToolError that the server's answer means."""
        attempts = AsyncRetrying(
            stop=stop_after_attempt(READ_ATTEMPTS if request.read else 1),
            retry=retry_if_exception_type(_Transient),
            wait=_wait,
            reraise=True,
        )
        try:
            with impersonating(actor):
                return await attempts(self._once, request)
        except _Transient as exc:
            raise exc.error from exc.__cause__

    async def _once(self, request: Request) -> Response:
        used = dict(self._client.configuration.api_key)
        answer = await self._exchange(request)
        if answer.status == 401 and await self._renewed(used):
            answer = await self._exchange(request)
        if answer.status < 400:
            warnings = warnings_of(answer.headers.getall("Warning", []))
            return Response(request.call, answer.body, answer.headers.get("Audit-Id", ""), warnings)
        error = translate(answer.status, answer.body, request.call)
        if answer.status in RETRIED:
            raise _transient(error, answer.headers)
        raise error

    async def _exchange(self, request: Request) -> _Answer:
        try:
            return await self._over_the_wire(request)
        except TimeoutError as exc:
            raise self._silent(request, f"no answer within {self._timeout_seconds:g} s") from exc
        except (ClientError, OSError) as exc:
            raise _Transient(self._silent(request, str(exc) or type(exc).__name__)) from exc
        except (ApiException, ConfigException, ValueError) as exc:
            raise self._silent(request, str(exc) or type(exc).__name__) from exc

    async def _over_the_wire(self, request: Request) -> _Answer:
        headers = {"Accept": request.accept}
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        method, url, sent, body, form = await self._client.param_serialize(
            request.method,
            request.path,
            query_params=list(request.query),
            header_params=headers,
            body=request.body,
            auth_settings=["BearerToken"],
        )
        answer = await self._client.call_api(method, url, sent, body, form, _request_timeout=self._timeout)
        received: bytes = await answer.read()  # type: ignore[no-untyped-call]
        return _Answer(answer.status, answer.headers, received)

    def _silent(self, request: Request, why: str) -> Unavailable:
        return Unavailable(
            f'Cluster "{self.cluster}" could not {request.call}: {why}. '
            "Check that its API server is up and reachable from the assistant, then ask again.",
            "cluster",
        )

    async def _renewed(self, used: dict[str, str]) -> bool:
        """Reload the kubeconfig: tokens of exec plugins expire and the client does not renew them."""
        if self._source.in_cluster:
            return False
        async with self._renewal:
            if used == self._client.configuration.api_key:
                await _load(self._client.configuration, self._source, self.cluster)
            return bool(used != self._client.configuration.api_key)


def _no_json(call: Call) -> Unavailable:
    return Unavailable(f'What answers for cluster "{call.cluster}" is no Kubernetes API server (to {call}).', "cluster")


async def _load(configuration: Configuration, source: Source, cluster: str) -> None:
    try:
        if source.in_cluster:
            load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        else:
            where = (source.kubeconfig, source.context, configuration)
            await load_kube_config(*where, persist_config=False)  # type: ignore[no-untyped-call]
    except _BROKEN_CONFIG as exc:
        raise Unavailable(
            f'The credentials of cluster "{cluster}" cannot be loaded from {source}: {exc}. Correct the kubeconfig.',
            "cluster",
        ) from exc


def _transient(error: ToolError, headers: Mapping[str, str]) -> ToolError | _Transient:
    asked = retry_after_seconds(headers)
    return error if asked is not None and asked > LONGEST_WAIT_SECONDS else _Transient(error, asked)


def _wait(state: RetryCallState) -> float:
    failure = state.outcome.exception() if state.outcome else None
    asked = failure.wait_seconds if isinstance(failure, _Transient) else None
    return wait_random_exponential(multiplier=0.1, max=1.0)(state) if asked is None else asked
