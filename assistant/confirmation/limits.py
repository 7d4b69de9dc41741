"""What differs by deployment: ceilings by tier, special teams, trusted catalog locations, freezes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from assistant.confirmation.freezes import FreezeWindow, active_freeze

GIBIBYTE = 2**30


@dataclass(frozen=True)
class Ceilings:
    """Most that a change may ask for: replicas of a workload; memory (bytes) and CPU (thousandths) of one container."""

    replicas: int
    memory_bytes: int
    cpu_millis: int


DEFAULT_CEILINGS = MappingProxyType(
    {"prod": Ceilings(50, 16 * GIBIBYTE, 8_000), "nonprod": Ceilings(10, 4 * GIBIBYTE, 4_000)}
)


@dataclass(frozen=True)
class Limits:
    """`ceilings` by tier; a tier not named has the smallest of each. `denials`: how many end a proposal.

    `platform_teams`, `on_call_groups`: catalog refs. `owner_locations`: catalog locations that may name approvers by
    ownership; with none only the platform team approves. `frozen`: no changes in production now, whatever the windows.
    """

    ceilings: Mapping[str, Ceilings] = field(default_factory=lambda: DEFAULT_CEILINGS)
    platform_teams: tuple[str, ...] = ()
    on_call_groups: tuple[str, ...] = ()
    owner_locations: tuple[str, ...] = ()
    denials: int = 1
    frozen: bool = False
    freezes: tuple[FreezeWindow, ...] = ()

    def of(self, tier: str) -> Ceilings:
        """The ceilings of a tier."""
        known = self.ceilings.get(tier)
        if known is not None:
            return known
        every = self.ceilings.values()
        return Ceilings(
            min((one.replicas for one in every), default=0),
            min((one.memory_bytes for one in every), default=0),
            min((one.cpu_millis for one in every), default=0),
        )

    def freeze(self, tier: str, now: datetime) -> str:
        """The freeze that covers a tier now, in words, or nothing."""
        if self.frozen and tier == "prod":
            return "production is frozen until the platform team ends it (CONFIRMATION__FROZEN)"
        return active_freeze(self.freezes, tier, now)

    def trusts(self, location: str | None) -> bool:
        """Whether ownership that this catalog location declares makes approvers."""
        return location is not None and any(_within(location, prefix) for prefix in self.owner_locations)


def _within(location: str, prefix: str) -> bool:
    """The location itself or below it: "url:https://git/acme" does not reach into "url:https://git/acme-evil"."""
    return location == prefix or location.startswith(prefix if prefix.endswith(("/", ":")) else f"{prefix}/")
