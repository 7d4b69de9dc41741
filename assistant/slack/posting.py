"""Posting one message to a thread."""

from slack_sdk.web.async_client import AsyncWebClient

from assistant.slack.blocks.kit import Block
from assistant.slack.payloads import Place


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
