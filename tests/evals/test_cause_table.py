from pathlib import Path

from evals.cause_table import cause_table
from tools.diagnosis.causes import CAUSES
from tools.diagnosis.reading import MAX_CALLS

DOC = (Path(__file__).parents[2] / "docs/diagnosis.md").read_text()


def test_the_document_shows_the_table_as_it_is():
    assert cause_table() in DOC
    assert all(cause in DOC for cause in CAUSES)


def test_the_document_states_the_bound_on_requests():
    assert f"At most {MAX_CALLS} requests" in DOC
