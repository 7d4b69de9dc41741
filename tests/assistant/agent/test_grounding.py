"""What a sentence says beyond its evidence is found; how it explains is left alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.agent.grounding import is_grounded, lowered, ungrounded
from tests.builders.agent import make_evidence
from tools.contract import Verdict

POD = "Pod shop-staging/checkout-7d9f-x2x1"
EVIDENCE = [
    make_evidence(
        "Back-off restarting failed container web, exit code 137, reason OOMKilled, limit 256Mi",
        subject=POD,
        at=datetime(2026, 1, 5, 14, 3, 9, tzinfo=UTC),
    )
]


@pytest.mark.parametrize(
    "claim",
    [
        "The container ended with exit code 137.",
        "It was OOMKilled against its limit of 256Mi.",
        "The pod checkout-7d9f-x2x1 in shop-staging keeps restarting.",
        'Kubernetes says "back-off restarting failed container".',
        "At 14:03 the container ran out of memory.",
        "It failed on 2026-01-05 at 14:03:09.",
        "1 pod is affected.",
        "The container is out-of-memory and not re-created (E1).",
    ],
)
def test_a_claim_in_other_words_holds(claim):
    assert is_grounded(claim, EVIDENCE)


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        ("It ended with exit code 1.", "1"),
        ("Exit code 1 means a failure.", "1"),
        ("The 9 pods fail.", "9"),
        ("The limit is 512Mi.", "512Mi"),
        ("example-service is down.", "example-service"),
        ("The reason is ImagePullBackOff.", "ImagePullBackOff"),
        ('The log says "connection refused".', "connection refused"),
        ("It failed at 15:44.", "15:44"),
        ("13 pods fail.", "13"),
        ("Node ip-10-0-0-9 is full.", "ip-10-0-0-9"),
    ],
)
def test_a_number_name_time_or_quotation_from_elsewhere_does_not_hold(claim, missing):
    assert missing in ungrounded(claim, [EVIDENCE[0].text, POD])
    assert not is_grounded(claim, EVIDENCE)


def test_a_claim_without_evidence_does_not_hold():
    assert not is_grounded("It fails.", [])


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=200))
def test_evidence_repeated_word_for_word_always_holds(text):
    assert ungrounded(text, [text]) == ()


@given(st.text(max_size=100), st.lists(st.text(max_size=60), max_size=3), st.text(max_size=40))
def test_more_evidence_never_makes_a_claim_worse(claim, sources, extra):
    assert set(ungrounded(claim, [*sources, extra])) <= set(ungrounded(claim, sources))


@given(st.integers(min_value=1000, max_value=10**9))
def test_a_large_number_holds_only_where_it_is_written(number):
    claim = f"It handled {number} requests."

    assert ungrounded(claim, [f"total={number}"]) == ()
    assert ungrounded(claim, [f"total={number + 1}"]) == (str(number),)


@pytest.mark.parametrize(
    ("verdict", "kept", "dropped", "expected"),
    [
        (Verdict.CONFIRMED, 2, 0, Verdict.CONFIRMED),
        (Verdict.CONFIRMED, 1, 1, Verdict.LIKELY),
        (Verdict.LIKELY, 1, 1, Verdict.LIKELY),
        (Verdict.CONFIRMED, 0, 2, Verdict.INCONCLUSIVE),
        (Verdict.LIKELY, 0, 0, Verdict.INCONCLUSIVE),
    ],
)
def test_the_verdict_is_what_the_kept_claims_support(verdict, kept, dropped, expected):
    assert lowered(verdict, kept, dropped) is expected
