"""Errors of the API, each one a metav1.Status: `ApiError` and the makers of the kinds the server knows."""

from dataclasses import dataclass
from typing import Any

from evals.emulators.kubernetes.objects import Json, prune
from evals.emulators.kubernetes.resources import Resource


@dataclass(frozen=True)
class Cause:
    """One entry of `details.causes`: a reason such as FieldValueInvalid, its message and the field it is about."""

    reason: str
    message: str
    field: str

    def as_json(self) -> Json:
        return {"reason": self.reason, "message": self.message, "field": self.field}


class ApiError(Exception):
    """An answer of status 4xx or 5xx; `status_body` is the metav1.Status that goes on the wire."""

    def __init__(self, code: int, reason: str, message: str, details: Json | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def status_body(self) -> Json:
        return prune(
            {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Failure",
                "message": self.message,
                "reason": self.reason,
                "details": self.details,
                "code": self.code,
            }
        )


def resource_details(resource: Resource, name: str = "") -> Json:
    return prune({"name": name or None, "group": resource.group or None, "kind": resource.plural})


def not_found(resource: Resource, name: str) -> ApiError:
    return ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found', resource_details(resource, name))


def already_exists(resource: Resource, name: str) -> ApiError:
    message = f'{resource.qualified} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, resource_details(resource, name))


def forbidden(resource: Resource, name: str, message: str, causes: list[Cause] | None = None) -> ApiError:
    """403 of admission or authorization: `pods "p1" is forbidden: <message>`."""
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    details = resource_details(resource, name)
    if causes:
        details["causes"] = [cause.as_json() for cause in causes]
    return ApiError(403, "Forbidden", f"{subject} is forbidden: {message}", details)


def conflict(resource: Resource, name: str, message: str) -> ApiError:
    text = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {message}'
    return ApiError(409, "Conflict", text, resource_details(resource, name))


def modified(resource: Resource, name: str) -> ApiError:
    text = "the object has been modified; please apply your changes to the latest version and try again"
    return conflict(resource, name, text)


def invalid(resource: Resource, name: str, causes: list[Cause]) -> ApiError:
    """422 with every cause; the message lists them as the server does, in brackets when there are several."""
    parts = [f"{cause.field}: {cause.message}" for cause in causes]
    joined = parts[0] if len(parts) == 1 else "[" + ", ".join(parts) + "]"
    details = prune({"name": name, "group": resource.group or None, "kind": resource.kind})
    details["causes"] = [cause.as_json() for cause in causes]
    return ApiError(422, "Invalid", f'{resource.qualified_kind} "{name}" is invalid: {joined}', details)


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized", "Unauthorized")


def method_not_allowed() -> ApiError:
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def expired(message: str) -> ApiError:
    return ApiError(410, "Expired", message)


def too_large_version(asked: int, current: int) -> ApiError:
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    details: dict[str, Any] = {"causes": [cause], "retryAfterSeconds": 1}
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    return ApiError(504, "Timeout", message, details)
