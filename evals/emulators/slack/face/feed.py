"""Sends one person's screen over a WebSocket: everything at first, then only what changed."""

import asyncio
import json
from dataclasses import dataclass, field

from aiohttp import web

from evals.emulators.slack.changes import Changes
from evals.emulators.slack.face.reading import Reading
from evals.emulators.slack.face.snapshot import Rows, snapshot
from evals.emulators.slack.model import Json, User
from evals.emulators.slack.state import Workspace

SETTLE_SECONDS = 0.03  # a call to the app moves several things: they arrive as one packet
IDLE_SECONDS = 3600.0


@dataclass
class Difference:
    """Remembers what was sent."""

    _sent: dict[str, str] = field(default_factory=dict)

    def to(self, rows: Rows) -> Json | None:
        """`set`: new and changed rows, `drop`: keys that are gone; None when nothing changed."""
        now = {key: json.dumps(row) for key, row in rows.items()}
        changed = {key: rows[key] for key, text in now.items() if self._sent.get(key) != text}
        gone = sorted(self._sent.keys() - now.keys())
        self._sent = now
        return {"set": changed, "drop": gone} if changed or gone else None


async def feed(socket: web.WebSocketResponse, workspace: Workspace, viewer: User, reading: Reading) -> None:
    """Send until the page goes away. The first packet holds every row; each says what time it is in the workspace."""
    changes, difference = workspace.changes, Difference()
    while not socket.closed:
        seen = changes.count
        packet = difference.to(snapshot(workspace, viewer, reading))
        if packet:
            await socket.send_json({"now": workspace.now(), **packet})
        await _next_change(changes, seen)
        await asyncio.sleep(SETTLE_SECONDS)


async def _next_change(changes: Changes, seen: int) -> None:
    try:
        await changes.wait_for(lambda: changes.count != seen, IDLE_SECONDS)
    except TimeoutError:
        return
