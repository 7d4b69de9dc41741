"""What one line is, remembered for all lines that differ from it only in values."""

from typing import NamedTuple

from tools.logs.reduction.levels import Level, level_by_words, may_tell_status
from tools.logs.reduction.masking import DIGITS, MAX_MASKED_CHARACTERS, Masker, without_hashes
from tools.logs.reduction.records import Record, read
from tools.logs.reduction.traces import Form, form_of

LOOKED_AT = 1_500  # characters of a message: bounds the time that a long line costs
REMEMBERED = 20_000  # forms of lines; then all are forgotten: memory stays bounded

_TELLING = " \t{"  # first characters that say what may follow

_Key = tuple[str, str, bool]


class Facts(NamedTuple):
    """`shape`: the line without its values. `level`: without regard to a status code.

    `http`: it may carry one.
    """

    shape: str
    level: Level
    http: bool
    form: Form


class Reader:
    """Reads lines one by one. What it returns for a line does not depend on what it read before."""

    def __init__(self) -> None:
        self._lines: dict[str, Facts] = {}
        self._shapes: dict[_Key, Facts] = {}
        self._masker = Masker()

    def facts(self, text: str) -> Facts:
        """What the line is."""
        form = text.translate(DIGITS)
        known = self._lines.get(form)
        if known is not None:
            return known
        if len(form) > MAX_MASKED_CHARACTERS:
            return self._of(read(text), text)
        bare = without_hashes(form)
        return self._lines.get(bare) or self._read(text, bare)

    def _read(self, text: str, bare: str) -> Facts:
        record = read(text)
        facts = self._of(record, text)
        if record.fixed:
            if len(self._lines) >= REMEMBERED:
                self._lines.clear()
            self._lines[bare] = facts
        return facts

    def _of(self, record: Record, text: str) -> Facts:
        said = f"{record.message} {record.error}" if record.error else record.message
        said, text = said[:LOOKED_AT], text[:LOOKED_AT]
        shape = self._masker.mask(said)
        if len(said) > MAX_MASKED_CHARACTERS or len(text) > MAX_MASKED_CHARACTERS:  # the shape does not tell all
            facts = Facts(shape, level_by_words(said), may_tell_status(shape), form_of(text))
        else:
            facts = self._of_shape(shape, said, text)
        return facts if record.level is None else facts._replace(level=record.level)

    def _of_shape(self, shape: str, said: str, text: str) -> Facts:
        first = text[:1]
        key = (shape, first if first in _TELLING else "", said == text)
        known = self._shapes.get(key)
        if known is None:
            known = Facts(shape, level_by_words(said), may_tell_status(shape), form_of(text))
            if len(self._shapes) >= REMEMBERED:
                self._shapes.clear()
            self._shapes[key] = known
        return known
