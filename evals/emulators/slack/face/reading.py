"""How far each person has read."""

import re
from dataclasses import dataclass, field

from evals.emulators.slack.model import Channel, Json, Message
from evals.emulators.slack.state import Workspace

CALLED = re.compile(r"<@(\w+)|<!subteam\^(\w+)|'user(?:group)?_id': '(\w+)'")


@dataclass
class Reading:
    """The ts of the last message that a person has seen in each conversation. Everything is unread at first."""

    marks: dict[tuple[str, str], str] = field(default_factory=dict)
    _called: dict[tuple[str, str], tuple[str, list[Json], frozenset[str]]] = field(default_factory=dict)

    def last_read(self, user: str, channel: str) -> str:
        return self.marks.get((user, channel), "0")

    def mark(self, user: str, channel: str, ts: str) -> bool:
        """Read up to `ts`; whether that is news. Reading never goes back."""
        if float(ts) <= float(self.last_read(user, channel)):
            return False
        self.marks[user, channel] = ts
        return True

    def unread(self, workspace: Workspace, user: str, channel: Channel) -> Json:
        """`unread` and, of those, `calls`: what calls for this person (mentions; everything in direct messages)."""
        if user not in channel.members:
            return {"unread": 0, "calls": 0}
        after = float(self.last_read(user, channel.id))
        new = [m for m in workspace.history(channel.id, user) if m.user != user and float(m.ts) > after]
        names = {user, *(group.id for group in workspace.groups.values() if user in group.users)}
        calls = [m for m in new if channel.kind == "im" or names & self._called_by(m)]
        return {"unread": len(new), "calls": len(calls)}

    def calls_for(self, workspace: Workspace, user: str) -> int:
        """How much calls for this person in all conversations."""
        return sum(self.unread(workspace, user, channel)["calls"] for channel in workspace.channels.values())

    def _called_by(self, message: Message) -> frozenset[str]:
        """The people and groups that a message names; searched again only when its text or blocks are others."""
        key = (message.channel, message.ts)
        known = self._called.get(key)
        if known and known[0] == message.text and known[1] is message.blocks:
            return known[2]
        words = f"{message.text} {message.blocks}"
        found = frozenset(name for groups in CALLED.findall(words) for name in groups if name)
        self._called[key] = (message.text, message.blocks, found)
        return found
