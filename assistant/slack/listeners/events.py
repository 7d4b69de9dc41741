"""Events that are no messages: the Stop button."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from assistant.slack.delivery import Delivery
from assistant.slack.listeners.port import Body
from assistant.slack.payloads import Place, account


@dataclass(frozen=True)
class Events:
    """Handlers by event. Bolt acknowledges before it calls them."""

    delivery: Delivery

    def register(self, app: AsyncApp) -> None:
        """Bind the handlers."""
        app.event("agent_session_stopped")(self.stop)

    async def stop(self, event: Body, body: Body) -> None:
        """The Stop button of a session: Slack has ended the streams, the rest is ours."""
        team, root = str(body.get("team_id") or ""), event.get("thread_ts")
        if root:
            place = Place(team, str(event["channel"]), str(root))
            await self.delivery.stop(place, account(team, str(event["user"])))
