"""What every catalog adapter promises: one catalog, read from files and from a backend, is the same."""

from pathlib import Path

import pytest
import respx

from tests.builders.backstage import TOKEN, BackstageDouble, recorded_entities
from tools.catalog.backstage import BackstageCatalog, catalog_url
from tools.catalog.files import FileCatalog
from tools.catalog.port import EntityFilter
from tools.http import HttpApi, HttpSystem, open_client

SHOP = Path(__file__).parents[2] / "data/catalogs/shop"

FILTERS = {
    "everything": EntityFilter(),
    "kinds are alternatives": EntityFilter(kinds=("component", "api")),
    "owner": EntityFilter(owner="group:default/checkout-team"),
    "owner without an entity": EntityFilter(owner="group:default/nobody-there"),
    "name": EntityFilter(name="Checkout"),
    "part of a description": EntityFilter(text="buy"),
    "part of a title": EntityFilter(text="new env"),
    "part of a display name": EntityFilter(text="alice ex"),
    "tag": EntityFilter(text="java"),
    "annotation": EntityFilter(kinds=("user",), annotation=("slack.com/user-id", "U01ALICE")),
    "annotation exists": EntityFilter(annotation=("slack.com/user-id", None)),
    "all parts": EntityFilter(kinds=("component",), owner="group:default/checkout-team", text="cart"),
    "nothing": EntityFilter(text="100% _none"),
}


@pytest.fixture(params=["files", "backstage"])
async def catalog(request):
    if request.param == "files":
        yield FileCatalog(SHOP)
        return
    with respx.mock:
        respx.route(host="backstage").mock(side_effect=BackstageDouble(recorded_entities()))
        async with open_client() as client:
            system = HttpSystem("catalog", catalog_url("http://backstage"), "CATALOG__URL", "CATALOG__TOKEN", TOKEN)
            yield BackstageCatalog(HttpApi(client, system))


def comparable(entity):
    kept = {key: value for key, value in entity.annotations.items() if "managed-by" not in key}
    return entity.model_copy(update={"annotations": kept})


@pytest.mark.parametrize("where", FILTERS.values(), ids=FILTERS)
async def test_finds_the_same_entities_as_the_files_hold(catalog, where):
    expected = (await FileCatalog(SHOP).find(where)).entities

    found = (await catalog.find(where)).entities

    assert [comparable(entity) for entity in found] == [comparable(entity) for entity in expected]
    assert [entity.ref for entity in found] == sorted(entity.ref for entity in found)


@pytest.mark.parametrize(
    ("where", "refs"),
    [
        (FILTERS["owner without an entity"], ["component:default/legacy-report"]),
        (FILTERS["part of a display name"], ["user:default/alice"]),
        (FILTERS["all parts"], ["component:default/cart"]),
        (FILTERS["nothing"], []),
    ],
)
async def test_finds_what_fits_all_parts_of_the_filter(catalog, where, refs):
    found = await catalog.find(where)

    assert [entity.ref for entity in found.entities] == refs


async def test_says_when_more_match_than_the_limit(catalog):
    cut = await catalog.find(EntityFilter(kinds=("component",)), limit=2)
    whole = await catalog.find(EntityFilter(kinds=("component",)), limit=3)

    assert (len(cut.entities), cut.truncated) == (2, True)
    assert (len(whole.entities), whole.truncated) == (3, False)


async def test_by_refs_keeps_order_and_says_none_for_what_is_missing(catalog):
    found = await catalog.by_refs(["user:default/bob", "component:default/nope", "component:default/cart"])

    assert [entity and entity.ref for entity in found] == ["user:default/bob", None, "component:default/cart"]


async def test_by_refs_of_nothing_is_nothing(catalog):
    assert await catalog.by_refs([]) == ()
