"""What is wrong in a policy file, where, and what is allowed there: for the people who write policies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import cedarpy
import orjson

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|;|\S', re.DOTALL)
_UNKNOWN = re.compile(
    r"attribute `(?P<name>\w+)` (?:in context for Action::\"(?P<action>[^\"]+)\"|on entity type `(?P<entity>\w+)`)"
)
_FOLLOWS = "unable to find an applicable action"  # said beside the name that is wrong
_NAMED = re.compile(r"`(?:Action::)?\"?([\w.:-]+)\"?`")


@dataclass(frozen=True)
class Problem:
    """One thing wrong. `line` counts from 1. `allowed`: what could stand there, as a sentence, when that is known."""

    file: str
    line: int
    what: str
    allowed: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" + (f" {self.allowed}" if self.allowed else "")


@dataclass(frozen=True)
class Statement:
    """One policy of a file, and the line it begins at."""

    line: int
    text: str


def statements(text: str) -> list[Statement]:
    """The policies of a text, in order; strings and comments may hold semicolons."""
    found, begin = [], None
    for token in _TOKEN.finditer(text):
        if token.group().startswith("//"):
            continue
        begin = token.start() if begin is None else begin
        if token.group() == ";":
            found.append(Statement(_line(text, begin), text[begin : token.end()]))
            begin = None
    if begin is not None:
        found.append(Statement(_line(text, begin), text[begin:]))
    return found


def check(file: str, text: str, schema_text: str) -> list[Problem]:
    """Every problem of one file, in order: syntax, names, and what the schema does not know."""
    schema = cedarpy.Schema.from_str(schema_text)
    names: dict[str, int] = {}
    problems = [
        problem for statement in statements(text) for problem in _of(file, statement, schema, schema_text, names)
    ]
    return problems or ([] if text.strip() else [Problem(file, 1, "The file is empty.", "Write at least one policy.")])


def _of(
    file: str, statement: Statement, schema: cedarpy.Schema, schema_text: str, names: dict[str, int]
) -> Iterator[Problem]:
    try:
        parsed = orjson.loads(cedarpy.policies_to_json_str(statement.text))
    except ValueError as error:
        at = statement.line + _line_of(statement.text, str(error)) - 1
        yield Problem(
            file,
            at,
            f"{_sentence(str(error))}",
            'A policy is: @id("...") permit|forbid (principal, action, resource) when { ... };',
        )
        return
    if parsed["templates"]:
        yield Problem(file, statement.line, "Templates (?principal, ?resource) are not used here.")
        return
    for policy in parsed["staticPolicies"].values():
        yield from _names(file, statement, policy, names)
    yield from _against(file, statement, schema, schema_text)


def _against(file: str, statement: Statement, schema: cedarpy.Schema, schema_text: str) -> Iterator[Problem]:
    """What the schema does not know; the same of several actions is told once."""
    told = set()
    found = {
        re.sub(r"^for policy `[^`]*`, ", "", one.error)
        for one in cedarpy.validate_policies(statement.text, schema).errors
    }
    for what in sorted(one for one in found if _FOLLOWS not in one or len(found) == 1):
        unknown = _UNKNOWN.search(what)
        key = unknown["name"] if unknown else what
        if key not in told:
            told.add(key)
            at = statement.line + _line_of(statement.text, what) - 1
            yield Problem(file, at, _sentence(what), _allowed(what, schema_text))


def _names(
    file: str, statement: Statement, policy: dict[str, dict[str, str]], names: dict[str, int]
) -> Iterator[Problem]:
    notes = policy.get("annotations", {})
    rule = notes.get("id", "")
    if not rule:
        yield Problem(file, statement.line, "A policy has no @id.", 'Begin it with @id("a-name-of-its-own").')
    elif rule in names:
        yield Problem(file, statement.line, f"The @id {rule!r} is used in line {names[rule]} already.")
    if str(policy["effect"]) == "forbid" and not notes.get("message"):
        yield Problem(file, statement.line, "A forbid has no @message.", 'Say what to do: @message("...").')
    names.setdefault(rule, statement.line)


def _allowed(what: str, schema_text: str) -> str:
    """What the schema knows in that place."""
    if unknown := _UNKNOWN.search(what):
        owner = unknown["action"] or unknown["entity"]
        known = _context(owner, schema_text) if unknown["action"] else _attributes(owner, schema_text)
        return _choices(unknown["name"], known)
    named = _NAMED.search(what)
    if named and "unrecognized action" in what:
        return _choices(named[1], _actions(schema_text))
    if named and "unrecognized entity type" in what:
        return _choices(named[1], re.findall(r"^entity (\w+)", schema_text, re.MULTILINE))
    if "optional attribute" in what and named:
        return f"Test it first: `resource has {named[1]} && ...`, or `context has {named[1]} && ...`."
    return ""


def _choices(wrong: str, known: list[str]) -> str:
    nearest = get_close_matches(wrong, known, 1)
    meant = f"Did you mean {nearest[0]}? " if nearest else ""
    return f"{meant}Allowed: {', '.join(sorted(known))}."


def _plain(schema_text: str) -> str:
    return re.sub(r"//[^\n]*", "", schema_text)


def _actions(schema_text: str) -> list[str]:
    declared = re.findall(r"^action\s+(.*?)(?:;|\s+in\s|\s+appliesTo)", _plain(schema_text), re.MULTILINE | re.DOTALL)
    return [name.strip().strip('"') for names in declared for name in names.split(",")]


def _attributes(entity: str, schema_text: str) -> list[str]:
    body = re.search(rf"^entity {entity}\b[^;{{]*\{{(.*?)\}}", _plain(schema_text), re.MULTILINE | re.DOTALL)
    return _keys(body[1]) if body else []


def _context(action: str, schema_text: str) -> list[str]:
    plain = _plain(schema_text)
    declared = re.search(
        rf'^action\b[^;]*?"{re.escape(action)}"[^;]*?context:\s*(\w+|\{{.*?\}})', plain, re.MULTILINE | re.DOTALL
    )
    if declared is None:
        return []
    shape = declared[1]
    named = (
        re.search(rf"^type {shape} = \{{(.*?)\}}", plain, re.MULTILINE | re.DOTALL) if shape.isidentifier() else None
    )
    return _keys(named[1] if named else shape)


def _keys(body: str) -> list[str]:
    return re.findall(r"(\w+)\??\s*:", body)


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _line_of(text: str, what: str) -> int:
    """The line of a statement that has the word an error names, else its first; counted from 1."""
    for word in re.findall(r"`(?:Action::)?\"?([\w.-]+)\"?`", what):
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", line):
                return number
    return 1


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."
