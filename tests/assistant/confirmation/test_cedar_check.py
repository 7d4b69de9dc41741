import pytest

from assistant.confirmation.cedar import SCHEMA_FILE, SHIPPED
from assistant.confirmation.cedar_check import check, statements

SCHEMA = (SHIPPED / SCHEMA_FILE).read_text()
GOOD = '@id("ours") @message("No; not today.") // a comment; with a semicolon\nforbid (principal, action, resource)\n'


def problems(text: str) -> list[str]:
    return [str(problem) for problem in check("ours.cedar", text, SCHEMA)]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.cedar")), ids=lambda path: path.name)
def test_the_shipped_files_have_no_problem(path) -> None:
    assert check(path.name, path.read_text(), SCHEMA) == []


def test_semicolons_in_strings_and_comments_end_no_policy() -> None:
    found = statements(f"{GOOD}unless {{ true }};\n\n{GOOD};")

    assert [one.line for one in found] == [1, 5]


def test_an_attribute_that_is_not_there_is_named_by_line_with_what_is() -> None:
    (problem,) = problems(f"{GOOD}  when {{\n    context.freeez }};".replace("action,", 'action == Action::"apply",'))

    assert problem.startswith("ours.cedar:4: Attribute `freeez` in context")
    assert "Did you mean freeze? Allowed: approvals, automatic, breakGlass," in problem


def test_an_attribute_of_a_person_is_named_with_what_a_person_has() -> None:
    (problem,) = problems(
        f'{GOOD} when {{ principal.kin == "person" }};'.replace("action,", 'action == Action::"apply",')
    )

    assert problem.startswith("ours.cedar:3: Attribute `kin` on entity type `User` not found.")
    assert problem.endswith("Did you mean kind? Allowed: kind.")


def test_an_action_that_is_not_there_is_named_with_those_that_are() -> None:
    found = problems(f"{GOOD};".replace("action,", 'action == Action::"workload.restrt",'))

    assert any("ours.cedar:2: Unrecognized action" in one and "Did you mean workload.restart?" in one for one in found)


def test_a_type_that_is_not_there_is_named_with_those_that_are() -> None:
    found = problems(f"{GOOD};".replace("resource)", 'resource in Tir::"prod")'))

    assert any("Unrecognized entity type `Tir`" in one and "Did you mean Tier?" in one for one in found)


def test_what_is_not_cedar_is_named_by_line() -> None:
    (problem,) = problems(f"{GOOD};\n\npermit (principal action);")

    assert problem.startswith("ours.cedar:5: Unexpected token `action`.")


def test_each_policy_needs_an_id_of_its_own_and_each_forbid_a_message() -> None:
    found = problems('@id("a") permit (principal, action, resource);\n@id("a") forbid (principal, action, resource);')

    assert found[0] == "ours.cedar:2: The @id 'a' is used in line 1 already."
    assert found[1].startswith("ours.cedar:2: A forbid has no @message.")


def test_every_problem_of_a_file_is_told() -> None:
    assert len(problems("permit (principal action);\nforbid (principal, action, resource);")) == 3
