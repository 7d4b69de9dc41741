"""A result keeps to its size and says what was cut."""

import json

from hypothesis import given
from hypothesis import strategies as st

from assistant.agent.bounding import bounded


def test_what_fits_is_left_as_it_is():
    body = {"result": {"rows": [1, 2, 3]}}

    assert bounded(body) is body


def test_the_longest_list_is_cut_and_the_first_items_stay():
    body = {"result": {"rows": [f"row {number} {'x' * 50}" for number in range(100)], "few": ["a", "b"]}}

    cut = bounded(body, 2_000)

    assert cut["result"]["rows"][0].startswith("row 0 ")
    assert cut["result"]["few"] == ["a", "b"]
    assert cut["cut"] == f"result.rows: {len(cut['result']['rows'])} of 100 shown"


def test_long_texts_are_shortened_when_there_is_no_list_to_cut():
    cut = bounded({"result": {"text": "x" * 9_000}}, 1_000)

    assert len(cut["result"]["text"]) == 241
    assert "texts end after 240 characters" in cut["cut"]


@given(st.lists(st.text(max_size=300), max_size=60), st.lists(st.lists(st.integers(), max_size=30), max_size=30))
def test_lists_and_texts_always_get_within_the_size(texts, numbers):
    cut = bounded({"result": {"texts": texts, "numbers": numbers}}, 2_500)

    assert len(json.dumps(cut, ensure_ascii=False, separators=(",", ":"))) <= 2_500
