"""Images that do not say what runs."""

from collections.abc import Iterator

from tools.diagnosis.advice.models import Recommendation, Subject

MOVING = frozenset(("latest", "main", "master", "dev", "develop", "edge", "nightly", "stable", "snapshot", "staging"))


def advise(subject: Subject) -> Iterator[Recommendation]:
    """Tags that move: the same template may run another program tomorrow, and a rollback brings nothing back."""
    for container in subject.workload.spec.template.spec.all_containers():
        tag = moving_tag(container.image)
        if tag is None:
            continue
        yield Recommendation(
            topic="image",
            weight="medium",
            title=f"Give {container.name} an image with a version or a digest",
            reason=f"{tag} may be another program tomorrow, and a rollback does not bring the old one back",
            risk="none, but a release must then change the tag",
            evidence=(subject.fact(f"spec.template.spec.containers[{container.name}].image", container.image),),
        )


def moving_tag(image: str) -> str | None:
    """ "the tag latest" or "an image without a tag"; None when the image names a version or a digest."""
    if not image or "@" in image:
        return None
    name, colon, tag = image.rpartition("/")[2].partition(":")
    if not colon:
        return "an image without a tag" if name else None
    return f"the tag {tag}" if tag.lower() in MOVING else None
