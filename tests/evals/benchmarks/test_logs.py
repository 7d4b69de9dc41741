"""The benchmark of log reduction measures what it says, on a small log."""

import pytest

from evals.benchmarks.log_samples import FAULTS, FORMATS, sample
from evals.benchmarks.logs import measure, table


@pytest.mark.parametrize("name", FORMATS)
def test_logs_of_every_format_shrink_and_still_tell_their_faults(name: str) -> None:
    row = measure(name, 4000)

    faults = len(FAULTS[name])
    assert row.faults[0] == f"{faults} of {faults}"
    assert row.smaller >= 50
    assert row.speed > 0


@pytest.mark.parametrize("name", FORMATS)
def test_a_log_is_the_same_every_time_and_has_its_faults(name: str) -> None:
    first, again = list(sample(name, 4000)), list(sample(name, 4000))

    text = "\n".join(line for _, line in first)
    assert first == again
    assert [words for words in FAULTS[name] if words not in text] == []


def test_the_table_has_a_row_for_each_format() -> None:
    rows = [measure(name, 300) for name in ("json", "klog")]

    lines = table(rows).split("\n")

    assert len(lines) == 4
    assert lines[2].startswith("| json | ")
    assert {line.count("|") for line in lines} == {lines[0].count("|")}
