import pytest
import yaml

from assistant.slack.manifest import manifest, shipped


def test_socket_mode_is_the_shipped_manifest():
    assert yaml.safe_load(manifest(mode="socket")) == shipped()


def test_a_name_is_the_apps_and_the_bots():
    made = yaml.safe_load(manifest(mode="socket", name="Otto"))

    assert made["display_information"]["name"] == "Otto"
    assert made["features"]["bot_user"]["display_name"] == "Otto"


def test_http_mode_has_one_address_for_everything():
    made = yaml.safe_load(manifest(mode="http", url="https://assistant.example.com/"))

    address = "https://assistant.example.com/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert {command["url"] for command in made["features"]["slash_commands"]} == {address}


@pytest.mark.parametrize("url", [None, "", "http://assistant.example.com"])
def test_http_mode_needs_an_address_that_slack_takes(url):
    with pytest.raises(ValueError, match="https://"):
        manifest(mode="http", url=url)


@pytest.mark.parametrize("name", ["", "  ", "x" * 36])
def test_a_name_that_slack_refuses_is_refused_here(name):
    with pytest.raises(ValueError, match="characters"):
        manifest(mode="socket", name=name)
