"""Whether an entity fits a filter: the one meaning of `EntityFilter`, for every adapter (pure)."""

from tools.catalog.models import Entity
from tools.catalog.port import EntityFilter


def matches(entity: Entity, where: EntityFilter) -> bool:
    """Whether all given parts of the filter hold."""
    return (
        (not where.kinds or entity.kind.lower() in where.kinds)
        and (not where.name or entity.name.lower() == where.name.lower())
        and (where.owner is None or where.owner.lower() in entity.related("ownedBy"))
        and (where.annotation is None or _annotated(entity, *where.annotation))
        and (not where.text or _mentions(entity, where.text.strip().lower()))
    )


def _annotated(entity: Entity, key: str, value: str | None) -> bool:
    found = entity.annotations.get(key)
    return found is not None and (value is None or found.lower() == value.lower())


def _mentions(entity: Entity, text: str) -> bool:
    places = (entity.name, entity.title, entity.description, entity.profile_display_name, *entity.tags)
    return any(text in place.lower() for place in places)
