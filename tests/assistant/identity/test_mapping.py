"""The mapping file of people."""

import pytest

from assistant.identity.mapping import MappingError, read_mapping

ALICE = """
users:
  - id: alice
    slack: [{team: T1, user: U1}, {team: T2, user: U9}]
    kubernetes_user: alice@example.com
    kubernetes_groups: [shop, oncall]
    teams: [shop, group:eu/oncall]
    name: Alice Example
    timezone: Europe/Berlin
"""


def write(folder, text):
    path = folder / "people.yaml"
    path.write_text(text)
    return path


def test_reads_a_person_with_all_fields(tmp_path):
    (alice,) = read_mapping(write(tmp_path, ALICE))

    principal = alice.principal()

    assert principal.id == "user:default/alice"
    assert principal.user == "alice@example.com"
    assert principal.groups == ("oncall", "shop")
    assert principal.teams == ("group:default/shop", "group:eu/oncall")
    assert (principal.display_name, principal.timezone) == ("Alice Example", "Europe/Berlin")
    assert list(alice.accounts())[:4] == ["slack:T1:U1", "slack:T2:U9", "cli:alice", "cli:user:default/alice"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("kubernetes_user: alice@", "kubernetes_usr: alice@", "kubernetes_user: Field required"),
        (
            "kubernetes_user: alice@",
            "kubernetes_usr: alice@",
            "kubernetes_usr: is not a field; allowed are id, slack, cli",
        ),
        ("alice@example.com", "system:admin", 'kubernetes_user: Value error, names that start with "system:"'),
        (
            "[shop, oncall]",
            "[shop, 'system:masters']",
            'kubernetes_groups.1: Value error, names that start with "system:"',
        ),
        ("alice@example.com", '"a\\nb"', "kubernetes_user: Value error"),
        ("user: U1", "user: u1", "slack.0.user: String should match pattern"),
        ("user: U1", "usr: U1", "slack.0.usr: is not a field; allowed are team, user"),
        ("Europe/Berlin", "Mars/Base", "timezone: Value error, must be an IANA time zone"),
        ("group:eu/oncall", "user:eu/oncall", "teams.1: Value error, must be a name or a ref like group:default/shop"),
    ],
)
def test_a_fault_names_file_entry_field_and_what_is_allowed(tmp_path, old, new, fault):
    path = write(tmp_path, ALICE.replace(old, new))

    with pytest.raises(MappingError) as raised:
        read_mapping(path)

    assert f"{path}: users entry 1 (alice): {fault}" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "the file: "),
        ("people: []", "people: is not a field; allowed are users"),
        ("users: [1]", "users entry 1: the entry: "),
        ("users: [", "is not valid YAML"),
    ],
)
def test_a_file_of_another_shape_is_told(tmp_path, text, fault):
    with pytest.raises(MappingError, match=r"people\.yaml") as raised:
        read_mapping(write(tmp_path, text))

    assert fault in str(raised.value)


def test_every_fault_of_the_file_is_told_at_once(tmp_path):
    text = "users: [{id: a}, {id: b, kubernetes_user: 'system:x'}]"

    with pytest.raises(MappingError) as raised:
        read_mapping(write(tmp_path, text))

    assert "users entry 1 (a): kubernetes_user" in str(raised.value)
    assert "users entry 2 (b): kubernetes_user" in str(raised.value)


def test_one_account_is_one_person(tmp_path):
    second = "  - {id: bob, slack: [{team: T1, user: U1}], kubernetes_user: bob}\n"

    with pytest.raises(MappingError, match="more than one entry has slack:T1:U1"):
        read_mapping(write(tmp_path, ALICE + second))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(MappingError, match="cannot be read"):
        read_mapping(tmp_path / "nowhere.yaml")
