"""A form made from the arguments of a tool, and what was typed into it."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from assistant.slack.blocks.kit import Block, context, form, option
from assistant.slack.escape import escape
from tools.contract import Args

FORM = "proposal.edit_form"
MAX_TYPED = 3000
MAX_OPTIONS = 100
BLOCK = "arg."
Schema = Mapping[str, Any]


def edit_form(model: type[Args], args: Mapping[str, Any], *, summary: str, token: str) -> Block:
    """Every argument that can be typed or chosen, filled in as it is now; lists and objects stay as they are."""
    blocks = [context(f"{escape(summary)}. A new plan is made and shown; this one is replaced by it.")]
    for name, schema, is_optional in _arguments(model):
        element = _element(schema, args.get(name))
        if element is not None:
            blocks.append(_input(name, schema, {**element, "action_id": BLOCK + name}, is_optional=is_optional))
    return form("Edit", FORM, blocks, submit="Make a new plan", metadata=token)


def edited(model: type[Args], args: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with what was typed; what the form did not show is kept."""
    typed = {}
    for name, schema, _ in _arguments(model):
        field = (state.get(BLOCK + name) or {}).get(BLOCK + name)
        if field is not None:
            typed[name] = _value(schema, field)
    return {**args, **typed}


def problems(error: ValidationError, state: Mapping[str, Any]) -> dict[str, str]:
    """Messages by block id, as a view_submission answer takes them; those of no shown field go to the first one."""
    shown = list(state)
    found: dict[str, str] = {}
    for one in error.errors():
        name = BLOCK + str(one["loc"][0]) if one["loc"] else ""
        found[name if name in shown else shown[0]] = one["msg"][:150]
    return found


def _arguments(model: type[Args]) -> Iterator[tuple[str, Schema, bool]]:
    """Name, schema without null, and whether it may be left out."""
    whole = model.model_json_schema()
    required = set(whole.get("required", ()))
    for name, schema in whole.get("properties", {}).items():
        choices = [_resolved(whole, one) for one in schema.get("anyOf", ())]
        kept = [one for one in choices if one.get("type") != "null"]
        if len(kept) == 1:
            described = {key: schema[key] for key in ("title", "description") if key in schema}
            yield name, {**kept[0], **described}, len(kept) < len(choices) or name not in required
        elif not choices:
            yield name, _resolved(whole, schema), name not in required and "default" not in schema


def _resolved(whole: Schema, schema: Schema) -> Schema:
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    return {**whole["$defs"][name], **schema} if name else schema


def _input(name: str, schema: Schema, element: Block, *, is_optional: bool) -> Block:
    made: Block = {
        "type": "input",
        "block_id": BLOCK + name,
        "optional": is_optional,
        "label": {"type": "plain_text", "text": str(schema.get("title") or name).capitalize()},
        "element": element,
    }
    if hint := schema.get("description"):
        made["hint"] = {"type": "plain_text", "text": str(hint)[:2000]}
    return made


def _element(schema: Schema, value: Any) -> Block | None:
    kind = schema.get("type")
    if kind == "boolean":
        return _select([("Yes", "true"), ("No", "false")], "" if value is None else str(value).lower())
    if "enum" in schema:
        return _select([(str(one), str(one)) for one in schema["enum"][:MAX_OPTIONS]], str(value))
    if kind in {"integer", "number"}:
        return _number(schema, value)
    return _text(schema, value) if kind == "string" else None


def _select(options: list[tuple[str, str]], chosen: str) -> Block:
    made = [option(text, value) for text, value in options]
    initial = [one for one in made if one["value"] == chosen]
    return {"type": "static_select", "options": made, **({"initial_option": initial[0]} if initial else {})}


def _number(schema: Schema, value: Any) -> Block:
    made: Block = {"type": "number_input", "is_decimal_allowed": schema.get("type") == "number"}
    for limit, name in (("minimum", "min_value"), ("maximum", "max_value")):
        if limit in schema:
            made[name] = str(schema[limit])
    return made if value is None else {**made, "initial_value": str(value)}


def _text(schema: Schema, value: Any) -> Block:
    longest = min(int(schema.get("maxLength", MAX_TYPED)), MAX_TYPED)
    made: Block = {"type": "plain_text_input", "max_length": longest}
    return {**made, "initial_value": str(value)[:longest]} if value else made


def _value(schema: Schema, field: Mapping[str, Any]) -> Any:
    """What a field holds, typed; None when it is empty. What is no number stays text, and validation says so."""
    chosen = field.get("selected_option")
    text = chosen["value"] if chosen else field.get("value")
    if text is None or text == "":
        return None
    kind = schema.get("type")
    if kind == "boolean":
        return text == "true"
    if kind == "integer" and text.lstrip("-").isdecimal():
        return int(text)
    return text
