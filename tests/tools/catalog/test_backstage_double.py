"""The double of the catalog backend answers as the recorded backend did."""

import httpx2
import pytest

from tests.builders.backstage import BackstageDouble, recorded_entities, recording

QUERIES = [
    "06-by-query-filter-and",
    "07-by-query-filter-or",
    "08-by-query-full-text",
    "09-by-query-relation",
    "10-by-query-annotation",
    "11-by-query-annotation-user",
    "12-by-query-empty",
]


def ask(double, exchange):
    request = exchange["request"]
    token = {"Authorization": f"Bearer {request['token']}"} if request["token"] else {}
    url = f"http://backstage{request['path']}"
    return double(httpx2.Request(request["method"], url, headers=token, json=request.get("body")))


@pytest.mark.parametrize("name", QUERIES)
def test_finds_what_the_recorded_backend_found(name):
    exchange = recording(name)

    answer = ask(BackstageDouble(recorded_entities()), exchange)

    expected = exchange["response"]["body"]
    assert sorted(map(str, answer.json()["items"])) == sorted(map(str, expected["items"]))
    assert answer.json()["totalItems"] == expected["totalItems"]


def test_pages_as_the_recorded_backend_did():
    exchange = recording("04-by-query-page-1")

    page = ask(BackstageDouble(recorded_entities()), exchange).json()

    assert page["items"] == exchange["response"]["body"]["items"]
    assert "nextCursor" in page["pageInfo"]


@pytest.mark.parametrize("name", ["18-by-refs", "02-wrong-token"])
def test_answers_as_recorded(name):
    exchange = recording(name)

    answer = ask(BackstageDouble(recorded_entities()), exchange)

    assert answer.status_code == exchange["response"]["status"]
    assert answer.json() == exchange["response"]["body"]
