"""What a server that speaks Chat Completions understands, and how that is learned from its refusals."""

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

OFFICIAL_HOST = "api.openai.com"


@dataclass(frozen=True)
class Capabilities:
    """Parameters that are sent. Compatible servers get fewer: some answer 400 or 422 to what they do not know.

    `bounds`: lengths in schemas; servers that compile them to a grammar may refuse them. `required`: tool_choice
    "required". `json_schema`: response_format of that type, else any JSON object. `max_completion_tokens`: the
    newer name of max_tokens. `developer_role`: instead of "system".
    """

    strict: bool = True
    bounds: bool = True
    parallel_tool_calls: bool = True
    required: bool = True
    json_schema: bool = True
    response_format: bool = True
    temperature: bool = True
    max_completion_tokens: bool = False
    developer_role: bool = False
    safety_identifier: bool = False
    prompt_cache_key: bool = False

    def sampling(self, model: str, max_output_tokens: int) -> dict[str, Any]:
        """The model, the length limit under the name the server knows, and no randomness where it may be chosen."""
        limit = "max_completion_tokens" if self.max_completion_tokens else "max_tokens"
        return {"model": model, limit: max_output_tokens} | ({"temperature": 0} if self.temperature else {})


def for_server(base_url: str | None) -> Capabilities:
    """What to start with at that address; `None` is OpenAI itself. Its newer models choose their own temperature."""
    official = base_url is None or urlsplit(base_url).hostname == OFFICIAL_HOST
    if not official:
        return Capabilities()
    return Capabilities(temperature=False, max_completion_tokens=True, safety_identifier=True, prompt_cache_key=True)


_REFUSALS: tuple[tuple[str, str, bool], ...] = (
    (r"max_completion_tokens.{0,40}instead", "max_completion_tokens", True),
    (r"max_completion_tokens", "max_completion_tokens", False),
    (r"m(?:ax|in)Length|m(?:ax|in)Items|grammar|repetition", "bounds", False),
    (r"parallel_tool_calls|parallel tool", "parallel_tool_calls", False),
    (r"tool_choice", "required", False),
    (r"safety_identifier", "safety_identifier", False),
    (r"prompt_cache_key", "prompt_cache_key", False),
    (r"temperature", "temperature", False),
    (r"developer", "developer_role", False),
    (r"json_schema", "json_schema", False),
    (r"response_format", "response_format", False),
    (r"strict", "strict", False),
)


def learned(capabilities: Capabilities, refusal: str) -> Capabilities | None:
    """The capabilities without what a refusal names, or None when it names nothing that could be left out."""
    for pattern, flag, value in _REFUSALS:
        if getattr(capabilities, flag) is not value and re.search(pattern, refusal, re.IGNORECASE):
            return replace(capabilities, **{flag: value})
    return None
