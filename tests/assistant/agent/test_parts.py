"""One conclusive result answers a message only when it asks for one thing."""

import pytest

from assistant.agent.parts import asks_one_thing


@pytest.mark.parametrize(
    "text",
    [
        "why is checkout failing in staging?",
        "and in production?",
        "what is wrong with cart",
        "is checkout healthy?",
        "Checkout crashes, please look?".replace(",", ""),
        "can you tell why checkout fails?",
        "compare checkout between staging and production",
        "why does checkout work in staging but not in production?",
    ],
)
def test_a_single_question(text):
    assert asks_one_thing(text)


@pytest.mark.parametrize(
    "text",
    [
        "why is checkout failing and who owns it?",
        "why are checkout and cart failing?",
        "why is checkout failing? what changed?",
        "look at checkout, then restart it",
        "why does checkout fail; can you fix it",
        "restart checkout in staging",
        "compare checkout between staging and production and tell me who owns it",
    ],
)
def test_more_than_a_single_question(text):
    assert not asks_one_thing(text)
