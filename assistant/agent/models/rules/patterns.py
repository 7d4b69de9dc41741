"""Which text a request looks for in logs."""

from assistant.agent.models.rules.phrases import anywhere
from assistant.agent.models.rules.sheet import Sheet

MAX_PATTERN = 100
_LOOKING = frozenset({"search", "look", "looking", "searching"})
_STOPS = frozenset({"in", "from", "of", "on", "for", "within", "inside", "since", "during", "over", "at"})


def pattern(sheet: Sheet) -> str | None:
    """The text as it was written: quoted, after "grep" or "containing", or a usual word such as "errors"."""
    for reader in (_quoted, _after_opener, _usual):
        found = reader(sheet)
        if found:
            return found[:MAX_PATTERN]
    return None


def _quoted(sheet: Sheet) -> str | None:
    """Quoted words are the text, unless one quoted word is all there is: then it is the service."""
    quoted = [(position, token) for position, token in sheet.free() if token.quoted]
    spoken = [token for _, token in sheet.free() if not token.quoted and _may_name(sheet, token.text)]
    for position, token in quoted:
        if not token.could_be_name or spoken or len(quoted) > 1:
            sheet.take([position])
            return token.raw
    return None


def _may_name(sheet: Sheet, text: str) -> bool:
    return any(char.isalpha() for char in text) and text not in sheet.words.ignored


def _after_opener(sheet: Sheet) -> str | None:
    for position in range(len(sheet.tokens)):
        if sheet.text(position) in sheet.words.pattern_openers or _opens(sheet, position):
            text = _until_place(sheet, position + 1)
            if text:
                return text
    return None


def _opens(sheet: Sheet, position: int) -> bool:
    """ "search for" and "look for" as the request itself, "logs with", "lines like"."""
    asked = sheet.text(position) == "for" and (position in sheet.matched or sheet.text(position - 1) in _LOOKING)
    lines = position == 0 or sheet.text(position - 1) in {"logs", "lines", "log", "entries", "only", "just"}
    return asked or (sheet.text(position) in {"with", "like"} and lines)


def _until_place(sheet: Sheet, start: int) -> str | None:
    place = start + 1 if sheet.text(start) in {"the", "for", "all"} else start
    taken = []
    while sheet.is_free(place) and not sheet.tokens[place].is_mark and sheet.text(place) not in _STOPS:
        taken.append(place)
        place += 1
    if not taken or (taken[-1] + 1 < len(sheet.tokens) and not _ends_well(sheet, place)):
        return None
    sheet.take(taken)
    return " ".join(sheet.tokens[place].raw for place in taken)


def _ends_well(sheet: Sheet, place: int) -> bool:
    return sheet.tokens[place].is_mark or sheet.text(place) in _STOPS or not sheet.is_free(place)


def _usual(sheet: Sheet) -> str | None:
    for word, text in sheet.words.log_words.items():
        hit = anywhere((word,), sheet.tokens)
        if hit:
            sheet.take(hit)
            return text
    return None
