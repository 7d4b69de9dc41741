"""What a policy question is about."""

from pydantic import BaseModel

from tools.contract import ObjectRef, Plan


class Subject(BaseModel, frozen=True):
    """One change of one object. `action`: such as "workload.restart". `owner`: catalog ref of the owning group.

    `owner_location`: the catalog location that names the owner. `replicas`, `memory_bytes`, `cpu_millis`: wanted, when
    the change sets them.
    """

    target: ObjectRef
    action: str
    tier: str
    owner: str | None = None
    owner_location: str | None = None
    replicas: int | None = None
    memory_bytes: int | None = None
    cpu_millis: int | None = None

    @classmethod
    def of(cls, plan: Plan, action: str) -> "Subject":
        """What a plan is about."""
        return cls(
            target=plan.target,
            action=action,
            tier=plan.tier,
            owner=plan.owner,
            owner_location=plan.owner_location,
            replicas=plan.replicas_after,
            memory_bytes=plan.memory_after_bytes,
            cpu_millis=plan.cpu_after_millis,
        )

    @property
    def key(self) -> str:
        """The object, named without its uid: "cluster/namespace/Kind/name"."""
        return target_key(self.target)


def target_key(ref: ObjectRef) -> str:
    """The object, named without its uid: two changes of it are never under way together."""
    return f"{ref.cluster}/{ref.namespace or ''}/{ref.kind}/{ref.name}"
