"""Events that are no messages: the Stop button, being invited, being removed."""

from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from assistant.slack.blocks.kit import section
from assistant.slack.delivery import Delivery
from assistant.slack.listeners.intake import SHARED
from assistant.slack.listeners.port import Body
from assistant.slack.payloads import Place, account
from assistant.slack.posting import REFUSED, code_of

log = structlog.get_logger()
GREETING = (
    "Hello. Mention me with a question, like *why is checkout failing in staging?*, or with a change, like *restart "
    "cart in staging*: nothing changes before you confirm it. `/infra help` tells more."
)


@dataclass(frozen=True)
class Events:
    """Handlers by event. Bolt acknowledges before it calls them."""

    delivery: Delivery

    def register(self, app: AsyncApp) -> None:
        """Bind the handlers."""
        app.event("agent_session_stopped")(self.stop)
        app.event("member_joined_channel")(self.joined)
        app.event("app_uninstalled")(self.removed)
        app.event("tokens_revoked")(self.removed)

    async def stop(self, event: Body, body: Body) -> None:
        """The Stop button of a session: Slack has ended the streams, the rest is ours."""
        team, root = str(body.get("team_id") or ""), event.get("thread_ts")
        if root:
            place = Place(team, str(event["channel"]), str(root))
            await self.delivery.stop(place, account(team, str(event["user"])))

    async def joined(self, event: Body, body: Body, context: AsyncBoltContext) -> None:
        """Invited to a channel: say once how to ask, or that this channel is not for answers."""
        if event.get("user") != context.bot_user_id:
            return
        text = SHARED if body.get("is_ext_shared_channel") else GREETING
        try:
            await self.delivery.client.chat_postMessage(channel=event["channel"], text=text, blocks=[section(text)])
        except REFUSED as error:
            log.warning("greeting.refused", channel=event["channel"], error=code_of(error))

    async def removed(self, event: Body) -> None:
        """The app was removed from the workspace: nothing can be sent any more; what is stored stays."""
        log.error("slack.removed", event_type=event.get("type"))
