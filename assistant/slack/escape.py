"""Text from people, models, logs and catalogs, made harmless in Slack's mrkdwn."""

import re
from datetime import datetime

FENCE = re.compile("`{3,}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control and bidirectional characters: they hide or reorder what a person reads."""


def escape(text: str) -> str:
    """Text that cannot mention, link or broadcast: `<!channel>` shows as written, as does <https://a|b>."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def visible(text: str) -> str:
    """Text without what a reader cannot see."""
    return CONTROL.sub("", text)


def code_block(text: str) -> str:
    """A fenced block that its content cannot close."""
    return f"```\n{FENCE.sub(_spaced, escape(text))}\n```"


def inline_code(text: str) -> str:
    """One line of code; back-ticks inside become quotes."""
    return f"`{escape(text).replace('`', chr(0x2019)).replace(chr(10), ' ')}`"


def when(moment: datetime) -> str:
    """A time in the reader's own zone."""
    fallback = f"{moment:%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def _spaced(fence: re.Match[str]) -> str:
    return " ".join(fence.group())
