"""Numbers of a request: how many replicas, which revision, previous logs."""

import re
from dataclasses import dataclass
from fractions import Fraction

from assistant.agent.models.rules.sheet import Sheet

FACTORS = {
    "double": Fraction(2), "triple": Fraction(3), "quadruple": Fraction(4), "halve": Fraction(1, 2),
    "twice": Fraction(2), "half": Fraction(1, 2),
}  # fmt: skip
MORE = frozenset({"add", "increase", "raise", "bump", "grow"})
LESS = frozenset({"remove", "decrease", "reduce", "lower", "shrink"})
MAX_REPLICAS = 1000

_COUNT = re.compile(r"^(?:x)?(\d{1,4})(?:x)?$")
_FLAG = re.compile(r"^--(?:current-)?replicas(?:=(\d+))?$")
_REVISION_FLAG = re.compile(r"^--to-revision(?:=(\d+))?$")
_REVISION = re.compile(r"^(?:#|rev|r)(\d{1,6})$")
_VERSION = re.compile(r"^v?\d+(?:\.[\w-]+)+$|^v\d+$|^[0-9a-f]{7,40}$")


@dataclass(frozen=True)
class Replicas:
    """How many replicas: `count`, or `factor` times or `change` more than there are."""

    count: int | None = None
    factor: Fraction | None = None
    change: int | None = None

    @property
    def is_known(self) -> bool:
        return (self.count, self.factor, self.change) != (None, None, None)

    def of(self, present: int) -> int:
        """The count when there are `present` replicas now; never below 0."""
        if self.count is not None:
            return self.count
        scaled = present * self.factor if self.factor is not None else Fraction(present + (self.change or 0))
        return max(0, -(-scaled.numerator // scaled.denominator))


@dataclass(frozen=True)
class Revision:
    """A revision's number, or a `version` that is no revision number."""

    number: int | None = None
    version: str | None = None


def count(sheet: Sheet, position: int) -> int | None:
    """The number written there in digits or as a word, or None."""
    text = sheet.text(position)
    if text in sheet.words.numbers:
        return sheet.words.numbers[text]
    digits = _COUNT.match(text)
    return int(digits[1]) if digits else None


def replicas(sheet: Sheet) -> Replicas:
    """ "to 5", "5 replicas", "--replicas=5", "double", "by 2", "2 more". The last number said is the one wanted."""
    verb = next((sheet.text(position) for position in sorted(sheet.matched)), "")
    number, position = _number(sheet)
    for place, token in list(sheet.free()) + [(place, sheet.tokens[place]) for place in sheet.matched]:
        if token.text in FACTORS and number is None:
            sheet.take([place])
            return Replicas(factor=FACTORS[token.text])
    if number is None:
        return Replicas()
    return _relative(sheet, verb, number, position)


def _relative(sheet: Sheet, verb: str, number: int, position: int) -> Replicas:
    before, after = sheet.text(position - 1), sheet.text(position + 1)
    if before == "to":
        return Replicas(count=number)
    fewer = verb in LESS or "down" in {token.text for token in sheet.tokens} or after in {"less", "fewer"}
    if before == "by" or after in {"more", "additional", "extra", "less", "fewer"} or verb in {"add", "remove"}:
        return Replicas(change=-number if fewer else number)
    return Replicas(count=number)


def _number(sheet: Sheet) -> tuple[int | None, int]:
    """The number after "to" or before "replicas" if there is one, else the last number said."""
    found: list[tuple[int, int, int]] = []
    for position, token in list(sheet.free()):
        flag = _FLAG.match(token.text)
        if flag:
            sheet.take([position])
            number = int(flag[1]) if flag[1] else count(sheet, position + 1)
        else:
            number = None if token.quoted else count(sheet, position)
        if number is not None:
            sure = bool(flag) or sheet.text(position - 1) in {"to", "="}
            found.append((2 if sure else _has_noun(sheet, position), position, number))
    sheet.take(position for _, position, _ in found)
    best = max(found, default=None)
    return (best[2], best[1]) if best else (None, -1)


def _has_noun(sheet: Sheet, position: int) -> int:
    return int(any(sheet.text(position + step) in sheet.words.replica_nouns for step in (1, 2)))


def revision(sheet: Sheet) -> Revision:
    """ "revision 3", "#3", "--to-revision=3", "to 3"; a version such as "v1.4.2" is returned as it was written."""
    for position, token in list(sheet.free()):
        flag, short = _REVISION_FLAG.match(token.text), _REVISION.match(token.text)
        number = int(short[1]) if short else int(flag[1]) if flag and flag[1] else None
        if number is None and (flag or token.text in sheet.words.revision_nouns or token.text == "to"):
            number = count(sheet, position + 1)
            sheet.take([position + 1] if number is not None else [])
        if number is not None:
            sheet.take([position])
            return Revision(number=number)
    return _version(sheet)


def _version(sheet: Sheet) -> Revision:
    for position, token in list(sheet.free()):
        if _VERSION.match(token.text) and any(char.isdigit() for char in token.text):
            sheet.take([position])
            return Revision(version=token.text)
    return Revision()


def previous(sheet: Sheet) -> bool:
    """Whether logs of the last, terminated container are wanted."""
    said = {token.text for token in sheet.tokens if not token.quoted}
    return bool(said & {"--previous", "-p", "previous", "crashed"}) or {"before", "crash"} <= said
