"""What a failing probe says."""

from evals.emulators.kubernetes.objects import Json


def default_failure(probe: Json, address: str) -> str:
    """The kubelet's text for a probe that fails, by the kind of the probe."""
    if "httpGet" in probe:
        return "HTTP probe failed with statuscode: 503"
    if "tcpSocket" in probe:
        where = f"{address}:{probe['tcpSocket'].get('port')}"
        return f"dial tcp {where}: connect: connection refused"
    if "grpc" in probe:
        return 'service unhealthy (responded with "NOT_SERVING")'
    return "command failed with exit code 1"
