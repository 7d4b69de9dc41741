"""Selectors select what the server would select, and refuse what it would refuse."""

import pytest

from evals.emulators.kubernetes.catalogue import CONFIGMAPS, EVENTS, PODS
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.field_selectors import FieldSelector
from evals.emulators.kubernetes.selectors import label_selector, matches, selector_text

LABELS = {"app": "web", "tier": "front", "n": "3"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "app",
        "!x",
        "app=web",
        "app==web,tier!=back",
        "x!=y",
        "app in (web, api)",
        "app notin (db)",
        "x notin (db)",
        "n>2",
        "n < 4",
        "app in (web),tier,!x",
    ],
)
def test_a_matching_label_selector(text: str) -> None:
    assert label_selector(text)(LABELS)


@pytest.mark.parametrize(
    "text", ["x", "!app", "app=api", "app!=web", "app in (api)", "app notin (web)", "n>3", "x=web", "x>1"]
)
def test_a_label_selector_that_does_not_match(text: str) -> None:
    assert not label_selector(text)(LABELS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("==", "found '==', expected: !, identifier, or 'end of string'"),
        ("app=web,", "found '', expected: identifier after ','"),
        ("app web", "found 'web', expected: in, notin, =, ==, !=, gt, lt"),
        ("app in web", "found 'web', expected: '('"),
        ("app in (web", "found '', expected: ',', or ')'"),
    ],
)
def test_a_label_selector_that_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        label_selector(text)

    assert (caught.value.code, caught.value.message) == (400, message)


def test_a_selector_object_needs_all_of_its_parts() -> None:
    selector = {
        "matchLabels": {"app": "web"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["front"]},
            {"key": "x", "operator": "DoesNotExist"},
        ],
    }

    assert matches(selector, LABELS)
    assert not matches(selector, {**LABELS, "x": "1"})
    assert not matches(None, LABELS)
    assert matches({}, LABELS)
    assert selector_text(selector) == "app=web,tier in (front),!x"


def test_field_selectors_read_the_fields_of_their_kind() -> None:
    pod = {"metadata": {"name": "a", "namespace": "n"}, "spec": {"nodeName": "n1"}, "status": {"phase": "Running"}}

    assert FieldSelector("status.phase=Running,spec.nodeName!=n2", PODS).matches(pod)
    assert not FieldSelector("metadata.name!=a", PODS).matches(pod)
    assert FieldSelector("spec.hostNetwork=false", PODS).matches(pod)


def test_events_are_selected_by_what_they_are_about() -> None:
    event = {
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "Pod", "name": "p"},
        "reason": "BackOff",
        "type": "Warning",
    }

    assert FieldSelector("involvedObject.name=p,reason=BackOff,type==Warning", EVENTS).matches(event)


def test_an_unknown_field_is_refused_in_the_words_of_the_kind() -> None:
    with pytest.raises(ApiError, match=r"field label not supported: spec\.foo"):
        FieldSelector("spec.foo=1", PODS)
    with pytest.raises(
        ApiError, match=r'"spec\.foo" is not a known field selector: only "metadata\.name", "metadata\.namespace"'
    ):
        FieldSelector("spec.foo=1", CONFIGMAPS)
