"""Lines of a log as a source gives them."""

from datetime import timedelta

from tests.builders.kubernetes import NOW
from tools.logs.models import LogLine


def line(text: str, second: float = 0, *, pod: str = "p", container: str = "c", previous: bool = False) -> LogLine:
    """One line, so many seconds after NOW."""
    at = NOW + timedelta(seconds=second)
    return LogLine(pod=pod, container=container, text=text, at=at, previous=previous)


def lines(text: str, **more) -> list[LogLine]:
    """The lines of a text, a tenth of a second apart."""
    return [line(each, number / 10, **more) for number, each in enumerate(text.split("\n"))]
