from hypothesis import given
from hypothesis import strategies as st

from tools.diagnosis.causes import CAUSES
from tools.diagnosis.models import Finding
from tools.diagnosis.rank import rank


def finding(cause, *pods, confidence=0.95, container="", key=""):
    return Finding(
        cause=cause,
        title=cause,
        subject=f"Pod {pods[0]}" if pods else "Deployment checkout",
        evidence=(),
        confidence=confidence,
        pods=pods,
        container=container,
        key=key,
    )


def test_a_cause_stands_over_its_symptoms():
    found = rank([finding("crash-loop", "a"), finding("rollout-deadline"), finding("oom-killed", "a")])

    assert found.root.cause == "oom-killed"
    assert {one.cause for one in found.effects} == {"crash-loop", "rollout-deadline"}
    assert found.others == ()


def test_a_chain_of_explanations_leads_to_its_deepest_cause():
    found = rank(
        [
            finding("service-no-endpoints"),
            finding("sched-pvc-unbound", "a"),
            finding("pvc-provisioning-failed", "a"),
            finding("rollout-unavailable"),
        ]
    )

    assert found.root.cause == "pvc-provisioning-failed"
    assert len(found.effects) == 3


def test_the_same_cause_on_many_pods_is_one_finding():
    found = rank([finding("image-not-found", pod, key="app x:1") for pod in ("a", "b", "c")])

    assert found.root.affected == 3
    assert found.effects == found.others == ()


def test_the_same_cause_for_two_images_stays_two_findings():
    found = rank([finding("image-not-found", "a", key="app x:1"), finding("image-not-found", "b", key="app y:1")])

    assert len(found.others) == 1


def test_a_symptom_of_other_pods_is_not_explained():
    found = rank([finding("oom-killed", "a"), finding("crash-loop", "b", confidence=0.6)])

    assert [one.cause for one in found.others] == ["crash-loop"]


def test_a_crash_of_one_container_does_not_explain_the_probe_of_another():
    found = rank(
        [finding("app-exit-error", "a", container="sidecar"), finding("probe-readiness-failed", "a", container="app")]
    )

    assert found.effects == ()


def test_a_guess_explains_no_proven_cause():
    guess = finding("app-dependency-unreachable", "a", confidence=0.55)

    found = rank([guess, finding("app-exit-error", "a")])

    assert found.root.cause == "app-exit-error"


def test_what_hits_more_pods_comes_first_then_what_comes_earlier_in_a_pods_life():
    wide = [finding("probe-readiness-failed", pod, key="p") for pod in "abc"]

    assert rank([finding("image-not-found", "z"), *wide]).root.cause == "probe-readiness-failed"
    assert rank([finding("oom-killed", "z"), finding("image-not-found", "y")]).root.cause == "image-not-found"


def test_causes_that_explain_each_other_in_a_circle_still_have_a_root():
    for first in CAUSES:
        for second in CAUSES[first].explained_by:
            assert rank([finding(first, "a"), finding(second, "a")]).root is not None


def test_information_is_never_above_a_cause():
    assert rank([finding("recovered", "a"), finding("oom-killed", "b")]).root.cause == "oom-killed"


FINDINGS = st.builds(
    finding,
    st.sampled_from(sorted(CAUSES)),
    st.sampled_from(["a", "b"]),
    confidence=st.sampled_from([0.4, 0.6, 0.95]),
    container=st.sampled_from(["", "app"]),
    key=st.sampled_from(["", "k"]),
)


@given(st.lists(FINDINGS, max_size=10), st.randoms())
def test_the_order_in_which_findings_come_does_not_matter(findings, random):
    shuffled = list(findings)
    random.shuffle(shuffled)

    assert rank(shuffled) == rank(findings)


@given(st.lists(FINDINGS, min_size=1, max_size=10))
def test_nothing_is_lost_and_nothing_is_said_twice(findings):
    found = rank(findings)

    told = [found.root, *found.effects, *found.others]
    assert sorted((one.cause, one.key) for one in told) == sorted({(one.cause, one.key) for one in findings})
