"""Admission webhooks that a refused pod met, and whose Service is not there: one look behind the refusal."""

from collections.abc import Iterator
from typing import Any

from tools.cluster.models.custom import Custom
from tools.diagnosis.facts import field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each webhook whose Service does not exist or has no ready endpoint."""
    for configuration in observations.platform.of_kind(*_KINDS):
        for webhook in configuration.webhooks:
            service = (webhook.get("clientConfig") or {}).get("service") or {}
            if service:
                yield from _webhook(observations, configuration, webhook, service)


def called(configuration: Custom) -> Iterator[tuple[str, str, str]]:
    """(webhook, namespace, name) of the Services that its webhooks call."""
    for webhook in configuration.webhooks:
        service = (webhook.get("clientConfig") or {}).get("service") or {}
        if service:
            yield str(webhook.get("name", "")), str(service.get("namespace", "")), str(service.get("name", ""))


def _webhook(
    observations: Observations, configuration: Custom, webhook: dict[str, Any], service: dict[str, Any]
) -> Iterator[Finding]:
    where = f"{service.get('namespace')}/{service.get('name')}"
    if observations.platform.lacks("Service", where):
        what = "does not exist"
    elif observations.platform.lacks("Endpoints", where):
        what = "has no ready pod"
    else:
        return
    name = str(webhook.get("name", ""))
    policy = str(webhook.get("failurePolicy") or "Fail")
    yield Finding(
        cause="webhook-backend-missing",
        role="cause" if policy == "Fail" else "info",
        title=f"the admission webhook {name} calls the Service {where}, which {what}",
        explanation="Its failurePolicy is Fail, so everything that it should judge is refused."
        if policy == "Fail"
        else "",
        subject=subject_of(configuration),
        evidence=(
            field_fact(configuration, f"webhooks[{name}].clientConfig.service", where, observations.at),
            field_fact(configuration, f"webhooks[{name}].failurePolicy", policy, observations.at),
        ),
        confidence=0.94,
        next_steps=(f"Bring the Service {where} back, or ask the platform team to remove the webhook {name}.",),
        key=name,
    )
