"""Images that cannot be pulled."""

from collections.abc import Iterator
from dataclasses import dataclass

from tools.contract import Evidence
from tools.diagnosis import strings
from tools.diagnosis.facts import event_fact, excerpt, first_seen, subject_of, waiting_fact
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import ContainerView, Observations


@dataclass(frozen=True)
class _Says:
    title: str
    explanation: str
    next_step: str


_SAYS: dict[str, _Says] = {
    "image-not-found": _Says(
        "the image {image} does not exist ({part} not found)",
        "The registry answered that it has no such {part}.",
        "Check that the build pushed {image}, or correct the {part} in the manifest.",
    ),
    "image-auth": _Says(
        "the registry refuses to hand out the image {image}",
        "The credentials are missing, expired or not allowed to read it. Registries also answer like this when the"
        " repository does not exist.",
        "Check the pull secret ({secrets}) and that {image} is spelled right.",
    ),
    "image-registry-unreachable": _Says(
        "the registry of the image {image} cannot be reached",
        "The node could not connect to it: an outage, a wrong host name, DNS or a firewall.",
        "Check the host name in {image}; if it is right, ask the platform team whether nodes can reach the registry.",
    ),
    "image-rate-limit": _Says(
        "the registry limits how often the image {image} may be pulled",
        "Pulls without credentials have a low limit at public registries.",
        "Wait for the limit to pass, or pull through a mirror or with a pull secret.",
    ),
    "image-platform-mismatch": _Says(
        "the image {image} was not built for the node's processor architecture",
        "Its manifest has no entry for the platform of the node.",
        "Build the image for that architecture too, or pin the pods with a nodeSelector on kubernetes.io/arch.",
    ),
    "image-tls": _Says(
        "the node does not trust the TLS certificate of the registry of {image}",
        "The certificate is expired, self-signed, or the registry speaks plain HTTP.",
        "Ask the platform team to check the registry's certificate and the nodes' trusted authorities.",
    ),
    "image-invalid-name": _Says(
        'the image name "{image}" is not a valid reference',
        "An upper-case letter, a stray space or a template that was not filled in makes it unreadable.",
        "Correct the image name in the manifest.",
    ),
    "image-never-pull": _Says(
        "the image {image} is not on the node, and imagePullPolicy Never forbids pulling it",
        "This works only where the image was loaded onto the node by hand.",
        "Set imagePullPolicy to IfNotPresent, with an image that a registry has.",
    ),
    "image-signature": _Says(
        "the signature of the image {image} is not accepted",
        "The cluster only runs images that are signed with a trusted key.",
        "Sign the image in the build, or use a signed one.",
    ),
    "image-inspect": _Says(
        "the node cannot read the image {image} from its own store",
        "The image store of the node may be corrupted.",
        "Ask the platform team to look at the node.",
    ),
    "image-pull-error": _Says(
        "the image {image} cannot be pulled",
        "The message of the runtime names no known reason.",
        "Read the message in the evidence, and check that the image exists and the node can reach its registry.",
    ),
    "image-pull-backoff": _Says(
        "the image {image} cannot be pulled",
        "The node keeps trying with growing pauses; the first error is no longer stored.",
        "Check that {image} exists and that its pull secret is valid.",
    ),
}


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each container that waits for its image."""
    for view in observations.containers():
        if view.waiting_reason() in strings.PULL_REASONS:
            yield _finding(observations, view)


def _finding(observations: Observations, view: ContainerView) -> Finding:
    events = observations.container_events(view, "Failed", "BackOff", "InspectFailed", "ErrImageNeverPull")
    events += observations.events_on(view.pod, "FailedToRetrieveImagePullSecret")
    waiting = view.status.state.waiting
    told = [waiting.message if waiting else "", *(event.message for event in reversed(events))]
    cause = _cause(view.waiting_reason(), told)
    image = view.spec.image or view.status.image
    says = _SAYS[cause]
    unread = _unread_secrets(observations, view)
    words = {"image": image, "part": _part(image, " ".join(told)), "secrets": _secrets(view)}
    return Finding(
        cause=cause,
        title=_title(cause, says, words, unread),
        explanation=says.explanation.format(**words),
        subject=subject_of(view.pod),
        evidence=_evidence(observations, view, cause),
        confidence={"image-pull-error": 0.7, "image-pull-backoff": 0.6}.get(cause, 0.97),
        next_steps=(says.next_step.format(**words),),
        since=first_seen(events, view.pod.metadata.creation_timestamp),
        pods=(view.pod.name,),
        container=view.name,
        key=f"{view.name} {image}",
    )


def _cause(reason: str, told: list[str]) -> str:
    for message in told:
        if hit := strings.match(strings.PULL, message):
            return hit[0].cause
    fixed = {
        "InvalidImageName": "image-invalid-name",
        "ErrImageNeverPull": "image-never-pull",
        "RegistryUnavailable": "image-registry-unreachable",
        "SignatureValidationFailed": "image-signature",
        "ImageInspectError": "image-inspect",
    }
    detailed = any("Failed to pull image" in message or "ErrImagePull: " in message for message in told)
    return fixed.get(reason, "image-pull-error" if detailed or reason == "ErrImagePull" else "image-pull-backoff")


def _evidence(observations: Observations, view: ContainerView, cause: str) -> tuple[Evidence, ...]:
    facts = [waiting_fact(view, observations.at)]
    unread = observations.events_on(view.pod, "FailedToRetrieveImagePullSecret") if cause == "image-auth" else ()
    facts += [event_fact(event, observations.at) for event in unread[-1:]]
    for event in reversed(observations.container_events(view, "Failed", "InspectFailed")):
        hit = strings.match(strings.PULL, event.message)
        if hit and hit[0].cause == cause:
            return (*facts, event_fact(event, observations.at))
    return tuple(facts)


def _unread_secrets(observations: Observations, view: ContainerView) -> str:
    """Pull secrets that the kubelet could not find, from its event (kubelet_pods.go); Secrets are never read."""
    events = observations.events_on(view.pod, "FailedToRetrieveImagePullSecret")
    hits = [hit for event in events if (hit := strings.PULL_SECRETS.search(event.message))]
    return hits[-1]["names"] if hits else ""


def _title(cause: str, says: _Says, words: dict[str, str], unread: str) -> str:
    if cause == "image-auth" and unread:
        return f"the pull secret {unread} of the image {words['image']} does not exist in the namespace"
    return says.title.format(**words)


def _part(image: str, told: str) -> str:
    if "repository" in told or "name unknown" in told:
        return "repository"
    return "digest" if "@" in image else "tag"


def _secrets(view: ContainerView) -> str:
    names = ", ".join(secret.name for secret in view.pod.spec.image_pull_secrets)
    return excerpt(names, 120) or "the pod names none"
