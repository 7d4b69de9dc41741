"""Read the catalog files under a folder, following Location targets. Blocking: run it in a thread."""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.catalog.documents import Problem, documents_of
from tools.catalog.entities import items, mapping, text

MAX_FILES = 5_000  # a larger catalog belongs in a catalog backend
MAX_FILE_BYTES = 5_000_000
MAX_PROBLEMS = 200
SUFFIXES = (".yaml", ".yml")
REMOTE = ("http://", "https://", "url:")

Stamp = tuple[str, int, int]
"""Path, modification time in ns, size in bytes: changes whenever a file does."""


@dataclass
class Reading:
    """Raw entities with the file each came from, in the order they were read, and what was wrong."""

    root: Path
    raws: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def report(self, path: Path, document: int, what: str) -> None:
        """Note a problem; beyond the limit they are only counted by their absence."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(shown(path, self.root), document, what))


def read_folder(path: Path) -> Reading:
    """Read every YAML file under a folder, or one file, and the files their Locations name.

    Only files inside the folder are read. Raises FileNotFoundError and PermissionError for `path` itself.
    """
    path = path.absolute()
    reading = Reading(path if path.is_dir() else path.parent)
    queue = deque(walk(path))
    seen: set[Path] = set()
    while queue:
        file = queue.popleft()
        if file.resolve() in seen:
            continue
        if len(seen) >= MAX_FILES:
            reading.report(path, 0, f"more than {MAX_FILES} files: the rest is not read; use a catalog backend")
            break
        seen.add(file.resolve())
        reading.files.append(file)
        queue.extend(_read_file(file, reading))
    return reading


def walk(path: Path) -> Iterator[Path]:
    """YAML files under a folder, sorted, hidden ones left out; a single file is itself."""
    if not path.is_dir():
        path.stat()
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(SUFFIXES) and name[0] != ".")


def stamps(files: Iterator[Path]) -> frozenset[Stamp]:
    """What changes when one of the files does. A file that is gone has no stamp."""
    found = set()
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        found.add((str(file), status.st_mtime_ns, status.st_size))
    return frozenset(found)


def shown(path: Path, root: Path) -> str:
    """The path as told to a person: relative to the catalog folder."""
    return str(path.relative_to(root)) if path.is_relative_to(root) and path != root else path.name


def _read_file(file: Path, reading: Reading) -> list[Path]:
    content = _content(file, reading)
    targets: list[Path] = []
    for document in documents_of(content):
        for fault in document.faults:
            reading.report(file, document.number, fault)
        if document.raw is None:
            continue
        reading.raws.append((shown(file, reading.root), document.raw))
        if document.raw["kind"].lower() == "location":
            targets.extend(_targets(file, document.number, document.raw, reading))
    return targets


def _content(file: Path, reading: Reading) -> str:
    try:
        if not _inside(file, reading.root):
            reading.report(file, 0, "a link that leads out of the catalog folder: not read")
            return ""
        if file.stat().st_size > MAX_FILE_BYTES:
            reading.report(file, 0, f"larger than {MAX_FILE_BYTES} bytes: not read")
            return ""
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        reading.report(file, 0, f"not UTF-8 text: byte {exc.start} is wrong")
    except OSError as exc:
        reading.report(file, 0, f"cannot be read: {exc.strerror}")
    return ""


def _targets(file: Path, number: int, raw: dict[str, Any], reading: Reading) -> Iterator[Path]:
    spec = mapping(raw.get("spec"))
    optional = spec.get("presence") == "optional"
    for target in [spec.get("target"), *items(spec.get("targets"))]:
        if target is None:
            continue
        if text(spec.get("type")) == "url" or text(target).startswith(REMOTE) or not text(target):
            reading.report(file, number, f"Location target {target!r} is not a file: it is not followed")
            continue
        found = _matching(file, text(target).removeprefix("file:"), reading.root)
        if not found and not optional:
            reading.report(file, number, f"Location target {target!r} names no file inside the catalog folder")
        yield from found


def _matching(file: Path, target: str, root: Path) -> list[Path]:
    pattern = os.path.normpath(file.parent / target)
    if not Path(pattern).is_relative_to(root):
        return []
    found = sorted(root.glob(str(Path(pattern).relative_to(root))))
    return [path for path in found if path.is_file()]


def _inside(file: Path, root: Path) -> bool:
    return file.resolve().is_relative_to(root.resolve())
