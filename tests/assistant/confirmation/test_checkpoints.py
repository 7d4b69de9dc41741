import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Row, delete, select, update

from assistant.confirmation.audit import GENESIS, Audit, chain_hash
from assistant.confirmation.checkpoints import Checkpoints, forged, read_checkpoints
from assistant.confirmation.git_branch import BRANCH, NoRepository, commit_file
from assistant.confirmation.signing import KeyFileError, Signer, make_key, read_keys, read_signer
from assistant.storage.engine import Database
from assistant.storage.tables import audit, audit_anchor, audit_head
from tests.builders.changes import NOON, Movable


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    make_key(tmp_path / "audit.pem")
    return read_signer(tmp_path / "audit.pem")


async def write(log: Audit, database: Database, count: int, clock: Movable | None = None) -> None:
    for _ in range(count):
        async with database.write() as connection:
            now = clock() if clock else NOON
            await log.append(connection, "change.approved", "p-1", {"who": "ann"}, now)
        if clock:
            clock.forward(days=1)


async def rewrite(database: Database) -> None:
    """What somebody with the whole database can do: every record anew, in a chain that fits."""
    async with database.write() as connection:
        rows = (await connection.execute(select(audit).order_by(audit.c.seq))).all()
        previous = GENESIS
        for row in rows:
            event = row.event.replace('"ann"', '"bob"').replace(
                f'"prev_hash":"{_old(row)}"', f'"prev_hash":"{previous}"'
            )
            digest = chain_hash(previous, event)
            await connection.execute(update(audit).where(audit.c.seq == row.seq).values(event=event, hash=digest))
            previous = digest
        await connection.execute(update(audit_head).values(hash=previous))


def _old(row: Row) -> str:
    return row.event.split('"prev_hash":"')[1][:64]


async def test_a_chain_written_anew_fits_itself_but_not_its_checkpoint(
    database: Database, tmp_path: Path, signer: Signer
) -> None:
    log, file = Audit(database, redact=lambda facts: facts), tmp_path / "checkpoints.jsonl"
    await write(log, database, 3)
    await Checkpoints(log, Movable(), signer, file).take()
    await write(log, database, 2)
    await rewrite(database)

    alone, compared = await log.verify(), await log.verify(read_checkpoints(file), read_keys(signer, ()))

    assert alone.intact
    assert (compared.intact, compared.broken_seq) == (False, 3)
    assert "checkpoint" in compared.reason


async def test_checkpoints_agree_with_an_untouched_chain(database: Database, tmp_path: Path, signer: Signer) -> None:
    log, file = Audit(database, redact=lambda facts: facts), tmp_path / "checkpoints.jsonl"
    kept = Checkpoints(log, Movable(), signer, file)
    for _ in range(2):
        await write(log, database, 2)
        await kept.take()
        assert await kept.take() is None

    verdict = await log.verify(read_checkpoints(file), read_keys(signer, ()))

    assert (verdict.intact, verdict.checkpoints) == (True, 2)
    assert forged(read_checkpoints(file), read_keys(signer, ()), log.source) == ""


async def test_records_cut_off_with_their_head_are_missed_by_a_checkpoint(
    database: Database, tmp_path: Path, signer: Signer
) -> None:
    log, file = Audit(database, redact=lambda facts: facts), tmp_path / "checkpoints.jsonl"
    await write(log, database, 4)
    await Checkpoints(log, Movable(), signer, file).take()
    async with database.write() as connection:
        second = (await connection.execute(select(audit.c.hash).where(audit.c.seq == 2))).scalar_one()
        await connection.execute(delete(audit).where(audit.c.seq > 2))
        await connection.execute(update(audit_head).values(seq=2, hash=second))

    verdict = await log.verify(read_checkpoints(file), read_keys(signer, ()))

    assert (verdict.intact, verdict.broken_seq) == (False, 3)


@pytest.mark.parametrize("change", ['"seq":2', '"source":"/infra', '"hash":"', "not a checkpoint"])
async def test_a_checkpoint_that_was_edited_is_noticed(
    database: Database, tmp_path: Path, signer: Signer, change: str
) -> None:
    log, file = Audit(database, redact=lambda facts: facts), tmp_path / "checkpoints.jsonl"
    await write(log, database, 2)
    await Checkpoints(log, Movable(), signer, file).take()
    line = file.read_text()
    file.write_text(line.replace(change, f"{change}0") if change in line else f"{line}{change}\n")

    assert forged(read_checkpoints(file), read_keys(signer, ()), log.source) != ""


async def test_pruning_leaves_a_chain_that_verifies_from_its_signed_anchor(
    database: Database, tmp_path: Path, signer: Signer
) -> None:
    log, clock, keys = Audit(database, redact=lambda facts: facts), Movable(), read_keys(signer, ())
    await write(log, database, 6, clock)

    removed = await log.prune(NOON + timedelta(days=3), signer, clock())

    verdict = await log.verify((), keys)
    assert (removed, verdict.intact, verdict.pruned, verdict.records) == (3, True, 3, 4)
    (last,) = await log.tail(1)
    assert last.event["type"] == "infra-assistant.audit.pruned.v1"
    assert last.event["data"]["removed"] == 3


async def test_an_anchor_that_no_known_key_signed_is_a_broken_chain(database: Database, signer: Signer) -> None:
    log, clock = Audit(database, redact=lambda facts: facts), Movable()
    await write(log, database, 6, clock)
    await log.prune(NOON + timedelta(days=3), signer, clock())

    unknown = await log.verify()
    async with database.write() as connection:
        await connection.execute(delete(audit).where(audit.c.seq == 4))
        digest = (await connection.execute(select(audit_head.c.hash))).scalar_one()
        await connection.execute(update(audit_anchor).values(seq=4, hash=digest))
    moved = await log.verify((), read_keys(signer, ()))

    assert (unknown.intact, moved.intact) == (False, False)


async def test_a_prune_that_nobody_signed_is_noticed(database: Database, signer: Signer) -> None:
    log = Audit(database, redact=lambda facts: facts)
    await write(log, database, 4)
    async with database.write() as connection:
        await connection.execute(delete(audit).where(audit.c.seq <= 2))

    assert not (await log.verify((), read_keys(signer, ()))).intact


async def test_nothing_is_signed_without_a_key(database: Database, tmp_path: Path) -> None:
    log = Audit(database, redact=lambda facts: facts)
    await write(log, database, 1)

    assert await Checkpoints(log, Movable(), None, tmp_path / "file").take() is None


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path / "key.pem")
    (tmp_path / "key.pem").chmod(0o644)

    with pytest.raises(KeyFileError, match="chmod 600"):
        read_signer(tmp_path / "key.pem")


def test_an_existing_key_is_never_overwritten(tmp_path: Path) -> None:
    make_key(tmp_path / "key.pem")

    with pytest.raises(KeyFileError, match="exists already"):
        make_key(tmp_path / "key.pem")


@pytest.mark.parametrize("bare", [True, False])
def test_git_reads_the_branch_of_checkpoints(tmp_path: Path, bare: bool) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("no git on this machine")

    def run(*words: str) -> str:
        command = [git, "-C", str(tmp_path), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    run("init", "-q", *(["--bare"] if bare else []))
    commit_file(tmp_path, "checkpoints.jsonl", b"one\n", "first", NOON)
    run("gc", "-q")
    commit_file(tmp_path, "checkpoints.jsonl", b"one\ntwo\n", "second", NOON)

    assert run("log", "--format=%s", BRANCH).split() == ["second", "first"]
    assert run("show", f"{BRANCH}:checkpoints.jsonl") == "one\ntwo\n"
    assert "error" not in run("fsck", "--strict")


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoRepository, match="git init"):
        commit_file(tmp_path, "f", b"", "m", NOON)
