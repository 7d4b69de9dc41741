"""What a person's words for an image mean."""

import pytest

from tools.cluster.images import meant_image, parse_image
from tools.errors import InvalidArgs

NOW = "registry.example.com:5000/shop/checkout:1.0.0"
DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("2.4.2", "registry.example.com:5000/shop/checkout:2.4.2"),
        (":2.4.2", "registry.example.com:5000/shop/checkout:2.4.2"),
        ("v2-rc.1", "registry.example.com:5000/shop/checkout:v2-rc.1"),
        ("latest", "registry.example.com:5000/shop/checkout:latest"),
        ("checkout:main", "registry.example.com:5000/shop/checkout:main"),
        (DIGEST, f"registry.example.com:5000/shop/checkout@{DIGEST}"),
        ("nginx", "nginx"),
        ("nginx:1.29", "nginx:1.29"),
        ("other.example.com/shop/checkout:2", "other.example.com/shop/checkout:2"),
    ],
)
def test_a_tag_keeps_the_repository_and_a_reference_is_taken_whole(words: str, meant: str) -> None:
    assert str(meant_image(words, NOW)) == meant


@pytest.mark.parametrize("words", ["Shop/App:1", "a b", "app:", "https://example.com/app:1", "app:1:2", "-x"])
def test_what_is_no_reference_is_refused(words: str) -> None:
    with pytest.raises(InvalidArgs, match="no image reference"):
        meant_image(words, NOW)


def test_a_tag_alone_needs_a_present_image() -> None:
    with pytest.raises(InvalidArgs, match="whole reference"):
        meant_image("1.2.3", "")


@pytest.mark.parametrize(
    ("image", "floats"), [("app", True), ("app:latest", True), ("app:1", False), (f"app@{DIGEST}", False)]
)
def test_only_a_tag_or_a_digest_fixes_the_version(image: str, floats: bool) -> None:
    assert parse_image(image).floats() is floats
