"""What all listeners share: the durable work they hand over to, and who did what."""

from typing import Any, Protocol

from assistant.conversation import Message

Body = dict[str, Any]


class Durable(Protocol):
    """What the listeners need of the durable work."""

    async def enqueue_turn(self, message: Message) -> None: ...

    async def start_change(self, proposal_id: str) -> None: ...
