"""How the API refuses a request."""

from typing import Any


class Refused(Exception):
    """A 4xx with the error object of the API."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {
            "message": message,
            "type": "invalid_request_error",
            "param": param,
            "code": code,
        }
