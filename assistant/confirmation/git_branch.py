"""A branch that holds one file, written straight into a git repository: no process is started.

Only loose objects and one ref are written, which every git reads (git help gitrepository-layout). The branch belongs to
the assistant alone, so nothing of it has to be read but its newest commit id.
"""

import hashlib
import zlib
from datetime import datetime
from pathlib import Path

BRANCH = "infra-assistant-audit"
AUTHOR = "infra-assistant <infra-assistant@localhost>"


class NoRepository(OSError):
    """The folder is not a git repository."""


def commit_file(repository: Path, name: str, content: bytes, message: str, at: datetime) -> str:
    """Commit one file to the branch `infra-assistant-audit`. Returns the commit's id. Raises OSError."""
    folder = _folder(repository)
    blob = _store(folder, "blob", content)
    tree = _store(folder, "tree", b"100644 " + name.encode() + b"\0" + bytes.fromhex(blob))
    parent = _newest(folder)
    when = f"{AUTHOR} {int(at.timestamp())} +0000"
    lines = [f"tree {tree}", *([f"parent {parent}"] if parent else []), f"author {when}", f"committer {when}"]
    commit = _store(folder, "commit", "\n".join([*lines, "", message, ""]).encode())
    ref = folder / "refs" / "heads" / BRANCH
    ref.parent.mkdir(parents=True, exist_ok=True)
    _write(ref, f"{commit}\n".encode())
    return commit


def _folder(repository: Path) -> Path:
    """The repository's own folder: .git of a work tree, or the bare repository itself."""
    for candidate in (repository / ".git", repository):
        if (candidate / "objects").is_dir() and (candidate / "HEAD").is_file():
            return candidate
    raise NoRepository(f"{repository} is not a git repository: run git init there.")


def _store(folder: Path, kind: str, content: bytes) -> str:
    whole = f"{kind} {len(content)}\0".encode() + content
    name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    path = folder / "objects" / name[:2] / name[2:]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, zlib.compress(whole))
    return name


def _newest(folder: Path) -> str | None:
    ref = folder / "refs" / "heads" / BRANCH
    if ref.exists():
        return ref.read_text().strip()
    packed = folder / "packed-refs"
    lines = packed.read_text().splitlines() if packed.exists() else []
    return next((line.split()[0] for line in lines if line.endswith(f" refs/heads/{BRANCH}")), None)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)
