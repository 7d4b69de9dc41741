"""Who someone is."""

from typing import Literal

from pydantic import BaseModel

from tools.cluster.port import Actor


class Principal(BaseModel, frozen=True):
    """A known person, or the operator of the command line.

    `id`: catalog ref ("user:default/alice") or "operator". `user`: name the cluster knows ("alice@example.com").
    `groups`: names the cluster knows, sorted. `teams`: catalog refs of the groups ("group:default/shop"), sorted.
    `timezone`: IANA name.
    """

    kind: Literal["person", "operator"] = "person"
    id: str
    user: str
    groups: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    display_name: str = ""
    timezone: str = "UTC"

    def actor(self) -> Actor | None:
        """Whom Kubernetes calls impersonate; None for the operator, who acts as the kubeconfig's own identity."""
        return None if self.kind == "operator" else Actor(self.user, self.groups)
