"""Entity refs: "[kind:][namespace/]name", written out and in lower case."""

import re
from dataclasses import dataclass

NAME = re.compile(r"^[a-zA-Z0-9](?:[-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$")
NAMESPACE = re.compile(r"^(?=.{1,63}$)[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*$")
KIND = re.compile(r"^[a-zA-Z][a-zA-Z0-9]{0,62}$")
REF = re.compile(r"^(?:(?P<kind>[^:/]+):)?(?:(?P<namespace>[^:/]+)/)?(?P<name>[^:/]+)$")


@dataclass(frozen=True)
class EntityRef:
    """A full ref; all parts lower case."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}"


def parse_ref(text: str, *, kind: str | None = None, namespace: str = "default") -> EntityRef | None:
    """The full ref of a written one, with defaults for the parts it leaves out; None when it is no ref.

    "team-a" with kind "group" is group:default/team-a. Without a default, a ref that names no kind is none.
    """
    match = REF.match(text.strip())
    if match is None:
        return None
    parts = EntityRef(match["kind"] or kind or "", match["namespace"] or namespace, match["name"])
    if not (KIND.match(parts.kind) and NAMESPACE.match(parts.namespace) and NAME.match(parts.name)):
        return None
    return EntityRef(parts.kind.lower(), parts.namespace.lower(), parts.name.lower())


def short_name(ref: str) -> str:
    """The name in a ref: "checkout" of "component:default/checkout"."""
    return ref.rpartition(":")[2].rpartition("/")[2]
