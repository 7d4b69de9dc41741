"""Who wrote a message: accounts of Slack and of the command line become people the cluster knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from assistant.identity.accounts import (
    OPERATOR,
    SLACK,
    CliAccount,
    SlackAccount,
    is_reserved,
    is_timezone,
    parse_account,
    unknown,
)
from assistant.identity.mapping import read_mapping
from assistant.identity.principal import Principal
from tools.catalog.models import Entity
from tools.catalog.port import Catalog, EntityFilter
from tools.catalog.refs import parse_ref
from tools.clock import Clock

MAX_ANCESTRY = 10  # levels of parent groups
MAX_CACHED = 5_000


class Directory(Protocol):
    """Knows people by their accounts ("slack:T1:U1", "cli:alice", "operator")."""

    async def principal(self, account: str, *, email: str | None = None) -> Principal:
        """The person behind an account. `email`: as the channel verified it, when it tells one.

        Raises UnknownPerson, whose text says whom to ask; Unavailable when the catalog is down.
        """
        ...

    async def accounts(self, teams: tuple[str, ...]) -> tuple[str, ...]:
        """Slack accounts of the members of these teams (catalog refs), to tell them something. Raises Unavailable."""
        ...


class FileDirectory:
    """People of a mapping file, read once. Raises MappingError when the file is wrong."""

    def __init__(self, path: Path, *, contact: str) -> None:
        self._contact = contact
        self._people = {account: user.principal() for user in read_mapping(path) for account in user.accounts()}

    async def accounts(self, teams: tuple[str, ...]) -> tuple[str, ...]:
        """Slack accounts of the members of these teams."""
        wanted = set(teams)
        people = self._people.items()
        return tuple(name for name, who in people if SLACK.match(name) and not wanted.isdisjoint(who.teams))

    async def principal(self, account: str, *, email: str | None = None) -> Principal:  # noqa: ARG002  (of the port)
        """The person behind an account; e-mail never decides here."""
        if account == OPERATOR.id:
            return OPERATOR
        found = self._people.get(account)
        if found is None:
            raise unknown(account, self._contact)
        return found


@dataclass(frozen=True)
class IdentityRules:
    """How User and Group entities become people the cluster knows.

    Templates take {name}, {namespace} and {email}. The annotation `kubernetes_user` of a User wins over the template:
    whoever edits User and Group entities decides who people are: review those files like RBAC, and let the cluster
    limit whom the assistant may impersonate. `home_team`: the Slack team of users that carry no team annotation; None
    takes any. `match_email` lets a verified e-mail address stand for a person when no Slack id does.
    `include_parents`: parent groups count as groups too.
    """

    contact: str
    user_template: str = "{email}"
    group_template: str = "{name}"
    slack_user: str = "slack.com/user-id"
    slack_team: str = "slack.com/team-id"
    kubernetes_user: str = "infra-assistant/kubernetes-user"
    timezone: str = "infra-assistant/timezone"
    home_team: str | None = None
    match_email: bool = False
    include_parents: bool = False
    cache_for: timedelta = timedelta(seconds=60)

    def __post_init__(self) -> None:
        for template in (self.user_template, self.group_template):
            try:
                template.format(name="", namespace="", email="")
            except (KeyError, IndexError, ValueError) as exc:
                raise ValueError(
                    f"template {template!r}: only {{name}}, {{namespace}} and {{email}} are known"
                ) from exc


class CatalogDirectory:
    """People are the User entities of the catalog, with a Slack id as annotation; their groups are its Groups."""

    def __init__(self, catalog: Catalog, rules: IdentityRules, clock: Clock) -> None:
        self._catalog = catalog
        self._rules = rules
        self._clock = clock
        self._known: dict[tuple[str, str | None], tuple[datetime, Principal]] = {}

    async def principal(self, account: str, *, email: str | None = None) -> Principal:
        """The person behind an account; what was found is kept for `cache_for`."""
        if account == OPERATOR.id:
            return OPERATOR
        now, key = self._clock(), (account, email)
        until, known = self._known.get(key, (now, None))
        if known is not None and now < until:
            return known
        found = await self._person(account, await self._user(account, email))
        if len(self._known) >= MAX_CACHED:
            self._known.clear()
        self._known[key] = (now + self._rules.cache_for, found)
        return found

    async def accounts(self, teams: tuple[str, ...]) -> tuple[str, ...]:
        """Slack accounts of the members of these teams, as their User entities name them."""
        users = (await self._catalog.find(EntityFilter(kinds=("user",)), limit=MAX_CACHED)).entities
        members = [user for user in users if not set(teams).isdisjoint(user.related("memberOf"))]
        return tuple(account for user in members if SLACK.match(account := self._slack_account(user)))

    def _slack_account(self, user: Entity) -> str:
        team = user.annotations.get(self._rules.slack_team, self._rules.home_team or "")
        return f"slack:{team}:{user.annotations.get(self._rules.slack_user, '')}"

    async def _user(self, account: str, email: str | None) -> Entity:
        parsed = parse_account(account, self._rules.contact)
        if isinstance(parsed, CliAccount):
            found = await self._by_name(parsed)
        else:
            found = await self._by_slack(parsed) or await self._by_email(email)
        if not found:
            raise unknown(account, self._rules.contact)
        if len(found) > 1:
            refs = ", ".join(user.ref for user in found)
            raise unknown(account, self._rules.contact, f"more than one person has this account: {refs}")
        return found[0]

    async def _by_name(self, account: CliAccount) -> Sequence[Entity]:
        if "@" in account.name:  # as the cluster knows them; the one at the terminal may name anybody
            return await self._with_email(account.name)
        ref = parse_ref(account.name, kind="user")
        (user,) = await self._catalog.by_refs([str(ref)]) if ref and ref.kind == "user" else (None,)
        return (user,) if user else ()

    async def _by_slack(self, account: SlackAccount) -> Sequence[Entity]:
        rules = self._rules
        where = EntityFilter(kinds=("user",), annotation=(rules.slack_user, account.user))
        users = (await self._catalog.find(where)).entities
        return [
            user
            for user in users
            if user.annotations.get(rules.slack_user) == account.user
            and user.annotations.get(rules.slack_team, rules.home_team or account.team) == account.team
        ]

    async def _by_email(self, email: str | None) -> Sequence[Entity]:
        return await self._with_email(email) if self._rules.match_email and email else ()

    async def _with_email(self, email: str) -> Sequence[Entity]:
        users = (await self._catalog.find(EntityFilter(kinds=("user",)), limit=MAX_CACHED)).entities
        return [user for user in users if user.profile_email.lower() == email.lower()]

    async def _person(self, account: str, user: Entity) -> Principal:
        groups = await self._groups(user)
        names = {self._filled(self._rules.group_template, group) for group in groups} - {""}
        name = user.annotations.get(self._rules.kubernetes_user) or self._filled(self._rules.user_template, user)
        self._check(account, user, (name, *names))
        zone = user.annotations.get(self._rules.timezone, "UTC")
        return Principal(
            id=user.ref,
            user=name,
            groups=tuple(sorted(names)),
            teams=tuple(sorted(group.ref for group in groups)),
            display_name=user.profile_display_name or user.title or user.name,
            timezone=zone if is_timezone(zone) else "UTC",
        )

    def _check(self, account: str, user: Entity, names: Sequence[str]) -> None:
        refused = next((name for name in names if is_reserved(name)), None)
        if refused is not None:
            why = (
                f"{user.ref} would act in the cluster as {refused!r}, which is refused"
                if refused
                else (f"{user.ref} has no name the cluster knows (spec.profile.email or {self._rules.kubernetes_user})")
            )
            raise unknown(account, self._rules.contact, why)

    async def _groups(self, user: Entity) -> list[Entity]:
        """Groups the catalog knows: those the user is a member of, and their parents when the rules say so."""
        found: dict[str, Entity] = {}
        refs = user.related("memberOf")
        for _ in range(MAX_ANCESTRY if self._rules.include_parents else 1):
            groups = [group for group in await self._catalog.by_refs(refs) if group] if refs else []
            found.update((group.ref, group) for group in groups)
            refs = tuple({ref for group in groups for ref in group.related("childOf")} - found.keys())
        return list(found.values())

    @staticmethod
    def _filled(template: str, entity: Entity) -> str:
        if "{email}" in template and not entity.profile_email:
            return ""
        return template.format(name=entity.name, namespace=entity.namespace, email=entity.profile_email)
