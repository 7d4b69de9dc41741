"""Who asks: users by bearer token, and impersonation headers."""

from collections.abc import Iterable
from dataclasses import dataclass, field

AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
MASTERS = "system:masters"


@dataclass(frozen=True)
class User:
    """An identity with its groups; `extra` holds further attributes by key."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: dict[str, list[str]] = field(default_factory=dict, hash=False)

    @property
    def is_master(self) -> bool:
        return MASTERS in self.groups


ANONYMOUS = User("system:anonymous", (UNAUTHENTICATED,))
SYSTEM = User("system:apiserver", (MASTERS,))


class Users:
    """The tokens that are accepted, and whose they are."""

    def __init__(self) -> None:
        self._by_token: dict[str, User] = {}
        self._tokens: dict[str, str] = {}
        self.add("admin", [MASTERS], "admin-token")

    def add(self, name: str, groups: Iterable[str] = (), token: str = "") -> User:
        """Let a user in; everyone is in `system:authenticated`. Without a token one is made of the name."""
        user = User(name, tuple(dict.fromkeys([*groups, AUTHENTICATED])))
        token = token or f"token-of-{name}"
        self._by_token[token] = user
        self._tokens[name] = token
        return user

    def token_for(self, name: str) -> str:
        """The bearer token of a user. Raises KeyError."""
        return self._tokens[name]

    def of_name(self, name: str) -> User:
        """A user by name. Raises KeyError."""
        return self._by_token[self._tokens[name]]

    def of_token(self, token: str) -> User | None:
        return self._by_token.get(token)

    def names(self) -> list[str]:
        return list(self._tokens)


def service_account_user(namespace: str, name: str) -> User:
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", AUTHENTICATED)
    return User(f"system:serviceaccount:{namespace}:{name}", groups)
