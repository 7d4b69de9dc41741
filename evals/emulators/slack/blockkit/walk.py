"""Find blocks inside blocks, and the elements a person can act on."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
CHILDREN = ("child_blocks", "tasks")


def _dicts(value: Any) -> Iterator[Json]:
    for entry in value if isinstance(value, list) else []:
        if isinstance(entry, dict):
            yield entry


def nested_blocks(blocks: Any) -> Iterator[Json]:
    """Every block, depth first, those of containers, carousels and plans included."""
    for block in _dicts(blocks):
        yield block
        for name in CHILDREN:
            yield from nested_blocks(block.get(name))
        if block.get("type") == "carousel":
            yield from nested_blocks(block.get("elements"))


def elements_of(block: Json) -> Iterator[Json]:
    """The interactive elements directly in one block, in the order in which they are drawn."""
    if block.get("type") in {"actions", "context_actions"}:
        yield from _dicts(block.get("elements"))
    if block.get("type") == "card":
        yield from _dicts(block.get("actions"))
    for name in ("accessory", "element"):
        if isinstance(block.get(name), dict):
            yield block[name]


def with_ids(blocks: list[Json], new_id: Callable[[], str]) -> list[Json]:
    """A copy in which every block and element has the id that Slack would give it."""
    copied = copy.deepcopy(blocks)
    for block in nested_blocks(copied):
        block["block_id"] = block.get("block_id") or new_id()
        for entry in elements_of(block):
            if entry.get("type") not in {"image", "url"}:
                entry["action_id"] = entry.get("action_id") or new_id()
    return copied
