"""Two environments in one request: where it works and where it does not."""

from assistant.agent.models.rules.sheet import Sheet


def pair(sheet: Sheet, environments: tuple[str, ...]) -> dict[str, str]:
    """`working` and `failing`, as the words before each environment say; else in the order they were named.

    "works in staging but not in production", "fails in production and works in staging". Empty for less than two.
    """
    if len(environments) < 2:
        return {}
    first, second = environments[:2]
    if _fails_first(sheet, first, second):
        first, second = second, first
    return {"working": first, "failing": second}


def _fails_first(sheet: Sheet, first: str, second: str) -> bool:
    places = {token.text: place for place, token in reversed(list(enumerate(sheet.tokens)))}
    begin, middle = places.get(first, 0), places.get(second, len(sheet.tokens))
    before = {sheet.text(place) for place in range(begin)}
    between = {sheet.text(place) for place in range(begin, middle)}
    works, fails = sheet.words.works, sheet.words.fails
    if before & fails or ("not" in before and before & works):
        return True
    return bool(between & works) and "not" not in between and not before & works
