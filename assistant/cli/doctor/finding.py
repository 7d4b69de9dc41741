"""What one check found."""

from collections.abc import AsyncIterator, Callable
from typing import Literal

from pydantic import BaseModel

from assistant.settings import Settings


class Finding(BaseModel, frozen=True):
    """One line of the report. `fix`: what to do when it is not ok. "skip": not set up, and nothing needs it."""

    name: str
    state: Literal["ok", "warn", "fail", "skip"]
    what: str
    fix: str = ""


Check = Callable[[Settings], AsyncIterator[Finding]]
"""Tries one system and tells what it found, one finding at a time. Its expected failures are findings too."""
