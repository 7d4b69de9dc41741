"""The agent session of a thread: Slack shows that the assistant works, with a Stop button."""

from dataclasses import dataclass
from typing import Literal

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from assistant.slack.payloads import Place
from assistant.slack.posting import REFUSED, code_of

log = structlog.get_logger()
Status = Literal["active", "processing", "suspended", "closed"]
MAX_TITLE = 200


@dataclass(frozen=True)
class Session:
    """Sets the state of one thread (agents.sessions.setStatus). Workspaces without sessions refuse it: that is fine."""

    quick: AsyncWebClient
    place: Place

    async def set(self, status: Status, *, title: str | None = None, user: str | None = None) -> bool:
        """Whether Slack shows it. `title` and `user` (who began) count for a new session only."""
        try:
            await self.quick.agents_sessions_setStatus(
                channel_id=self.place.channel,
                thread_ts=self.place.root,
                status=status,
                title=title[:MAX_TITLE] if title else None,
                initiator_user_id=user,
            )
        except REFUSED as error:
            log.debug("session.refused", status=status, error=code_of(error))
            return False
        return True
