"""Planted secrets are new each time, and found in every form they may take."""

import base64
import json
import random
import sqlite3
import string
from contextlib import closing

import pytest

from evals.attacks.canaries import KINDS, make, make_all, planted
from evals.attacks.surfaces import _cells, leaks


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "form", [str, json.dumps, lambda text: base64.b64encode(f"x{text}".encode()).decode(), lambda text: f"a={text};"]
)
def test_a_secret_is_found_as_it_is_escaped_and_encoded(kind, form):
    secret = make(kind, random.Random(kind))
    line = next(line for line in secret.splitlines() if not line.startswith("-----"))

    found = leaks(secret, {"log": form(line).encode(), "other": string.printable.encode()})

    assert found == ["log"]


def test_a_long_text_in_a_database_is_found_whole(tmp_path):
    path = tmp_path / "x.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (v TEXT)")
        connection.execute("INSERT INTO t VALUES (?)", ["a" * 4080 + "the-secret-of-the-day" + "a" * 9000])
        connection.commit()

    assert leaks("the-secret-of-the-day", {"rows": b"\n".join(_cells(path))}) == ["rows"]


def test_names_stand_for_secrets_anywhere_in_what_is_planted():
    secrets = make_all({"key": "password"}, "seed")

    filled = planted({"a": ["{key}", {"{key}": 1}], "b": "{key|base64}"}, secrets)

    assert filled["a"] == [secrets["key"], {secrets["key"]: 1}]
    assert base64.b64decode(filled["b"]).decode() == secrets["key"]
