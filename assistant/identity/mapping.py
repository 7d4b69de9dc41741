"""The mapping file: which account is which person, and what the cluster calls them."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from assistant.identity.accounts import is_reserved, is_timezone
from assistant.identity.principal import Principal
from tools.catalog.refs import parse_ref


def _allowed(name: str) -> str:
    if is_reserved(name):
        raise ValueError('names that start with "system:" and names that are not plain ASCII are refused')
    return name


def _user_ref(text: str) -> str:
    return _ref(text, "user")


def _group_ref(text: str) -> str:
    return _ref(text, "group")


def _ref(text: str, kind: str) -> str:
    ref = parse_ref(text, kind=kind)
    if ref is None or ref.kind != kind:
        raise ValueError(f"must be a name or a ref like {kind}:default/shop")
    return str(ref)


def _timezone(name: str) -> str:
    if not is_timezone(name):
        raise ValueError("must be an IANA time zone like Europe/Berlin")
    return name


KubernetesName = Annotated[str, AfterValidator(_allowed)]


class MappingError(ValueError):
    """The mapping file cannot be used. The text names the file, the entry and the field."""


class MappedSlack(BaseModel, frozen=True, extra="forbid"):
    team: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,32}$")]
    user: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,32}$")]


class MappedUser(BaseModel, frozen=True, extra="forbid"):
    """One person. `id` and `teams` are catalog refs or names.

    `cli` is what --as takes; `id` and the name the cluster knows always work too.
    """

    id: Annotated[str, AfterValidator(_user_ref)]
    slack: tuple[MappedSlack, ...] = ()
    cli: str | None = None
    kubernetes_user: KubernetesName
    kubernetes_groups: tuple[KubernetesName, ...] = ()
    teams: tuple[Annotated[str, AfterValidator(_group_ref)], ...] = ()
    name: str = ""
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"

    def principal(self) -> Principal:
        """The person as the assistant knows them."""
        return Principal(
            id=self.id,
            user=self.kubernetes_user,
            groups=tuple(sorted(set(self.kubernetes_groups))),
            teams=tuple(sorted(set(self.teams))),
            display_name=self.name or self.id.rpartition("/")[2],
            timezone=self.timezone,
        )

    def accounts(self) -> Iterator[str]:
        """Every account that is this person, each once."""
        yield from dict.fromkeys(
            (
                *(f"slack:{account.team}:{account.user}" for account in self.slack),
                f"cli:{self.cli or self.id.rpartition('/')[2]}",
                f"cli:{self.id}",
                f"cli:{self.kubernetes_user}",
            )
        )


class _Mapping(BaseModel, frozen=True, extra="forbid"):
    users: tuple[MappedUser, ...]


def read_mapping(path: Path) -> tuple[MappedUser, ...]:
    """The people of a mapping file. Raises MappingError with each fault: file, entry from 1, field, what is allowed."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise MappingError(f"{path}: cannot be read: {exc.strerror}") from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise MappingError(f"{path}: is not valid YAML: {exc}") from exc
    try:
        users = _Mapping.model_validate(raw).users
    except ValidationError as exc:
        faults = (_fault(path, raw, error["loc"], error["msg"], error["type"]) for error in exc.errors())
        raise MappingError("\n".join(faults)) from exc
    if repeated := sorted(_repeated(users)):
        raise MappingError(f"{path}: more than one entry has {', '.join(repeated)}: an account is one person")
    return users


def _repeated(users: tuple[MappedUser, ...]) -> Iterator[str]:
    counts = Counter(account for user in users for account in user.accounts())
    return (account for account, count in counts.items() if count > 1)


def _fault(path: Path, raw: Any, location: tuple[int | str, ...], message: str, kind: str) -> str:
    if kind == "extra_forbidden":
        allowed = MappedSlack if "slack" in location else MappedUser if "users" in location[:-1] else _Mapping
        message = f"is not a field; allowed are {', '.join(allowed.model_fields)}"
    entry, field = location[:2], location[2:]
    if len(entry) < 2 or not isinstance(entry[1], int):
        return f"{path}: {'.'.join(map(str, location)) or 'the file'}: {message}"
    person = raw["users"][entry[1]]
    name = f" ({person['id']})" if isinstance(person, dict) and isinstance(person.get("id"), str) else ""
    return f"{path}: users entry {entry[1] + 1}{name}: {'.'.join(map(str, field)) or 'the entry'}: {message}"
