"""Container logs: lines made from the behaviour of a run, cut as the log subresource cuts them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from evals.emulators.kubernetes.errors import ApiError, bad_request
from evals.emulators.kubernetes.objects import Json, dig, name_of, namespace_of
from evals.emulators.kubernetes.pod_defaults import containers_of
from evals.emulators.kubernetes.runtime import WAITS_AFTER_RUN, ContainerState, PodState, Run
from evals.emulators.kubernetes.timing import rfc3339_nano

MOST_LINES = 20_000  # of the lines that repeat; the node would have rotated older ones away
_START_STEP = timedelta(milliseconds=10)
_WAITING = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}


@dataclass(frozen=True)
class LogOptions:
    """The query of a log request."""

    container: str = ""
    previous: bool = False
    tail_lines: int | None = None
    limit_bytes: int | None = None
    since: datetime | None = None
    timestamps: bool = False


def read_log(pod: Json, state: PodState | None, options: LogOptions, now: datetime) -> str:
    """The log text. Raises ApiError 400 when a container must be named, is unknown, or has not run."""
    name = _container_name(pod, options.container)
    run = _run(pod, state, name, previous=options.previous)
    if run is None:
        return ""
    lines = [line for line in lines_of(pod, name, run, now) if options.since is None or line[0] >= options.since]
    if options.tail_lines is not None:
        lines = lines[-options.tail_lines :] if options.tail_lines else []
    texts = (f"{rfc3339_nano(moment)} {text}" if options.timestamps else text for moment, text in lines)
    text = "".join(f"{line}\n" for line in texts)
    if options.limit_bytes is not None:
        return text.encode()[: options.limit_bytes].decode(errors="ignore")
    return text


def _container_name(pod: Json, asked: str) -> str:
    names = [container["name"] for container in pod["spec"].get("containers") or []]
    if asked:
        if asked not in [container["name"] for container in containers_of(pod["spec"])]:
            raise bad_request(f"container {asked} is not valid for pod {name_of(pod)}")
        return asked
    if len(names) == 1:
        return str(names[0])
    init = [container["name"] for container in pod["spec"].get("initContainers") or []]
    choice = f"choose one of: [{' '.join(names)}]"
    if init:
        choice += f" or one of the init containers: [{' '.join(init)}]"
    raise bad_request(f"a container name must be specified for pod {name_of(pod)}, {choice}")


def _run(pod: Json, state: PodState | None, name: str, *, previous: bool) -> Run | None:
    if state is None and not dig(pod, "spec", "nodeName"):
        return None
    container = state.container(name) if state else None
    if container is None:
        raise _waits(pod, name, "ContainerCreating")
    run = _previous(container) if previous else container.run
    if run is None and previous:
        raise bad_request(f'previous terminated container "{name}" in pod "{name_of(pod)}" not found')
    if run is None:
        reason, _ = container.waiting
        raise _waits(pod, name, reason if (state and state.initialized) or container.init else "PodInitializing")
    return run


def _previous(container: ContainerState) -> Run | None:
    if container.phase in WAITS_AFTER_RUN:
        return container.run
    return container.previous


def _waits(pod: Json, name: str, reason: str) -> ApiError:
    text = _WAITING.get(reason, reason)
    return bad_request(f'container "{name}" in pod "{name_of(pod)}" is waiting to start: {text}')


def lines_of(pod: Json, name: str, run: Run, now: datetime) -> Iterator[tuple[datetime, str]]:
    """Every line a run has written until now, oldest first."""
    end = min(run.finished or now, now)
    place = {
        "{pod}": name_of(pod),
        "{container}": name,
        "{namespace}": namespace_of(pod),
        "{node}": str(dig(pod, "spec", "nodeName")),
        "{attempt}": str(run.attempt),
    }
    moment = run.started
    for line in run.behaviour.logs:
        yield min(moment, end), _filled(line, place)
        moment += _START_STEP
    yield from _repeated(run, end, place)


def _repeated(run: Run, end: datetime, place: dict[str, str]) -> Iterator[tuple[datetime, str]]:
    every = run.behaviour.every
    if every is None or not every.lines:
        return
    count = int((end - run.started).total_seconds() / every.seconds)
    for number in range(max(1, count - MOST_LINES + 1), count + 1):
        line = every.lines[(number - 1) % len(every.lines)]
        moment = run.started + timedelta(seconds=every.seconds * number)
        yield moment, _filled(line, {**place, "{n}": str(number)})


def _filled(line: str, place: dict[str, str]) -> str:
    for mark, value in place.items():
        line = line.replace(mark, value)
    return line
