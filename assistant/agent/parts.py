"""Whether a message asks for one thing only, so that one conclusive result answers it."""

import re

_ASKS = re.compile(r"\b(why|what|what's|whats|who|whose|when|where|which|how|is|are|does|did|can|show|list|tell)\b")
_CHANGES = re.compile(r"\b(restart|scale|roll\s?back|rollback|undo|fix|redeploy|delete|create|extend|bounce)\b")
_POLITE = re.compile(r"\b(?:can|could|would) (?:you|we|i)\b(?: please)?(?: (?:tell|show|say|see|check|find out))?")
_BETWEEN = re.compile(r"\bbetween (\S+ ){1,4}?and \S+")
_JOINED = re.compile(r"[,;]|\?\s*\S|\b(and|also|then|plus|both|as well)\b")


def asks_one_thing(text: str) -> bool:
    """True only when nothing hints at a second question or a change: a wrong False costs one more model call."""
    low = text.lower()
    if _CHANGES.search(low):
        return False
    follow_up = re.match(r"\s*and\b", low)
    rest = _BETWEEN.sub("", _POLITE.sub("", low[follow_up.end() :] if follow_up else low))
    return not _JOINED.search(rest.strip(" ?!.,")) and len(_ASKS.findall(rest)) <= 2
