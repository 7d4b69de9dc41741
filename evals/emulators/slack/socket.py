"""Socket Mode: the sockets of one app, envelopes out, acks in (docs.slack.dev/apis/events-api/using-socket-mode)."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Literal

from aiohttp import WSCloseCode, WSMsgType, web

from evals.emulators.slack.changes import Changes
from evals.emulators.slack.model import Json
from evals.emulators.slack.outbox import Ack, Delivery, Failure, Retry

MAX_SOCKETS = 10  # Slack closes the eleventh
DisconnectReason = Literal["refresh_requested", "warning", "link_disabled"]


class SocketMode:
    """A transport: each envelope goes to one of the open sockets, in turn."""

    def __init__(self, app_id: str, changes: Changes, new_id: Callable[[str], str]) -> None:
        self.sockets: list[web.WebSocketResponse] = []
        self.connections_made = 0
        self._app_id = app_id
        self._changes = changes
        self._new_id = new_id
        self._tickets: set[str] = set()
        self._turn = 0
        self._unacked: dict[str, asyncio.Future[Json | None]] = {}

    # -- what the app does

    def new_ticket(self) -> str:
        """A ticket for one connection, part of the URL of apps.connections.open."""
        ticket = self._new_id("ticket-")
        self._tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket endpoint `/link`."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="invalid ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        if len(self.sockets) >= MAX_SOCKETS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": _debug()})
            await socket.close()
            return socket
        await self._serve(socket)
        return socket

    async def _serve(self, socket: web.WebSocketResponse) -> None:
        self.sockets.append(socket)
        self.connections_made += 1
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self.sockets),
                "debug_info": _debug(),
                "connection_info": {"app_id": self._app_id},
            }
        )
        self._changes.notify()
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._acknowledge(message.json())
        finally:
            if socket in self.sockets:
                self.sockets.remove(socket)
            self._changes.notify()

    def _acknowledge(self, answer: Json) -> None:
        waiting = self._unacked.get(answer.get("envelope_id", ""))
        if waiting and not waiting.done():
            waiting.set_result(answer.get("payload"))

    # -- what Slack does

    async def attempt(self, delivery: Delivery, retry: Retry | None, timeout: float) -> Ack | Failure:  # noqa: ASYNC109  # Slack's own limit
        """Send one envelope and wait for its ack; waits for a socket when none is open."""
        envelope_id = self._new_id("envelope-")
        started = time.monotonic()
        waiting: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._unacked[envelope_id] = waiting
        try:
            async with asyncio.timeout(timeout):
                await self._send(_envelope(envelope_id, delivery, retry))
                payload = await waiting
        except TimeoutError:
            return Failure("timeout")
        finally:
            del self._unacked[envelope_id]
        return Ack(payload or None, time.monotonic() - started)

    async def _send(self, envelope: Json) -> None:
        while True:
            await self._changes.wait_for(lambda: self.sockets, timeout=3600)
            self._turn += 1
            try:
                await self.sockets[self._turn % len(self.sockets)].send_json(envelope)
            except ConnectionError:
                await asyncio.sleep(0)  # that socket just closed: its handler removes it, another takes the envelope
            else:
                return

    async def disconnect(self, reason: DisconnectReason = "refresh_requested", *, all_sockets: bool = True) -> None:
        """Ask the app to reconnect, as Slack does every few hours; the app closes the old socket itself."""
        for socket in list(self.sockets) if all_sockets else self.sockets[:1]:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": _debug()})

    async def drop(self) -> None:
        """Close every socket without a word, as a network fault does."""
        for socket in list(self.sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)


def _debug() -> Json:
    return {"host": "emulator", "build_number": 1, "approximate_connection_time": 18_060}


def _envelope(envelope_id: str, delivery: Delivery, retry: Retry | None) -> dict[str, Any]:
    envelope: Json = {
        "envelope_id": envelope_id,
        "type": delivery.kind,
        "payload": delivery.payload,
        "accepts_response_payload": delivery.kind != "events_api",
    }
    if delivery.kind == "events_api":
        envelope |= {"retry_attempt": retry.number if retry else 0, "retry_reason": retry.reason if retry else ""}
    return envelope
