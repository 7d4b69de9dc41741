"""What went wrong at a model provider, in words that say what to do."""

from urllib.parse import urlsplit

import openai

from assistant.agent.models.port import ModelUnavailable
from assistant.redaction import redact_text

MAX_QUOTED = 200


def unavailable(error: Exception, model: str, base_url: str) -> ModelUnavailable:
    """The error to raise for an error of the SDK. Quotes of the provider are short and free of secrets."""
    where = _host(base_url)
    match error:
        case openai.APITimeoutError():
            text = f"{where} did not reply in time. Check its load, or raise MODEL__TIMEOUT_SECONDS."
        case openai.APIConnectionError():
            text = f"{where} cannot be reached, or cut the connection. Check MODEL__BASE_URL and that it is running."
        case openai.APIStatusError():
            text = _by_status(error, model, where)
        case _:
            text = f"{where} sent something that is no chat completion. Check MODEL__BASE_URL: it often ends in /v1."
    return ModelUnavailable(text)


def _by_status(error: openai.APIStatusError, model: str, where: str) -> str:
    quoted = redact_text(" ".join(error.message.split()))[:MAX_QUOTED]
    match error.status_code:
        case 401:
            return f"{where} refused the key (401). Check MODEL__API_KEY."
        case 403:
            return f"{where} forbids the use of {model} with this key (403). Check MODEL__API_KEY and its project."
        case 404:
            return f"{where} has no model {model} (404). Check MODEL__NAME, and MODEL__BASE_URL: it often ends in /v1."
        case 429:
            return f"{where} limits the rate or the quota is used up (429): {quoted} Wait, or raise the quota."
        case status if status >= 500:
            return f"{where} fails itself ({status}). Wait, or look at its status page."
        case status:
            return f"{where} refused the request ({status}): {quoted}"


def _host(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"The model server {parts.hostname or base_url}{f':{parts.port}' if parts.port else ''}"
