"""Annotations that say where an entity runs, lives and who is on call for it (pure).

Only annotations listed here are shown: others hold keys and tokens (pagerduty.com/integration-key).
"""

from pydantic import BaseModel

from tools.catalog.evidence import cut
from tools.catalog.models import Entity

MAX_VALUE = 200

POINTERS = {
    "backstage.io/kubernetes-id": "Kubernetes id",
    "backstage.io/kubernetes-label-selector": "Kubernetes label selector",
    "backstage.io/kubernetes-namespace": "Kubernetes namespace",
    "backstage.io/kubernetes-cluster": "Kubernetes cluster",
    "argocd/app-name": "Argo CD application",
    "argocd/app-selector": "Argo CD application selector",
    "argocd/app-namespace": "Argo CD application namespace",
    "argocd/project-name": "Argo CD project",
    "github.com/project-slug": "GitHub repository",
    "github.com/team-slug": "GitHub team",
    "gitlab.com/project-slug": "GitLab project",
    "backstage.io/source-location": "source",
    "backstage.io/techdocs-ref": "documentation",
    "backstage.io/view-url": "page",
}

ON_CALL = {
    "pagerduty.com/service-id": "PagerDuty service",
    "opsgenie.com/team": "Opsgenie team",
    "opsgenie.com/component-selector": "Opsgenie component",
    "splunk.com/on-call-team": "Splunk On-Call team",
}


class Pointer(BaseModel, frozen=True):
    """What an annotation points at. `label` in words, `value` as written, at most 200 characters."""

    annotation: str
    label: str
    value: str


def pointers(entity: Entity) -> tuple[Pointer, ...]:
    """Where it runs, its source and its documentation."""
    return _known(entity, POINTERS)


def on_call(entity: Entity) -> tuple[Pointer, ...]:
    """Whom the on-call system pages for it. The catalog does not know who is on duty just now."""
    return _known(entity, ON_CALL)


def _known(entity: Entity, table: dict[str, str]) -> tuple[Pointer, ...]:
    return tuple(
        Pointer(annotation=key, label=words, value=cut(entity.annotations[key], MAX_VALUE))
        for key, words in table.items()
        if entity.annotations.get(key)
    )
