"""Which environments a request names."""

import re

from assistant.agent.models.rules.sheet import Sheet

_NAMESPACE_FLAG = re.compile(r"^(?:-n|--namespace|--ns)(?:=(?P<value>\S+))?$")


def environments(sheet: Sheet, *, needed: bool = False) -> tuple[str, ...]:
    """Environment and namespace names in the order they were said, as they were said.

    `needed`: the request is about an environment, so that "in blue" names one though "blue" is no usual name.
    """
    found: dict[int, str] = {}
    for position, token in list(sheet.free()):
        if token.placed:
            found[position] = token.text
        elif flag := _NAMESPACE_FLAG.match(token.text):
            found |= _flagged(sheet, position, flag["value"])
        elif not token.quoted and not token.named and (place := _said_as_place(sheet, position)):
            found[position] = place
    found |= _beside_noun(sheet)
    sheet.take(found)
    if not found and needed:
        found = _after_preposition(sheet)
        sheet.take(found)
    return tuple(dict.fromkeys(found[position] for position in sorted(found) if found[position]))


def is_environment_like(name: str, sheet: Sheet) -> bool:
    """Whether the name ends or starts as environments do ("shop-staging", "prod-eu")."""
    parts = re.split(r"[-_.]", name)
    known = sheet.words.environment_words
    return name in known or parts[-1] in known or (parts[0] in known and parts[0] not in sheet.words.weak_environments)


def _flagged(sheet: Sheet, position: int, value: str | None) -> dict[int, str]:
    if value:
        return {position: value}
    following = sheet.tokens[position + 1].text if sheet.is_free(position + 1) else ""
    return {position: "", position + 1: following} if following else {position: ""}


def _said_as_place(sheet: Sheet, position: int) -> str:
    """The environment said there, a misspelt one put right; empty when the word is none."""
    name = sheet.text(position)
    if name in sheet.words.environment_words and name not in sheet.words.weak_environments:
        return name
    if not (_preposition_before(sheet, position) or _noun_beside(sheet, position)):
        return ""
    if is_environment_like(name, sheet):
        return name
    return next((word for word in sheet.words.environment_words if sheet.speller.means(name, word)), "")


def _preposition_before(sheet: Sheet, position: int) -> bool:
    before = position - 2 if sheet.text(position - 1) in {"the", "our", "my"} else position - 1
    return sheet.text(before) in sheet.words.environment_prepositions


def _noun_beside(sheet: Sheet, position: int) -> bool:
    nouns = sheet.words.environment_nouns
    return sheet.text(position + 1) in nouns or sheet.text(position - 1) in nouns


def _beside_noun(sheet: Sheet) -> dict[int, str]:
    """ "namespace blue" and "the blue environment": the noun says what it is, whatever its name."""
    found: dict[int, str] = {}
    for position, token in list(sheet.free()):
        if token.text in sheet.words.environment_nouns and not token.quoted:
            near = [position + 1, position - 1]
            named = next((place for place in near if _could_be_place(sheet, place)), None)
            found |= {position: ""} | ({named: sheet.tokens[named].text} if named is not None else {})
    return found


def _could_be_place(sheet: Sheet, position: int) -> bool:
    if not sheet.is_free(position):
        return False
    token = sheet.tokens[position]
    return token.could_be_name and token.text not in sheet.words.ignored | sheet.lexicon.vocabulary


def _after_preposition(sheet: Sheet) -> dict[int, str]:
    for position, _token in sheet.free():
        if _could_be_place(sheet, position) and _preposition_before(sheet, position):
            return {position: sheet.tokens[position].text}
    return {}
