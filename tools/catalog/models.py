"""Catalog entities, as Backstage describes them (backstage.io/v1alpha1)."""

from pydantic import BaseModel


class Link(BaseModel, frozen=True):
    url: str
    title: str = ""
    type: str = ""


class Relation(BaseModel, frozen=True):
    """`type` is ownedBy, dependsOn, partOf, ...; `target` is a full entity ref."""

    type: str
    target: str


class Entity(BaseModel, frozen=True):
    """One entity. `ref` is "kind:namespace/name", lower case. `owner` is the full ref of spec.owner, or None.

    `spec` values are untrusted text. `orphan`: the catalog says its source is gone; treat it as stale.
    """

    ref: str
    kind: str
    namespace: str
    name: str
    title: str = ""
    description: str = ""
    type: str = ""
    lifecycle: str = ""
    system: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    links: tuple[Link, ...] = ()
    relations: tuple[Relation, ...] = ()
    profile_email: str = ""
    profile_display_name: str = ""
    orphan: bool = False

    def related(self, kind: str) -> tuple[str, ...]:
        """Refs this entity has that relation to, sorted."""
        return tuple(sorted(relation.target for relation in self.relations if relation.type == kind))
