"""Who owns an entity, and how to reach them."""

from datetime import datetime

from pydantic import BaseModel

from tools.catalog.evidence import cut, fact, label
from tools.catalog.models import Entity, Link
from tools.catalog.port import Catalog, EntityFilter
from tools.catalog.ranking import best, rank
from tools.catalog.refs import parse_ref, short_name
from tools.catalog.resolving import LISTED, not_found
from tools.contract import Evidence

MAX_MEMBERS = 10
OWNERS = ("group", "user")


class Owner(BaseModel, frozen=True):
    """The group or person that owns something.

    `known` is False when the catalog has no such entity. `members`: names, at most 10; `more_members` counts the rest.
    `chat`: links that lead to a chat channel.
    """

    ref: str
    name: str
    known: bool
    members: tuple[str, ...] = ()
    more_members: int = 0
    email: str = ""
    chat: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def words(self) -> str:
        """The owner in a sentence: "team Shop (Alice, Bob and 3 more)", "Alice"."""
        if not self.known:
            return f"{self.ref}, which the catalog does not know"
        if not self.ref.startswith("group:"):
            return self.name
        more = f" and {self.more_members} more" if self.more_members else ""
        people = f" ({', '.join(self.members)}{more})" if self.members else ""
        return f"team {self.name}{people}"


async def read_owner(entity: Entity, catalog: Catalog, at: datetime) -> Owner | None:
    """The owner of an entity, with the names of its members; None when the catalog names none."""
    if entity.owner is None:
        return None
    (group,) = await catalog.by_refs([entity.owner])
    owned = fact(entity, "spec.owner", f"{entity.ref} is owned by {entity.owner}", at)
    if group is None:
        return Owner(ref=entity.owner, name=short_name(entity.owner), known=False, evidence=(owned,))
    members = await read_members(group, catalog)
    evidence = [owned]
    people = f", members: {', '.join(members)}" if members else ""
    evidence.append(fact(group, "relations.hasMember", f"{label(group)}{people}", at))
    if group.profile_email:
        evidence.append(fact(group, "spec.profile.email", cut(group.profile_email, 100), at))
    return Owner(
        ref=group.ref,
        name=label(group),
        known=True,
        members=members,
        more_members=max(0, len(group.related("hasMember")) - MAX_MEMBERS),
        email=cut(group.profile_email, 100),
        chat=tuple(cut(link.url, 200) for link in group.links if _is_chat(link)),
        evidence=tuple(evidence),
    )


async def read_members(group: Entity, catalog: Catalog) -> tuple[str, ...]:
    """Display names of the members of a group, in order of their refs, at most 10."""
    refs = group.related("hasMember")[:MAX_MEMBERS]
    people = await catalog.by_refs(refs) if refs else ()
    return tuple(label(person) if person else short_name(ref) for ref, person in zip(refs, people, strict=True))


async def owner_ref(words: str, catalog: Catalog) -> str:
    """The ref of the group or person meant by some words ("shop", "Checkout Team", "user:alice").

    An owner that owns something but is no entity counts too. Raises NotFound with the nearest groups and people.
    """
    ref = parse_ref(words, kind="group")
    if ref is not None and (await catalog.find(EntityFilter(owner=str(ref)), limit=1)).entities:
        return str(ref)
    people = (await catalog.find(EntityFilter(kinds=OWNERS), limit=LISTED)).entities
    exact = best(rank(words, people)) or best(rank(f"{words} team", people))
    if len(exact) == 1:
        return exact[0].ref
    raise not_found(words, people)


def _is_chat(link: Link) -> bool:
    words = f"{link.url} {link.title} {link.type}".lower()
    return link.url.startswith(("https://", "slack://")) and any(chat in words for chat in ("slack", "teams.microsoft"))
