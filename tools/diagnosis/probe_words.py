"""What a probe's failure means, in words. Pure."""

from dataclasses import dataclass

from tools.cluster.models.pods import Container, Probe
from tools.diagnosis import strings
from tools.diagnosis.facts import excerpt
from tools.diagnosis.revisions import probe_target as target

__all__ = ["Words", "describe", "resolved_port", "target"]


@dataclass(frozen=True)
class Words:
    """`says` follows a colon; `next_step` is a sentence."""

    says: str
    next_step: str


def describe(why: str, probe: Probe | None) -> Words:
    """Words for the part of the event that follows "probe failed:"."""
    if hit := strings.PROBE_STATUS.search(why):
        return _status(hit["code"])
    if strings.PROBE_REFUSED.search(why):
        return Words(
            "nothing listens there (connection refused)",
            "Check in the log whether the process listens on that port, on all interfaces and not only on 127.0.0.1.",
        )
    if strings.PROBE_GRPC.search(why):
        return Words(
            f"the gRPC health service says {excerpt(why, 100)}", "Check what the service waits for before it serves."
        )
    if strings.PROBE_TIMEOUT.search(why):
        limit = f" within {probe.timeout_seconds} s" if probe else " in time"
        return Words(
            f"it gives no answer{limit}",
            "Find out what makes it slow (CPU limit, a blocked call); raise timeoutSeconds only if slowness is normal.",
        )
    said = f'"{excerpt(why, 160)}"' if why else "the check does not succeed"
    return Words(said, "Run the check by hand in the container, and read its log of the same minute.")


def _status(code: str) -> Words:
    meaning = {
        "404": ("that path does not exist there", "Correct the path of the probe, or add the route."),
        "401": ("the path asks for a login", "Let the probe's path through without a login."),
        "403": ("the path forbids the probe", "Let the probe's path through without a login."),
    }
    if code in meaning:
        says, step = meaning[code]
        return Words(f"it answers HTTP {code}, {says}", step)
    return Words(
        f"it answers HTTP {code}",
        "Read its log of the same minute: the application itself says that it is not well.",
    )


def resolved_port(probe: Probe, container: Container) -> int | str:
    """The port a probe asks; a name that no port of the container has stays a name."""
    asked: int | str = 0
    if probe.http_get:
        asked = probe.http_get.port
    elif probe.tcp_socket:
        asked = probe.tcp_socket.port
    elif probe.grpc:
        asked = probe.grpc.port
    named = {port.name: port.container_port for port in container.ports}
    return named.get(str(asked), asked)
