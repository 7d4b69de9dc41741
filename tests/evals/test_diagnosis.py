import pytest

from evals.case_worlds import NAME, read_cases
from evals.diagnosis import AT_ONCE, score, table
from tools.diagnosis.bound import MAX_CHARACTERS, size
from tools.diagnosis.causes import CAUSES

ALL = read_cases()
BATCHES = [ALL[start : start + AT_ONCE] for start in range(0, len(ALL), AT_ONCE)]
MOST_REQUESTS = 45


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: f"{batch[0].name}..{batch[-1].name}")
async def test_every_case_is_diagnosed_as_expected_with_few_requests(batch):
    scores = await score(batch)

    assert [(one.case.name, list(one.misses())) for one in scores if any(one.misses())] == []
    assert max(one.requests for one in scores) <= MOST_REQUESTS
    assert max(size(one.found) for one in scores) <= MAX_CHARACTERS


def test_there_are_enough_cases_and_negatives_among_them():
    negatives = [case for case in ALL if case.is_negative]

    assert len(ALL) >= 60
    assert len(negatives) >= 15


def test_every_expected_cause_is_known_and_every_case_says_why():
    named = {cause for case in ALL for cause in (case.expect.root, *case.expect.top3, *case.expect.notes) if cause}

    assert named <= set(CAUSES)
    assert all(NAME.match(case.name) and len(case.why) > 20 for case in ALL)


async def test_a_wrong_expectation_is_a_miss():
    (healthy,) = (case for case in ALL if case.name == "healthy")
    wrong = healthy.model_copy(update={"expect": healthy.expect.model_copy(update={"root": "oom-killed"})})

    (one,) = await score((wrong,))

    assert list(one.misses()) == ["root cause none instead of oom-killed"]
    assert "| healthy | 1 | 0 | 0 |" in table([one])
