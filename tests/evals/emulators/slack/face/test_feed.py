from evals.emulators.slack.face.feed import Difference


def test_the_first_packet_holds_everything():
    assert Difference().to({"a": {"n": 1}}) == {"set": {"a": {"n": 1}}, "drop": []}


def test_later_packets_hold_only_what_changed():
    difference = Difference()
    difference.to({"a": {"n": 1}, "b": {"n": 1}, "c": {"n": 1}})

    assert difference.to({"a": {"n": 1}, "b": {"n": 2}, "d": {"n": 1}}) == {
        "set": {"b": {"n": 2}, "d": {"n": 1}},
        "drop": ["c"],
    }


def test_nothing_is_sent_when_nothing_changed():
    difference = Difference()
    difference.to({"a": {"n": 1}})

    assert difference.to({"a": {"n": 1}}) is None


def test_a_row_that_is_altered_in_place_counts_as_changed():
    difference, row = Difference(), {"users": ["a"]}
    difference.to({"a": row})
    row["users"].append("b")

    assert difference.to({"a": row}) == {"set": {"a": {"users": ["a", "b"]}}, "drop": []}
