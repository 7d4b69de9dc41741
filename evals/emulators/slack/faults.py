"""What can go wrong between the app and Slack, planned call by call; and Slack's own rate limits."""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

ANY_METHOD = "*"
WINDOW_SECONDS = 60.0


@dataclass(frozen=True)
class Fault:
    """One planned failure. `after_effect` lets the call take effect before its answer is spoilt."""

    status: int = 200
    error: str | None = None
    retry_after_seconds: int | None = None
    delay_seconds: float = 0.0
    disconnect: bool = False
    after_effect: bool = False


def rate_limited(retry_after_seconds: int = 1) -> Fault:
    return Fault(429, "ratelimited", retry_after_seconds)


def server_error(status: int = 500) -> Fault:
    return Fault(status, "internal_error")


def refusal(code: str) -> Fault:
    """A 200 that says `ok: false` with this code."""
    return Fault(200, code)


def slow(seconds: float) -> Fault:
    """Answers correctly, but late."""
    return Fault(delay_seconds=seconds)


def disconnect(*, after_effect: bool = False) -> Fault:
    """The connection breaks before the answer; with `after_effect` the call was carried out nevertheless."""
    return Fault(disconnect=True, after_effect=after_effect)


class Faults:
    """Planned faults, used up in order, those of a method before those of any method."""

    def __init__(self) -> None:
        self._planned: dict[str, deque[Fault]] = defaultdict(deque)

    def add(self, method: str, fault: Fault, times: int = 1) -> None:
        self._planned[method].extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        for name in (method, ANY_METHOD):
            if self._planned[name]:
                return self._planned[name].popleft()
        return None

    def clear(self) -> None:
        self._planned.clear()


class RateLimits:
    """A sliding minute per key. Off until `enabled` is set."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.enabled = False
        self._now = now
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def retry_after(self, key: str, per_minute: int) -> int | None:
        """Count one call; the seconds to wait when it is one too many, else None."""
        if not self.enabled:
            return None
        calls, now = self._calls[key], self._now()
        while calls and now - calls[0] >= WINDOW_SECONDS:
            calls.popleft()
        if len(calls) >= per_minute:
            return max(1, math.ceil(WINDOW_SECONDS - (now - calls[0])))
        calls.append(now)
        return None
