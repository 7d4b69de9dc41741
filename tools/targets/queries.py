"""The ways to look for a workload (pure)."""

import re
from collections.abc import Iterator

from tools.catalog.models import Entity
from tools.targets.search import BATCH, BY_KIND, SERVING, Kind, Query
from tools.targets.words import WorkloadName

KUBERNETES_ID = "backstage.io/kubernetes-id"
LABEL_SELECTOR = "backstage.io/kubernetes-label-selector"
NAMESPACE = "backstage.io/kubernetes-namespace"
CLUSTER = "backstage.io/kubernetes-cluster"
NAME_LABELS = ("app.kubernetes.io/name", "app")

OBJECT_NAME = re.compile(r"^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$")
LABEL_VALUE = re.compile(r"^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")


def ways(wanted: WorkloadName, component: Entity | None, *, everywhere: bool) -> list[list[Query]]:
    """Queries in the order they count; a later way is tried only when the earlier ones find nothing.

    Kinds that serve come before Jobs. `everywhere`: catalog and name count alike, so that none hides the other.
    """
    if wanted.kind:
        kinds = (BY_KIND[wanted.kind],)
        return [[query] for query in (*name_queries(wanted, component, kinds), *catalog_queries(component, kinds))]
    first = [*catalog_queries(component, SERVING), *name_queries(wanted, component, SERVING)]
    batch = [*catalog_queries(component, BATCH), *name_queries(wanted, component, BATCH)]
    grouped = [first, batch] if everywhere else [[query] for query in (*first, *batch)]
    return [*grouped, *([query] for query in label_queries(wanted))]


def catalog_queries(component: Entity | None, kinds: tuple[Kind, ...]) -> Iterator[Query]:
    """What the catalog says: the label selector wins over the id. A value that is no label value is left out."""
    annotations = component.annotations if component else {}
    selector, identifier = annotations.get(LABEL_SELECTOR), annotations.get(KUBERNETES_ID, "")
    if selector:
        yield Query(f"catalog annotation {LABEL_SELECTOR}={selector}", kinds, labels=selector)
    elif LABEL_VALUE.match(identifier):
        label = f"{KUBERNETES_ID}={identifier}"
        yield Query(f"catalog annotation {label}", kinds, labels=label)


def name_queries(wanted: WorkloadName, component: Entity | None, kinds: tuple[Kind, ...]) -> Iterator[Query]:
    """By object name: the name as said, then the catalog's id."""
    identifier = component.annotations.get(KUBERNETES_ID, "") if component else ""
    for name in dict.fromkeys((object_name(wanted.name), identifier)):
        if OBJECT_NAME.match(name):
            yield Query(f"name {name}", kinds, fields=f"metadata.name={name}")


def label_queries(wanted: WorkloadName) -> Iterator[Query]:
    """By the labels that commonly carry a service's name."""
    name = object_name(wanted.name)
    if LABEL_VALUE.match(name):
        yield from (Query(f"label {label}={name}", SERVING, labels=f"{label}={name}") for label in NAME_LABELS)


def object_name(words: str) -> str:
    """The words as an object would be called: "Checkout Service" is "checkout-service"."""
    return re.sub(r"[\s_]+", "-", words.strip().lower())
