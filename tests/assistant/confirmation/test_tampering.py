"""One changed byte anywhere in the stored log, and verify names the record."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text

from assistant.confirmation.audit import Audit
from assistant.storage.engine import Database
from assistant.storage.upgrade import upgrade
from tests.builders.changes import Step, make_person, make_plan

COLUMNS = ("event", "hash", "subject")


async def filled(url: str) -> None:
    """A production change, from proposal to success."""
    database = Database(url)
    await upgrade(database)
    step = Step(database)
    shown = await step.propose(plan=make_plan(tier="prod"))
    for name in ("ann", "bob"):
        await step.confirmations.confirm(shown.id, make_person(name))
    change = step.change()
    for do in (change.claim, change.apply, change.verify, change.finish):
        await do(shown.id)
    await database.close()


async def verdict(url: str) -> tuple[bool, int | None]:
    database = Database(url)
    found = await Audit(database, redact=lambda facts: facts).verify()
    await database.close()
    return found.intact, found.broken_seq


def flip(connection: Connection, seq: int, column: str, where: float, by: int) -> None:
    """Change one byte of one value to another one."""
    value = connection.execute(text(f"SELECT {column} FROM audit WHERE seq = {seq}")).scalar_one().encode()
    at = int(where * len(value))
    changed = value[:at] + bytes([(value[at] + by) % 128]) + value[at + 1 :]
    connection.execute(text(f"UPDATE audit SET {column} = :new WHERE seq = {seq}"), {"new": changed.decode()})


_FOLDER = TemporaryDirectory()
_FILE = Path(_FOLDER.name) / "a.db"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seq=st.integers(1, 6),
    column=st.sampled_from(COLUMNS),
    where=st.floats(0, 1, exclude_max=True),
    by=st.integers(1, 127),
)
def test_one_changed_byte_anywhere_names_its_record(seq: int, column: str, where: float, by: int) -> None:
    url = f"sqlite:///{_FILE}"
    if not _FILE.exists():
        asyncio.run(filled(url))
        assert asyncio.run(verdict(url)) == (True, None)
    engine = create_engine(url)
    with engine.connect() as connection:
        before = connection.execute(text(f"SELECT {column} FROM audit WHERE seq = {seq}")).scalar_one()
        flip(connection, seq, column, where, by)
        connection.commit()

        assert asyncio.run(verdict(url)) == (False, seq)

        connection.execute(text(f"UPDATE audit SET {column} = :old WHERE seq = {seq}"), {"old": before})
        connection.commit()
    engine.dispose()
