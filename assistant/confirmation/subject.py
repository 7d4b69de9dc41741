"""What a policy question is about."""

from pydantic import BaseModel

from tools.contract import ObjectRef, Plan


class Subject(BaseModel, frozen=True):
    """One change of one object. `action`: such as "workload.restart". `owner`: catalog ref of the owning group."""

    target: ObjectRef
    action: str
    tier: str
    owner: str | None = None
    replicas: int | None = None

    @classmethod
    def of(cls, plan: Plan, action: str) -> "Subject":
        """What a plan is about."""
        return cls(target=plan.target, action=action, tier=plan.tier, owner=plan.owner, replicas=plan.replicas_after)

    @property
    def key(self) -> str:
        """The object, named without its uid: "cluster/namespace/Kind/name"."""
        return target_key(self.target)


def target_key(ref: ObjectRef) -> str:
    """The object, named without its uid: two changes of it are never under way together."""
    return f"{ref.cluster}/{ref.namespace or ''}/{ref.kind}/{ref.name}"
