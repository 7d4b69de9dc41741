"""Slack: tokens, scopes against the manifest, Socket Mode, sessions."""

from collections.abc import AsyncIterator

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from assistant.cli.doctor.finding import Finding
from assistant.settings import Settings, SlackSettings
from assistant.slack.app import web_client
from assistant.slack.manifest import shipped

NAME = "slack"
SCOPES_HEADER = "x-oauth-scopes"
NOWHERE = "D0000000000"  # a channel that does not exist: Slack checks the method and the scopes before it
REINSTALL = "Add them under OAuth & Permissions and reinstall the app, or paste `infra-assistant manifest` anew."


async def check(settings: Settings) -> AsyncIterator[Finding]:
    """Each in turn; what needs the one before it is left out when that fails."""
    chosen = settings.slack
    if chosen.bot_token is None:
        fix = "Create the app from `infra-assistant manifest` and set its tokens."
        yield Finding(name=NAME, state="skip", what=f"not set up: {', '.join(chosen.missing)} missing", fix=fix)
        return
    if chosen.missing:
        fix = f"Set {', '.join(chosen.missing)}, or change SLACK__MODE."
        yield Finding(name=NAME, state="fail", what=f"mode {chosen.mode} is not complete", fix=fix)
        return
    client = web_client(chosen.bot_token.get_secret_value(), chosen.api_url)
    try:
        who = await client.auth_test()
    except SlackApiError as error:
        what = f"Slack refuses the bot token: {error.response.get('error')}"
        yield Finding(name=NAME, state="fail", what=what, fix="Copy SLACK__BOT_TOKEN anew from the app's page.")
        return
    except (SlackClientError, OSError) as error:
        yield Finding(name=NAME, state="fail", what=f"Slack is not reachable: {error}", fix="Check the network.")
        return
    yield Finding(name=NAME, state="ok", what=f"signed in as {who['user']} in {who['team']}")
    headers = {key.lower(): value for key, value in who.headers.items()}
    yield _scopes(headers.get(SCOPES_HEADER))
    if chosen.mode == "socket":
        yield await _socket(client, chosen)
    yield await _sessions(client)


def _scopes(granted: str | None) -> Finding:
    """The token's scopes against those of the manifest."""
    if granted is None:
        return Finding(name="slack scopes", state="warn", what="Slack did not say which scopes the token has")
    missing = set(shipped()["oauth_config"]["scopes"]["bot"]) - {scope.strip() for scope in granted.split(",")}
    if missing:
        what = f"the token lacks {', '.join(sorted(missing))}"
        return Finding(name="slack scopes", state="fail", what=what, fix=REINSTALL)
    return Finding(name="slack scopes", state="ok", what="all scopes of the manifest are granted")


async def _socket(client: AsyncWebClient, chosen: SlackSettings) -> Finding:
    """Whether a connection can be opened; it is not."""
    token = chosen.app_token.get_secret_value() if chosen.app_token else ""
    try:
        await client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        what = f"Socket Mode cannot be opened: {error.response.get('error')}"
        fix = "Turn Socket Mode on, and give SLACK__APP_TOKEN (xapp-...) the scope connections:write."
        return Finding(name="slack socket", state="fail", what=what, fix=fix)
    return Finding(name="slack socket", state="ok", what="Socket Mode can be opened")


async def _sessions(client: AsyncWebClient) -> Finding:
    """Whether threads can show that the assistant works. Without it messages are posted and updated instead."""
    try:
        await client.agents_sessions_setStatus(channel_id=NOWHERE, thread_ts="1.000001", status="active")
    except SlackApiError as error:
        code = str(error.response.get("error"))
        if code not in {"channel_not_found", "not_in_channel", "thread_not_found", "session_not_found"}:
            what = f"agent sessions are not available ({code}): no status, no Stop button"
            fix = "Turn on the agent view (features.agent_view of the manifest); all else works without."
            return Finding(name="slack sessions", state="warn", what=what, fix=fix)
    return Finding(name="slack sessions", state="ok", what="threads show status and a Stop button")
