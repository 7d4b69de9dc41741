"""The arithmetic of rolling updates keeps its two promises, whatever the numbers."""

from hypothesis import given
from hypothesis import strategies as st

from evals.emulators.kubernetes.controllers.rolling import (
    Sizes,
    new_size,
    old_sizes,
    proportional,
    surge_and_unavailable,
)
from evals.emulators.kubernetes.objects import Json

LIMITS = st.one_of(st.integers(0, 5), st.sampled_from(["0%", "25%", "50%", "100%"]))


def spec(replicas: int, surge: int | str = "25%", unavailable: int | str = "25%") -> Json:
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    return {"spec": {"replicas": replicas, "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}}


def test_percentages_round_surge_up_and_unavailable_down() -> None:
    assert surge_and_unavailable(spec(3)) == (1, 0)
    assert surge_and_unavailable(spec(10)) == (3, 2)
    assert surge_and_unavailable(spec(1, 0, 0)) == (0, 1)


@given(st.integers(0, 20), LIMITS, LIMITS, st.data())
def test_steps_never_break_the_bounds(
    replicas: int, surge: int | str, unavailable: int | str, data: st.DataObject
) -> None:
    deployment = spec(replicas, surge, unavailable)
    most, missing = surge_and_unavailable(deployment)
    old_count = data.draw(st.integers(0, replicas))
    new_count = data.draw(st.integers(0, replicas + most - old_count))
    old = Sizes("old", old_count, data.draw(st.integers(0, old_count)))
    new = Sizes("new", new_count, data.draw(st.integers(0, new_count)))

    grown = new_size(deployment, new, [old])
    shrunk = old_sizes(deployment, new, [old])["old"]

    assert grown + old.desired <= max(replicas + most, new.desired + old.desired)
    lost = max(0, old.available - shrunk)
    assert lost == 0 or new.available + old.available - lost >= replicas - missing


@given(st.integers(1, 4), st.integers(0, 20), st.integers(0, 20))
def test_two_live_sets_are_scaled_in_proportion_to_their_sum(surge: int, first: int, second: int) -> None:
    sets = [Sizes("a", first, first), Sizes("b", second, second)]

    sizes = proportional(12, surge, sets)

    assert sum(sizes.values()) == 12 + surge
    assert min(sizes.values()) >= 0
