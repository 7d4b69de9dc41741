import pytest

from assistant.slack.links import Links
from tests.builders.conversation import make_evidence
from tools.contract import Source

LOGS = "https://logs.example.com/{namespace}/{name}?from={from_ms}&to={to_ms}"


def test_a_log_line_links_to_the_logs_around_its_moment():
    ((label, address),) = Links(logs=LOGS).of(make_evidence(source=Source.LOG))

    assert label == "Logs"
    assert address == ("https://logs.example.com/shop-staging/checkout-7d9f-x2x1?from=1795347900000&to=1795349700000")


def test_without_templates_nothing_is_linked():
    assert Links().of(make_evidence()) == ()


def test_a_name_cannot_leave_its_place_in_the_address():
    ((_label, address),) = Links(workload="https://g.example.com/{name}").of(make_evidence(subject="Pod shop/a|b>c?d"))

    assert address == "https://g.example.com/a%7Cb%3Ec%3Fd"


@pytest.mark.parametrize("subject", ["", "Pod", "two words more", "Pod a/b/c"])
def test_what_names_no_object_is_not_linked(subject):
    assert Links(workload="https://g.example.com/{name}").of(make_evidence(subject=subject)) == ()
