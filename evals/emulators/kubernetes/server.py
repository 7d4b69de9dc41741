"""The emulated Kubernetes API server on loopback."""

import asyncio
import base64
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import yaml
from aiohttp import web

from evals.emulators.kubernetes.api_request import AUDIT_ID, ApiRequest, parse_target
from evals.emulators.kubernetes.authentication import authenticate, impersonate
from evals.emulators.kubernetes.certificates import server_context
from evals.emulators.kubernetes.cluster import Cluster
from evals.emulators.kubernetes.dispatch import Dispatcher
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.faults import Faults
from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.responses import error_response
from evals.emulators.kubernetes.timing import Clock, real_clock
from evals.emulators.kubernetes.users import ANONYMOUS, User

LARGEST_BODY = 3 * 1024 * 1024  # the server's own limit
TICK_SECONDS = 0.05
_READS = ("get", "list", "watch")


@dataclass
class RecordedRequest:
    """One request as it came and how it was answered. `user` is the authenticated one, before impersonation."""

    method: str
    path: str
    query: dict[str, str]
    user: str
    impersonated_user: str
    impersonated_groups: tuple[str, ...]
    body: bytes
    verb: str
    audit_id: str
    status: int = 0

    @property
    def is_mutation(self) -> bool:
        """Whether it could change something: a write that is no dry run and no review."""
        is_review = "reviews" in self.path.rsplit("/", 1)[-1]
        return self.verb not in _READS and self.query.get("dryRun") != "All" and not is_review

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300


class KubernetesEmulator:
    """A server to be used as `async with KubernetesEmulator() as emulator`.

    `clock` is the time of the cluster (`timing.clock_from(moment)` for a fixed date), `speed` divides the seconds
    that pods, probes and deadlines take, `seed` makes names and uids repeatable. It listens twice: `url` is plain
    HTTP, `tls_url` is HTTPS, which kubectl needs before it sends a token. A request without a token is that of
    `insecure_user`, of `system:anonymous` when that is empty.
    """

    def __init__(
        self, clock: Clock | None = None, *, speed: float = 1.0, seed: int = 0, port: int = 0, insecure_user: str = ""
    ) -> None:
        self.cluster = Cluster(clock or real_clock(), speed, seed)
        self.faults = Faults()
        self.requests: list[RecordedRequest] = []
        self.paused = False
        self._port = port
        self._tls_port = 0
        self._authority = b""
        self._insecure_user = insecure_user
        self._dispatcher = Dispatcher(self.cluster)
        self._runner: web.AppRunner | None = None
        self._ticker: asyncio.Task[None] | None = None

    async def start(self) -> Self:
        """Listen on 127.0.0.1 and let time pass."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        context, self._authority = server_context()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context).start()
        self._port, self._tls_port = (address[1] for address in self._runner.addresses)
        self._ticker = asyncio.create_task(self._tick())
        return self

    async def stop(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def tls_url(self) -> str:
        return f"https://127.0.0.1:{self._tls_port}"

    def token_for(self, user: str) -> str:
        """The bearer token of a user. Raises KeyError for an unknown one."""
        return self.cluster.users.token_for(user)

    def kubeconfig(self, user: str = "admin", context: str = "emulator", namespace: str = "default") -> Json:
        """A kubeconfig with one context for a user, over TLS."""
        authority = base64.b64encode(self._authority).decode()
        server = {"server": self.tls_url, "certificate-authority-data": authority}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": server}],
            "users": [{"name": user, "user": {"token": self.token_for(user)}}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": user, "namespace": namespace}}],
            "current-context": context,
        }

    def kubeconfig_yaml(self, user: str = "admin", context: str = "emulator", namespace: str = "default") -> str:
        """The same as the text of a file."""
        return yaml.safe_dump(self.kubeconfig(user, context, namespace), sort_keys=False)

    def mutations(self) -> list[RecordedRequest]:
        """Requests of clients that changed something."""
        return [request for request in self.requests if request.is_mutation and request.succeeded]

    async def settled(self, condition: Callable[[Cluster], Any], timeout_seconds: float = 20.0) -> None:
        """Wait until something holds of the cluster. Raises TimeoutError."""
        async with asyncio.timeout(timeout_seconds):
            while not condition(self.cluster):  # noqa: ASYNC110  (the cluster has no event for every condition)
                await asyncio.sleep(0.01)

    async def _tick(self) -> None:
        while True:
            if not self.paused:
                self.cluster.tick()
            await asyncio.sleep(TICK_SECONDS)

    async def _handle(self, http: web.Request) -> web.StreamResponse:
        body = await http.read()
        audit_id = self.cluster.names.audit_id()
        record = RecordedRequest(
            http.method,
            http.path,
            dict(http.query),
            ANONYMOUS.name,
            http.headers.get("Impersonate-User", ""),
            tuple(http.headers.getall("Impersonate-Group", [])),
            body,
            "",
            audit_id,
        )
        self.requests.append(record)
        http[AUDIT_ID] = audit_id
        warnings: list[str] = []
        try:
            await self._break(http)
            response = await self._answer(http, record, warnings)
        except ApiError as error:
            response = error_response(error, warnings)
            if error.code == 429 and error.details and "retryAfterSeconds" in error.details:
                response.headers["Retry-After"] = str(error.details["retryAfterSeconds"])
        record.status = response.status
        if not response.prepared:
            response.headers["Audit-Id"] = audit_id
        return response

    async def _answer(self, http: web.Request, record: RecordedRequest, warnings: list[str]) -> web.StreamResponse:
        user = authenticate(http.headers, self.cluster.users, self._insecure_user)
        record.user = user.name
        acting: User = impersonate(http.headers, user, self.cluster.authorizer)
        request = ApiRequest(http, parse_target(http.path), acting, record.body, warnings)
        record.verb = request.verb
        return await self._dispatcher.answer(request)

    async def _break(self, http: web.Request) -> None:
        for fault in self.faults.for_request(http.method, http.path):
            if fault.kind == "latency":
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "disconnect":
                if http.transport is not None:
                    http.transport.abort()
                raise asyncio.CancelledError
            else:
                raise fault.error()
