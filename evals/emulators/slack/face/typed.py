"""Text as a person types it and as Slack's client sends it."""

import html
import re

from evals.emulators.slack.state import Workspace

NAME = re.compile(r"(?<![\w@#/&])([@#])([\w.-]*\w)")
BROADCASTS = frozenset({"here", "channel", "everyone"})


def encoded(workspace: Workspace, typed: str) -> str:
    """Text as Slack's client sends it: escaped, with ids for the names of people, groups and channels."""

    def mark(match: re.Match[str]) -> str:
        sign, name = match[1], match[2]
        if sign == "#":
            found = next((c for c in workspace.channels.values() if c.name == name), None)
            return f"<#{found.id}|{found.name}>" if found else match[0]
        if name in BROADCASTS:
            return f"<!{name}>"
        user = next((user for user in workspace.users.values() if user.handle == name), None)
        group = next((group for group in workspace.groups.values() if group.handle == name), None)
        if user:
            return f"<@{user.id}>"
        return f"<!subteam^{group.id}>" if group else match[0]

    return NAME.sub(mark, html.escape(typed, quote=False))
