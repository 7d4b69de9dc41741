"""Find entities of the catalog."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.catalog.files import FileCatalog
from tools.catalog.find_entities import FindEntitiesArgs, find_entities
from tools.errors import NotFound, Unavailable

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHOP = FileCatalog(Path(__file__).parents[2] / "data/catalogs/shop")

COMPONENT = """---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: service-{number}, description: {description}}}
spec: {{type: service, owner: group:default/shop}}
"""


async def find(catalog=SHOP, **args):
    return await find_entities(FindEntitiesArgs(**args), catalog=catalog, clock=lambda: NOON)


def refs(result):
    return [entity.ref for entity in result.entities]


async def test_the_exact_name_comes_first_and_says_so():
    result = await find(text="checkout")

    assert refs(result)[0] == "component:default/checkout"
    assert result.entities[0].match == "exact"
    assert not result.similar_only


async def test_a_name_with_a_slip_finds_what_looks_like_it():
    result = await find(text="chekout", kind="component")

    assert refs(result) == ["component:default/checkout"]
    assert result.similar_only


async def test_words_of_the_description_count():
    result = await find(text="buy")

    assert [(hit.ref, hit.match) for hit in result.entities] == [("component:default/cart", "description")]


@pytest.mark.parametrize("kind", ["resource", "Resources", "database"])
async def test_a_kind_may_be_said_in_a_persons_words(kind):
    result = await find(kind=kind)

    assert refs(result) == ["resource:default/cart-redis", "resource:default/orders-db"]
    assert {hit.match for hit in result.entities} == {"listed"}


@pytest.mark.parametrize("owner", ["checkout-team", "Checkout Team", "checkout", "group:default/checkout-team"])
async def test_an_owner_may_be_said_by_name_title_or_ref(owner):
    result = await find(owner=owner)

    assert result.owner == "group:default/checkout-team"
    assert refs(result) == [
        "component:default/cart",
        "component:default/checkout",
        "system:default/shop",
        "api:default/checkout-api",
    ]


async def test_what_a_team_owns_is_a_settled_answer_with_evidence():
    conclusion = (await find(owner="checkout-team")).conclusion()

    assert conclusion is not None
    assert conclusion.summary.startswith("group:default/checkout-team owns 4: component:default/cart")
    assert all(claim.evidence for claim in conclusion.claims)


async def test_a_search_by_text_settles_nothing():
    assert (await find(text="checkout")).conclusion() is None


async def test_an_owner_without_an_entity_still_owns():
    assert refs(await find(owner="nobody-there")) == ["component:default/legacy-report"]


async def test_an_unknown_owner_is_not_found_with_the_nearest():
    with pytest.raises(NotFound) as raised:
        await find(owner="chekout-team")

    assert raised.value.candidates == ("group:checkout-team",)


async def test_nothing_that_fits_is_an_empty_list():
    assert (await find(text="zzzz")).entities == ()


async def test_at_most_twenty_come_and_the_cut_is_told(tmp_path):
    documents = (COMPONENT.format(number=number, description="x") for number in range(21))
    (tmp_path / "many.yaml").write_text("".join(documents))

    result = await find(FileCatalog(tmp_path), text="service")

    assert len(result.entities) == 20
    assert result.truncated


async def test_a_long_description_is_cut(tmp_path):
    (tmp_path / "long.yaml").write_text(COMPONENT.format(number=1, description="word " * 500))

    result = await find(FileCatalog(tmp_path), text="service-1")

    assert len(result.entities[0].evidence.text) < 250
    assert result.entities[0].evidence.text.endswith("…")


async def test_each_hit_cites_the_entity_and_its_file():
    evidence = (await find(text="cart-redis")).entities[0].evidence

    assert evidence.subject == "resource:default/cart-redis"
    assert evidence.where == "metadata in file:catalog-info.yaml"
    assert evidence.at == NOON


async def test_without_a_catalog_the_setting_is_named():
    with pytest.raises(Unavailable, match="CATALOG__PATH or CATALOG__URL"):
        await find(None, text="checkout")


async def test_an_owner_that_nobody_has_does_not_hide_what_the_text_finds():
    assert refs(await find(text="checkout", owner="default"))[0] == "component:default/checkout"
