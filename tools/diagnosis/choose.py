"""Which objects are worth reading further. Pure: the bounds of a diagnosis are set here."""

from collections.abc import Iterator

from tools.cluster.models.meta import LabelSelector
from tools.cluster.models.network import Service
from tools.cluster.models.pods import Pod
from tools.diagnosis.observations import ContainerView, Observations, is_live
from tools.diagnosis.references import Reference, references

WORST_PODS = 5
LOG_PODS = 2
LOG_CONTAINERS = 3
HEALTHY_LOGS = 2  # containers of one pod that is ready
CONFIG_MAPS = 6
CLAIMS = 4
NODES = 3
_STARTING = frozenset(("ContainerCreating", "PodInitializing", "CreateContainerConfigError"))


def selector_of(observations: Observations) -> LabelSelector | None:
    """What selects its pods; of a CronJob those of its newest Job."""
    if observations.workload:
        return observations.workload.spec.selector
    job = observations.job or next(iter(observations.jobs), None)
    return job.spec.selector if job else None


def troubled(observations: Observations) -> tuple[Pod, ...]:
    """Pods that are not ready, keep restarting or were evicted, worst first, at most `WORST_PODS`."""
    endings = {view.pod.name for view in observations.containers() if view.keeps_ending(observations.at)}
    bad = [pod for pod in observations.pods if pod.name in endings or not _fine(pod)]
    return tuple(sorted(bad, key=lambda pod: _badness(observations, pod))[:WORST_PODS])


def _fine(pod: Pod) -> bool:
    return pod.is_ready() or pod.status.phase == "Succeeded"


def _badness(observations: Observations, pod: Pod) -> tuple[bool, bool, bool, int, str]:
    restarts = sum(status.restart_count for status in pod.status.all_container_statuses())
    return (not is_live(pod), pod.is_ready(), not observations.is_current(pod), -restarts, pod.name)


def services_of(observations: Observations) -> tuple[Service, ...]:
    """Services that select its pods, or are plainly meant to: of the same name, or sharing a part of the selector."""
    return tuple(service for service in observations.services if _meant(observations, service))


def _meant(observations: Observations, service: Service) -> bool:
    selector, labels = service.spec.selector, observations.template.metadata.labels
    if not selector:
        return False
    if all(labels.get(key) == value for key, value in selector.items()):
        return True
    name = observations.target.name
    governing = observations.workload.spec.service_name if observations.workload else ""
    shared = any(labels.get(key) == selector.get(key) for key in ("app", "app.kubernetes.io/name") if key in selector)
    return service.name in {name, governing} or shared


def starting_pods(observations: Observations) -> tuple[Pod, ...]:
    """Troubled pods whose containers wait for configuration or volumes, or that wait for a node."""
    return tuple(pod for pod in troubled(observations) if _waits(pod))


def _waits(pod: Pod) -> bool:
    statuses = pod.status.all_container_statuses()
    return not statuses or any(one.state.waiting and one.state.waiting.reason in _STARTING for one in statuses)


def referenced(observations: Observations, kind: str, limit: int) -> tuple[str, ...]:
    """Names of that kind which starting pods need, sorted."""
    found: set[Reference] = {ref for pod in starting_pods(observations) for ref in references(pod.spec)}
    return tuple(sorted({ref.name for ref in found if ref.kind == kind and ref.name and not ref.optional})[:limit])


def nodes_in_doubt(observations: Observations) -> tuple[str, ...]:
    """Nodes of troubled pods whose containers look fine themselves, were killed from outside, or were evicted."""
    names = {pod.spec.node_name for pod in troubled(observations) if pod.spec.node_name and _node_may_be_it(pod)}
    return tuple(sorted(names)[:NODES])


def _node_may_be_it(pod: Pod) -> bool:
    statuses = pod.status.container_statuses
    fine = bool(statuses) and all(status.ready for status in statuses)
    ended = [status.state.terminated or status.last_state.terminated for status in statuses]
    odd = any(one and (one.exit_code == 137 or one.reason in {"ContainerStatusUnknown", "OOMKilled"}) for one in ended)
    return fine or odd or bool(pod.status.reason) or pod.status.phase in {"Unknown", "Failed"} or not statuses


def unplaced(observations: Observations) -> bool:
    """Whether a pod has no node yet."""
    return any(not pod.spec.node_name for pod in observations.live_pods())


def too_few(observations: Observations) -> bool:
    """Whether fewer pods exist than are wanted, so that something may refuse to create them."""
    current = [pod for pod in observations.live_pods() if observations.is_current(pod)]
    if observations.workload:
        return len(current) < observations.workload.desired()
    return bool(observations.job or observations.jobs) and not observations.pods


def logs_wanted(observations: Observations) -> Iterator[tuple[str, str, bool]]:
    """(pod, container, previous) to read: of what keeps ending or is not ready, else the newest of a healthy pod."""
    bad = {pod.name for pod in troubled(observations)[:WORST_PODS]}
    views = [view for view in observations.containers() if view.pod.name in bad and _says_something(view)]
    views.sort(key=lambda view: _badness(observations, view.pod))
    chosen = [view for view in views if view.pod.name in _first(view.pod.name for view in views)]
    if not bad:
        chosen = [view for view in observations.containers() if view.status.ready and not view.init]
        chosen = [view for view in chosen if view.pod is chosen[0].pod][:HEALTHY_LOGS]
    for view in chosen[:LOG_CONTAINERS]:
        ends = view.keeps_ending(observations.at)
        if ends and view.status.restart_count:
            yield view.pod.name, view.name, True
        if not ends or not view.status.restart_count or view.status.state.running:
            yield view.pod.name, view.name, False


def _says_something(view: ContainerView) -> bool:
    state = view.status.state
    ran = bool(view.status.last_state.terminated or state.running or state.terminated)
    finished = view.init and state.terminated is not None and state.terminated.exit_code == 0
    return (ran and not finished and not view.status.ready) or (view.status.restart_count > 0 and ran and not finished)


def _first(names: Iterator[str]) -> set[str]:
    return set(list(dict.fromkeys(names))[:LOG_PODS])
