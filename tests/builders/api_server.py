"""A loopback HTTP server that answers as a test says, and a kubeconfig that points at it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Every request goes to the handler; yields the base URL."""

    async def dispatch(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", dispatch)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


def write_kubeconfig(folder: Path, server: str, token: str = "token") -> str:
    """Path of a kubeconfig with one cluster, context "test" and a bearer token."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": server}}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }
    path = folder / "kubeconfig"
    path.write_bytes(orjson.dumps(config))
    return str(path)


def answer(body: Any, status: int = 200, **headers: str) -> web.Response:
    """A JSON response; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", headers=named)


def failure(status: int, reason: str, message: str, **details: Any) -> web.Response:
    """A Status object, as the API server sends it."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return answer(body | {"reason": reason, "details": details, "code": status}, status)
