"""Relations of entities, computed in both directions as the catalog backend does (well-known relations)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tools.catalog.entities import mapping, shown, text
from tools.catalog.models import Relation
from tools.catalog.refs import EntityRef, parse_ref


@dataclass(frozen=True)
class RelationField:
    """A field of spec that names other entities. `kind`: the kind meant when the ref names none."""

    field: str
    kind: str | None
    there: str
    back: str


OWNER = RelationField("owner", "group", "ownedBy", "ownerOf")
SYSTEM = RelationField("system", "system", "partOf", "hasPart")
DEPENDS_ON = RelationField("dependsOn", None, "dependsOn", "dependencyOf")
DEPENDENCY_OF = RelationField("dependencyOf", None, "dependencyOf", "dependsOn")

FIELDS: dict[str, tuple[RelationField, ...]] = {
    "component": (
        OWNER,
        SYSTEM,
        RelationField("subcomponentOf", "component", "partOf", "hasPart"),
        RelationField("providesApis", "api", "providesApi", "apiProvidedBy"),
        RelationField("consumesApis", "api", "consumesApi", "apiConsumedBy"),
        DEPENDS_ON,
        DEPENDENCY_OF,
    ),
    "api": (OWNER, SYSTEM),
    "resource": (OWNER, SYSTEM, DEPENDS_ON, DEPENDENCY_OF),
    "system": (OWNER, RelationField("domain", "domain", "partOf", "hasPart")),
    "domain": (OWNER, RelationField("subdomainOf", "domain", "partOf", "hasPart")),
    "user": (RelationField("memberOf", "group", "memberOf", "hasMember"),),
    "group": (
        RelationField("parent", "group", "childOf", "parentOf"),
        RelationField("children", "group", "parentOf", "childOf"),
        RelationField("members", "user", "hasMember", "memberOf"),
    ),
}
"""Kinds that are not listed have an owner and a system at most."""

OTHER_KIND = (OWNER, SYSTEM)


@dataclass(frozen=True)
class BadReference:
    """A field that should name an entity and does not."""

    field: str
    why: str


def references(
    kind: str, namespace: str, spec: dict[str, Any]
) -> Iterator[tuple[RelationField, EntityRef | BadReference]]:
    """What a spec refers to, field by field. A ref without a namespace means the entity's own."""
    for field in FIELDS.get(kind.lower(), OTHER_KIND):
        value = spec.get(field.field)
        for written in value if isinstance(value, list) else [value] if value is not None else []:
            yield field, _reference(field, written, namespace)


def both_ways(raws: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, tuple[Relation, ...]]:
    """Relations by entity ref, of all entities given as (ref, raw). Targets need not exist."""
    found: dict[str, set[Relation]] = defaultdict(set)
    for ref, raw in raws:
        namespace = text(mapping(raw.get("metadata")).get("namespace")) or "default"
        for field, target in references(text(raw.get("kind")), namespace, mapping(raw.get("spec"))):
            if isinstance(target, EntityRef):
                found[ref].add(Relation(type=field.there, target=str(target)))
                found[str(target)].add(Relation(type=field.back, target=ref))
    return {ref: tuple(relations) for ref, relations in found.items()}


def _reference(field: RelationField, written: Any, namespace: str) -> EntityRef | BadReference:
    ref = parse_ref(written, kind=field.kind, namespace=namespace) if isinstance(written, str) else None
    if ref is not None:
        return ref
    if field.kind is None and isinstance(written, str) and parse_ref(written, kind="any") is not None:
        return BadReference(
            field.field, f"{shown(written)} names no kind: write component:{written} or resource:{written}"
        )
    return BadReference(field.field, f"{shown(written)} is not an entity ref (kind:namespace/name)")
