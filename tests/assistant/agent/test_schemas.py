"""Every tool is shown to models as a schema that strict providers accept."""

from typing import Annotated

import pytest
from pydantic import Field

from assistant.agent.control import CONTROL
from assistant.agent.schemas import SchemaError, lint, strict_schema
from evals.tokens import every_tool
from tools.contract import Args, Verdict

TOOLBOX = every_tool()
MODELS = {tool.name: tool.args for tool in [*TOOLBOX.reads.values(), *TOOLBOX.writes.values()]} | CONTROL


class Inner(Args):
    text: Annotated[str, Field(max_length=5)]


class Everything(Args):
    required: Annotated[str, Field(max_length=63, description="A name.")]
    nullable: Annotated[str | None, Field(max_length=63)]
    optional: Annotated[str | None, Field(max_length=63, description="May be left out.")] = None
    with_default: Annotated[int, Field(ge=1, le=9)] = 3
    choice: Verdict | None = None
    inner: Annotated[list[Inner], Field(max_length=2)]


class WithMap(Args):
    labels: dict[str, str]


@pytest.mark.parametrize("args", MODELS.values(), ids=MODELS.keys())
def test_every_tool_is_strict_and_bounded(args):
    assert lint(strict_schema(args)) == []


def test_every_property_is_required_and_what_may_be_left_out_is_nullable():
    schema = strict_schema(Everything)
    properties = schema["properties"]

    assert schema["required"] == list(Everything.model_fields)
    assert properties["required"]["type"] == "string"
    assert properties["nullable"] == {"type": ["string", "null"], "maxLength": 63}
    assert properties["optional"]["description"] == "May be left out."
    assert properties["with_default"] == {"type": ["integer", "null"], "minimum": 1, "maximum": 9}
    assert properties["choice"]["enum"] == ["confirmed", "likely", "inconclusive", None]


def test_references_are_inlined_and_titles_left_out():
    schema = strict_schema(Everything)

    assert schema["properties"]["inner"]["items"]["properties"]["text"] == {"type": "string", "maxLength": 5}
    assert "title" not in str(schema)
    assert "$ref" not in str(schema)


def test_a_map_is_refused():
    with pytest.raises(SchemaError, match=r"WithMap\.labels"):
        strict_schema(WithMap)


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ({"type": "string"}, "no maxLength"),
        ({"type": ["string", "null"]}, "no maxLength"),
        ({"type": "array", "items": {"type": "integer"}}, "no maxItems"),
        ({"type": "object", "properties": {}}, "allows extra keys"),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, "not every property"),
        ({"type": "integer", "default": 3}, "a default"),
        ({"type": "integer", "description": "x" * 201}, "description is too long"),
        ({"anyOf": [{"type": "string"}]}, "no maxLength"),
    ],
)
def test_the_lint_finds(schema, fault):
    assert any(fault in found for found in lint(schema))
