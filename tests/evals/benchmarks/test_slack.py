from evals.benchmarks.slack import Load, measure


async def test_a_small_load_is_answered_once_each():
    found = await measure(Load(seconds=0.5, mentions_per_second=20))

    assert (found.asked, found.lost, found.twice) == (10, 0, 0)
    assert found.attempts >= 4 * found.asked
