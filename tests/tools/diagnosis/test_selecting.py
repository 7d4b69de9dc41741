"""Selectors in memory mean what they mean to the API server."""

import pytest

from tests.builders.kubernetes import make_pod
from tests.builders.kubernetes_platform import make_event
from tools.cluster.models.resources import EVENTS, PODS
from tools.diagnosis.selecting import equal_field, equal_label, field_tests, label_tests

POD = PODS.parse(make_pod("web-1", labels={"app": "web", "tier": "front"}))


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        ("", True),
        ("app=web", True),
        ("app==web", True),
        ("app = web", True),
        ("app=db", False),
        ("app!=db", True),
        ("app!=web", False),
        ("missing!=x", True),
        ("app in (db, web)", True),
        ("app in (db)", False),
        ("app notin (db)", True),
        ("missing notin (db)", True),
        ("app", True),
        ("missing", False),
        ("!missing", True),
        ("!app", False),
        ("app in (web,db),tier=front", True),
        ("app in (web,db),tier=back", False),
    ],
)
def test_a_label_selector_holds_as_on_the_server(selector, fits):
    assert all(test(POD) for test in label_tests(selector)) is fits


def test_field_selectors_read_camel_case_paths():
    event = EVENTS.parse(make_event("BackOff", "again", name="web-1"))

    assert all(test(event) for test in field_tests("involvedObject.kind=Pod,involvedObject.name=web-1"))
    assert not all(test(event) for test in field_tests("involvedObject.name=other"))
    assert all(test(POD) for test in field_tests("metadata.name=web-1,status.phase!=Failed,spec.nodeName=node-001"))


def test_an_index_is_asked_for_the_plain_terms_only():
    assert equal_label("tier in (a,b),app=web") == ("app", "web")
    assert equal_label("tier in (a,b)") is None
    assert equal_label("app!=web") is None
    assert equal_field("involvedObject.kind=Pod,involvedObject.uid=u1") == ("involvedObject.uid", "u1")
