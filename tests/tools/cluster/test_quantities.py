"""Amounts as Kubernetes writes them."""

import pytest

from tools.cluster.quantities import cpu_millis, cpu_text, memory_bytes, memory_text
from tools.errors import InvalidArgs


@pytest.mark.parametrize(
    ("given", "count", "text"),
    [
        ("512Mi", 536_870_912, "512Mi"),
        ("0.5Gi", 536_870_912, "512Mi"),
        ("1536Mi", 1_610_612_736, "1536Mi"),
        ("1024Mi", 1_073_741_824, "1Gi"),
        ("1G", 1_000_000_000, "1G"),
        ("4194305", 4_194_305, "4194305"),
    ],
)
def test_memory_is_written_in_its_shortest_exact_form(given: str, count: int, text: str) -> None:
    assert (memory_bytes(given), memory_text(memory_bytes(given))) == (count, text)


@pytest.mark.parametrize(("given", "text"), [("0.5", "500m"), ("2000m", "2"), ("2", "2"), (".25", "250m")])
def test_cpu_is_written_in_whole_units_or_thousandths(given: str, text: str) -> None:
    assert cpu_text(cpu_millis(given)) == text


@pytest.mark.parametrize("given", ["512m", "512mb", "512mi", "1 GB", "ki", "-1Gi", "1e3", "512", "0", "1ki", ""])
def test_what_is_no_useful_amount_of_memory_is_refused(given: str) -> None:
    with pytest.raises(InvalidArgs, match="512Mi"):
        memory_bytes(given)


@pytest.mark.parametrize("given", ["half", "0", "0.0001", "1 core", "-2"])
def test_what_is_no_amount_of_cpu_is_refused(given: str) -> None:
    with pytest.raises(InvalidArgs, match="500m"):
        cpu_millis(given)
