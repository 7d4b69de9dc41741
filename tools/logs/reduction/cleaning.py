"""Log text without what only a terminal understands (pure)."""

import re

MAX_LINE_CHARACTERS = 4000
CUT_MARK = "… [line cut]"
SCANNED = 4 * MAX_LINE_CHARACTERS  # of a longer line the rest is never looked at

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")
_CONTROLS = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"  # with those that turn text around
)
_BINARY_CHARACTERS = 16  # a shorter text is shown as it is
_BINARY_SHARE = 0.3


def clean(text: str) -> str:
    """The text without colours and control characters, and cut at `MAX_LINE_CHARACTERS`.

    Of a line that overwrites itself with carriage returns the last state is kept; what is no text is named by its size.
    """
    if len(text) <= MAX_LINE_CHARACTERS and text.isprintable() and "\ufffd" not in text:
        return text.rstrip()
    shown = _plain(text[:SCANNED])
    if _is_binary(shown):
        return f"[{len(text)} characters that are no text]"
    cut = len(shown) > MAX_LINE_CHARACTERS or len(text) > SCANNED
    return shown[:MAX_LINE_CHARACTERS] + CUT_MARK if cut else shown


def _plain(text: str) -> str:
    bare = _ESCAPES.sub("", text).rstrip()
    if "\r" in bare:
        bare = bare[bare.rindex("\r") + 1 :]
    return _CONTROLS.sub("", bare)


def _is_binary(text: str) -> bool:
    return len(text) >= _BINARY_CHARACTERS and text.count("\ufffd") > _BINARY_SHARE * len(text)
