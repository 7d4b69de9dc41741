"""Errors a tool raises, sorted by what the caller can do about them.

ToolError
├── InvalidArgs     the arguments are wrong: correct them and call again
├── NotFound        nothing has that name: `candidates` are the nearest names
├── Ambiguous       several things have that name: `candidates` are all of them
├── Forbidden       the person lacks a right: `missing` names it
├── Unavailable     a system does not answer: `system` names it
└── PlanStale       the object moved since the plan was shown: plan again
"""


class ToolError(Exception):
    """Base of all errors of tools. The text says what happened, why, and what to do next."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidArgs(ToolError):
    """The arguments do not describe something that can be done."""


class NotFound(ToolError):
    """Nothing has that name. `candidates`: nearest existing names, best first, at most 8."""

    def __init__(self, message: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates


class Ambiguous(ToolError):
    """Several things fit. `candidates`: all of them, at most 8; a person must choose."""

    def __init__(self, message: str, candidates: tuple[str, ...]) -> None:
        super().__init__(message)
        self.candidates = candidates


class Forbidden(ToolError):
    """The person may not do this. `missing`: the right, as "verb resource in namespace"."""

    def __init__(self, message: str, missing: str = "") -> None:
        super().__init__(message)
        self.missing = missing


class Unavailable(ToolError):
    """A system did not answer in time or answered with its own failure. `system`: "cluster", "catalog", "logs"."""

    def __init__(self, message: str, system: str) -> None:
        super().__init__(message)
        self.system = system


class PlanStale(ToolError):
    """The live object is not the one the plan was made for. Nothing was changed."""
