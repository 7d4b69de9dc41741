"""Faults a test injects: latency, refusals, errors, broken connections, for the requests it names."""

import re
from dataclasses import dataclass
from typing import Literal

from evals.emulators.kubernetes.errors import ApiError


@dataclass
class Fault:
    """What happens to the next `times` requests whose method and path match (`path` is a regular expression)."""

    kind: Literal["latency", "throttle", "error", "disconnect"]
    path: str = ".*"
    method: str = ""
    times: int = 1
    seconds: float = 0.0
    code: int = 500

    def takes(self, method: str, path: str) -> bool:
        """Whether it applies to a request; counts down when it does."""
        if self.times <= 0 or (self.method and self.method != method) or not re.search(self.path, path):
            return False
        self.times -= 1
        return True

    def error(self) -> ApiError:
        """The answer of `throttle` (429) and `error`."""
        if self.kind == "throttle":
            details = {"retryAfterSeconds": max(int(self.seconds), 1)}
            return ApiError(429, "TooManyRequests", "too many requests, please try again later", details)
        reasons = {500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout"}
        message = "Internal error occurred: injected fault" if self.code == 500 else "injected fault"
        return ApiError(self.code, reasons.get(self.code, "InternalError"), message)


class Faults:
    """The faults in order of injection."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def inject(self, fault: Fault) -> None:
        self._faults.append(fault)

    def latency(self, seconds: float, path: str = ".*", times: int = 1, method: str = "") -> None:
        self.inject(Fault("latency", path, method, times, seconds))

    def throttle(self, retry_after: int = 1, path: str = ".*", times: int = 1, method: str = "") -> None:
        self.inject(Fault("throttle", path, method, times, retry_after))

    def error(self, code: int = 500, path: str = ".*", times: int = 1, method: str = "") -> None:
        self.inject(Fault("error", path, method, times, code=code))

    def disconnect(self, path: str = ".*", times: int = 1, method: str = "") -> None:
        self.inject(Fault("disconnect", path, method, times))

    def clear(self) -> None:
        self._faults.clear()

    def for_request(self, method: str, path: str) -> list[Fault]:
        return [fault for fault in self._faults if fault.takes(method, path)]
