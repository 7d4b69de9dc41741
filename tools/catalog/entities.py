"""Raw entities, as files and the Backstage API write them, become models."""

from typing import Any

from tools.catalog.models import Entity, Link, Relation
from tools.catalog.refs import parse_ref

MAX_LINKS = 50
ORPHAN = "backstage.io/orphan"

Json = dict[str, Any]


def entity_from(raw: Json, relations: tuple[Relation, ...]) -> Entity:
    """The model of one raw entity. Fields of a wrong type count as absent: catalog text is untrusted."""
    metadata, spec = mapping(raw.get("metadata")), mapping(raw.get("spec"))
    profile = mapping(spec.get("profile"))
    kind, name = text(raw.get("kind")), text(metadata.get("name"))
    namespace = text(metadata.get("namespace")) or "default"
    annotations = texts(metadata.get("annotations"))
    return Entity(
        ref=f"{kind}:{namespace}/{name}".lower(),
        kind=kind,
        namespace=namespace,
        name=name,
        title=text(metadata.get("title")),
        description=text(metadata.get("description")),
        type=text(spec.get("type")),
        lifecycle=text(spec.get("lifecycle")),
        system=_ref(spec.get("system"), "system", namespace),
        owner=_ref(spec.get("owner"), "group", namespace),
        tags=tuple(tag for tag in items(metadata.get("tags")) if isinstance(tag, str)),
        labels=texts(metadata.get("labels")),
        annotations=annotations,
        links=_links(metadata.get("links")),
        relations=tuple(sorted(set(relations), key=lambda relation: (relation.type, relation.target))),
        profile_email=text(profile.get("email")),
        profile_display_name=text(profile.get("displayName")),
        orphan=annotations.get(ORPHAN) == "true",
    )


def relations_from(raw: Json) -> tuple[Relation, ...]:
    """Relations that the API computed: `relations[].{type, targetRef}`."""
    rows = [mapping(row) for row in items(raw.get("relations"))]
    return tuple(
        Relation(type=text(row.get("type")), target=text(row.get("targetRef")).lower())
        for row in rows
        if text(row.get("type")) and text(row.get("targetRef"))
    )


def mapping(value: Any) -> Json:
    """The value, or an empty mapping when it is none."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value, or an empty list when it is none."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value, or an empty text when it is none."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> dict[str, str]:
    """The pairs of a mapping that are texts."""
    return {key: item for key, item in mapping(value).items() if isinstance(key, str) and isinstance(item, str)}


def shown(value: Any) -> str:
    """A wrong value as told to a person; nothing is unfolded (aliases of YAML can make a small file huge)."""
    if value is None:
        return "missing"
    return f"{str(value)[:60]!r}" if isinstance(value, str | int | float) else f"a {type(value).__name__}"


def _ref(value: Any, kind: str, namespace: str) -> str | None:
    ref = parse_ref(text(value), kind=kind, namespace=namespace)
    return str(ref) if ref else None


def _links(value: Any) -> tuple[Link, ...]:
    rows = [mapping(row) for row in items(value)[:MAX_LINKS]]
    return tuple(
        Link(url=text(row.get("url")), title=text(row.get("title")), type=text(row.get("type")))
        for row in rows
        if text(row.get("url"))
    )
