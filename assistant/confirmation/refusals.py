"""Controls that were used and must not have an effect: stale, unknown or forged ones, put on record."""

from assistant.confirmation.audit import Audit
from assistant.storage.engine import Database
from tools.clock import Clock

MAX_SUBJECT, MAX_VALUE = 255, 300


class Refusals:
    """Writes one record ("control.refused") per refused control. Refusals by policy are recorded with their change."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def record(self, account: str, control: str, value: str, why: str) -> None:
        """`account` used `control`, which carried `value`; nothing was done because of `why`."""
        facts = {"actor": {"id": account, "kind": "account"}, "control": control, "value": value[:MAX_VALUE]}
        async with self._database.write() as connection:
            await self._audit.append(
                connection, "control.refused", account[:MAX_SUBJECT], {**facts, "reason": why}, self._clock()
            )
