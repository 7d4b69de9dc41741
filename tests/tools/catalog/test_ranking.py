"""Which entities a few words mean."""

import pytest

from tools.catalog.models import Entity
from tools.catalog.ranking import Match, nearest, rank


def make_entity(name, kind="Component", **more):
    return Entity(ref=f"{kind}:default/{name}".lower(), kind=kind, namespace="default", name=name, **more)


def test_exact_comes_before_beginning_part_tag_description_and_similar():
    entities = [
        make_entity("cartt"),
        make_entity("described", description="talks to the cart"),
        make_entity("tagged", tags=("cart",)),
        make_entity("old-cart"),
        make_entity("cart-db"),
        make_entity("cart"),
        make_entity("mail"),
    ]

    ranked = rank("cart", entities)

    assert [(item.entity.name, item.match) for item in ranked] == [
        ("cart", Match.EXACT),
        ("cart-db", Match.PREFIX),
        ("cartt", Match.PREFIX),
        ("old-cart", Match.PART),
        ("tagged", Match.TAG),
        ("described", Match.DESCRIPTION),
    ]


@pytest.mark.parametrize("words", ["checkout api", "Checkout-API", "checkout_api", "checkoutapi", "chekout-api"])
def test_letter_case_separators_and_a_slip_do_not_matter(words):
    ranked = rank(words, [make_entity("cart"), make_entity("checkout-api")])

    assert [item.entity.name for item in ranked] == ["checkout-api"]


def test_titles_and_display_names_are_names():
    entities = [make_entity("chk", title="Checkout"), make_entity("u1", "User", profile_display_name="Ann Checkout")]

    ranked = rank("checkout", entities)

    assert [(item.entity.name, item.match) for item in ranked] == [("chk", Match.EXACT), ("u1", Match.PART)]


def test_a_component_comes_before_an_api_of_the_same_name():
    ranked = rank("cart", [make_entity("cart", "API"), make_entity("cart")])

    assert [item.entity.kind for item in ranked] == ["Component", "API"]


def test_nearest_names_come_best_first_and_unlike_ones_not_at_all():
    assert nearest("chekout", ["cart", "checkout", "checkout-db", "payments"]) == ("checkout", "checkout-db")
    assert nearest("zzz", ["cart", "checkout"]) == ()
