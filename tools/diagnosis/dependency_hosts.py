"""Which dependencies are worth a look: hosts that logs complain of, that settings or the catalog name. Pure."""

from collections.abc import Iterator

from tools.diagnosis.analyzers.log_errors import ENOUGH, FRESH
from tools.diagnosis.choose import services_of
from tools.diagnosis.hosts import Called, in_line, in_setting, service_name
from tools.diagnosis.log_lines import WINDOW, decisive
from tools.diagnosis.observations import ContainerLog, Dependency, Observations
from tools.logs.models import LogLine

MAX_DEPENDENCIES = 5


def suspects(seen: Observations, declared: tuple[str, ...] = ()) -> tuple[Dependency, ...]:
    """At most `MAX_DEPENDENCIES`, those of the log first. `declared`: names from the catalog."""
    own = {service.name for service in services_of(seen)} | {seen.target.name}
    found: dict[str, Dependency] = {}
    for one in (*_from_logs(seen), *_from_settings(seen), *_from_catalog(seen, declared)):
        if one.host not in own:
            found.setdefault(one.host, one)
    return tuple(found.values())[:MAX_DEPENDENCIES]


def _from_logs(seen: Observations) -> Iterator[Dependency]:
    """The newest complaint of each log about each host; the decisive line of a log first."""
    for log in seen.logs:
        final = decisive(log.lines)
        lines = ([final] if final else []) + [line for line in reversed(log.lines[-WINDOW:]) if line is not final]
        complaints = [(line, called) for line in lines if (called := in_line(line.text)) and _fresh(seen, line)]
        for line, called in complaints:
            times = sum(other.host == called.host for _, other in complaints)
            telling = times >= ENOUGH if seen.all_fine() else line is final
            yield _of_line(seen, log, line, called, telling=telling)


def _fresh(seen: Observations, line: LogLine) -> bool:
    return not seen.all_fine() or (line.at is not None and seen.at - line.at <= FRESH)


def _of_line(seen: Observations, log: ContainerLog, line: LogLine, called: Called, *, telling: bool) -> Dependency:
    by_address = next((one for one in seen.services if one.spec.cluster_ip == called.host), None)
    name = by_address.name if by_address else called.host
    run = ", previous run" if log.previous else ""
    return Dependency(
        host=_short(name, seen.namespace),
        port=called.port,
        source="log",
        text=line.text,
        where=f"log of Pod {log.pod}, container {log.container}{run}",
        at=line.at,
        failed=called.failed,
        decisive=telling,
        in_cluster=_inside(seen, name),
    )


def _from_settings(seen: Observations) -> Iterator[Dependency]:
    for container in seen.template.spec.containers:
        for variable in container.env:
            called = in_setting(variable.name, variable.value or "")
            place = service_name(called.host, seen.namespace) if called else None
            if called and place and place[1] == seen.namespace and _service_named(seen, place[0]):
                yield Dependency(
                    host=place[0],
                    port=called.port,
                    source="env",
                    text=f"{variable.name} points to {place[0]}",
                    where=f"spec.template.spec.containers[{container.name}].env[{variable.name}]",
                )


def _from_catalog(seen: Observations, declared: tuple[str, ...]) -> Iterator[Dependency]:
    for name in declared:
        if _service_named(seen, name):
            text = f"the catalog says that it depends on {name}"
            yield Dependency(host=name, port=None, source="catalog", text=text, where="relation dependsOn")


def _service_named(seen: Observations, name: str) -> bool:
    return any(service.name == name for service in seen.services)


def _short(host: str, namespace: str) -> str:
    place = service_name(host, namespace)
    return place[0] if place and place[1] == namespace else host


def _inside(seen: Observations, host: str) -> bool:
    """Whether a host can only mean a Service: one word, or a cluster name. "api.example.com" is outside."""
    parts = host.split(".")
    if _service_named(seen, parts[0]) and len(parts) <= 2:
        return True
    return len(parts) == 1 or ".svc" in host
