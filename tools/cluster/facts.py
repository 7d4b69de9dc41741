"""Evidence read from cluster objects."""

from datetime import datetime

from tools.cluster.models.meta import ApiObject
from tools.contract import Evidence, ObjectRef, Source

MAX_TEXT = 600


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """The text, with an ellipsis when it was longer."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def subject(item: ApiObject) -> str:
    """The object as a person reads it: "Pod shop-staging/checkout-7d9f"."""
    where = f"{item.namespace}/" if item.namespace else ""
    return f"{item.kind} {where}{item.name}"


def fact(item: ApiObject, where: str, text: str, at: datetime, source: Source = Source.CLUSTER) -> Evidence:
    """One field of an object. `at`: when it became so if the object says, else when it was read."""
    return Evidence(source=source, subject=subject(item), where=where, text=cut(text), at=at)


def ref_of(cluster: str, item: ApiObject) -> ObjectRef:
    """The reference of an object that was read, pinned by its uid."""
    return ObjectRef(
        cluster=cluster, namespace=item.namespace, kind=item.kind, name=item.name, uid=item.metadata.uid or None
    )
