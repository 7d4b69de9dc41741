"""Image references: what a person's words for an image mean (pure)."""

import re
from dataclasses import dataclass

from tools.errors import InvalidArgs

_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}"
_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_HOST = r"(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d+)?)"
_IMAGE = re.compile(
    rf"(?P<repository>(?:{_HOST}/)?{_PART}(?:/{_PART})*)(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?"
)
_VERSION = re.compile(r"v?\d[A-Za-z0-9_.-]*|latest")


@dataclass(frozen=True)
class Image:
    """registry/path, tag and digest; the last two are empty when not given."""

    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return self.repository + tag + (f"@{self.digest}" if self.digest else "")

    def version(self) -> str:
        """What tells it from other builds of the repository; a digest is cut."""
        return self.tag or (self.digest[:19] if self.digest else "latest (no tag)")

    def floats(self) -> bool:
        """Whether the same reference may mean another build tomorrow."""
        return not self.digest and self.tag in ("", "latest")


def parse_image(text: str) -> Image:
    """A full reference. Raises InvalidArgs."""
    hit = _IMAGE.fullmatch(text)
    if hit is None or len(hit["repository"]) > 255:
        raise InvalidArgs(f'"{text[:120]}" is no image reference. Write it as registry/path:tag.')
    return Image(hit["repository"], hit["tag"] or "", hit["digest"] or "")


def meant_image(words: str, current: str) -> Image:
    """What a person means: "2.4.2" is a tag of the present repository, "checkout:2.4.2" its last part with a tag.

    Anything else is a whole reference. Raises InvalidArgs.
    """
    text = words.strip()
    repository = parse_image(current).repository if current else ""
    if text.startswith(":"):
        return _of(repository, parse_image(f"x{text}"))
    if re.fullmatch(_DIGEST, text) or text.startswith("@"):
        return _of(repository, parse_image(f"x@{text.lstrip('@')}"))
    if _VERSION.fullmatch(text):
        return _of(repository, parse_image(f"x:{text}"))
    given = parse_image(text)
    return _of(repository, given) if given.repository == repository.rpartition("/")[2] else given


def _of(repository: str, given: Image) -> Image:
    if not repository:
        raise InvalidArgs("The container has no image now: write the whole reference, as registry/path:tag.")
    return Image(repository, given.tag, given.digest)
