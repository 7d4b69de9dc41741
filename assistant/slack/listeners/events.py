"""Events that are no messages: the Home tab, the Stop button."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from assistant.errors import PersonError
from assistant.slack import home
from assistant.slack.delivery import Delivery
from assistant.slack.escape import escape
from assistant.slack.listeners.port import Body
from assistant.slack.payloads import Place, account


@dataclass(frozen=True)
class Events:
    """Handlers by event. Bolt acknowledges before it calls them."""

    delivery: Delivery

    def register(self, app: AsyncApp) -> None:
        """Bind the handlers."""
        app.event("app_home_opened")(self.open_home)
        app.event("agent_session_stopped")(self.stop)

    async def open_home(self, event: Body, body: Body) -> None:
        """Publish the Home tab."""
        if event.get("tab") == "home":
            who = account(str(body.get("team_id")), event["user"])
            try:
                waiting = home.waiting_lines(await self.delivery.service.waiting_for(who))
            except PersonError as error:
                waiting = escape(error.message)
            await self.delivery.client.views_publish(user_id=event["user"], view=home.view(waiting))

    async def stop(self, event: Body, body: Body) -> None:
        """The Stop button of a session: Slack has ended the streams, the rest is ours."""
        team, root = str(body.get("team_id") or ""), event.get("thread_ts")
        if root:
            place = Place(team, str(event["channel"]), str(root))
            await self.delivery.stop(place, account(team, str(event["user"])))
