"""Steps of a running turn, as tasks of a timeline."""

from dataclasses import dataclass, field
from types import MappingProxyType

from assistant.slack.blocks.kit import Block, clip, context
from assistant.slack.escape import escape

MAX_TITLE = 256
MAX_TASKS = 8  # further steps replace the last one: a message holds 50 blocks, and nobody reads more
PAST = MappingProxyType(
    {
        "Diagnosing": "Diagnosed",
        "Listing": "Listed",
        "Looking": "Looked",
        "Planning": "Planned",
        "Reading": "Read",
        "Searching": "Searched",
    }
)


@dataclass
class Steps:
    """What was done so far and what is being done now. Titles are escaped."""

    titles: list[str] = field(default_factory=list)
    finished: bool = False

    def add(self, words: str) -> None:
        """The next step begins, and with it the one before is done."""
        title = clip(escape(words), MAX_TITLE - 8)  # the past tense may be longer
        if len(self.titles) < MAX_TASKS:
            self.titles.append(title)
        else:
            self.titles[-1] = title

    def chunks(self) -> list[Block]:
        """Every task as it stands (chat.appendStream takes the same id again as an update)."""
        last = len(self.titles) - 1
        return [
            {"type": "task_update", "id": f"step-{index}", **self._state(title, done=self.finished or index < last)}
            for index, title in enumerate(self.titles)
        ]

    def lines(self) -> tuple[str, list[Block]]:
        """The same as text and one block."""
        if not self.titles:
            return "Looking into it ...", [context("Looking into it ...")]
        *done, current = self.titles
        rows = [*(f":white_check_mark: {_past(title)}" for title in done), f":hourglass_flowing_sand: {current} ..."]
        return f"{current} ...", [context("\n".join(rows))]

    @staticmethod
    def _state(title: str, *, done: bool) -> dict[str, str]:
        return {"title": _past(title), "status": "complete"} if done else {"title": title, "status": "in_progress"}


def _past(title: str) -> str:
    verb, separator, rest = title.partition(" ")
    return f"{PAST.get(verb.removesuffix(':'), verb)}{separator}{rest}"
