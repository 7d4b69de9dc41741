"""The accounts people write from: "slack:TEAM:USER", "cli:alice", "operator" (pure)."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from assistant.errors import UnknownPerson
from assistant.identity.principal import Principal

SLACK = re.compile(r"^slack:(?P<team>[A-Z0-9]{1,32}):(?P<user>[A-Z0-9]{1,32})$")
CLI = re.compile(r"^cli:(?P<name>\S.{0,200})$")

OPERATOR = Principal(kind="operator", id="operator", user="", display_name="operator")
"""Who runs the command line without --as: the kubeconfig's own identity, no impersonation."""


@dataclass(frozen=True)
class SlackAccount:
    team: str
    user: str


@dataclass(frozen=True)
class CliAccount:
    """`name`: a user name ("alice") or a full ref ("user:default/alice")."""

    name: str


def parse_account(account: str, contact: str) -> SlackAccount | CliAccount:
    """What kind of account it is. Raises UnknownPerson for one of no known form."""
    if match := SLACK.match(account):
        return SlackAccount(match["team"], match["user"])
    if match := CLI.match(account):
        return CliAccount(match["name"])
    raise unknown(account, contact)


def unknown(account: str, contact: str, why: str = "nobody is mapped to this account") -> UnknownPerson:
    """The refusal: what, why, whom to ask."""
    return UnknownPerson(f"I do not know you yet ({account}): {why}. Ask {contact} to add you, then try again.")


def is_reserved(name: str) -> bool:
    """Whether the cluster keeps the name for itself, or it cannot be sent as a header: nobody may act under it."""
    return not name or name.startswith("system:") or not name.isprintable() or not name.isascii()


def is_timezone(name: str) -> bool:
    """Whether it is an IANA time zone this machine knows."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return False
    return True
