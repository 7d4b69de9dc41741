"""Cedar policies: loaded and checked as a whole, asked with the schema, and never open when something is wrong."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import cedarpy
import orjson

from assistant.confirmation.cedar_check import check

SHIPPED = Path(str(files("assistant.confirmation") / "policies"))
SCHEMA_FILE = "schema.cedarschema"


class PolicyError(Exception):
    """The policy set cannot be used. The text names the file, the rule and what is wrong."""


@dataclass(frozen=True)
class Rules:
    """The policies that decided. `names`: their @id; `messages`: their @message, in the same order, without blanks."""

    allowed: bool
    names: tuple[str, ...]
    messages: tuple[str, ...]


class CedarPolicies:
    """A policy set that passed its checks. `hash` is the SHA-256 of its texts and its schema."""

    def __init__(self, schema: str, texts: Mapping[str, str]) -> None:
        """Check everything. `texts`: policy text by file name. Raises PolicyError."""
        try:
            self._schema = cedarpy.Schema.from_str(schema)
        except ValueError as error:
            raise PolicyError(f"{SCHEMA_FILE}: {error}") from error
        self._messages: dict[str, str] = {}
        problems = [problem for name, text in texts.items() for problem in check(name, text, schema)]
        if problems:
            raise PolicyError("\n".join(map(str, problems)))
        for name, text in texts.items():
            self._take_names(name, text)
        self._policies = cedarpy.PolicySet.from_str("\n".join(texts.values()))
        self.hash = hashlib.sha256(orjson.dumps([schema, sorted(texts.items())])).hexdigest()

    @classmethod
    def load(cls, extra: Path | None = None) -> "CedarPolicies":
        """The shipped policies and those of the platform team's folder. Raises PolicyError; an empty folder is one."""
        texts = _read(SHIPPED)
        if extra is not None:
            texts |= {f"{extra.name}/{name}": text for name, text in _read(extra).items()}
        return cls((SHIPPED / SCHEMA_FILE).read_text(), texts)

    def message(self, rule: str) -> str:
        """The @message of a rule, as it is written; "" when it has none."""
        return self._messages.get(rule, "")

    def decide(self, request: Mapping[str, Any], entities: Sequence[Mapping[str, Any]]) -> Rules:
        """Ask one question. An error in evaluation is a denial: a broken forbid would otherwise be skipped."""
        answer = cedarpy.is_authorized(dict(request), self._policies, [dict(one) for one in entities], self._schema)
        if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
            why = "; ".join(answer.diagnostics.errors)
            return Rules(False, ("policy-error",), (f"The policy could not be evaluated, so the answer is no: {why}",))
        names = tuple(sorted(answer.diagnostics.id_annotations_by_reason.values()))
        if not names:
            return Rules(False, ("no-permit",), ("No policy allows this. Ask the platform team.",))
        return Rules(answer.allowed, names, tuple(filter(None, map(self._messages.get, names))))

    def _take_names(self, file: str, text: str) -> None:
        """Remember the @message of each @id, which must be unique among all files."""
        for policy in orjson.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values():
            rule = policy["annotations"]["id"]
            if rule in self._messages:
                raise PolicyError(f"{file}: the @id {rule!r} is used twice")
            self._messages[rule] = policy["annotations"].get("message", "")


def _read(folder: Path) -> dict[str, str]:
    found = {path.name: path.read_text() for path in sorted(folder.glob("*.cedar"))}
    if not found:
        raise PolicyError(f"{folder}: no *.cedar file there")
    return found
