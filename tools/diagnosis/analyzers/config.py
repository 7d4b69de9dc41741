"""Configuration that a container refers to and that is not there."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from tools.cluster.models.events import Event
from tools.cluster.models.pods import Pod
from tools.contract import Evidence, SuggestedAction
from tools.diagnosis import strings
from tools.diagnosis.facts import event_fact, excerpt, first_seen, subject_of, waiting_fact
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import ContainerView, Observations
from tools.diagnosis.references import references

_VOLUME = re.compile(r"for volume \"(?P<volume>[^\"]+)\"")


def analyze(observations: Observations) -> Iterator[Finding]:
    """Missing ConfigMaps, Secrets and keys (by variable or by volume), and containers that cannot be created."""
    for view in observations.containers():
        reason = view.waiting_reason()
        if reason == "CreateContainerConfigError":
            yield _by_container(observations, view)
        elif reason in strings.RUNTIME_REASONS:
            yield _not_created(observations, view)
        elif view.keeps_ending(observations.at):
            yield from _hook(observations, view)
    for pod in observations.live_pods():
        yield from _by_volume(observations, pod)


def _by_container(observations: Observations, view: ContainerView) -> Finding:
    waiting = view.status.state.waiting
    told = [waiting.message if waiting else ""]
    events = observations.container_events(view, "Failed")
    told += [event.message for event in reversed(events)]
    hit = next((found for text in told if (found := strings.match(strings.CONFIG, text))), None)
    evidence = (waiting_fact(view, observations.at), *(event_fact(one, observations.at) for one in events[-1:]))
    since = first_seen(events, view.pod.metadata.creation_timestamp)
    if hit and hit[0].cause == "config-nonroot":
        return _nonroot(view, evidence[:1])
    if hit is None:
        return _not_created(observations, view)
    return _missing(observations, view.pod, hit[1].groupdict(), evidence[:1]).model_copy(update={"since": since})


def _missing(
    observations: Observations, pod: Pod, said: dict[str, str | None], evidence: tuple[Evidence, ...]
) -> Finding:
    kind = "Secret" if (said.get("kind") or "").lower() == "secret" else "ConfigMap"
    name, key = said.get("name") or "", said.get("key") or ""
    holder = f"{kind} {name}".strip()
    title = f"the key {key} is missing in the {holder}" if key else f"the {holder} does not exist"
    known = observations.config_maps.get(name) if kind == "ConfigMap" else None
    return Finding(
        cause="config-missing-configmap-or-secret",
        title=title,
        explanation=_explain(kind, name, key, known, observations.config_maps),
        subject=subject_of(pod),
        evidence=evidence,
        confidence=0.97,
        next_steps=_next_steps(observations, kind, name, key),
        actions=_actions(observations, kind, name, key, known),
        pods=(pod.name,),
        key=f"{kind} {name} {key}",
    )


def _explain(
    kind: str, name: str, key: str, known: tuple[str, ...] | None, read: dict[str, tuple[str, ...] | None]
) -> str:
    if kind == "Secret":
        return "Secrets are never read by this assistant, so only the node's message tells this."
    if known is None:
        return f"It was looked for in the namespace and is not there." if name in read and not key else ""  # noqa: F541
    if not key or key in known:
        return f"The ConfigMap {name} exists now: the node tries again within minutes."
    near = get_close_matches(key, known, n=1, cutoff=0.6)
    return f"It has the keys {excerpt(', '.join(known), 200) or 'none'}." + (f" Is {near[0]} meant?" if near else "")


def _next_steps(observations: Observations, kind: str, name: str, key: str) -> tuple[str, ...]:
    where = observations.namespace
    if key:
        return (f"Add the key {key} to the {kind} {name} in {where}, or correct the reference in the manifest.",)
    return (f"Create the {kind} {name or 'it names'} in {where}, or correct the reference in the manifest.",)


def _actions(
    observations: Observations, kind: str, name: str, key: str, known: tuple[str, ...] | None
) -> tuple[SuggestedAction, ...]:
    there = kind == "ConfigMap" and known is not None and (not key or key in known)
    if not there or observations.workload is None:
        return ()
    label = f"Restart {observations.target.name} now that the ConfigMap {name} is complete"
    return (SuggestedAction(label=label, tool="restart_workload", args=observations.call_args()),)


def _nonroot(view: ContainerView, evidence: tuple[Evidence, ...]) -> Finding:
    return Finding(
        cause="config-nonroot",
        title=f"the container {view.name} must not run as root, but its image does",
        explanation="runAsNonRoot is set, and the image names no numeric user that is not root.",
        subject=subject_of(view.pod),
        evidence=evidence,
        confidence=0.97,
        next_steps=("Set securityContext.runAsUser to a number other than 0, or USER in the image to one.",),
        since=view.pod.metadata.creation_timestamp,
        pods=(view.pod.name,),
        container=view.name,
        key=view.name,
    )


def _not_created(observations: Observations, view: ContainerView) -> Finding:
    waiting = view.status.state.waiting
    reason = view.waiting_reason()
    hook = reason == "PostStartHookError"
    said = f": {excerpt(waiting.message, 160)}" if waiting and waiting.message else ""
    return Finding(
        cause="poststart-hook" if hook else "container-create-error",
        title=f"the {'postStart hook' if hook else 'runtime'} of the container {view.name} failed{said}"
        if hook
        else f"the container {view.name} cannot be created{said}",
        subject=subject_of(view.pod),
        evidence=(waiting_fact(view, observations.at),),
        confidence=0.9,
        next_steps=("Correct what the message names.",),
        since=view.pod.metadata.creation_timestamp,
        pods=(view.pod.name,),
        container=view.name,
        key=view.name,
    )


def _hook(observations: Observations, view: ContainerView) -> Iterator[Finding]:
    for event in observations.container_events(view, "FailedPostStartHook")[-1:]:
        yield Finding(
            cause="poststart-hook",
            title=f"the postStart hook of the container {view.name} failed, so it is killed and started again",
            subject=subject_of(view.pod),
            evidence=(event_fact(event, observations.at),),
            confidence=0.93,
            next_steps=("Correct the command of the hook, or give it what it needs.",),
            since=event.first_seen,
            pods=(view.pod.name,),
            container=view.name,
            key=view.name,
        )


def _by_volume(observations: Observations, pod: Pod) -> Iterator[Finding]:
    if not _waits_for_volumes(pod):
        return
    latest: dict[str, tuple[Event, dict[str, str | None]]] = {}
    for event in observations.events_on(pod, "FailedMount"):
        hit = strings.match(strings.CONFIG, event.message)
        if hit and hit[0].cause == "config-missing-configmap-or-secret":
            said = {**hit[1].groupdict()}
            said["name"] = said.get("name") or _name_of_volume(pod, event.message)
            latest[f"{said['name']} {said.get('key')}"] = (event, said)
    for event, said in latest.values():
        found = _missing(observations, pod, said, (event_fact(event, observations.at),))
        yield found.model_copy(update={"since": event.first_seen})


def _name_of_volume(pod: Pod, message: str) -> str | None:
    hit = _VOLUME.search(message)
    named = [ref.name for ref in references(pod.spec) if hit and ref.volume == hit["volume"]]
    return named[0] if named else None


def _waits_for_volumes(pod: Pod) -> bool:
    statuses = pod.status.all_container_statuses()
    return not statuses or any(
        one.state.waiting and one.state.waiting.reason in {"ContainerCreating", "PodInitializing"} for one in statuses
    )
