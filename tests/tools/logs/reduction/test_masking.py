"""Values replaced by their kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.logs.reduction.masking import DIGITS, REMEMBERED, Masker, mask, without_hashes


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("id 3f2b8c1e-1111-2222-3333-abcdefabcdef", "id <uuid>"),
        ("at 2026-11-22T10:00:00.123Z", "at <time>"),
        ("at 22/Nov/2026:10:00:00", "at <time>"),
        ("sha 9f86d081884c7d65", "sha <hex>"),
        ("addr 0x7ffe12", "addr <hex>"),
        ("v1beta1 utf8 http2", "v#beta# utf# http#"),
        ("peer 10.0.0.1:5432", "peer <ip>"),
        ("pod cart-7d9f8b6c5d-x2x4z", "pod cart-<hex>-<id>"),
        ("took 1m30.5s of 12ms, 5%", "took <num> of <num>, <num>"),
        ("used 1,234 of 512Mi", "used <num> of <num>"),
        ("user1234 req_98765", "user<num> req_<num>"),
        ("/item/42?page=3", "/item/<num>?page=<num>"),
        ("  spaces\tand tabs ", "spaces and tabs"),
    ],
)
def test_masks_values_and_keeps_words(text: str, masked: str) -> None:
    assert mask(text) == masked


LINES = st.text(alphabet="abxF0159-:./_ \t{}=\"'é", max_size=60)


@given(st.lists(LINES, max_size=20), LINES)
def test_a_mask_does_not_depend_on_what_was_masked_before(before: list[str], text: str) -> None:
    masker = Masker()
    for line in before:
        masker.mask(line)

    assert masker.mask(text) == mask(text)


@given(LINES)
def test_a_mask_does_not_depend_on_which_digits_there_are(text: str) -> None:
    assert mask(text.translate(DIGITS)) == mask(text)


@given(LINES, LINES)
def test_lines_that_are_one_without_digits_and_hashes_have_one_mask(one: str, other: str) -> None:
    same = without_hashes(one.translate(DIGITS)) == without_hashes(other.translate(DIGITS))

    assert not same or mask(one) == mask(other)


def test_any_hash_stands_for_any_other() -> None:
    one = "from 9f86d081884c7d65 to 3f2b8c1e-1111-2222-3333-abcdefabcdef"
    other = "from 00aa11bb22cc33dd44 to 11111111-aaaa-bbbb-cccc-000000000001"

    assert without_hashes(one.translate(DIGITS)) == without_hashes(other.translate(DIGITS))
    assert mask(one) == mask(other)


def test_memory_for_words_is_bounded() -> None:
    masker = Masker()
    for number in range(REMEMBERED + 5000):
        masker.mask("".join(chr(97 + number // 26**place % 26) for place in range(4)))

    assert len(masker._words) <= REMEMBERED


@pytest.mark.parametrize("text", ["0" * 5000, "a0" * 3000, "1." * 3000, "1,1" * 3000, "ab-" * 2000, "0a" * 300 + "!"])
def test_no_word_makes_masking_explode(text: str) -> None:
    assert len(mask(text)) <= len(text)  # an exponential pattern would take hours
