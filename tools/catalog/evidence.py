"""Facts of the catalog, each with the place it was read (pure)."""

from datetime import datetime

from tools.catalog.models import Entity
from tools.contract import Evidence, Source

LOCATION = "backstage.io/managed-by-location"
MAX_DESCRIPTION = 300
MAX_TEXT = 600


def fact(entity: Entity, field: str, text: str, at: datetime) -> Evidence:
    """What a field of an entity says. `where` names the field and, when the catalog tells, the file it comes from."""
    location = entity.annotations.get(LOCATION, "")
    where = f"{field} in {location[:200]}" if location else field
    return Evidence(source=Source.CATALOG, subject=entity.ref, where=where, text=cut(text, MAX_TEXT), at=at)


def cut(text: str, limit: int) -> str:
    """The text in one line, at most `limit` characters; a cut ends with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def label(entity: Entity) -> str:
    """How a person calls it: display name, else title, else name."""
    return cut(entity.profile_display_name or entity.title or entity.name, 80)
