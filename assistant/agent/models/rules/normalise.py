"""What a person wrote in Slack or a terminal, as plain text."""

import html
import re
import unicodedata

MAX_CHARS = 2000  # longer messages are pasted logs: the request stands at the start

_SPECIAL = re.compile(r"<([@!#][^>]*|(?:https?|mailto|tel)[^>|]*(?:\|[^>]*)?)>")
_EMOJI = re.compile(r":(?=[a-z0-9_+-]*[a-z+])[a-z0-9_+-]+:(?::skin-tone-\d:)?", re.IGNORECASE)
_FENCE = re.compile(r"```(.*?)(?:```|\Z)", re.DOTALL)
_STRUCK = re.compile(r"(?<![\w~])~(?!\s)[^~\n]+(?<!\s)~(?![\w~])")
_STYLED = re.compile(r"(?<![\w*_])([*_])(?!\s)([^*\n]+?)(?<!\s)\1(?![\w*_])")
_TICKED = re.compile(r"`([^`\n]+)`")
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_URL = re.compile(r"\b(?:https?|ftp)://\S+", re.IGNORECASE)
_LONG_DASH = re.compile(r"(?<!\S)[\u2013\u2014](?=[a-z])", re.IGNORECASE)
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201b": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"'})
_COMMAND = re.compile(r"^\s*(?:kubectl|oc|k)\s", re.IGNORECASE)


def plain(text: str) -> str:
    """One line of plain text: no mentions, links, emoji, styling or pasted blocks; single words in code are quoted.

    Pasted text (code fences of several lines, quoted lines) is someone else's and is dropped, never read as a request.
    """
    shown = html.unescape(_SPECIAL.sub(_linked, text[:MAX_CHARS]))
    shown = unicodedata.normalize("NFKC", shown).translate(_QUOTES)
    own = _QUOTED_LINE.sub(" ", _FENCE.sub(_own_line, shown))
    own = _STYLED.sub(r"\2", _STRUCK.sub(" ", _EMOJI.sub(" ", own)))
    own = _TICKED.sub(lambda found: _code(found[1], whole=found[0] == own.strip()), own)
    own = _LONG_DASH.sub("--", _URL.sub(" ", own)).replace("\u2014", " , ").replace("\u2013", "-")
    return " ".join("".join(map(_visible, own)).split())


def _linked(found: re.Match[str]) -> str:
    """The visible text of a link; people, channels and bare links name no service."""
    target, _, label = found[1].partition("|")
    return label if label and target[0] not in "@!#" else " "


def _own_line(found: re.Match[str]) -> str:
    """A fence of one line is a command or a name; several lines are pasted output."""
    inner = found[1].strip()
    return " " if "\n" in inner else f"`{inner}`"


def _code(inner: str, *, whole: bool) -> str:
    return inner if whole or _COMMAND.match(inner) else '"' + inner.replace('"', " ").strip() + '"'


def _visible(char: str) -> str:
    """Symbols, control and invisible characters vanish: they carry no request, and some hide one."""
    category = unicodedata.category(char)
    if category in {"Cf", "Mn", "So", "Sk", "Cs", "Co", "Cn"}:
        return ""
    return " " if category == "Cc" else char
