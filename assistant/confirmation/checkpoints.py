"""Checkpoints of the audit log, kept outside of its database: a file, and a branch of a git repository."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from assistant.confirmation.audit import Audit
from assistant.confirmation.git_branch import commit_file
from assistant.confirmation.signing import Keys, Signer, Statement
from tools.clock import Clock

FILE_NAME = "checkpoints.jsonl"
UNSIGNED = Statement(kind="checkpoint", source="", seq=0, hash="", at=datetime.fromtimestamp(0, UTC))


@dataclass(frozen=True)
class Checkpoints:
    """Signs the end of the chain. `file`: one JSON object a line, appended. `repository`: gets the file as commits."""

    audit: Audit
    clock: Clock
    signer: Signer | None = None
    file: Path | None = None
    repository: Path | None = None

    async def take(self) -> Statement | None:
        """Sign the end of the chain and keep it, when it moved since the last time; else None."""
        if self.signer is None or self.file is None:
            return None
        seq, digest = await self.audit.head()
        kept = await asyncio.to_thread(read_checkpoints, self.file)
        if seq == 0 or (kept and kept[-1].seq >= seq):
            return None
        statement = Statement(kind="checkpoint", source=self.audit.source, seq=seq, hash=digest, at=self.clock())
        signed = self.signer.sign(statement)
        await asyncio.to_thread(self._keep, signed, self.file)
        return signed

    def _keep(self, signed: Statement, file: Path) -> None:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(f"{signed.model_dump_json()}\n")
        if self.repository is not None:
            commit_file(
                self.repository, FILE_NAME, file.read_bytes(), f"Audit log up to record {signed.seq}", signed.at
            )


def read_checkpoints(file: Path) -> tuple[Statement, ...]:
    """What was kept, oldest first. A line that is no checkpoint is one that no key signed."""
    if not file.exists():
        return ()
    return tuple(map(_parsed, filter(None, file.read_text(encoding="utf-8").splitlines())))


def forged(kept: Sequence[Statement], keys: Keys, source: str) -> str:
    """What is wrong with the checkpoints themselves, or nothing."""
    for number, statement in enumerate(kept, 1):
        if statement.kind != "checkpoint" or statement.source != source or not statement.holds(keys):
            return f"checkpoint {number} is not signed by a known key for this installation"
    return ""


def _parsed(line: str) -> Statement:
    try:
        return Statement.model_validate_json(line)
    except ValidationError:
        return UNSIGNED
