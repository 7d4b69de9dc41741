"""What a change sets, read from words and said again."""

import pytest

from assistant.agent.models.rules.lexicon import load_lexicon
from assistant.agent.models.rules.settings import image, in_words, resources
from assistant.agent.models.rules.sheet import Sheet
from assistant.agent.models.rules.tokens import tokens
from tests.builders.rules import VOCABULARY, RulesThread

LEXICON = load_lexicon(VOCABULARY)


def sheet(text: str) -> Sheet:
    return Sheet(tokens(text, LEXICON.words), (), LEXICON)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("512Mi memory", {"memory_request": "512Mi", "memory_limit": "512Mi"}),
        ("1.5 gb of ram", {"memory_request": "1.5Gi", "memory_limit": "1.5Gi"}),
        ("cpu limit to 500m", {"cpu_limit": "500m"}),
        ("2 cores", {"cpu_request": "2", "cpu_limit": "2"}),
        ("memory request 256mb limit 512mb", {"memory_request": "256Mi", "memory_limit": "512Mi"}),
        ("512m memory", {"memory_request": "512m", "memory_limit": "512m"}),
        ("memory to 512", {}),
        ("3 things", {}),
    ],
)
def test_amounts_go_to_the_resource_and_end_beside_them(said: str, read: dict) -> None:
    assert resources(sheet(said)) == read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("from 1.0 to 2.0", "2.0"),
        ("to Registry.example.com/Shop:RC-1", "Registry.example.com/Shop:RC-1"),
        ("of Deployment/checkout to latest", "latest"),
        ("of component:default/checkout", None),
        ("to main", None),
    ],
)
def test_an_image_is_taken_as_it_was_written(said: str, read: str | None) -> None:
    assert image(sheet(said)).get("image") == read


@pytest.mark.parametrize(
    ("tool", "name", "settings"),
    [
        ("set_image", "set_image", {"image": "shop/app:RC1"}),
        ("set_resources", "set_resources", {"cpu_limit": "500m", "memory_request": "1Gi", "memory_limit": "1Gi"}),
        ("set_probe_timing", "set_probe_timing", {"probe": "startup", "failure_threshold": 30}),
    ],
)
async def test_what_is_said_again_is_understood_as_the_same(tool: str, name: str, settings: dict) -> None:
    again = LEXICON.replies.again[name].format(settings=in_words(settings), workload="cart")

    ((called, args),) = await RulesThread().hears(again)

    assert called == tool
    assert {key: value for key, value in args.items() if value is not None} == {"workload": "cart", **settings}
