"""Sentences that evidence of a log proves."""

from typing import Any

import pytest

from assistant.agent.models.rules.statements import MAX_CLAIM, statements

AT = "2026-11-22T10:31:00Z"


def logged(text: str, where: str, number: int = 1) -> dict[str, Any]:
    """Evidence of a log as a model is given it."""
    return {"id": f"E{number}", "source": "log", "subject": "Pod shop/cart-1", "where": where, "text": text, "at": AT}


def template(text: str, where: str, number: int = 1) -> dict[str, Any]:
    """A template of `search_logs`."""
    evidence = logged(text, where, number)
    return {"level": "error", "count": 14, "trend": None, "over_time": [0, 14], "evidence": evidence}


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        (
            "ERROR no route to db",
            "log app, 14 times between 10:02 and 10:31",
            "ERROR no route to db (log app, 14 times between 10:02 and 10:31)",
        ),
        ("a\n b", "log app", "a b (log app)"),
    ],
)
def test_a_line_is_said_with_its_log_and_how_often(text: str, where: str, said: str) -> None:
    (statement,) = statements({"templates": [template(text, where)]}, {})

    assert (statement.text, statement.ids, statement.name) == (said, ("E1",), "cart-1")


def test_how_often_is_said_even_of_a_very_long_line() -> None:
    where = "log app, 14 times between 10:02 and 10:31 in 2 pods"

    (statement,) = statements({"templates": [template("ERROR " + "x" * 500, where)]}, {})

    assert statement.text.endswith(f"x… ({where})")
    assert len(statement.text) == MAX_CLAIM


def test_templates_are_said_in_their_order_and_lines_after_them() -> None:
    result = {
        "templates": [template("WARN new", "log app, 3 times", 1), template("ERROR old", "log app, 9 times", 2)],
        "lines": [logged("INFO ok", "log app", 3)],
        "around": None,
    }

    assert [statement.ids for statement in statements(result, {})] == [("E1",), ("E2",), ("E3",)]
