"""Entity refs."""

import pytest

from tools.catalog.refs import parse_ref, short_name


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("team-a", "group:default/team-a"),
        ("eu/Team-A", "group:eu/team-a"),
        ("User:alice", "user:default/alice"),
        ("user:eu/alice.b_c", "user:eu/alice.b_c"),
        (" group:default/x ", "group:default/x"),
    ],
)
def test_writes_out_what_a_ref_leaves_away(text, ref):
    assert str(parse_ref(text, kind="group")) == ref


@pytest.mark.parametrize(
    "text", ["", "a b", "a:b:c", "a/b/c", "kind:", ":name", "-a", "a" * 64, "x/", "1kind:a", "a,b"]
)
def test_what_is_no_ref_is_none(text):
    assert parse_ref(text, kind="group") is None


def test_without_a_default_kind_the_ref_must_name_one():
    assert parse_ref("cart") is None
    assert str(parse_ref("component:cart")) == "component:default/cart"


def test_a_ref_without_a_namespace_takes_the_given_one():
    assert str(parse_ref("team-a", kind="group", namespace="eu")) == "group:eu/team-a"


def test_the_short_name_is_what_comes_last():
    assert short_name("component:default/checkout") == "checkout"
    assert short_name("checkout") == "checkout"
