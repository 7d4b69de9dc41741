"""How the emulator says no: to the app (an error code) and to a person (not on the screen)."""

from collections.abc import Iterable
from typing import Any


class SlackError(Exception):
    """A Web API call that answers `ok: false` with this code and these extra fields."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


def refused(code: str, messages: Iterable[object]) -> SlackError:
    """An error whose reasons are listed in `errors` and `response_metadata.messages`, as for invalid_blocks."""
    texts = [str(message) for message in messages]
    plain = [text.removeprefix("[ERROR] ") for text in texts]
    return SlackError(code, errors=plain, response_metadata={"messages": texts})


class NotOnScreen(LookupError):
    """A person cannot do this: the control is not in what they see now."""


class CannotSubmit(ValueError):
    """Slack's client keeps a modal open: a required or limited input is not filled in as it must be."""
