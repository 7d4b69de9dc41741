"""Requests that only ask whether a server lives (pure)."""

import re

SHAPE = "<probe>"
"""The shape that all of them have: they are one template, whatever their path."""

_PROBE = re.compile(
    r"/(?:-/)?(?:health|healthz|healthcheck|health_check|readyz?|readiness|livez?|liveness|startupz?|ping|metrics|alive)"
    r"(?:/(?:live|liveness|ready|readiness|startup))?(?=[\s\"',}]|$)"
    r"|/actuator/(?:health|prometheus)|grpc\.health\.v1|kube-probe|GoogleHC/|ELB-HealthChecker|Prometheus/\d"
)


def is_probe(shape: str) -> bool:
    """Whether a shape tells of such a request; whether it was answered well is not looked at."""
    return _PROBE.search(shape) is not None
