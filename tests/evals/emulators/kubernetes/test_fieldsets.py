"""Field sets survive being written down."""

from hypothesis import given
from hypothesis import strategies as st

from evals.emulators.kubernetes.fieldsets import decode, encode

ELEMENTS = st.sampled_from(["f:spec", "f:a", "f:b", 'k:{"name":"x"}', 'v:"y"'])
SETS = st.frozensets(st.lists(ELEMENTS, min_size=1, max_size=4).map(tuple), min_size=1)


@given(SETS)
def test_a_set_is_the_same_after_writing_and_reading_it(fields: frozenset[tuple[str, ...]]) -> None:
    assert decode(encode(fields)) == fields


def test_a_field_with_owned_members_that_is_owned_itself_has_a_dot() -> None:
    assert encode(frozenset({("f:a",), ("f:a", "f:b")})) == {"f:a": {".": {}, "f:b": {}}}
