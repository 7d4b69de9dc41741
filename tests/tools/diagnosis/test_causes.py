import re
from pathlib import Path

from tools.diagnosis import strings
from tools.diagnosis.causes import CAUSES, LIFECYCLE

ANALYZERS = Path(__file__).parents[3] / "tools/diagnosis/analyzers"


def test_every_cause_that_an_analyzer_names_is_in_the_table():
    texts = [path.read_text() for path in ANALYZERS.glob("*.py")]
    named = {cause for text in texts for cause in re.findall(r'cause="([a-z0-9-]+)"', text)}

    assert named
    assert named <= set(CAUSES)


def test_every_text_of_a_cause_leads_into_the_table():
    tables = (strings.PULL, strings.CONFIG, strings.SCHEDULING, strings.ADMISSION, strings.MOUNT, strings.EVICTION)

    assert {text.cause for table in tables for text in table} <= set(CAUSES)


def test_what_explains_is_in_the_table_and_never_itself():
    for cause, row in CAUSES.items():
        assert row.explained_by <= set(CAUSES)
        assert cause not in row.explained_by


def test_every_layer_has_a_place_in_a_pods_life():
    assert {row.layer for row in CAUSES.values()} <= set(LIFECYCLE)
