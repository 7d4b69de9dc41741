"""Which services a request is about: read from where the words stand, since no catalog is at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from assistant.agent.models.rules.phrases import anywhere
from assistant.agent.models.rules.sheet import Sheet
from assistant.agent.models.rules.tokens import ENDS

MAX_NAME_WORDS = 3
MAX_WORKLOADS = 4  # of one request: beyond that the person is better served by a list


_PLAIN = frozenset({"in", "of", "on", "for", "to", "from", "a", "the", "with", "by", "at", "i", "it"})


class Sure(IntEnum):
    """How sure it is that a word is a service's name."""

    DOUBTFUL = 0
    LEFT_OVER = 1
    LOOKS = 2
    PLACED = 3
    SUBJECT = 4
    KNOWN = 5
    QUOTED = 6
    TYPED = 7


@dataclass(frozen=True)
class Names:
    """`sure` names in the order they were said; `doubtful`: a common word that might be one, when there is no other."""

    sure: tuple[str, ...] = ()
    doubtful: str | None = None
    rating: Sure = Sure.DOUBTFUL


def workloads(sheet: Sheet, known: frozenset[str], *, writes: bool) -> Names:
    """The services of a request. `known`: names of this conversation. `writes`: words after "not" are left out."""
    _leave_out(sheet, writes=writes)
    rated = {position: _rate(sheet, position, known) for position, token in sheet.free() if _possible(sheet, position)}
    if not rated:
        return Names()
    best = max(rated, key=lambda position: (rated[position], -position))
    if rated[best] is Sure.DOUBTFUL:
        return Names(doubtful=sheet.tokens[best].text)
    chosen = _joined(sheet, best, [place for place in sorted(rated) if rated[place] > Sure.DOUBTFUL])
    if rated[best] is not Sure.LEFT_OVER and len(chosen) > 1 and _adjacent(chosen):
        return _name_of_words(sheet, best, writes=writes)
    if rated[best] is Sure.LEFT_OVER and len(chosen) > 1 and _adjacent(chosen):
        return _one_of_several_words(sheet, chosen, writes=writes)
    sheet.take(chosen)
    said = tuple(dict.fromkeys(sheet.tokens[place].text for place in chosen))
    return Names(said[:MAX_WORKLOADS], rating=rated[best])


def _name_of_words(sheet: Sheet, best: int, *, writes: bool) -> Names:
    """ "why is product catalog failing": what stands between the name and its verb belongs to the name."""
    after = sheet.text(best + 2)
    whole = sheet.is_free(best + 1) and _possible(sheet, best + 1) and not writes
    if whole and (after in sheet.words.verbs or (after in sheet.lexicon.vocabulary and after not in _PLAIN)):
        sheet.take([best, best + 1])
        return Names((f"{sheet.tokens[best].text}-{sheet.tokens[best + 1].text}",), rating=Sure.LOOKS)
    sheet.take([best])
    return Names((sheet.tokens[best].text,), rating=Sure.PLACED)


def _one_of_several_words(sheet: Sheet, chosen: list[int], *, writes: bool) -> Names:
    """ "product catalog" is the service "product-catalog"; more words, or words without a request, are no name."""
    if writes or not sheet.matched or len(chosen) > MAX_NAME_WORDS:
        return Names()
    return Names(("-".join(sheet.tokens[place].text for place in chosen),), rating=Sure.LEFT_OVER)


def team(sheet: Sheet) -> str | None:
    """The team of "team shop", "the shop team" or "group:default/shop"; else what follows "of", "by" or "does"."""
    for position, token in list(sheet.free()):
        if token.named and token.text.startswith("group:"):
            sheet.take([position])
            return token.text
        if sheet.text(position) in sheet.words.team_nouns:
            for place in (position + 1, position - 1):
                if sheet.is_free(place) and _possible(sheet, place):
                    sheet.take([place, position])
                    return sheet.tokens[place].text
    return None


def _possible(sheet: Sheet, position: int) -> bool:
    """Whether the word may be a name at all."""
    token = sheet.tokens[position]
    if token.named:
        return True
    if token.is_flag or token.is_mark or not token.could_be_name:
        return False
    return token.quoted or token.text not in sheet.words.ignored


def _rate(sheet: Sheet, position: int, known: frozenset[str]) -> Sure:
    token = sheet.tokens[position]
    tests: tuple[tuple[Sure, Callable[[], bool]], ...] = (
        (Sure.TYPED, lambda: token.named),
        (Sure.QUOTED, lambda: token.quoted),
        (Sure.KNOWN, lambda: token.text in known),
        (Sure.DOUBTFUL, lambda: token.text in sheet.words.doubtful_names and not _beside_naming(sheet, position)),
        (Sure.SUBJECT, lambda: _is_subject(sheet, position)),
        (Sure.PLACED, lambda: _is_placed(sheet, position)),
        (Sure.DOUBTFUL, lambda: token.text in sheet.lexicon.vocabulary),
        (Sure.DOUBTFUL, lambda: sheet.speller.knows(token.text)),
        (Sure.LOOKS, lambda: "-" in token.text or any(char.isdigit() for char in token.text)),
    )
    return next((sure for sure, holds in tests if holds()), Sure.LEFT_OVER)


def _is_subject(sheet: Sheet, position: int) -> bool:
    """After "is" or "does", before "is" or "has", right after the request's verb."""
    before = _before(sheet, position)
    if sheet.text(position + 1) in sheet.words.verbs or _beside_naming(sheet, position):
        return True
    asks = sheet.text(before) in sheet.words.subject_verbs and not _is_named(sheet, before - 1)
    return asks or (before in sheet.matched and bool(sheet.text(before)))


def _is_named(sheet: Sheet, position: int) -> bool:
    """Whether the verb has its subject before it: in "users are angry" the word after the verb is no service."""
    return sheet.is_free(position) and _possible(sheet, position)


def _is_placed(sheet: Sheet, position: int) -> bool:
    before = _before(sheet, position)
    return before >= 0 and sheet.text(before) in sheet.words.name_prepositions


def _beside_naming(sheet: Sheet, position: int) -> bool:
    naming = sheet.words.naming
    return sheet.text(position + 1) in naming - {"called", "named"} or sheet.text(position - 1) in naming


def _before(sheet: Sheet, position: int) -> int:
    """The word before, over articles: "of the checkout"."""
    place = position - 1
    while sheet.text(place) in {"the", "our", "my", "a", "their", "all", "service", "component"}:
        place -= 1
    return place


def _joined(sheet: Sheet, best: int, places: list[int]) -> list[int]:
    """The best name and those joined to it by "and" or a comma; or the words beside it, when none is surer."""
    chosen = _reached(sheet, best, places, _listed)
    if len(chosen) > 1:
        return chosen
    return _reached(sheet, best, places, lambda _sheet, left, right: right - left == 1)


def _reached(sheet: Sheet, best: int, places: list[int], joined: Callable[[Sheet, int, int], bool]) -> list[int]:
    first = last = places.index(best)
    while first > 0 and joined(sheet, places[first - 1], places[first]):
        first -= 1
    while last + 1 < len(places) and joined(sheet, places[last], places[last + 1]):
        last += 1
    return places[first : last + 1]


def _listed(sheet: Sheet, left: int, right: int) -> bool:
    between = [sheet.tokens[place].text for place in range(left + 1, right)]
    skipped = sheet.words.joiners | {"the", "also", "then", "service", "our"}
    return bool(sheet.words.joiners & set(between)) and all(word in skipped for word in between)


def _adjacent(places: list[int]) -> bool:
    return all(right - left == 1 for left, right in pairwise(places))


def _leave_out(sheet: Sheet, *, writes: bool) -> None:
    """Takes what follows "except" and, in a command, "not", up to the end of the sentence."""
    phrases = sheet.words.exclusion_phrases + ((("not",), ("without",)) if writes else ())
    hits = [hit for phrase in phrases if (hit := anywhere(phrase, sheet.tokens)) is not None]
    for hit in hits:
        place = hit[0]
        while place < len(sheet.tokens) and sheet.tokens[place].text not in ENDS:
            sheet.take([place])
            place += 1
