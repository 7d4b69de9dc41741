"""Log text with its values replaced by their kind (pure, fast: most words are looked up)."""

import re

MAX_MASKED_CHARACTERS = 600  # what follows rarely tells two kinds of line apart
REMEMBERED = 20_000  # words; then all are forgotten: memory stays bounded
LONGEST_REMEMBERED = 80

DIGITS = {ord(digit): "0" for digit in "123456789"}
"""Table for `str.translate`: texts that differ only in digits become one. No mask depends on which digit it is."""

_HEXES = re.compile(
    r"(?<![A-Za-z0-9])(?:[0a-f]{8}-(?:[0a-f]{4}-){3}[0a-f]{12}|(?=[0a-f]*0)(?=0*[a-f])[0a-f]{8,})(?![A-Za-z0-9])"
)
_UNIT = r"(?:%|[nuµm]?s|m|h|d|[kKMGT]i?B?|B)"
_VALUES = re.compile(
    r"(?P<time>\d{4}[-/]\d\d[-/]\d\d(?:[T_ ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d\d/[A-Z][a-z]{2}/\d{4}(?::\d\d){3}|(?<![\d:])\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?(?![\d:]))"
    r"|(?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)"
    r"|(?P<ip>\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b)"
    r"|(?P<hex>(?<![A-Za-z0-9])(?:0x[0-9a-fA-F]+|(?=[0-9a-fA-F]*\d)(?=\d*[a-fA-F])[0-9a-fA-F]{8,})(?![A-Za-z0-9]))"
    rf"|(?P<num>(?<![A-Za-z0-9_])[-+]?(?:\d[\d,]*+(?:\.\d++)*+(?:[eE][-+]\d++)?+{_UNIT}?+)++(?![A-Za-z0-9]))"
    r"|(?P<id>(?<![A-Za-z0-9])(?!v\d+(?:alpha|beta)\d)(?=[A-Za-z0-9]*\d[A-Za-z]++\d)[A-Za-z0-9_]{5,}(?![A-Za-z0-9]))"
    r"|(?P<run>\d{3,}|(?<![A-Za-z0-9_])\d+)"
)
_NAMES = {"run": "<num>"}


def without_hashes(form: str) -> str:
    """A text whose digits are all "0", with one sign for each UUID and hexadecimal number: no mask depends on these."""
    return _HEXES.sub(_kind_of_hash, form)


class Masker:
    """Masks text. It remembers words, so it is cheap to keep one for many lines; what it returns does not depend on
    what it saw before."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}

    def mask(self, text: str) -> str:
        """The text with single spaces and its values as "<num>", "<ip>", "<uuid>", "<time>", "<hex>" or "<id>".

        A digit that belongs to a word, as in "http2", becomes "#".
        """
        return " ".join([self._words.get(word) or self._word(word) for word in text[:MAX_MASKED_CHARACTERS].split()])

    def _word(self, word: str) -> str:
        form = word.translate(DIGITS)
        known = self._words.get(form)
        if known is None:
            known = _VALUES.sub(_kind, form).replace("0", "#")
            if len(self._words) >= REMEMBERED:
                self._words.clear()
            if len(form) <= LONGEST_REMEMBERED:
                self._words[form] = known
        return known


def mask(text: str) -> str:
    """As `Masker.mask`, once."""
    return Masker().mask(text)


def _kind_of_hash(match: re.Match[str]) -> str:
    return "\x01" if "-" in match[0] else "\x02"


def _kind(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    return _NAMES.get(kind, f"<{kind}>")
