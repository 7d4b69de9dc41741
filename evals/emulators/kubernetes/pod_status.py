"""`status` of a pod as its kubelet reports it."""

import hashlib

from evals.emulators.kubernetes.objects import Json, condition, dig, prune
from evals.emulators.kubernetes.runtime import WAITS_AFTER_RUN, ContainerState, Phase, PodState
from evals.emulators.kubernetes.timing import rfc3339


def build_status(pod: Json, state: PodState, now: str, host: str) -> Json:
    """The whole status; transition times stay where a condition did not change."""
    spec = pod["spec"]
    status: Json = {
        "observedGeneration": pod["metadata"].get("generation", 1),
        "phase": pod_phase(state),
        "conditions": _conditions(pod, state, now),
        "hostIP": host,
        "hostIPs": [{"ip": host}],
        "startTime": rfc3339(state.started) if state.started else None,
        "qosClass": dig(pod, "status", "qosClass"),
    }
    if state.address:
        status.update(podIP=state.address, podIPs=[{"ip": state.address}])
    images = {c["name"]: c["image"] for c in [*(spec.get("initContainers") or []), *spec["containers"]]}
    init = [container_status(c, images[c.name]) for c in state.containers if c.init]
    if init:
        status["initContainerStatuses"] = init
    status["containerStatuses"] = [container_status(c, images[c.name]) for c in state.containers if not c.init]
    if not state.initialized:
        for item in status["containerStatuses"]:
            item["state"] = {"waiting": {"reason": "PodInitializing"}}
    return prune(status)


def container_status(state: ContainerState, image: str) -> Json:
    """One entry of `containerStatuses`."""
    last = state.previous
    if state.phase in WAITS_AFTER_RUN:
        last = state.run or state.previous
    status: Json = {
        "name": state.name,
        "state": _state(state),
        "lastState": {"terminated": last.terminated()} if last and last.finished else {},
        "ready": state.ready or (state.init and state.succeeded),
        "restartCount": state.restarts,
        "image": image,
        "imageID": image_id(image) if state.run else "",
        "started": state.running,
    }
    if state.run:
        status["containerID"] = state.run.id
    return status


def image_id(image: str) -> str:
    """A repository with a digest, as a runtime names the image it pulled."""
    if "@" in image:
        return image
    head, _, tail = image.rpartition("/")
    repository = "/".join(filter(None, [head, tail.split(":")[0]]))
    return f"{repository}@sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def _state(state: ContainerState) -> Json:
    if state.running and state.run:
        return {"running": {"startedAt": rfc3339(state.run.started)}}
    if state.phase in (Phase.EXITED, Phase.DONE) and state.run:
        return {"terminated": state.run.terminated()}
    reason, message = state.waiting
    return {"waiting": prune({"reason": reason, "message": message or None})}


def pod_phase(state: PodState) -> str:
    """Pending until every container has started once, then Running, Succeeded or Failed."""
    main = [container for container in state.containers if not container.init]
    if any(c.init and c.phase == Phase.DONE and not c.succeeded for c in state.containers):
        return "Failed"
    if main and all(container.phase == Phase.DONE for container in main):
        return "Succeeded" if all(container.succeeded for container in main) else "Failed"
    has_run = [container.run is not None for container in main]
    return "Running" if state.initialized and has_run and all(has_run) else "Pending"


def _conditions(pod: Json, state: PodState, now: str) -> list[Json]:
    main = [c for c in state.containers if not c.init]
    waiting_init = [c.name for c in state.containers if c.init and not c.succeeded]
    unready = [c.name for c in main if not c.ready]
    finished = pod_phase(state) == "Succeeded"
    ready = _containers_condition("ContainersReady", unready, finished=finished)
    found = [
        {"type": "PodReadyToStartContainers", "status": "True" if state.mounted else "False"},
        _initialized(waiting_init),
        {**ready, "type": "Ready"},
        ready,
        {"type": "PodScheduled", "status": "True"},
    ]
    generation = pod["metadata"].get("generation", 1)
    return [_timed(pod, {**item, "observedGeneration": generation}, now) for item in found]


def _initialized(waiting: list[str]) -> Json:
    if not waiting:
        return {"type": "Initialized", "status": "True"}
    message = f"containers with incomplete status: [{' '.join(waiting)}]"
    return {"type": "Initialized", "status": "False", "reason": "ContainersNotInitialized", "message": message}


def _containers_condition(kind: str, unready: list[str], *, finished: bool) -> Json:
    if finished:
        return {"type": kind, "status": "False", "reason": "PodCompleted"}
    if not unready:
        return {"type": kind, "status": "True"}
    message = f"containers with unready status: [{' '.join(unready)}]"
    return {"type": kind, "status": "False", "reason": "ContainersNotReady", "message": message}


def _timed(pod: Json, item: Json, now: str) -> Json:
    before = condition(pod, item["type"])
    unchanged = before is not None and before["status"] == item["status"]
    moment = before["lastTransitionTime"] if before and unchanged else now
    return {**item, "lastProbeTime": None, "lastTransitionTime": moment}
