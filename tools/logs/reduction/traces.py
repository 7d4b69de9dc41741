"""What opens and what continues a stack trace, for the languages whose traces span lines (pure)."""

import re
from typing import NamedTuple

_MAY_OPEN = (
    "rror",
    "xception",
    "panic",
    "Traceback",
    "Throwable",
    "-----BEGIN ",
    "goroutine ",
    ".js:",
    "Fatal",
    "fatal",
)
_OPENS = re.compile(
    r"(?P<python>Traceback \(most recent call last\):)"
    r"|(?P<go>(?:^|\s)panic(?: serving [^ ]+)?: |^fatal error: |^goroutine \d+ \[)"
    r"|(?P<rust>thread '[^']*' (?:\(\d+\) )?panicked at )"
    r"|(?P<php>PHP Fatal error: |^Fatal error: Uncaught )"
    r"|(?P<net>Unhandled exception\. |(?:^|\s)System\.(?:\w+\.)*\w*Exception\b)"
    r"|(?P<java>Exception in thread \"|(?:^|[\s:])(?:[a-z_]\w*\.)+[A-Z][\w$]*(?:Exception|Error|Throwable)\b)"
    r"|(?P<code>^\S+\.[cm]?[jt]s:\d+$)"
    r"|(?P<node>^(?:Uncaught )?(?:[A-Z]\w*)?(?:Error|Exception)\b)"
    r"|(?P<ruby>\.rb:\d+:in [`'])"
    r"|(?P<secret>^-----BEGIN [A-Z ]+-----)"
)
_CONTINUES = re.compile(
    r"(?P<python>During handling of the above exception|The above exception was the direct cause"
    r"|Traceback \(most recent)"
    r"|(?P<java>Caused by: |Suppressed: )"
    r"|(?P<go>goroutine \d+ |created by |\[signal |r[a-z0-9]{1,2} +0x|\.\.\.additional frames|[\w./*{}()\[\]-]+\(.*\)$)"
    r"|(?P<rust>stack backtrace:|note: )"
    r"|(?P<php>Stack trace:|#\d+ )"
    r"|(?P<net>--- End of )"
    r"|(?P<node>\}|Node\.js v)"
    r"|(?P<ruby>[\w./-]+\.rb:\d+:in |from )"
)
_FRAME = re.compile(r"\s+(?:at |File \"|from |\d+: |#\d+ |--- |---> |\.\.\. \d+ |\S+\.go:\d+)")
_RAISED = re.compile(r"[A-Za-z_][\w.]*(?::\s|$)")
_NODE_ERROR = re.compile(r"(?:Uncaught )?(?:[A-Z]\w*)?(?:Error|Exception)\b")


class Form(NamedTuple):
    """How a line may take part in a trace. `opens`, `continues`: kind of trace or "". `bare`: it opens with its first
    character. `raised`: it has the form of an exception and its message."""

    opens: str = ""
    bare: bool = False
    continues: str = ""
    indented: bool = False
    frame: bool = False
    raised: bool = False


PLAIN = Form()


def form_of(text: str) -> Form:
    """The part a line may play; it does not depend on any digit of the text."""
    indented = text[:1].isspace()
    if indented:
        return Form(indented=True, frame=_FRAME.match(text) is not None)
    if text.startswith("{"):  # a trace in JSON is one line
        return PLAIN
    opened = _OPENS.search(text) if any(word in text for word in _MAY_OPEN) or ".rb:" in text else None
    continued = _CONTINUES.match(text)
    raised = _RAISED.match(text) is not None
    if not opened and not continued and not raised:
        return PLAIN
    return Form(
        opens=(opened.lastgroup or "") if opened else "",
        bare=opened is not None and not text[: opened.start()].strip(),
        continues=(continued.lastgroup or "") if continued else "",
        raised=raised,
    )


def is_node_error(text: str) -> bool:
    """Whether a line is the error that Node.js prints below the code that threw it."""
    return _NODE_ERROR.match(text) is not None
