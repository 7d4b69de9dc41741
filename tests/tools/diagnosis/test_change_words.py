import pytest

from tests.builders.kubernetes import make_pod_spec, make_template
from tests.builders.shop_faults import container
from tools.cluster.models.pods import PodTemplate
from tools.diagnosis.change_words import in_words
from tools.diagnosis.revisions import template_changes


def template(**more):
    return PodTemplate.model_validate(make_template("checkout", make_pod_spec([container(**more)])))


def changes(before, after):
    return in_words(template_changes(template(**before), template(**after)))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"image": "r/a:1"}, {"image": "r/a:2"}, "the image from 1 to 2"),
        ({"image": "r/a:1"}, {"image": "q/a:1"}, "the image from r/a:1 to q/a:1"),
        ({"image": "r:5000/a"}, {"image": "r:5000/b"}, "the image from r:5000/a to r:5000/b"),
        (
            {"resources": {"limits": {"memory": "512Mi"}}},
            {"resources": {"limits": {"memory": "64Mi"}}},
            "the memory limit from 512Mi to 64Mi",
        ),
        ({}, {"resources": {"requests": {"cpu": "1"}}}, "the cpu request (new)"),
        ({"env": [{"name": "A", "value": "1"}]}, {}, "the variable A (removed)"),
        ({"command": ["a" * 70]}, {"command": ["b"]}, "the command"),
    ],
)
def test_changed_fields_are_named_in_words(before, after, words):
    assert changes(before, after) == words


def test_what_is_more_than_three_changes_is_counted():
    after = {"env": [{"name": name, "value": "1"} for name in "ABCDE"]}

    assert changes({}, after) == "the variable A (new), the variable B (new), the variable C (new) and 2 more"
