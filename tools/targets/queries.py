"""The ways to look for a workload, in the order they count (pure)."""

import re
from collections.abc import Iterator

from tools.catalog.models import Entity
from tools.targets.search import BATCH, BY_KIND, SERVING, Query
from tools.targets.words import WorkloadName

KUBERNETES_ID = "backstage.io/kubernetes-id"
LABEL_SELECTOR = "backstage.io/kubernetes-label-selector"
NAMESPACE = "backstage.io/kubernetes-namespace"
CLUSTER = "backstage.io/kubernetes-cluster"
NAME_LABELS = ("app.kubernetes.io/name", "app")

OBJECT_NAME = re.compile(r"^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$")
LABEL_VALUE = re.compile(r"^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")


def catalog_queries(component: Entity | None) -> Iterator[Query]:
    """What the catalog says: the label selector wins over the id. A value that is no label value is left out."""
    annotations = component.annotations if component else {}
    selector, identifier = annotations.get(LABEL_SELECTOR), annotations.get(KUBERNETES_ID, "")
    if selector:
        yield Query(f"catalog annotation {LABEL_SELECTOR}={selector}", (*SERVING, *BATCH), labels=selector)
    elif LABEL_VALUE.match(identifier):
        label = f"{KUBERNETES_ID}={identifier}"
        yield Query(f"catalog annotation {label}", (*SERVING, *BATCH), labels=label)


def name_queries(wanted: WorkloadName, component: Entity | None) -> Iterator[Query]:
    """By object name: the name as said, then the catalog's id; serving kinds before Jobs and CronJobs."""
    identifier = component.annotations.get(KUBERNETES_ID, "") if component else ""
    for name in dict.fromkeys((object_name(wanted.name), identifier)):
        if OBJECT_NAME.match(name):
            fields = f"metadata.name={name}"
            if wanted.kind:
                yield Query(f"{wanted.kind} {name}", (BY_KIND[wanted.kind],), fields=fields)
            else:
                yield Query(f"name {name}", SERVING, fields=fields)
                yield Query(f"name {name} among jobs", BATCH, fields=fields)


def label_queries(wanted: WorkloadName) -> Iterator[Query]:
    """By the labels that commonly carry a service's name."""
    name = object_name(wanted.name)
    kinds = (BY_KIND[wanted.kind],) if wanted.kind else SERVING
    if LABEL_VALUE.match(name):
        yield from (Query(f"label {label}={name}", kinds, labels=f"{label}={name}") for label in NAME_LABELS)


def object_name(words: str) -> str:
    """The words as an object would be called: "Checkout Service" is "checkout-service"."""
    return re.sub(r"[\s_]+", "-", words.strip().lower())
