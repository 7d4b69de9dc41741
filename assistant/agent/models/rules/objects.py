"""Whether a command that names no service may mean the one talked about before."""

from enum import StrEnum

from assistant.agent.models.rules.sheet import Sheet
from assistant.agent.models.rules.tokens import ENDS

_AFTER = ENDS | {",", "&", "and", "then", "but"}  # what follows is not the command's object


class Object(StrEnum):
    """`OPEN`: nothing, or a word that points back. `NOTHING`: "restart nothing". `UNKNOWN`: a word that may name
    something, but no service that is understood: no other must be taken for it."""

    OPEN = "open"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


def object_of(sheet: Sheet) -> Object:
    """What stands where a command's object does, once every reader took its words."""
    words = [place for place in range(min(sheet.matched, default=0), _end(sheet)) if place not in sheet.matched]
    spoken = [sheet.text(place) for place in words if not sheet.tokens[place].is_mark]
    for place, word in enumerate(spoken):
        follows = spoken[place + 1 : place + 2]
        if word in sheet.words.nothing and follows != ["but"] and (sheet.is_free(words[place]) or place == 0):
            return Object.NOTHING
    free = [sheet.tokens[place] for place in words if sheet.is_free(place)]
    strange = any(not token.is_mark and token.text not in _fillers(sheet) for token in free)
    return Object.UNKNOWN if strange else Object.OPEN


def _end(sheet: Sheet) -> int:
    """Where the sentence part of the command ends."""
    start = max(sheet.matched, default=-1) + 1
    places = (place for place in range(start, len(sheet.tokens)) if sheet.tokens[place].text in _AFTER)
    return next(places, len(sheet.tokens))


def _fillers(sheet: Sheet) -> frozenset[str]:
    """Words that may stand in a command beside its object, or instead of it when they point back."""
    return sheet.words.filler_words | sheet.words.pronouns | frozenset(" ".join(sheet.words.polite).split())
