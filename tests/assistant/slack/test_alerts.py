import pytest

from assistant.slack.alerts import read_alert

FIELDS = {
    "attachments": [
        {
            "title": "KubePodCrashLooping",
            "fields": [{"title": "namespace", "value": "shop-staging"}, {"title": "deployment", "value": "checkout"}],
        }
    ]
}
BLOCKS = {
    "blocks": [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*namespace:* `shop-staging`\n*pod:* cart-7d9f6b5c4-x2x1a"},
        }
    ]
}


@pytest.mark.parametrize(
    ("message", "question"),
    [
        (
            {"text": 'alertname="KubePodCrashLooping" namespace="shop-staging" deployment="checkout"'},
            "why is checkout failing in shop-staging?",
        ),
        (
            {
                "text": "Firing: <https://grafana.example.com/d/x?var-namespace=shop-staging&amp;var-workload=cart|dashboard>"
            },
            "why is cart failing in shop-staging?",
        ),
        (FIELDS, "why is checkout failing in shop-staging?"),
        (BLOCKS, "why is cart failing in shop-staging?"),
        ({"text": "pod: orders-db-0 namespace: shop"}, "why is orders-db failing in shop?"),
        ({"text": "service=checkout is down"}, "why is checkout failing?"),
        ({"text": "checkout is down in staging"}, "why is this failing: checkout is down in staging"),
        ({"text": ""}, ""),
        ({}, ""),
    ],
)
def test_an_alert_becomes_a_question(message, question):
    assert read_alert(message).question == question


def test_a_more_exact_label_wins_over_the_pod():
    words = read_alert({"text": "pod=checkout-7d9f6b5c4-x2x1a container=app deployment=checkout"})

    assert words.question == "why is checkout failing?"


def test_a_huge_message_is_read_in_part():
    assert len(read_alert({"text": "x" * 1_000_000}).question) < 600
