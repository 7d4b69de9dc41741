"""Act as a person: the impersonation headers of one request."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from tools.cluster.port import Actor
from tools.errors import Forbidden

_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


@contextmanager
def impersonating(actor: Actor | None) -> Iterator[None]:
    """Requests made inside carry this actor; None acts as the kubeconfig's own identity."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


async def add_headers(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """aiohttp middleware. The client's own header dict cannot carry several Impersonate-Group values."""
    actor = _acting.get()
    if actor is not None:
        request.headers["Impersonate-User"] = actor.user
        for group in actor.groups:
            request.headers.add("Impersonate-Group", group)
    return await handler(request)


def refuse_system_names(actor: Actor | None) -> None:
    """Raise Forbidden for a built-in identity: no mapping of people may ever lead to one."""
    if actor is None:
        return
    for name in (actor.user, *actor.groups):
        if not name or name.startswith("system:") or not name.isprintable():
            raise Forbidden(
                f'The name "{name}" may not be impersonated: built-in "system:" identities are refused. '
                "Correct how people are mapped to cluster users.",
                missing=f"impersonate {name}",
            )
