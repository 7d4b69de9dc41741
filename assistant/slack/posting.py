"""Posting one message to a thread, and what Slack may answer instead."""

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from assistant.slack.blocks.kit import Block
from assistant.slack.payloads import Place

REFUSED = (SlackClientError, ClientError, OSError)
"""Slack said no, or could not be reached in time."""


def code_of(error: Exception) -> str:
    """Slack's error code, or the kind of failure."""
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__


async def open_thread(client: AsyncWebClient, team: str, channel: str, line: str) -> Place:
    """Begin a thread with a line of mrkdwn. `channel`: also a user, for a direct message. Raises SlackApiError."""
    reply = await client.chat_postMessage(channel=channel, text=line, unfurl_links=False)
    return Place(team, str(reply["channel"]), str(reply["ts"]))


async def post(client: AsyncWebClient, place: Place, text: str, blocks: list[Block]) -> str:
    """Post in a thread, without link previews; returns the message's ts. Raises SlackApiError."""
    reply = await client.chat_postMessage(
        channel=place.channel,
        thread_ts=place.root,
        text=text,
        blocks=blocks,
        unfurl_links=False,
        unfurl_media=False,
    )
    return str(reply["ts"])
