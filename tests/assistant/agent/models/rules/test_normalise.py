"""Slack and terminal text becomes plain text."""

import pytest

from assistant.agent.models.rules.normalise import MAX_CHARS, plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U123ABC> why is checkout down?", "why is checkout down?"),
        ("<!here> <#C12|general> cart is down", "cart is down"),
        ("see <https://grafana.example/d/1|the dashboard> of cart", "see the dashboard of cart"),
        ("<http://checkout.shop|checkout.shop> fails", "checkout.shop fails"),
        ("<https://example.com/x> cart fails", "cart fails"),
        ("https://example.com/restart cart fails", "cart fails"),
        ("*cart* is _really_ down", "cart is really down"),
        ("my_service and your_service", "my_service and your_service"),
        ("~restart~ look at cart", "look at cart"),
        (":fire: cart :man-shrugging::skin-tone-2: down :+1:", "cart down"),
        ("since 10:30:15 today", "since 10:30:15 today"),
        ("component:default/cart: why?", "component:default/cart: why?"),
        ("cart &amp; checkout &lt; 3", "cart & checkout < 3"),
        ("what\u2019s \u201cconnection refused\u201d", 'what\'s "connection refused"'),
        ("kubectl scale deploy/cart \u2014replicas=3", "kubectl scale deploy/cart --replicas=3"),
        ("cart is down \u2014 why?", "cart is down , why?"),
        ("is `cart` ok", 'is "cart" ok'),
        ("`restart cart`", "restart cart"),
        ("run `kubectl rollout restart deploy/cart`", "run kubectl rollout restart deploy/cart"),
        ("```kubectl get events -n shop```", "kubectl get events -n shop"),
        ("why?\n```\nrestart cart\npanic\n```", "why?"),
        ("&gt; restart cart\nwhy does it say so?", "why does it say so?"),
        ("re\u200bstart c\u00adart", "restart cart"),
        ("\u2705 cart \U0001f600", "cart"),
        ("  cart\n\n is\tdown ", "cart is down"),
        ("", ""),
    ],
)
def test_only_the_persons_own_words_remain(written: str, read: str) -> None:
    assert plain(written) == read


def test_the_start_of_a_long_message_is_read() -> None:
    assert len(plain("cart " * 10_000)) <= MAX_CHARS
