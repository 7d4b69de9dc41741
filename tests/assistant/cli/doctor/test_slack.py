import dataclasses

import yaml

from assistant.cli.doctor.slack import check
from assistant.settings import Settings, SlackSettings
from assistant.slack.manifest import manifest
from evals.emulators.slack.emulator import SlackEmulator
from evals.emulators.slack.faults import refusal
from evals.emulators.slack.model import app_from_manifest
from tools.clock import system_clock


def app():
    return app_from_manifest(yaml.safe_load(manifest(mode="socket")))


def settings_for(slack, **given):
    fields = {"bot_token": slack.app.bot_token, "app_token": slack.app.app_token, "api_url": slack.api_url}
    return Settings(_env_file=None, slack=SlackSettings(**{**fields, **given}))


async def states(settings):
    return {finding.name: finding.state async for finding in check(settings)}


async def test_an_app_made_from_the_manifest_is_all_right():
    async with SlackEmulator(system_clock, app()) as slack:
        found = await states(settings_for(slack))

    assert found == {"slack": "ok", "slack scopes": "ok", "slack socket": "ok", "slack sessions": "ok"}


async def test_a_missing_scope_is_named():
    without = dataclasses.replace(app(), scopes=app().scopes - {"im:history"})
    async with SlackEmulator(system_clock, without) as slack:
        findings = [finding async for finding in check(settings_for(slack))]

    scopes = next(one for one in findings if one.name == "slack scopes")
    assert (scopes.state, scopes.what) == ("fail", "the token lacks im:history")


async def test_socket_mode_that_cannot_be_opened_fails():
    async with SlackEmulator(system_clock, app()) as slack:
        slack.faults.add("apps.connections.open", refusal("not_allowed_token_type"))
        found = await states(settings_for(slack))

    assert found["slack socket"] == "fail"


async def test_a_workspace_without_sessions_is_a_warning():
    async with SlackEmulator(system_clock, dataclasses.replace(app(), is_agent=False)) as slack:
        found = await states(settings_for(slack))

    assert found["slack sessions"] == "warn"


async def test_a_refused_token_fails_and_ends_the_check():
    async with SlackEmulator(system_clock, app()) as slack:
        found = await states(settings_for(slack, bot_token="xoxb-other"))

    assert found == {"slack": "fail"}


async def test_without_tokens_it_is_left_out():
    assert await states(Settings(_env_file=None, slack=SlackSettings())) == {"slack": "skip"}
