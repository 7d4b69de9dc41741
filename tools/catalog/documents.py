"""The documents of one catalog-info file: split, parsed and checked, each on its own (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tools.catalog.entities import mapping, shown, text
from tools.catalog.refs import KIND, NAME, NAMESPACE
from tools.catalog.relations import BadReference, references

SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
PLACEHOLDER = "{{"  # a skeleton of a template, filled in by the scaffolder: not an entity yet
OWNED = frozenset({"component", "api", "system", "domain", "resource"})
KNOWN = OWNED | {"group", "user", "location", "template", "airesource"}


@dataclass(frozen=True)
class Problem:
    """What is wrong in a catalog file. `document` counts from 1; 0 means the file as a whole."""

    file: str
    document: int
    text: str

    def __str__(self) -> str:
        where = f", document {self.document}" if self.document else ""
        return f"{self.file}{where}: {self.text}"


@dataclass(frozen=True)
class Document:
    """One document: the raw entity when it is one, and what is wrong with it. Line numbers count from 1."""

    number: int
    raw: dict[str, Any] | None
    faults: tuple[str, ...] = ()


def documents_of(content: str) -> Iterator[Document]:
    """Each document that is not empty. A broken one does not hide the others.

    Objects of other systems (a Kubernetes manifest beside a catalog file) and skeletons of templates are left out.
    """
    number = 0
    for line, part in _parts(content):
        blank = _blank_lines(part)
        if blank is None:
            continue
        number += 1
        document = _document(number, line, part, line + blank)
        if document is not None:
            yield document


def _parts(content: str) -> Iterator[tuple[int, str]]:
    starts = [match.end() for match in SEPARATOR.finditer(content)]
    begin = 0
    for start in [*starts, None]:
        end = len(content) if start is None else start - len("---")
        yield content.count("\n", 0, begin) + 1, content[begin:end]
        begin = start or end


def _blank_lines(part: str) -> int | None:
    """How many lines come before the first with content; None when there is none."""
    for count, line in enumerate(map(str.strip, part.splitlines())):
        if line and not line.startswith(("#", "%")) and line != "...":
            return count
    return None


def _document(number: int, line: int, part: str, first: int) -> Document | None:
    try:
        raw = yaml.load(part, Loader=yaml.CSafeLoader)  # ten times faster than safe_load
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        return Document(number, None, (_syntax(exc, line),))
    if not isinstance(raw, dict):
        return Document(number, None, (f"line {first}: is {shown(raw)}, not a mapping",))
    if not _is_catalog(raw) or PLACEHOLDER in text(mapping(raw.get("metadata")).get("name")):
        return None
    broken = tuple(_envelope_faults(raw))
    return Document(number, None if broken else raw, broken or tuple(_spec_faults(raw)))


def _syntax(exc: Exception, line: int) -> str:
    mark = getattr(exc, "problem_mark", None)
    what = getattr(exc, "problem", None) or str(exc)
    return f"line {line + mark.line if mark else line}: not valid YAML: {what}"


def _is_catalog(raw: dict[str, Any]) -> bool:
    api_version = text(raw.get("apiVersion"))
    group = api_version.partition("/")[0]
    return (
        group == "backstage.io"
        or group.endswith(".backstage.io")
        or (not api_version and text(raw.get("kind")).lower() in KNOWN)
    )


def _envelope_faults(raw: dict[str, Any]) -> Iterator[str]:
    metadata = mapping(raw.get("metadata"))
    if not isinstance(raw.get("apiVersion"), str):
        yield "apiVersion is missing: write backstage.io/v1alpha1"
    if not (isinstance(raw.get("kind"), str) and KIND.match(raw["kind"])):
        yield f"kind is {shown(raw.get('kind'))}: write one like Component"
    if not metadata:
        yield "metadata is missing"
        return
    if not (isinstance(metadata.get("name"), str) and NAME.match(metadata["name"])):
        yield f"metadata.name is {shown(metadata.get('name'))}: 1 to 63 letters, digits, '-', '_' or '.' are allowed"
    namespace = metadata.get("namespace", "default")
    if not (isinstance(namespace, str) and NAMESPACE.match(namespace)):
        yield f"metadata.namespace is {shown(namespace)}: 1 to 63 letters, digits or '-' are allowed"
    yield from _text_map_faults(metadata)


def _text_map_faults(metadata: dict[str, Any]) -> Iterator[str]:
    for field in ("annotations", "labels"):
        value = metadata.get(field)
        if value is not None and not isinstance(value, dict):
            yield f"metadata.{field} is {shown(value)}: it must be a mapping of texts"
        for key, item in mapping(value).items():
            if not isinstance(item, str):
                yield f"metadata.{field}.{key} is {shown(item)}: it must be a text, put it in quotes"


def _spec_faults(raw: dict[str, Any]) -> Iterator[str]:
    kind, spec = raw["kind"].lower(), mapping(raw.get("spec"))
    if kind in OWNED and not spec.get("owner"):
        yield "spec.owner is missing: nobody can be named as its owner"
    namespace = mapping(raw["metadata"]).get("namespace", "default")
    for _, target in references(kind, namespace, spec):
        if isinstance(target, BadReference):
            yield f"spec.{target.field}: {target.why}"
