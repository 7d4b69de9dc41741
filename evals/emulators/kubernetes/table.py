"""Tables: what `kubectl get` prints of a list."""

from datetime import datetime

from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.table_columns import Column, columns_of


def table_of(resource: Resource, items: list[Json], metadata: Json, now: datetime) -> Json:
    """A meta.k8s.io/v1 Table of objects."""
    columns = columns_of(resource)
    rows = [{"cells": [column.cell(item, now) for column in columns], "object": _partial(item)} for item in items]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": [_definition(column) for column in columns],
        "rows": rows,
    }


def _definition(column: Column) -> Json:
    return {
        "name": column.name,
        "type": column.type,
        "format": "name" if column.name == "Name" else "",
        "description": f"{column.name} of the object.",
        "priority": column.priority,
    }


def _partial(obj: Json) -> Json:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}
