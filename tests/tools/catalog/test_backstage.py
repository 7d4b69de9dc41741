"""The Backstage adapter, against the recorded backend and its OpenAPI."""

import json
from pathlib import Path

import httpx2
import jsonschema
import pytest
import respx

from tests.builders.backstage import TOKEN, BackstageDouble, recorded_entities, recording
from tools.catalog.backstage import BackstageCatalog, catalog_url
from tools.catalog.port import EntityFilter
from tools.errors import Forbidden, Unavailable
from tools.http import HttpApi, HttpSystem, open_client

OPENAPI = json.loads((Path(__file__).parents[2] / "data/openapi/catalog.openapi.json").read_text())
HOST = "http://backstage.example.com"


def respond(answer):
    return respx.route(host="backstage.example.com").mock(side_effect=answer)


@pytest.fixture
async def client():
    async with open_client() as client:
        yield client


def catalog_of(client, token=TOKEN, url=HOST):
    system = HttpSystem("catalog", catalog_url(url), "CATALOG__URL", "CATALOG__TOKEN", token)
    return BackstageCatalog(HttpApi(client, system))


def schema(path):
    return {"$ref": f"#/components/schemas/{path}", "components": OPENAPI["components"]}


def parameters_of(path, method):
    rows = OPENAPI["paths"][path][method].get("parameters", [])
    return {row["name"] if "name" in row else row["$ref"].rpartition("/")[2] for row in rows}


@respx.mock
async def test_asks_only_with_parameters_the_api_describes(client):
    double = BackstageDouble(recorded_entities())
    respond(double)
    catalog = catalog_of(client)

    await catalog.find(EntityFilter(kinds=("component",), owner="group:default/x", text="a", annotation=("k", "v")))
    await catalog.find(EntityFilter(), limit=3)

    for request in double.requests:
        assert request.url.path == "/api/catalog/entities/by-query"
        assert set(request.url.params.keys()) <= parameters_of("/entities/by-query", "get")


@respx.mock
async def test_asks_by_refs_with_the_body_the_api_describes(client):
    double = BackstageDouble(recorded_entities())
    respond(double)

    await catalog_of(client).by_refs(["component:default/checkout"])

    body = OPENAPI["paths"]["/entities/by-refs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    jsonschema.validate(json.loads(double.requests[0].content), {**body, "components": OPENAPI["components"]})


@pytest.mark.parametrize("name", ["03-by-query-all", "04-by-query-page-1", "08-by-query-full-text"])
def test_recorded_answers_have_the_described_shape(name):
    jsonschema.validate(recording(name)["response"]["body"], schema("EntitiesQueryResponse"))


@respx.mock
async def test_reads_the_whole_recorded_catalog(client):
    respond(lambda _: httpx2.Response(200, json=recording("03-by-query-all")["response"]["body"]))

    found = await catalog_of(client).find(EntityFilter())

    refs = [entity.ref for entity in found.entities if entity.kind != "Location"]
    assert len(refs) == 13 + 1
    checkout = next(entity for entity in found.entities if entity.ref == "component:default/checkout")
    assert checkout.owner == "group:default/checkout-team"
    assert checkout.system == "system:default/shop"
    assert checkout.related("dependsOn") == ("component:default/cart", "resource:default/orders-db")
    assert checkout.annotations["pagerduty.com/service-id"] == "PABC123"
    assert next(entity for entity in found.entities if entity.name == "legacy-report").orphan


@respx.mock
async def test_follows_the_cursor_through_all_pages(client):
    first = recording("04-by-query-page-1")["response"]["body"]
    second = recording("05-by-query-page-2")["response"]["body"]
    route = respond([httpx2.Response(200, json=first), httpx2.Response(200, json=second)])

    found = await catalog_of(client).find(EntityFilter(kinds=("component",)))

    assert [entity.name for entity in found.entities] == ["cart", "checkout", "legacy-report"]
    assert not found.truncated
    asked = route.calls[1].request.url.params
    assert asked["cursor"] == first["pageInfo"]["nextCursor"]
    assert "filter" not in asked


@respx.mock
async def test_says_when_more_match_than_it_returns(client):
    respond(BackstageDouble(recorded_entities()))

    found = await catalog_of(client).find(EntityFilter(kinds=("component",)), limit=2)

    assert len(found.entities) == 2
    assert found.truncated


@respx.mock
async def test_by_refs_keeps_the_order_in_chunks_and_none_for_the_missing(client):
    double = BackstageDouble(recorded_entities())
    respond(double)
    refs = ["component:default/nope", "Component:default/Checkout", *["user:default/alice"] * 150]

    found = await catalog_of(client).by_refs(refs)

    assert [entity and entity.name for entity in found] == [None, "checkout", *["alice"] * 150]
    assert len(double.requests) == 2


@respx.mock
async def test_a_comma_in_a_value_widens_the_query_but_not_the_answer(client):
    double = BackstageDouble(recorded_entities())
    respond(double)
    key = "backstage.io/kubernetes-label-selector"

    right = await catalog_of(client).find(EntityFilter(annotation=(key, "app=cart,component=backend")))
    wrong = await catalog_of(client).find(EntityFilter(annotation=(key, "app=cart,kind=group")))

    assert [entity.name for entity in right.entities] == ["cart"]
    assert wrong.entities == ()
    assert double.requests[0].url.params["filter"] == f"metadata.annotations.{key}"


@respx.mock
@pytest.mark.parametrize("token", [None, "nope"])
async def test_a_refused_token_names_the_setting(client, token):
    respond(BackstageDouble(recorded_entities()))

    with pytest.raises(Forbidden, match="CATALOG__TOKEN"):
        await catalog_of(client, token=token).find(EntityFilter())


@respx.mock
async def test_an_address_without_a_catalog_is_unavailable_and_names_the_setting(client):
    respond(lambda _: httpx2.Response(404, json={}))

    with pytest.raises(Unavailable, match="CATALOG__URL") as raised:
        await catalog_of(client).find(EntityFilter())

    assert raised.value.system == "catalog"


@respx.mock
async def test_a_bad_cursor_is_unavailable(client):
    refused = recording("13-by-query-bad-cursor")["response"]
    respond(lambda _: httpx2.Response(refused["status"], json=refused["body"]))

    with pytest.raises(Unavailable, match="Malformed cursor"):
        await catalog_of(client).find(EntityFilter())


@respx.mock
@pytest.mark.parametrize("body", [[], {"items": "x"}, {"items": [None, 1, {"kind": 2}, {"metadata": []}]}, {}])
async def test_an_answer_of_another_shape_holds_nothing(client, body):
    respond(lambda _: httpx2.Response(200, json=body))

    found = await catalog_of(client).find(EntityFilter())

    assert found.entities == ()


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://b:7007", "http://b:7007/api/catalog"),
        ("http://b:7007/", "http://b:7007/api/catalog"),
        ("https://b/api", "https://b/api/catalog"),
        ("https://b/portal/api/catalog/", "https://b/portal/api/catalog"),
        ("https://b/portal", "https://b/portal/api/catalog"),
    ],
)
def test_takes_the_address_with_or_without_the_path_of_the_api(url, base):
    assert catalog_url(url) == base
