"""Changes that a person made, for their own overview."""

from collections.abc import Sequence
from datetime import datetime

from assistant.confirmation.proposal import State
from assistant.confirmation.rows import select_proposals
from assistant.confirmation.view import Redact, view
from assistant.conversation import ProposalView
from assistant.storage.engine import Database
from assistant.storage.tables import proposals

TRIED = frozenset({State.APPLYING, State.VERIFYING, State.SUCCEEDED, State.FAILED})


class History:
    """Reads what was applied."""

    def __init__(self, database: Database, redact: Redact) -> None:
        self._database = database
        self._redact = redact

    async def of(self, requester_id: str, *, since: datetime, limit: int) -> Sequence[ProposalView]:
        """Changes of one person that were tried since then, newest first."""
        wanted = (
            proposals.c.requester_id == requester_id,
            proposals.c.state.in_(TRIED),
            proposals.c.changed_at >= since,
        )
        async with self._database.read() as connection:
            found = await select_proposals(connection, *wanted)
        newest = sorted(found, key=lambda one: one.changed_at, reverse=True)[:limit]
        return [view(one, self._redact) for one in newest]
