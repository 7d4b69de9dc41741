"""What the real API checks of a chat completion request before any model runs."""

import re
from typing import Any

from evals.emulators.openai.problems import Refused
from evals.emulators.openai.strict import strict_problem
from evals.emulators.openai.turns import check_messages

Json = dict[str, Any]
NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
MAX_TOOLS = 128
MAX_DESCRIPTION = 1024
MAX_TEMPERATURE = 2
REASONING = re.compile(r"^(o\d|gpt-5)")
KNOWN = frozenset(
    {
        "audio",
        "frequency_penalty",
        "function_call",
        "functions",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "metadata",
        "modalities",
        "model",
        "moderation",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
        "web_search_options",
    }
)


def check_request(body: Any, *, strict_schemas: bool = True) -> None:
    """Raise Refused for what the API answers with a 400. `strict_schemas` off is a lenient compatible server."""
    if not isinstance(body, dict):
        raise Refused("We could not parse the JSON body of your request.")
    if unknown := sorted(set(body) - KNOWN):
        raise Refused(f"Unrecognized request argument supplied: {unknown[0]}")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise Refused("you must provide a model parameter")
    check_messages(body.get("messages"))
    _check_tools(body, strict_schemas=strict_schemas)
    _check_tool_choice(body)
    _check_format(body, strict_schemas=strict_schemas)
    _check_sampling(body)


def _check_tools(body: Json, *, strict_schemas: bool) -> None:
    tools = body.get("tools")
    if tools is None:
        return
    if not isinstance(tools, list) or not tools:
        raise Refused("[] is too short - 'tools'", param="tools")
    if len(tools) > MAX_TOOLS:
        raise Refused(f"Invalid 'tools': array too long. Expected maximum {MAX_TOOLS}.", param="tools")
    for index, tool in enumerate(tools):
        _check_tool(tool, f"tools[{index}]", strict_schemas=strict_schemas)
    names = [tool["function"]["name"] for tool in tools]
    if len(set(names)) < len(names):
        raise Refused("Tool names must be unique.", param="tools")


def _check_tool(tool: Any, where: str, *, strict_schemas: bool) -> None:
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict) or tool.get("type") != "function":
        raise Refused(f"Missing required parameter: '{where}.function'.", param=where)
    name = function.get("name")
    if not isinstance(name, str) or not NAME.match(name):
        raise Refused(
            f"Invalid '{where}.function.name': string does not match pattern.",
            param=f"{where}.function.name",
            code="invalid_value",
        )
    if len(function.get("description") or "") > MAX_DESCRIPTION:
        raise Refused(
            f"Invalid '{where}.function.description': string too long.",
            param=f"{where}.function.description",
            code="string_above_max_length",
        )
    problem = _schema_problem(function, strict_schemas=strict_schemas)
    if problem:
        raise Refused(
            f"Invalid schema for function '{name}': {problem}",
            param=f"{where}.function.parameters",
            code="invalid_function_parameters",
        )


def _schema_problem(function: Json, *, strict_schemas: bool) -> str | None:
    parameters = function.get("parameters")
    if function.get("strict") and strict_schemas:
        return strict_problem(parameters)
    if parameters is not None and (not isinstance(parameters, dict) or parameters.get("type") != "object"):
        return "schema must be a JSON Schema of 'type: \"object\"'."
    return None


def _check_tool_choice(body: Json) -> None:
    choice, tools = body.get("tool_choice"), body.get("tools")
    for name in ("tool_choice", "parallel_tool_calls"):
        if body.get(name) is not None and not tools:
            raise Refused(
                f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified.", param=name
            )
    if isinstance(choice, dict):
        wanted = choice.get("function", {}).get("name")
        if wanted not in [tool["function"]["name"] for tool in tools or []]:
            raise Refused(f"Tool choice '{wanted}' not found in 'tools' parameter.", param="tool_choice")
    elif choice not in {None, "none", "auto", "required"}:
        raise Refused(f"Invalid value: '{choice}'.", param="tool_choice", code="invalid_value")


def _check_format(body: Json, *, strict_schemas: bool) -> None:
    wanted = body.get("response_format")
    if wanted is None:
        return
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind not in {"text", "json_object", "json_schema"}:
        raise Refused(f"Invalid value: '{kind}'.", param="response_format.type", code="invalid_value")
    if kind == "json_object" and "json" not in str(body["messages"]).lower():
        raise Refused(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
            param="messages",
        )
    if kind == "json_schema":
        _check_json_schema(wanted.get("json_schema"), strict_schemas=strict_schemas)


def _check_json_schema(given: Any, *, strict_schemas: bool) -> None:
    if not isinstance(given, dict) or not NAME.match(str(given.get("name", ""))):
        raise Refused(
            "Missing required parameter: 'response_format.json_schema.name'.",
            param="response_format.json_schema.name",
            code="missing_required_parameter",
        )
    if not isinstance(given.get("schema"), dict):
        raise Refused(
            "Missing required parameter: 'response_format.json_schema.schema'.",
            param="response_format.json_schema.schema",
            code="missing_required_parameter",
        )
    if given.get("strict") and strict_schemas and (problem := strict_problem(given["schema"])):
        raise Refused(f"Invalid schema for response_format '{given['name']}': {problem}", param="response_format")


def _check_sampling(body: Json) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        value = body.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise Refused(f"Invalid '{name}': integer below minimum value.", param=name, code="integer_below_min_value")
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        raise Refused("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
    if body.get("stream_options") is not None and not body.get("stream"):
        raise Refused(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )
    temperature = body.get("temperature")
    if temperature is not None and not 0 <= temperature <= MAX_TEMPERATURE:
        raise Refused(
            "Invalid 'temperature': decimal out of range.", param="temperature", code="decimal_above_max_value"
        )
    if REASONING.match(body["model"]):
        _check_reasoning(body)


def _check_reasoning(body: Json) -> None:
    if body.get("max_tokens") is not None:
        raise Refused(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    if body.get("temperature") not in {None, 1}:
        raise Refused(
            "Unsupported value: 'temperature' does not support this value with this model.",
            param="temperature",
            code="unsupported_value",
        )
