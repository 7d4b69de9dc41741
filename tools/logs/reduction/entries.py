"""Stack traces and other messages of many lines as one entry each (pure)."""

from dataclasses import dataclass, field

from tools.logs.models import LogLine
from tools.logs.reduction.facts import Facts
from tools.logs.reduction.levels import Level
from tools.logs.reduction.records import ends
from tools.logs.reduction.traces import is_node_error

JOIN_SECONDS = 1.0  # between a logged error and its trace below it
MAX_SECRET_LINES = 200
MAX_PART = 300

_SAY_NOTHING = frozenset({"Traceback (most recent call last):"})
_LAST_FRAME_COUNTS = frozenset({"python"})
_CODE_FIRST = frozenset({"code"})


@dataclass(slots=True)
class Entry:
    """One line, or one that others belong to. `line` is its first, `folded` how many it hid.

    `heads` are the exceptions of its trace, first and last (the root cause); `frame` is where in the code. `hit`: the
    text that was looked for, when it is in a hidden line.
    """

    line: LogLine
    facts: Facts
    kind: str = ""
    folded: int = 0
    heads: tuple[str, ...] = ()
    frame: str = ""
    hit: str = ""
    wanted: bool = True
    closed: bool = field(default=False, repr=False)

    def text(self) -> str:
        """The line; for a trace with its exceptions, its place in the code and its length."""
        if not self.folded:
            return self.line.text
        first = "" if self.heads and self.line.text.strip() in _SAY_NOTHING else self.line.text
        shown = [head for head in self.heads if head not in first]
        parts = [*([first] if first else []), *shown, *([self.hit] if self.hit and self.hit not in shown else [])]
        place = f" {self.frame}" if self.frame else ""
        what = "of trace" if self.kind and self.kind != "secret" else "more"
        return f"{' … '.join(parts)}{place} [+{self.folded} lines {what}]"

    def tells(self, wanted: str) -> bool:
        """Whether what is shown without the hit contains a text, in any case."""
        return any(wanted in part.casefold() for part in (self.line.text, *self.heads, self.frame))

    def takes(self, line: LogLine, facts: Facts) -> bool:
        """Whether the next line of the same container belongs to this entry; if so it is folded into it."""
        text, form = line.text, facts.form
        if self.kind == "secret":
            return self._hides(text)
        if form.indented:
            return self._takes_indented(text, facts)
        if self.kind:
            return self._continues(text, facts)
        if form.bare and form.opens and self._may_join(line):
            self.kind = form.opens
            self._absorb("" if form.opens == "python" else text)
            return True
        return False

    def _takes_indented(self, text: str, facts: Facts) -> bool:
        if not self.kind and not facts.form.frame and facts.level >= Level.WARNING:
            return False  # an indented line that complains speaks for itself
        if facts.form.frame:
            self.kind = self.kind or "frames"
            if not self.frame or self.kind in _LAST_FRAME_COUNTS:
                self.frame = text.strip()[:MAX_PART]
        self._absorb("")
        return True

    def _continues(self, text: str, facts: Facts) -> bool:
        form = facts.form
        if form.continues and (form.continues == self.kind or self.kind == "frames"):
            self.closed = False
            self._absorb(ends(text).removeprefix("Caused by: ") if form.continues == "java" else "")
            return True
        if self.kind == "python" and form.raised and self.folded and not self.closed:
            self.closed = True
            self._absorb(text)
            return True
        return self._says_why(text)

    def _says_why(self, text: str) -> bool:
        """The message that Rust prints below "panicked at", and the error that Node.js prints below the code."""
        below_panic = self.kind == "rust" and not self.folded and self.line.text.endswith(":")
        if below_panic or (self.kind in _CODE_FIRST and is_node_error(text)):
            self.kind = "node" if self.kind in _CODE_FIRST else self.kind
            self._absorb(text)
            return True
        return False

    def _may_join(self, line: LogLine) -> bool:
        if self.folded or self.facts.level < Level.ERROR:
            return False
        before, at = self.line.at, line.at
        return before is None or at is None or abs((at - before).total_seconds()) <= JOIN_SECONDS

    def _hides(self, text: str) -> bool:
        """Lines of a key are hidden up to its end."""
        if self.closed or self.folded >= MAX_SECRET_LINES:
            return False
        self.closed = text.startswith("-----END ")
        self.folded += 1
        return True

    def _absorb(self, head: str) -> None:
        self.folded += 1
        if head:
            self.heads = (*self.heads[:1], head[:MAX_PART])


def entry_of(line: LogLine, facts: Facts) -> Entry:
    """The entry that a line begins."""
    return Entry(line, facts, kind=facts.form.opens)
