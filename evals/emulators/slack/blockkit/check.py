"""Check the blocks of a message, or a whole view, before it becomes visible."""

from collections.abc import Iterator
from typing import Any

from evals.emulators.slack.blockkit.blocks import ON_MESSAGES, ON_VIEWS
from evals.emulators.slack.blockkit.elements import plain
from evals.emulators.slack.blockkit.schema import Check, Problem, Shape, anything, array, boolean, one_of, string
from evals.emulators.slack.blockkit.walk import elements_of, nested_blocks

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_TOTAL = 12_000
MOST_PER_MESSAGE = {"table": 1, "data_visualization": 2}

HOME = Shape(
    {"type": one_of("home"), "blocks": array(ON_VIEWS, 0, VIEW_BLOCKS)},
    {"private_metadata": string(3000, 0), "callback_id": string(255, 0), "external_id": string(255, 0)},
)
MODAL = Shape(
    {"type": one_of("modal"), "title": plain(24), "blocks": array(ON_VIEWS, 1, VIEW_BLOCKS)},
    {
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": string(3000, 0),
        "callback_id": string(255, 0),
        "external_id": string(255, 0),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
        "app_id": anything,
    },
)


def check_blocks(blocks: Any, pointer: str = "/blocks") -> list[Problem]:
    """All problems of a message's blocks, outermost first; empty when Slack would take them."""
    return [*array(ON_MESSAGES, 0, MESSAGE_BLOCKS)(blocks, pointer), *_across(blocks, pointer)]


def check_view(view: Any, pointer: str = "/view") -> list[Problem]:
    """All problems of a modal or home view; empty when Slack would take it."""
    kind = view.get("type") if isinstance(view, dict) else None
    shapes: dict[Any, Check] = {"modal": MODAL, "home": HOME}
    if kind not in shapes:
        return [Problem(f"{pointer}/type", f"unsupported type: {kind}")]
    problems = [*shapes[kind](view, pointer), *_across(view.get("blocks"), f"{pointer}/blocks")]
    if kind == "modal" and not view.get("submit") and _has_input(view.get("blocks")):
        problems.append(Problem(pointer, "missing required field: submit"))
    return problems


def _has_input(blocks: Any) -> bool:
    return any(block.get("type") == "input" for block in nested_blocks(blocks))


def _across(blocks: Any, pointer: str) -> Iterator[Problem]:
    """Rules that look at several blocks at once."""
    found = list(nested_blocks(blocks))
    yield from _repeated([block["block_id"] for block in found if block.get("block_id")], "block_id", pointer)
    for block in found:
        ids = [entry["action_id"] for entry in elements_of(block) if entry.get("action_id")]
        yield from _repeated(ids, "action_id", pointer)
    if sum(len(str(block.get("text"))) for block in found if block.get("type") == "markdown") > MARKDOWN_TOTAL:
        yield Problem(pointer, f"markdown blocks must be less than {MARKDOWN_TOTAL + 1} characters in total")
    for kind, most in MOST_PER_MESSAGE.items():
        if sum(block.get("type") == kind for block in found) > most:
            yield Problem(pointer, f"no more than {most} {kind} blocks allowed")


def _repeated(ids: list[str], name: str, pointer: str) -> Iterator[Problem]:
    for one in sorted({one for one in ids if ids.count(one) > 1}):
        yield Problem(pointer, f"`{name}` {one} already exists")
